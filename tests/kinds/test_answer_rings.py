"""Rings, beyond the cases: closed forms of ring (n) beginning at (n - 1) · 5 s."""

from dataclasses import replace

import pytest

from auditor.records import RecorderProfile

ANSWER = "2026-03-10T09:00:{:06.3f}+08:00"


def record(waited_s, **more):
    ring = "2026-03-10T09:00:00.001+08:00"
    return {"ring_at": ring, "answered_at": ANSWER.format(waited_s + 0.001), **more}


@pytest.mark.parametrize(
    ("waited_s", "verdict", "rings"),
    [
        (0, "pass", 1),
        (4.9, "pass", 1),
        (5, "pass", 2),
        (14.9, "pass", 3),
        (15.0, "pass", 4),
        (15.5, "fail", 4),
    ],
)
def test_the_fourth_ring_begins_after_three_times_five_seconds(call, finding, waited_s, verdict, rings):
    found = finding("P3.1", call(record=record(waited_s)))
    assert found.verdict == verdict
    assert found.measured["rings"] == rings


def test_seconds_per_ring_is_a_setting(call, outcome):
    assert outcome("P3.1", call(record=record(18)), max_rings=4).verdict == "pass"


def test_a_queue_on_the_same_stamp_is_for_a_human(call, finding):
    times = record(25)
    assert (
        finding("P3.1", call(record={**times, "queued_at": times["ring_at"]})).reason_code == "queue_unknown"
    )


def test_an_answer_before_the_ring_is_no_data(call, finding):
    times = {"ring_at": ANSWER.format(9), "answered_at": ANSWER.format(3)}
    assert finding("P3.1", call(record=times)).verdict == "not_applicable"


def test_queue_time_alone_is_not_ringing(call, finding):
    times = {"queued_at": ANSWER.format(0), "answered_at": ANSWER.format(50)}
    assert finding("P3.1", call(record=times)).reason_code == "no_data"


def test_ringback_of_an_unknown_direction_accuses_nobody(call, finding):
    turns = [{"客服": "您好,您的宽带到期了。", "at": [30, 32]}]
    events = [{"kind": "ringback", "at": [5 * n, 5 * n + 1], "channel": 0} for n in range(5)]
    assert finding("P3.1", call(turns, events=events, direction=None)).reason_code == "direction_unknown"


def test_a_recording_that_starts_at_the_answer_has_no_ring_data(call, finding):
    turns = [{"客服": "您好,中国移动,请讲。", "at": [30, 32]}]
    events = [{"kind": "ringback", "at": [5 * n, 5 * n + 1], "channel": 0} for n in range(5)]
    evidence = call(turns, events=events)
    assert finding("P3.1", evidence).verdict == "fail"
    answered = replace(evidence, recorder=RecorderProfile(starts="at_answer"))
    assert finding("P3.1", answered).reason_code == "no_data"
