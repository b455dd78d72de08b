import pytest

from auditor.asr.batching import transcribe_call
from auditor.asr.engine import Packing
from auditor.asr.probe import run_probes
from auditor.records import ModelFacts, ProbeSpec, SuspectSpan, Turn, TurnPart

OPENING = ProbeSpec(
    "opening",
    "agent_first_turn",
    ("您好,中国移动",),
    ("你好,中国移动", "您好,中国联通", "您好,中国电信", "您好", "你好", ""),
)
WEI = ProbeSpec("wei", "agent_turn_start", ("喂",), ("",))
NIN = ProbeSpec("nin", "each_occurrence", ("您",), ("你",))


@pytest.fixture
def margins(engine, clip, speech_of, turn_of):
    """Probe a clip as the agent's first turn: name to margins."""

    def probe(name):
        channel = clip(name)
        utterances = transcribe_call(engine, channels=[channel], segments=[speech_of(channel)])
        found = {}
        for one in run_probes(
            engine, channels=[channel], turns=[turn_of(utterances)], specs=[OPENING, WEI, NIN]
        ):
            found.setdefault(one.name, []).append(one)
        return found

    return probe


def test_the_mandated_opening_outweighs_its_foils_where_it_was_said(margins):
    (opening,) = margins("greeted")["opening"]
    assert opening.margin_nats > 5
    assert (opening.start, opening.end) == (0, 7)


def test_the_opening_loses_where_only_a_greeting_was_said(margins):
    (opening,) = margins("nihao")["opening"]
    assert opening.margin_nats < -10 and opening.foil == "你好"


def test_an_opening_after_wei_is_found_behind_it(margins):
    (opening,) = margins("wei")["opening"]
    assert opening.margin_nats > 5 and opening.start == 2


def test_wei_is_likely_where_it_was_said_and_unlikely_elsewhere(margins):
    assert margins("wei")["wei"][0].margin_nats > 5
    assert margins("greeted")["wei"][0].margin_nats < -5


def test_every_nin_and_every_ni_is_asked_about(margins):
    assert [probe.margin_nats > 5 for probe in margins("greeted")["nin"]] == [True, True]
    assert [probe.margin_nats < -3 for probe in margins("nihao")["nin"]] == [True]


class Recorder:
    """An engine that writes down which texts it was asked about; longer texts are likelier."""

    facts = ModelFacts("recorder", "")
    packing = Packing(packed=False, max_window_s=9.0, join_gap_s=0.0)
    least_support_nats = {"opening": -0.5}  # noqa: RUF012

    def __init__(self, support=0.0):
        self.asked, self.support = [], support

    def log_likelihoods(self, samples_16k, texts):  # noqa: ARG002
        if len(texts) == 1:
            return [self.support * len(texts[0])]
        self.asked.append(list(texts))
        return [float(len(text)) for text in texts]


def turn(text, *, role="agent", channel=0, suspect=(), start_s=1.0):
    part = TurnPart(start_s, start_s + 2.0, 0, len(text))
    return Turn(role, channel, start_s, start_s + 2.0, text, (part,), 0.9, 0.0, suspect)


def asked(clip, turns, specs):
    engine = Recorder()
    probes = run_probes(engine, channels=[clip("greeted")], turns=turns, specs=specs)
    return probes, engine.asked


def test_candidates_differ_in_nothing_but_the_place_in_question(clip):
    _, ((said, not_said),) = asked(clip, [turn("好的,您稍等。")], [NIN])
    assert {said, not_said} == {"好的,您稍等。", "好的,你稍等。"}


def test_a_misheard_opening_is_replaced_and_not_doubled(clip):
    (probe,), (texts,) = asked(clip, [turn("您好,中国一动,请讲。")], [OPENING])
    assert "您好,中国移动,请讲。" in texts and "请讲。" in texts
    assert not any("一动" in text for text in texts)
    assert (probe.start, probe.end) == (0, 7)


def test_a_start_like_no_wording_gets_the_phrase_in_front_or_in_its_place(clip):
    (probe,), (texts,) = asked(clip, [turn("鸡铁中华华练请问什么事")], [OPENING])
    assert "您好,中国移动,鸡铁中华华练请问什么事" in texts
    assert "您好,中国移动,请问什么事" in texts
    assert (probe.start, probe.end) == (0, 0)


def test_an_opening_with_a_pause_inside_is_asked_about_as_a_whole(clip):
    parts = (TurnPart(0.5, 1.2, 0, 3), TurnPart(1.6, 2.8, 3, 8), TurnPart(3.4, 5.0, 8, 11))
    paused = Turn("agent", 0, 0.5, 5.0, "您好。中国移动。请讲。", parts, 0.9, 0.0, ())
    (probe,), (texts,) = asked(clip, [paused], [OPENING])
    assert "您好,中国移动。" in texts and not any("请讲" in text for text in texts)
    assert (probe.start, probe.end) == (0, 7)


def test_a_homophone_of_wei_is_not_taken_for_it(clip):
    _, (texts,) = asked(clip, [turn("为您查询。")], [WEI])
    assert "为您查询。" in texts and "喂,为您查询。" in texts


def test_the_customer_and_system_voices_are_never_probed(clip):
    turns = [turn("喂,您好。", role="customer"), turn("您好。", role="system")]
    assert asked(clip, turns, [OPENING, WEI, NIN]) == ((), [])


def test_only_the_first_agent_turn_is_asked_for_the_opening(clip):
    turns = [turn("您好。", role="customer"), turn("您好。"), turn("您好。", start_s=4.0)]
    probes, _ = asked(clip, turns, [OPENING])
    assert [probe.turn for probe in probes] == [1]


def test_doubted_text_is_not_asked_about(clip):
    doubted = turn("鸡,铁中华华", suspect=(SuspectSpan(0, 6, "low_confidence"),))
    assert asked(clip, [doubted], [OPENING, WEI, NIN]) == ((), [])


def test_text_that_the_engine_does_not_stand_by_is_not_asked_about(clip):
    engine = Recorder(support=-2.0)
    probes = run_probes(engine, channels=[clip("greeted")], turns=[turn("您好,请讲。")], specs=[NIN])
    assert (probes, engine.asked) == ((), [])


def test_a_turn_in_which_nothing_was_heard_is_not_asked_about(clip):
    assert asked(clip, [turn("")], [OPENING, WEI, NIN]) == ((), [])


def test_full_width_punctuation_is_followed(clip):
    _, (texts,) = asked(clip, [turn("您好，中国移动，请讲。")], [OPENING])
    assert "您好，中国移动，请讲。" in texts
