from __future__ import annotations

import numpy as np
import pytest
from measure_sounds import RATE_HZ, agent, band_noise, join, measure, silence, tone, voice

from auditor.records import Event, Segment


def call(dbov, noise_dbov, *, seed=1):
    leg = join(*(join(silence(1), voice(200, 2, dbov, lowest_hz=350), silence(1)) for _ in range(3)))
    segments = [Segment(0, 4 * i + 1.0, 4 * i + 3.0) for i in range(3)]
    return leg + band_noise(12, noise_dbov, seed=seed), segments


@pytest.mark.parametrize("snr_db", [0, 5, 10, 20, 30])
@pytest.mark.parametrize("seed", [1, 2])
def test_stationary_noise_gives_its_ratio_within_a_decibel(snr_db, seed):
    leg, segments = call(-25, -25 - snr_db, seed=seed)
    found = measure(leg, silence(12), segments=segments)
    assert agent(found, "snr_db") == pytest.approx(snr_db, abs=1.0)
    assert agent(found, "noise_dbov") == pytest.approx(-25 - snr_db, abs=0.3)


def test_the_error_covers_the_truth():
    for seed in range(10):
        leg, segments = call(-25, -40, seed=seed)
        figure = measure(leg, silence(12), segments=segments).measurements["agent"]["snr_db"]
        assert abs(figure.value - 15) <= figure.error


def test_a_noise_gate_hides_the_noise_and_says_so():
    leg, segments = call(-25, -40)
    gated = leg.copy()
    for first_s, last_s in ((0, 0.9), (3.1, 4.9), (7.1, 8.9), (11.1, 12)):
        gated[round(first_s * RATE_HZ) : round(last_s * RATE_HZ)] = 0
    found = measure(gated, silence(12), segments=segments).measurements["agent"]
    assert found["snr_db"].reason == "gated"
    assert found["level_dbov"].value == pytest.approx(-25, abs=0.5)
    assert found["level_dbov"].error == 1.0


def test_idle_events_count_as_a_gate_even_where_the_codec_leaves_a_residue():
    leg, segments = call(-25, -60)
    events = [Event("idle", 3.1, 4.9, 0), Event("idle", 7.1, 8.9, 0)]
    found = measure(leg, silence(12), segments=segments, events=events).measurements["agent"]
    assert found["snr_db"].reason == "gated"


def test_an_idle_lead_in_and_an_idle_end_are_no_gate():
    leg, segments = call(-25, -45)
    later = [Segment(0, s.start_s + 5, s.end_s + 5) for s in segments]
    found = measure(join(silence(5), leg, silence(5)), silence(22), segments=later)
    assert agent(found, "snr_db") == pytest.approx(20, abs=1.0)


def test_a_pause_in_which_the_customer_speaks_is_not_noise():
    leg, segments = call(-25, -50)
    echo = band_noise(1, -30, seed=9)
    leg[round(3.5 * RATE_HZ) : round(4.5 * RATE_HZ)] += echo
    found = measure(leg, silence(12), segments=[*segments, Segment(1, 3.5, 4.5)])
    assert agent(found, "snr_db") == pytest.approx(25, abs=1.0)


@pytest.mark.parametrize("kind", ["ringback", "busy", "dtmf", "hold", "music"])
def test_tones_and_hold_music_are_not_noise(kind):
    leg, segments = call(-25, -50)
    leg[round(3.5 * RATE_HZ) : round(4.5 * RATE_HZ)] += tone(450, 1, -25)
    found = measure(leg, silence(12), segments=segments, events=[Event(kind, 3.5, 4.5, 0)])
    assert agent(found, "snr_db") == pytest.approx(25, abs=1.0)


def test_a_tone_on_the_other_leg_leaves_the_noise_alone():
    leg, segments = call(-25, -50)
    events = [Event("ringback", i, i + 1.0, 1) for i in range(0, 12, 2)]
    found = measure(leg, silence(12), segments=segments, events=events)
    assert found.measurements["agent"]["snr_db"].value is not None


def test_speech_without_pauses_is_too_short_for_noise():
    found = measure(voice(200, 5, -25), silence(5), segments=[Segment(0, 0.2, 4.9)])
    assert found.measurements["agent"]["snr_db"].reason == "too_short"
    assert found.measurements["agent"]["noise_dbov"].reason == "too_short"


def test_speech_that_does_not_stand_out_of_the_noise_is_too_noisy():
    found = measure(band_noise(12, -30, seed=3), silence(12), segments=[Segment(0, 4, 6)])
    assert found.measurements["agent"]["snr_db"].reason == "too_noisy"
    assert found.measurements["agent"]["level_dbov"].reason == "too_noisy"
    assert np.isfinite(found.measurements["agent"]["noise_dbov"].value)


def test_a_slammed_door_in_a_pause_is_not_sustained_noise():
    leg, segments = call(-25, -50)
    leg[round(3.8 * RATE_HZ) : round(3.9 * RATE_HZ)] += band_noise(0.1, -5, seed=8)
    found = measure(leg, silence(12), segments=segments)
    assert agent(found, "snr_db") == pytest.approx(25, abs=1.0)
    assert agent(found, "level_dbov") == pytest.approx(-25, abs=0.3)
