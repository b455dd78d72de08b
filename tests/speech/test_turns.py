"""Turns follow the floor: pauses and takers end them, backchannels do not."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.records import Roles, Segment, SuspectSpan, Utterance
from auditor.speech.turns import build_turns, edge_warnings

KNOWN = Roles(0, 1.0, "flag", "")
NOBODY = Roles(None, 0.0, "none", "mono")


def said(channel, start_s, end_s, text="说话", confidence=0.9, **more):
    return Utterance(Segment(channel, start_s, end_s), text, confidence, **more)


def shape(turns):
    return [(t.role, t.text) for t in turns]


def test_roles_follow_the_leg():
    turns = build_turns([said(0, 0, 1, "您好"), said(1, 1.2, 2, "你好")], roles=KNOWN)
    assert shape(turns) == [("agent", "您好"), ("customer", "你好")]
    turns = build_turns([said(0, 0, 1, "您好"), said(1, 1.2, 2, "你好")], roles=Roles(1, 1.0, "flag", ""))
    assert shape(turns) == [("customer", "您好"), ("agent", "你好")]


def test_consecutive_segments_of_one_party_are_one_turn():
    (turn,) = build_turns([said(0, 0, 1, "您好,"), said(0, 1.5, 2.5, "中国移动")], roles=KNOWN)
    assert turn.text == "您好,中国移动"
    assert [(p.start_s, p.end_s, p.text_start, p.text_end) for p in turn.parts] == [
        (0, 1, 0, 3),
        (1.5, 2.5, 3, 7),
    ]
    assert (turn.start_s, turn.end_s) == (0, 2.5)


def test_a_pause_over_2_s_ends_a_turn_and_one_of_2_s_does_not():
    assert len(build_turns([said(0, 0, 1), said(0, 3, 4)], roles=KNOWN)) == 1
    assert len(build_turns([said(0, 0, 1), said(0, 3.01, 4)], roles=KNOWN)) == 2


def test_the_other_party_taking_the_floor_ends_a_turn():
    turns = build_turns([said(0, 0, 1), said(1, 1.1, 1.9, "我要查话费"), said(0, 2, 3)], roles=KNOWN)
    assert [t.role for t in turns] == ["agent", "customer", "agent"]


@pytest.mark.parametrize("word", ["嗯", "嗯。", "哦,", "对", "对对对", "好的", "嗯嗯", ""])
def test_a_short_backchannel_does_not_split_a_turn(word):
    turns = build_turns([said(0, 0, 1), said(1, 1.1, 1.5, word), said(0, 1.6, 3)], roles=KNOWN)
    assert [t.role for t in turns] == ["agent", "customer"]
    assert len(turns[0].parts) == 2


@pytest.mark.parametrize(("word", "length_s"), [("嗯", 0.8), ("不要", 0.4), ("喂", 0.4), ("嗯不是", 0.5)])
def test_long_or_meaningful_replies_split_a_turn(word, length_s):
    turns = build_turns([said(0, 0, 1), said(1, 1.1, 1.1 + length_s, word), said(0, 2, 3)], roles=KNOWN)
    assert [t.role for t in turns] == ["agent", "customer", "agent"]


def test_an_interruption_that_ends_before_the_speaker_does_takes_no_floor():
    turns = build_turns([said(0, 0, 3), said(1, 1, 2, "等一下"), said(0, 3.4, 4)], roles=KNOWN)
    assert [t.role for t in turns] == ["agent", "customer"]


def test_an_interruption_that_outlasts_the_speaker_takes_the_floor():
    turns = build_turns([said(0, 0, 3), said(1, 2.5, 3.8, "等一下"), said(0, 4, 5)], roles=KNOWN)
    assert [t.role for t in turns] == ["agent", "customer", "agent"]


def test_an_utterance_without_text_is_a_part_without_characters():
    (turn,) = build_turns([said(0, 0, 1, "您好"), said(0, 1.5, 2, "", None)], roles=KNOWN)
    assert [(p.text_start, p.text_end) for p in turn.parts] == [(0, 2), (2, 2)]
    assert turn.confidence == pytest.approx(0.9)
    assert turn.end_s == 2


def test_confidence_is_the_character_weighted_geometric_mean():
    (turn,) = build_turns([said(0, 0, 1, "一" * 3, 0.8), said(0, 1.5, 2, "二", 0.4)], roles=KNOWN)
    assert turn.confidence == pytest.approx(math.exp((3 * math.log(0.8) + math.log(0.4)) / 4))


def test_confidence_is_unknown_without_any_and_survives_zero():
    assert build_turns([said(0, 0, 1, "您好", None)], roles=KNOWN)[0].confidence is None
    assert build_turns([said(0, 0, 1, "您好", 0.0)], roles=KNOWN)[0].confidence == pytest.approx(1e-6)


def test_the_highest_temperature_stands():
    (turn,) = build_turns(
        [said(0, 0, 1, temperature=0.0), said(0, 1.5, 2, temperature=0.4), said(0, 2.5, 3)], roles=KNOWN
    )
    assert turn.temperature == 0.4


def test_suspect_spans_move_with_their_text():
    (turn,) = build_turns(
        [
            said(0, 0, 1, "您好"),
            said(0, 1.5, 2, "谢谢观看", suspect_spans=(SuspectSpan(0, 4, "boilerplate"),)),
        ],
        roles=KNOWN,
    )
    assert turn.suspect_spans == (SuspectSpan(2, 6, "boilerplate"),)
    assert not turn.is_suspect(0, 2)


def test_latin_words_of_two_segments_do_not_run_together():
    (turn,) = build_turns(
        [said(0, 0, 1, "OK"), said(0, 1.5, 2, "bye", suspect_spans=(SuspectSpan(0, 3, "no_speech"),))],
        roles=KNOWN,
    )
    assert turn.text == "OK bye"
    assert turn.text[turn.suspect_spans[0].start : turn.suspect_spans[0].end] == "bye"


def test_nobody_known_gives_unknown_turns():
    turns = build_turns([said(0, 0, 1), said(0, 4, 5)], roles=NOBODY)
    assert [t.role for t in turns] == ["unknown", "unknown"]


def test_on_a_leg_with_both_parties_a_shorter_pause_ends_a_turn():
    assert len(build_turns([said(0, 0, 1), said(0, 1.5, 2), said(0, 3, 4)], roles=NOBODY)) == 2


def test_a_system_voice_is_a_party_of_its_own_even_in_mono():
    heard = [said(0, 0, 2, "工号8001为您服务"), said(0, 2.4, 4, "您好,中国移动")]
    for roles, live in ((KNOWN, "agent"), (NOBODY, "unknown")):
        turns = build_turns(heard, roles=roles, system_phrases=("工号<number>为您服务",))
        assert shape(turns) == [("system", "工号8001为您服务"), (live, "您好,中国移动")]


def test_no_utterances_give_no_turns():
    assert build_turns([], roles=KNOWN) == ()


@given(
    st.lists(
        st.tuples(
            st.integers(0, 1),
            st.floats(0.01, 3),
            st.floats(0.1, 4),
            st.sampled_from(["", "嗯", "您好", "ok"]),
        ),
        max_size=25,
    )
)
def test_every_character_and_segment_is_in_exactly_one_turn(rows):
    clock = [0.0, 0.0]
    heard = []
    for channel, pause_s, length_s, text in rows:
        start_s = clock[channel] + pause_s
        clock[channel] = start_s + length_s
        heard.append(said(channel, start_s, clock[channel], text))
    turns = build_turns(heard, roles=KNOWN)
    parts = [(t.channel, p.start_s, p.end_s) for t in turns for p in t.parts]
    assert sorted(parts) == sorted((u.segment.channel, u.segment.start_s, u.segment.end_s) for u in heard)
    for turn in turns:
        assert "".join(turn.text[p.text_start : p.text_end] for p in turn.parts) == turn.text
    assert sum(len(t.text.replace(" ", "")) for t in turns) == sum(len(u.text) for u in heard)


def test_speech_at_the_edges_of_the_file_is_warned_of():
    assert edge_warnings([Segment(0, 0.1, 1)], duration_s=5) == ("starts_mid_speech",)
    assert edge_warnings([Segment(0, 1, 4.95)], duration_s=5) == ("ends_mid_speech",)
    assert edge_warnings([Segment(0, 0.2, 4.9)], duration_s=5) == ()
    assert edge_warnings([], duration_s=5) == ()
