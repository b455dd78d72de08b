"""What is written of a recorder, and what too few or divided calls leave unwritten."""

from datetime import timedelta

import pytest
from batch.recorders import T0, facts, leg
from hypothesis import given
from hypothesis import strategies as st

from auditor.batch import doctor_keys
from auditor.batch.doctor_announcements import Announcement
from auditor.batch.doctor_check import CheckSettings
from auditor.records import Segment, Utterance

SETTINGS = CheckSettings()


def check(name, calls, **more):
    return getattr(doctor_keys, name)(calls, settings=SETTINGS, **more)


def test_the_agents_channel_is_written_when_the_records_agree():
    found = check("agent_side", [facts(agent=1) for _ in range(6)])
    assert (found.key, found.value, found.agree, found.of) == ("agent_channel", "right", 6, 6)


@given(left=st.integers(0, 30), right=st.integers(0, 30))
def test_a_divided_or_small_vote_writes_nothing(left, right):
    calls = [facts(agent=0)] * left + [facts(agent=1)] * right + [facts()]
    found = check("agent_side", calls)
    most = max(left, right)
    if left + right >= SETTINGS.least_calls and most >= SETTINGS.least_agree * (left + right):
        assert found.value == ("left" if left > right else "right")
    else:
        assert found.value is None and found.why_not


def test_a_recorder_that_flips_with_the_direction_has_no_one_side():
    calls = [facts(agent=0, direction="inbound")] * 40 + [facts(agent=1, direction="outbound")] * 2
    found = check("agent_side", calls)
    assert found.value is None
    assert "呼入与呼出" in found.why_not


def test_doubted_roles_are_no_vote():
    from dataclasses import replace

    doubted = replace(facts(agent=0), roles=replace(facts(agent=0).roles, confidence=0.5))
    assert check("agent_side", [doubted] * 9).value is None


def test_mono_recordings_have_both_parties_on_one_channel():
    assert check("agent_side", [facts(layout="mono")] * 5).value == "mono"


RING = (("ringback", 0, 0.5, 1.5), ("ringback", 0, 5.5, 6.5))
LATE = [leg(0, spoken=((8, 10),)), leg(1, spoken=((11, 14),))]


def test_rings_before_the_first_words_show_a_start_before_the_answer():
    found = check("starts", [facts(tones=RING, legs=LATE)] * 5)
    assert (found.value, found.agree, found.of) == ("before_answer", 5, 5)


def test_rings_in_some_calls_only_settle_nothing():
    assert check("starts", [facts(tones=RING, legs=LATE)] * 2 + [facts()] * 4).value is None


@pytest.mark.parametrize(("count", "value"), [(9, None), (10, "at_answer")])
def test_no_ring_in_few_calls_settles_nothing(count, value):
    assert check("starts", [facts()] * count).value == value


def test_no_ring_and_late_words_settle_nothing():
    assert check("starts", [facts(legs=LATE)] * 20).value is None


def by_times(duration_s):
    """A call that rang for 12 s and was talked for 20 s."""
    times = {"ring_at": T0, "answered_at": T0 + timedelta(seconds=12), "ended_at": T0 + timedelta(seconds=32)}
    return facts(duration_s=duration_s, **times)


@pytest.mark.parametrize(
    ("duration_s", "value"), [(20.4, "at_answer"), (31.5, "before_answer"), (26.0, None)]
)
def test_the_records_times_tell_when_recordings_start(duration_s, value):
    assert check("starts", [by_times(duration_s)] * 5).value == value


def busy_call(release_party, layout="mono"):
    return facts(layout=layout, tones=(("busy", 0, 13, 13.35),), release_party=release_party)


@pytest.mark.parametrize(
    ("release_party", "value"), [("customer", "agent"), ("agent", "customer"), ("system", None)]
)
def test_who_hears_the_busy_tone_of_mono_calls_is_who_stayed(release_party, value):
    assert check("busy_heard_by", [busy_call(release_party)] * 5).value == value


def test_a_busy_tone_that_both_hear_is_nobodys():
    calls = [busy_call("customer")] * 5 + [busy_call("agent")] * 5
    assert check("busy_heard_by", calls).value is None


def ends(first_s, second_s, **more):
    return facts(agent=0, legs=[leg(0, dead_from_s=first_s), leg(1, dead_from_s=second_s)], **more)


def test_gates_take_liveness_away():
    gated = facts(legs=[leg(0), leg(1, gated=True)])
    found = check("liveness", [gated] * 2 + [facts()] * 8)
    assert (found.value, found.agree, found.of) == (False, 2, 10)


def test_one_gated_call_in_many_does_not():
    gated = facts(legs=[leg(0), leg(1, gated=True)])
    assert check("liveness", [gated] + [facts()] * 30).value is None


def test_a_recorder_that_closes_one_leg_first_shows_nothing_by_it():
    assert check("liveness", [ends(17.0, 18.5 + 0.01 * k) for k in range(8)]).value is False
    assert check("liveness", [ends(17.0, 18.0 + 0.5 * (k % 4)) for k in range(8)]).value is None


def test_records_that_contradict_the_legs_take_liveness_away():
    calls = [ends(15.0 - 0.3 * k, None, release_party="customer") for k in range(6)]
    assert check("liveness", calls).value is False


def test_records_that_agree_with_the_legs_allow_liveness():
    calls = [ends(15.0 - 0.3 * k, None, release_party="agent") for k in range(3)]
    calls += [ends(None, 15.0 - 0.3 * k, release_party="customer") for k in range(3)]
    found = check("liveness", calls)
    assert (found.value, found.agree, found.of) == (True, 6, 6)


def test_padded_and_silent_legs_say_nothing_about_liveness():
    assert check("liveness", [facts(warnings=("padded_leg",))] * 10).of == 0


def spoken(text):
    return facts(utterances=(Utterance(Segment(0, 1, 3), text, 0.9),))


def test_an_announcement_is_written_with_words_that_agree():
    calls = [spoken("欢迎致电中国移动")] * 5
    found = check("announcements", calls, found=(Announcement((0, 1, 2, 3, 4), (0,)),))
    assert found.value == ("欢迎致电中国移动",)


def test_an_announcement_without_words_or_with_divided_ones_is_only_reported():
    group = (Announcement((0, 1, 2, 3, 4), (0,)),)
    silent = check("announcements", [facts()] * 5, found=group)
    assert silent.value is None and "5 通" in silent.said
    divided = [spoken("欢迎致电中国移动")] * 4 + [spoken("欢迎致电中国一动")]
    assert check("announcements", divided, found=group).value is None
