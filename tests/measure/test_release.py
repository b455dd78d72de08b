from __future__ import annotations

import numpy as np
import pytest
from measure_sounds import RATE_HZ, agent, band_noise, join, measure, silence, tone, voice

from auditor.records import Event, Segment

SPEECH = [Segment(0, 1.0, 3.0)]


def leg(seconds=8.0, *, noise_dbov=-60):
    sound = join(silence(1), voice(200, 2, -25, lowest_hz=350), silence(seconds - 3))
    return sound + band_noise(seconds, noise_dbov, seed=1)


def with_burst(sound, *, at_s, dbov, ms=8.0):
    """The leg with a burst of 1200 Hz around that time."""
    burst = tone(1200, ms / 1000, dbov)
    first = round(at_s * RATE_HZ) - len(burst) // 2
    out = sound.copy()
    out[first : first + len(burst)] += burst
    return out


def released(sound, *, events=(), segments=SPEECH, other_s=8.0):
    return measure(sound, silence(other_s), segments=segments, events=events)


def test_a_leg_that_never_falls_idle_lives_to_its_end():
    found = released(leg())
    assert agent(found, "live_until_s") == 8.0
    assert agent(found, "longest_earlier_idle_s") == 0.0


def test_a_leg_that_falls_idle_for_good_lives_until_then():
    found = released(leg(), events=[Event("idle", 6.2, 8.0, 0)])
    assert agent(found, "live_until_s") == pytest.approx(6.2)
    assert agent(found, "longest_earlier_idle_s") == 0.0


def test_idle_that_ends_before_the_leg_does_is_a_mute():
    found = released(leg(), events=[Event("idle", 4.0, 5.5, 0)])
    assert agent(found, "live_until_s") == 8.0
    assert agent(found, "longest_earlier_idle_s") == pytest.approx(1.5)


def test_an_earlier_mute_is_told_beside_the_end():
    found = released(leg(), events=[Event("idle", 3.5, 4.0, 0), Event("idle", 6.0, 8.0, 0)])
    assert agent(found, "live_until_s") == pytest.approx(6.0)
    assert agent(found, "longest_earlier_idle_s") == pytest.approx(0.5)


def test_idle_of_the_other_leg_says_nothing_about_this_one():
    found = released(leg(), events=[Event("idle", 6.0, 8.0, 1)])
    assert agent(found, "live_until_s") == 8.0
    assert found.measurements["customer"]["live_until_s"].value == pytest.approx(6.0)


def test_a_shorter_file_of_a_pair_ends_its_leg():
    found = released(leg(6.5), other_s=8.0)
    assert agent(found, "live_until_s") == 6.5


def test_a_leg_that_is_idle_throughout_was_never_live():
    found = released(silence(8), events=[Event("idle", 0.0, 8.0, 0)], segments=())
    assert agent(found, "live_until_s") == 0.0
    assert found.measurements["agent"]["put_down_rise_db"].reason == "no_data"


def test_an_idle_lead_in_is_no_mute_once_the_pauses_have_been_live():
    late = [Segment(0, 4.0, 6.0)]
    sound = join(silence(3), leg(9))
    events = [Event("idle", 0.0, 3.0, 0), Event("idle", 10.0, 12.0, 0)]
    found = released(sound, events=events, segments=late, other_s=12)
    assert agent(found, "live_until_s") == 10.0
    assert agent(found, "longest_earlier_idle_s") == 0.0


def test_an_idle_lead_in_still_counts_while_no_pause_has_been_live():
    # What a noise gate does: idle, one utterance, idle.
    events = [Event("idle", 0.0, 1.0, 0), Event("idle", 3.2, 8.0, 0)]
    found = released(leg(), events=events)
    assert agent(found, "live_until_s") == pytest.approx(3.2)
    assert agent(found, "longest_earlier_idle_s") == pytest.approx(1.0)


@pytest.mark.parametrize("rise_db", [0, 10, 18])
def test_a_burst_in_the_last_second_rises_by_its_level_over_the_speech(rise_db):
    found = released(with_burst(leg(), at_s=7.6, dbov=-25 + rise_db, ms=12))
    assert agent(found, "put_down_rise_db") == pytest.approx(rise_db, abs=0.5)
    assert agent(found, "put_down_at_s") == pytest.approx(7.6, abs=0.006)


def test_a_burst_before_an_idle_end_is_found_before_that_end():
    sound = with_burst(leg(), at_s=5.7, dbov=-10, ms=12)
    sound[round(6 * RATE_HZ) :] = 0
    found = released(sound, events=[Event("idle", 6.0, 8.0, 0)])
    assert agent(found, "put_down_at_s") == pytest.approx(5.7, abs=0.006)


@pytest.mark.parametrize("at_s", [3.05, 6.5])
def test_bursts_beside_speech_or_long_before_the_end_do_not_count(at_s):
    found = released(with_burst(leg(), at_s=at_s, dbov=-5))
    assert agent(found, "put_down_rise_db") < -20


def test_a_busy_tone_is_not_a_put_down():
    sound = leg()
    sound[round(7.3 * RATE_HZ) : round(7.65 * RATE_HZ)] += tone(450, 0.35, -10)
    found = released(sound, events=[Event("busy", 7.3, 7.65, 0)])
    assert agent(found, "put_down_rise_db") < -20


def test_a_cut_through_hum_and_offset_is_not_a_click():
    found = released(leg() + 0.1 + tone(50, 8, -15))
    assert agent(found, "put_down_rise_db") < -15


def test_speech_into_the_end_of_the_leg_leaves_no_place_for_a_put_down():
    sound = leg(3.0)
    found = released(sound, segments=[Segment(0, 1.0, 3.0)], other_s=3.0)
    assert found.measurements["agent"]["put_down_rise_db"].reason == "no_data"
    assert np.isfinite(agent(found, "level_dbov"))
