"""A missing phrase is proof only if it was listened for."""

from dataclasses import replace

import pytest

from auditor.kinds.listening import confidence_of, doubt_about, is_overlapped, listen_for
from auditor.kinds.triggers import text_doubt
from auditor.kinds.trust import probe_answer
from auditor.records import MeasuredShare, ModelFacts, SuspectSpan, TurnPart

GOODBYES = ("再见",)
SAID = [{"客服": "五十元再见"}]
MISSING = [{"客服": "您的余额是五十元"}]


def listen(evidence, book, phrases=GOODBYES, probe=None):
    return listen_for(phrases, turns=evidence.turns_of("agent"), evidence=evidence, book=book, probe=probe)


def test_a_phrase_in_the_text_was_said(call, book):
    heard = listen(call(SAID, source="asr"), book)
    assert heard.said == "said"
    assert heard.quote == "再见"


def test_a_phrase_is_found_at_its_own_seconds(call, book):
    evidence = call([{"客服": "五十元再见", "at": [10.0, 15.0]}])
    assert listen(evidence, book).at[0].start_s == pytest.approx(13.0)


def test_confident_text_without_the_phrase_proves_its_absence(call, book):
    assert listen(call(MISSING, source="asr"), book).said == "missing"


def test_a_human_transcript_needs_no_confidence(call, book):
    heard = listen(call(MISSING), book)
    assert heard.said == "missing"
    assert heard.confidence == book.settings.human_confidence


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"confidence": 0.3}, "low_confidence"),
        ({"confidence": None}, "no_confidence"),
        ({"temperature": 0.4}, "unsettled"),
        ({"suspect_spans": (SuspectSpan(0, 2, "repetition"),)}, "suspect"),
        ({"text": "五"}, "sparse"),
    ],
)
def test_weak_text_proves_no_absence(call, book, change, code):
    evidence = call(MISSING, source="asr")
    evidence = replace(evidence, turns=(replace(evidence.turns[0], **change),))
    heard = listen(evidence, book)
    assert heard.said == "doubtful"
    assert heard.doubt.code == code
    assert "请听录音" in heard.doubt.reason


def test_a_part_of_speech_without_text_is_a_hole(call, book):
    evidence = call([{"客服": "您的余额是五十元", "at": [0.0, 4.0]}], source="asr")
    parts = (TurnPart(0.0, 2.0, 0, 8), TurnPart(2.5, 4.0, 8, 8))
    evidence = replace(evidence, turns=(replace(evidence.turns[0], parts=parts),))
    assert listen(evidence, book).doubt.code == "sparse"


def test_a_phrase_in_suspect_text_was_not_said_for_certain(call, book):
    evidence = call([{"客服": "五十元再见", "suspect": [[3, 5]]}], source="asr")
    assert listen(evidence, book).said == "doubtful"


def test_a_suspect_phrase_passes_when_the_probe_hears_it(call, book):
    evidence = call(
        [{"客服": "您好中国移动", "suspect": [[0, 6]]}],
        source="asr",
        probes=[{"name": "opening", "turn": 0, "answer": "present"}],
    )
    assert listen(evidence, book, ("您好中国移动",), "opening").said == "said"


def test_a_weaker_match_is_no_absence(call, book):
    evidence = call([{"客服": "您好中国移"}], source="asr")
    heard = listen(evidence, book, ("您好中国移动",))
    assert heard.said == "doubtful"
    assert heard.doubt.code == "near"


def test_half_of_a_goodbye_at_the_end_is_no_absence(call, book):
    assert listen(call([{"客服": "您的余额是五十元见"}], source="asr"), book).doubt.code == "near"


@pytest.mark.parametrize("answer", ["present", "undecided", "absent"])
def test_only_a_probe_that_says_absent_lets_an_opening_be_missing(call, book, answer):
    evidence = call(MISSING, source="asr", probes=[{"name": "opening", "turn": 0, "answer": answer}])
    said = listen(evidence, book, ("您好中国移动",), "opening").said
    assert said == {"present": "said", "undecided": "doubtful", "absent": "missing"}[answer]


def test_a_probe_that_was_never_asked_settles_nothing(call, book):
    assert listen(call(MISSING, source="asr"), book, ("您好中国移动",), "opening").said == "doubtful"


def test_a_probe_without_limits_on_the_card_settles_nothing(call, book):
    evidence = call(MISSING, source="asr", probes=[{"name": "opening", "turn": 0, "answer": "absent"}])
    evidence = replace(evidence, model=replace(evidence.model, probes={}, missed_phrases=None))
    assert probe_answer("opening", turn=evidence.turns[0], evidence=evidence) == "unasked"
    assert listen(evidence, book, ("您好中国移动",), "opening").said == "doubtful"


def measured(evidence, **facts):
    return replace(evidence, model=replace(evidence.model, **facts))


@pytest.mark.parametrize("share", [None, MeasuredShare(0.0, 0.04, 90), MeasuredShare(0.1, 0.2, 60)])
def test_a_model_that_may_lose_phrases_proves_no_absence_by_text_alone(call, book, share):
    evidence = measured(call(MISSING, source="asr"), missed_phrases=share)
    heard = listen(evidence, book)
    assert heard.doubt.code == "missed_share"
    assert "漏字率" in heard.doubt.reason


def test_a_model_that_seldom_loses_a_phrase_proves_its_absence(call, book):
    share = MeasuredShare(0.005, book.settings.max_missed_share, 1000)
    assert listen(measured(call(MISSING, source="asr"), missed_phrases=share), book).said == "missing"


def test_a_probe_that_says_absent_proves_it_whatever_the_text_loses(call, book):
    evidence = call(MISSING, source="asr", probes=[{"name": "opening", "turn": 0, "answer": "absent"}])
    evidence = measured(evidence, missed_phrases=MeasuredShare(0.3, 0.4, 90))
    assert listen(evidence, book, ("您好中国移动",), "opening").said == "missing"


def test_the_label_of_a_demonstration_changes_no_verdict(call, book):
    evidence = measured(call(MISSING, source="asr"), demonstration=True)
    assert listen(evidence, book).said == "missing"
    assert text_doubt(evidence.turns, evidence=evidence, book=book) is None


@pytest.mark.parametrize("share", [None, MeasuredShare(0.0, 0.04, 90)])
def test_words_of_a_model_that_may_write_what_nobody_said_are_no_proof(call, book, share):
    evidence = measured(call(MISSING, source="asr"), false_phrases=share)
    assert text_doubt(evidence.turns, evidence=evidence, book=book).code == "false_share"
    assert doubt_about(evidence.turns, evidence=evidence, book=book) is None


def test_a_model_without_a_card_proves_no_absence(call, book):
    evidence = call(MISSING, source="asr", model="uncarded")
    assert doubt_about(evidence.turns, evidence=evidence, book=book).code == "no_card"


def test_no_model_at_all_proves_no_absence(call, book):
    evidence = call(MISSING, source="asr", model="none")
    assert doubt_about(evidence.turns, evidence=evidence, book=book).code == "no_card"


def test_imported_text_with_confidence_is_weighed_like_our_own(call, book):
    evidence = call([{**MISSING[0], "conf": 0.95}], source="imported_asr", model="carded")
    assert listen(evidence, book).said == "missing"


def test_imported_text_of_a_recogniser_that_was_never_measured_proves_no_absence(call, book):
    evidence = call([{**MISSING[0], "conf": 0.95}], source="imported_asr")
    assert listen(evidence, book).doubt.code == "no_card"


def test_another_language_proves_no_absence(call, book):
    evidence = call(MISSING, source="asr", language="en")
    assert listen(evidence, book).doubt.code == "other_language"


def test_overlap_is_counted_by_what_is_spoken_at_once(call, book):
    evidence = call([{"客服": "您好", "at": [0.0, 2.0]}, {"客户": "喂", "at": [1.9, 3.0]}])
    assert not is_overlapped(evidence.turns[0], evidence=evidence, book=book)
    evidence = call([{"客服": "您好", "at": [0.0, 2.0]}, {"客户": "喂", "at": [1.7, 3.0]}])
    assert is_overlapped(evidence.turns[0], evidence=evidence, book=book)


def test_support_closes_half_of_the_gap_to_certainty(call, book):
    evidence = call([{"客服": "您好", "conf": 0.8}], source="asr")
    plain = confidence_of(evidence.turns, evidence=evidence, book=book)
    assert plain == pytest.approx(0.8)
    supported = confidence_of(evidence.turns, evidence=evidence, book=book, supported=True)
    assert supported == pytest.approx(0.9)


def test_model_facts_default_to_no_trust():
    assert not ModelFacts(name="m", sha256="0").carded
