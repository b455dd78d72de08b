"""Who is the agent: the strongest source decides, and doubt is said aloud."""

import pytest

from auditor.errors import UsageError
from auditor.records import (
    CallRecord,
    Event,
    RecorderProfile,
    Segment,
    SuspectSpan,
    Transcript,
    TranscriptTurn,
    Utterance,
)
from auditor.speech.roles import assign_roles, roles_from_transcript

AGENT = ("您好,中国移动,请问有什么可以帮您?", "好的,请稍等,马上为您查询。", "谢谢您,请挂机。")
CUSTOMER = ("我想查一下我的话费", "怎么回事,你们扣了这么多", "好的")


def talk(left, right, **more):
    lines = [Utterance(Segment(0, 4.0 * k, 4.0 * k + 2), text, 0.9, **more) for k, text in enumerate(left)]
    return lines + [
        Utterance(Segment(1, 4.0 * k + 2, 4.0 * k + 4), text, 0.9) for k, text in enumerate(right)
    ]


def roles(
    utterances=(), *, layout="two_legs", flag=None, record=None, events=(), silent_leg=False, recorder=None
):
    return assign_roles(
        utterances,
        layout=layout,
        flag=flag,
        record=record or CallRecord(),
        events=events,
        silent_leg=silent_leg,
        recorder=RecorderProfile(agent_channel=recorder),
    )


def test_beside_a_silent_leg_the_other_may_carry_both_parties():
    assert roles(talk(AGENT, ()), silent_leg=True).agent_channel is None


def test_beside_a_silent_leg_the_record_still_says_whose_the_other_is():
    assert roles(talk(AGENT, ()), silent_leg=True, record=CallRecord(agent_channel="left")).agent_channel == 0


def test_beside_a_silent_leg_the_recorders_habit_is_not_enough():
    assert roles(talk(AGENT, ()), silent_leg=True, recorder="left").agent_channel is None


def test_the_recorders_habit_stands_between_record_and_tones():
    ringing = (Event("ringback", 0, 1, 0),)
    inbound = CallRecord(direction="inbound")
    found = roles(recorder="right", record=inbound, events=ringing)
    assert (found.agent_channel, found.confidence, found.source) == (1, 0.97, "recorder")
    assert roles(recorder="right", record=CallRecord(agent_channel="left")).agent_channel == 0
    assert roles(recorder="right", flag="left").source == "flag"


def test_the_recorders_habit_is_doubted_when_the_words_contradict_it():
    found = roles(talk(AGENT, CUSTOMER), recorder="right")
    assert (found.agent_channel, found.confidence) == (1, 0.5)
    assert "the other way round" in found.reason


def test_the_recorders_habit_fits_neither_mono_nor_pairs():
    assert roles(layout="mono", recorder="left").agent_channel is None
    assert roles(layout="pair", recorder="right").agent_channel == 0


def test_the_flag_outranks_everything():
    found = roles(talk(CUSTOMER, AGENT), flag="right", record=CallRecord(agent_channel="left"))
    assert (found.agent_channel, found.confidence, found.source) == (1, 1.0, "flag")


def test_a_flag_that_the_words_contradict_stays_but_nobody_trusts_it():
    found = roles(talk(AGENT, CUSTOMER), flag="right")
    assert (found.agent_channel, found.confidence, found.source) == (1, 0.5, "flag")
    assert "the other way round" in found.reason


@pytest.mark.parametrize("flag", ["left", "right"])
def test_a_flag_for_a_channel_that_is_not_there_is_a_usage_error(flag):
    with pytest.raises(UsageError, match=rf"--agent-channel {flag} names a channel"):
        roles(layout="mono", flag=flag)


def test_an_unknown_flag_is_a_usage_error():
    with pytest.raises(UsageError, match="middle is not one of"):
        roles(flag="middle")


def test_auto_is_no_flag():
    assert roles(talk(AGENT, CUSTOMER), flag="auto").source == "speech"


def test_mono_and_duplicated_recordings_are_never_guessed():
    for layout in ("mono", "duplicated"):
        found = roles(talk(AGENT, CUSTOMER), layout=layout, record=CallRecord(agent_channel="right"))
        assert (found.agent_channel, found.confidence, found.source) == (None, 0.0, "none")
    assert roles(talk(AGENT, CUSTOMER), flag="mono").agent_channel is None


def test_the_call_record_outranks_tones_and_speech():
    found = roles(
        talk(AGENT, CUSTOMER),
        record=CallRecord(agent_channel="left", direction="outbound"),
        events=[Event("ringback", 0, 1, 0)],
    )
    assert (found.agent_channel, found.source) == (0, "record")
    assert found.confidence > 0.95


def test_a_call_record_that_speech_contradicts_is_doubted():
    found = roles(talk(AGENT, CUSTOMER), record=CallRecord(agent_channel="right"))
    assert (found.agent_channel, found.confidence, found.source) == (1, 0.5, "record")
    assert "other way round" in found.reason


@pytest.mark.parametrize(("direction", "agent"), [("inbound", 1), ("outbound", 0)])
def test_ringback_is_sent_by_the_side_that_is_called(direction, agent):
    found = roles(record=CallRecord(direction=direction), events=[Event("ringback", 0, 1, 1)])
    assert (found.agent_channel, found.source) == (agent, "tones")
    assert 0.5 < found.confidence < 1


def test_a_busy_tone_stands_in_for_whoever_released():
    found = roles(record=CallRecord(release_party="customer"), events=[Event("busy", 50, 51, 1)])
    assert (found.agent_channel, found.source) == (0, "tones")


def test_tones_on_both_legs_or_without_a_direction_say_nothing():
    both = [Event("ringback", 0, 1, 0), Event("ringback", 0, 1, 1)]
    assert roles(record=CallRecord(direction="inbound"), events=both).agent_channel is None
    assert roles(events=both[:1]).agent_channel is None


def test_overwhelming_words_outvote_tones():
    ringback = [Event("ringback", 0, 1, 1)]
    found = roles(talk(AGENT, CUSTOMER), record=CallRecord(direction="inbound"), events=ringback)
    assert (found.agent_channel, found.source) == (0, "speech")
    assert "against ringback" in found.reason


def test_tones_and_words_that_balance_leave_nobody():
    ringback = [Event("ringback", 0, 1, 1)]
    found = roles(talk(("请稍等,工号",), ()), record=CallRecord(direction="inbound"), events=ringback)
    assert (found.agent_channel, found.confidence, found.source) == (None, 0.0, "none")
    assert "other way round" in found.reason


@pytest.mark.parametrize(("left", "right", "agent"), [(AGENT, CUSTOMER, 0), (CUSTOMER, AGENT, 1)])
def test_what_is_said_shows_the_agent(left, right, agent):
    found = roles(talk(left, right))
    assert (found.agent_channel, found.source) == (agent, "speech")
    assert found.confidence > 0.95


def test_recognition_errors_do_not_hide_the_agent():
    found = roles(talk(("您好中国一动", "请少等马上为您茶询"), ("我想茶一下我的画费",)))
    assert found.agent_channel == 0


def test_one_leg_that_speaks_is_enough():
    assert roles(talk((), AGENT)).agent_channel == 1


def test_a_pair_of_files_is_agent_then_customer():
    found = roles(layout="pair")
    assert (found.agent_channel, found.confidence, found.source) == (0, 1.0, "flag")


@pytest.mark.parametrize("lines", [((), ()), (("", ""), ("",)), (("嗯",), ("哦",))])
def test_when_nothing_telling_is_said_nobody_can_tell(lines):
    found = roles(talk(*lines))
    assert (found.agent_channel, found.confidence, found.source) == (None, 0.0, "none")


def test_suspect_words_show_nobodys_role():
    greeting = "您好中国移动请问有什么可以帮您"
    suspect = (SuspectSpan(0, len(greeting), "repetition"),)
    assert roles(talk((greeting,), (), suspect_spans=suspect)).agent_channel is None


def from_transcript(segments, turns, **more):
    arguments = {"layout": "two_legs", "flag": None, "record": CallRecord(), "events": ()} | more
    return roles_from_transcript(Transcript("human", tuple(turns)), segments=segments, **arguments)


TURNS = (TranscriptTurn("agent", 0, 2, "您好"), TranscriptTurn("customer", 2.5, 5, "你好"))


def test_a_transcript_shows_which_leg_speaks_under_whose_turns():
    found = from_transcript([Segment(1, 0, 2), Segment(0, 2.5, 5)], TURNS)
    assert (found.agent_channel, found.source) == (1, "speech")
    assert found.confidence > 0.95


def test_a_transcript_over_silence_or_over_both_legs_shows_nothing():
    assert from_transcript([], TURNS).agent_channel is None
    assert from_transcript([Segment(0, 0, 5), Segment(1, 0, 5)], TURNS).agent_channel is None


def test_a_transcript_of_a_mono_call_leaves_the_legs_unknown():
    assert from_transcript([Segment(0, 0, 5)], TURNS, layout="mono").agent_channel is None
    with pytest.raises(UsageError):
        from_transcript([Segment(0, 0, 5)], TURNS, layout="mono", flag="right")
