"""A transcript with holes proves no phrase missing, whoever wrote it."""

from dataclasses import replace

import pytest

from auditor.kinds.coverage import untranscribed_at
from auditor.records import SegmentStats

LATE_START = [
    {"客服": "您的余额是五十元。", "at": [10.0, 13.0]},
    {"客户": "好的。", "at": [14.0, 14.6]},
    {"客服": "谢谢您,再见。", "at": [15.0, 17.0]},
]


def with_speech(evidence, start_s, end_s, role="agent", channel=0):
    """The evidence with one more segment of speech that no turn covers."""
    figures = (None, 0.0, None, None, None, None, None, 0.0)
    return replace(
        evidence, segments=(*evidence.segments, SegmentStats(role, channel, start_s, end_s, *figures))
    )


def test_a_human_transcript_that_begins_late_fails_no_opening(call, finding):
    evidence = with_speech(call(LATE_START), 2.0, 5.0)
    assert finding("P3.2a", call(LATE_START)).verdict == "fail"
    assert finding("P3.2a", evidence).verdict == "needs_review"
    assert finding("P3.2a", evidence).reason_code == "untranscribed"


@pytest.mark.parametrize(
    ("start_s", "end_s", "role", "channel"),
    [(2.0, 2.4, "agent", 0), (2.0, 5.0, "customer", 1), (10.2, 12.8, "agent", 0)],
    ids=["a short sound", "the customer", "speech under a turn"],
)
def test_what_is_short_or_not_his_or_written_down_is_no_hole(call, book, start_s, end_s, role, channel):
    evidence = with_speech(call(LATE_START), start_s, end_s, role, channel)
    assert untranscribed_at(evidence.turns[:1], evidence=evidence, book=book) is None


def test_a_hole_behind_another_turn_is_not_the_windows(call, book):
    evidence = with_speech(call(LATE_START), 20.0, 23.0)
    assert untranscribed_at(evidence.turns[:1], evidence=evidence, book=book) is None
    assert untranscribed_at(evidence.turns[2:], evidence=evidence, book=book) is not None
