"""A transcript keeps its words and roles and gets the times of the speech under it."""

from hypothesis import given
from hypothesis import strategies as st

from auditor.records import Roles, Segment, Transcript, TranscriptTurn
from auditor.speech.turns import turns_from_transcript

LEFT = Roles(0, 1.0, "flag", "")
NOBODY = Roles(None, 0.0, "none", "mono")


def transcript(*rows):
    return Transcript("human", tuple(TranscriptTurn(*row) for row in rows))


def test_parts_are_the_segments_under_the_turn_and_share_the_text_by_duration():
    segments = [Segment(0, 1.0, 2.0), Segment(0, 2.5, 5.5), Segment(1, 1.0, 5.0)]
    (turn,) = turns_from_transcript(
        transcript(("agent", 0.9, 5.6, "一二三四五六七八")), segments=segments, roles=LEFT
    )
    assert [(p.start_s, p.end_s, p.text_start, p.text_end) for p in turn.parts] == [
        (1.0, 2.0, 0, 2),
        (2.5, 5.5, 2, 8),
    ]
    assert (turn.start_s, turn.end_s, turn.channel) == (1.0, 5.5, 0)


def test_the_customer_is_on_the_other_leg():
    segments = [Segment(0, 1, 2), Segment(1, 3, 4)]
    turns = turns_from_transcript(
        transcript(("agent", 1, 2, "您好"), ("customer", 3, 4, "你好")), segments=segments, roles=LEFT
    )
    assert [(t.role, t.channel) for t in turns] == [("agent", 0), ("customer", 1)]


def test_without_speech_underneath_the_stated_times_stand():
    (turn,) = turns_from_transcript(transcript(("agent", 1, 2, "您好")), segments=[], roles=LEFT)
    assert (turn.start_s, turn.end_s, len(turn.parts)) == (1, 2, 1)


def test_a_segment_that_holds_two_turns_of_one_leg_is_divided_between_them():
    turns = turns_from_transcript(
        transcript(("system", 0, 2, "工号8001为您服务"), ("agent", 2, 4, "您好")),
        segments=[Segment(0, 0.1, 4.0)],
        roles=LEFT,
    )
    assert [(t.role, t.start_s, t.end_s) for t in turns] == [("system", 0.1, 2), ("agent", 2, 4.0)]


def test_a_neighbours_speech_is_not_taken_by_a_loosely_timed_turn():
    turns = turns_from_transcript(
        transcript(("agent", 1, 2, "您好"), ("agent", 2.4, 4, "请讲")),
        segments=[Segment(0, 1.0, 1.9), Segment(0, 2.3, 4.0)],
        roles=LEFT,
    )
    assert [(t.start_s, t.end_s) for t in turns] == [(1.0, 1.9), (2.3, 4.0)]


def test_in_mono_the_roles_of_the_transcript_stand():
    turns = turns_from_transcript(
        transcript(("agent", 1, 2, "您好"), ("customer", 2, 4, "你好")),
        segments=[Segment(0, 1, 4)],
        roles=NOBODY,
    )
    assert [(t.role, t.channel) for t in turns] == [("agent", 0), ("customer", 0)]


@given(
    st.lists(st.tuples(st.floats(0, 50), st.floats(0, 5), st.text("您好移动", max_size=12)), max_size=8),
    st.lists(st.tuples(st.integers(0, 1), st.floats(0, 50), st.floats(0.1, 5)), max_size=8),
)
def test_all_characters_are_given_out_in_order(rows, speech):
    turns = turns_from_transcript(
        transcript(*(("agent", a, a + d, text) for a, d, text in rows)),
        segments=[Segment(c, a, a + d) for c, a, d in speech],
        roles=LEFT,
    )
    assert sorted(t.text for t in turns) == sorted(text for _, _, text in rows)
    for turn in turns:
        assert turn.parts[0].text_start == 0
        assert turn.parts[-1].text_end == len(turn.text)
        assert all(a.text_end == b.text_start for a, b in zip(turn.parts, turn.parts[1:], strict=False))


def test_five_thousand_overlapping_turns_in_any_order_all_find_their_place():
    rows = [("customer" if k % 3 else "agent", 2.0 * k, 2.0 * k + 5.0, "您好") for k in range(5000)]
    segments = [Segment(k % 2, 2.0 * k + 0.1, 2.0 * k + 1.8) for k in range(5000)]
    turns = turns_from_transcript(transcript(*reversed(rows)), segments=segments, roles=LEFT)
    assert len(turns) == 5000
    assert [turn.start_s for turn in turns] == sorted(turn.start_s for turn in turns)
    assert all(turn.parts[-1].text_end == 2 for turn in turns)
