import math
from dataclasses import replace

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
WEI = ProbeSpec("wei", "agent_turn_start", ("喂",), ("", "为", "位"))
NIN = ProbeSpec("nin", "each_occurrence", ("您",), ("你",))
GOODBYE = ProbeSpec("goodbye", "agent_last_turns", ("再见", "谢谢您,请挂机"), ("",))
OFFER = ProbeSpec("offer", "agent_first_turns", ("请讲",), ("",))
SWEARING = ProbeSpec("swearing", "each_phrase", ("他妈的", "妈的", "滚蛋"), ("", "他们的"))


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


class Doubtful(Recorder):
    """Stands by nothing that holds the doubted word."""

    def __init__(self, doubted):
        super().__init__()
        self.doubted = doubted

    def log_likelihoods(self, samples_16k, texts):
        if len(texts) == 1 and self.doubted in texts[0]:
            return [-100.0]
        return super().log_likelihoods(samples_16k, texts)


def asked(clip, turns, specs, engine=None):
    engine = engine or Recorder()
    probes = run_probes(engine, channels=[clip("greeted")], turns=turns, specs=specs)
    return probes, engine.asked


def test_candidates_differ_in_nothing_but_the_place_in_question(clip):
    _, ((said, not_said),) = asked(clip, [turn("好的,您稍等。")], [NIN])
    assert {said, not_said} == {"好的,您稍等。", "好的,你稍等。"}


def test_a_misheard_opening_is_replaced_and_not_doubled(clip):
    (probe,), (texts,) = asked(clip, [turn("您好,中国一动,请讲。")], [OPENING])
    assert "您好,中国移动,请讲。" in texts and "请讲。" in texts
    assert [text for text in texts if "一动" in text] == ["您好,中国一动,请讲。"]  # what was heard, as it is
    assert (probe.start, probe.end) == (0, 7)


class Certain(Recorder):
    """Finds its own text likeliest, then what begins with the phrase or with the foil 「你好,中国移动」."""

    def __init__(self, heard, *, phrase, foil):
        super().__init__()
        self.heard, self.nats = heard, {"您好,中国移动": phrase, "你好,中国移动": foil}

    def log_likelihoods(self, samples_16k, texts):
        if len(texts) == 1:
            return super().log_likelihoods(samples_16k, texts)
        return [0.0 if text == self.heard else self.nats.get(text[:7], -90.0) for text in texts]


def test_a_phrase_that_only_beats_its_foils_and_not_what_was_heard_decides_nothing(clip):
    engine = Certain("午好,中国移动,请讲。", phrase=-3.0, foil=-9.0)
    (probe,), _ = asked(clip, [turn(engine.heard)], [OPENING], engine=engine)
    assert probe.margin_nats == 0.0


def test_a_foil_that_beats_the_phrase_denies_it_whatever_was_heard(clip):
    engine = Certain("午好,中国移动,请讲。", phrase=-9.0, foil=-3.0)
    (probe,), _ = asked(clip, [turn(engine.heard)], [OPENING], engine=engine)
    assert probe.margin_nats == -6.0


def test_a_heard_phrase_in_other_punctuation_is_the_phrase(clip):
    engine = Certain("您好!中国移动!请讲。", phrase=-3.0, foil=-9.0)
    (probe,), _ = asked(clip, [turn(engine.heard)], [OPENING], engine=engine)
    assert probe.margin_nats == 9.0


def test_a_whole_wording_is_taken_for_a_longer_one_that_is_garbled(clip):
    here = replace(OPENING, phrases=(*OPENING.phrases, "您好,这里是中国移动"))
    (probe,), _ = asked(clip, [turn("您好,中国移动客服,请讲。")], [here])
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
    assert "为您查询。" in texts and "喂,您查询。" in texts


def test_words_that_sound_like_wei_are_no_proof_of_it(margins):
    assert margins("wei_nin")["wei"][0].margin_nats < 3


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


def test_a_goodbye_is_tried_between_the_clauses_and_in_place_of_one_as_long(clip):
    (probe,), (texts,) = asked(clip, [turn("好的,在建,谢谢您。")], [GOODBYE])
    assert {"再见,好的,在建,谢谢您。", "好的,再见,在建,谢谢您。", "好的,在建,谢谢您。再见。"} <= set(texts)
    assert "好的,再见,谢谢您。" in texts
    assert "好的,在建,谢谢您。" in texts and "好的,谢谢您。" in texts
    assert "好的,在建,谢谢您。谢谢您,请挂机。" in texts
    assert (probe.start, probe.end, probe.foil) == (0, 10, "")


def test_nothing_is_asked_where_the_text_has_the_phrase(clip):
    turns = [turn("好的。"), turn("谢谢您,再见。", start_s=4.0), turn("嗯。", start_s=7.0)]
    assert asked(clip, turns, [GOODBYE]) == ((), [])


def test_a_goodbye_is_asked_for_in_the_last_three_turns_with_words(clip):
    texts = ["您好。", "请讲。", "五十元。", "", "好的。", "嗯。"]
    turns = [turn(text, start_s=1.0 + 3 * i) for i, text in enumerate(texts)]
    probes, _ = asked(clip, turns, [GOODBYE])
    assert [probe.turn for probe in probes] == [2, 4, 5]


def test_an_offer_is_asked_for_in_the_first_two_turns(clip):
    turns = [turn(text, start_s=1.0 + 3 * i) for i, text in enumerate(["您好。", "什么事?", "五十元。"])]
    probes, _ = asked(clip, turns, [OFFER])
    assert [probe.turn for probe in probes] == [0, 1]


def test_a_turn_is_asked_whole_or_not_at_all(clip):
    parts = (TurnPart(0.5, 1.2, 0, 3), TurnPart(1.6, 2.8, 3, 8))
    paused = Turn("agent", 0, 0.5, 2.8, "好的。五十元整。", parts, 0.9, 0.0, ())
    probes, _ = asked(clip, [paused], [GOODBYE])
    assert [(probe.start, probe.end) for probe in probes] == [(0, 3), (3, 8)]
    assert asked(clip, [paused], [GOODBYE], engine=Doubtful("五十"))[0] == ()
    suspect = Turn("agent", 0, 0.5, 2.8, paused.text, parts, 0.9, 0.0, (SuspectSpan(4, 5, "low_confidence"),))
    assert asked(clip, [suspect], [GOODBYE])[0] == ()


def test_a_swear_word_is_compared_with_what_it_may_have_been(clip):
    (probe,), (texts,) = asked(clip, [turn("他妈的,你说什么。")], [SWEARING])
    assert set(texts) == {"他妈的,你说什么。", ",你说什么。", "他们的,你说什么。"}
    assert (probe.phrase, probe.start, probe.end) == ("他妈的", 0, 3)


def test_what_only_looks_like_a_foil_is_no_question(clip):
    assert asked(clip, [turn("他们的号码。")], [SWEARING]) == ((), [])


class Trusting:
    """An engine that is asked whatever it thinks of the text."""

    least_support_nats = {"goodbye": -math.inf}  # noqa: RUF012

    def __init__(self, engine):
        self.engine, self.packing = engine, engine.packing

    def log_likelihoods(self, samples_16k, texts):
        return self.engine.log_likelihoods(samples_16k, texts)


def test_the_engine_that_ships_hears_a_goodbye_that_the_text_lost(engine, clip, speech_of, turn_of):
    def margin(name, without=None):
        channel = clip(name)
        heard = turn_of(transcribe_call(engine, channels=[channel], segments=[speech_of(channel)]))
        if without is not None:
            start = heard.text.index(without)
            kept = tuple(part for part in heard.parts if part.text_start < start)
            parts = (*kept[:-1], replace(kept[-1], end_s=heard.end_s, text_end=start))
            heard = replace(heard, text=heard.text[:start], parts=parts)
        turns = [replace(heard, suspect_spans=())]
        found = run_probes(Trusting(engine), channels=[channel], turns=turns, specs=[GOODBYE])
        return max(probe.margin_nats for probe in found)

    assert margin("goodbye", without="谢谢") > 3
    assert margin("nihao") < -5
