"""Calls that are not in Mandarin: words are for a human, sound is judged."""

from dataclasses import replace

import pytest

from auditor.judge import judge, open_rulebook
from auditor.kinds import EXCUSED_BY_WORDS, KINDS, WORDLESS
from auditor.rulebook.case_file import RawCase
from auditor.rulebook.cases import build_evidence

BOOK = open_rulebook()
KIND = {rule.id: BOOK.rule(rule.same_as or rule.id).kind for rule in BOOK.rules}
GARBLED = [
    {"客服": "喂,哈喽三克油佛柯林。", "at": [0.5, 4]},
    {"客户": "爱汪特土切克买比尔。", "at": [5, 9]},
    {"客服": "你他妈的等一下,沃特伊斯尤尔囊波。", "at": [10, 15]},
]


def call(**facts):
    raw = {"name": "n", "expect": "pass", "turns": GARBLED, "call": {"source": "asr", **facts}}
    return build_evidence(RawCase.model_validate(raw))


def english(probability=0.97, **facts):
    return replace(call(language="en", **facts), language_probability=probability)


def findings(evidence):
    return {finding.rule: finding for finding in judge(evidence, book=BOOK)[0]}


def test_nobody_fails_for_words_in_another_language():
    found = findings(english())
    failed = {rule for rule, finding in found.items() if finding.verdict == "fail"}
    assert {KIND[rule] for rule in failed} <= WORDLESS
    assert "fail" in {finding.verdict for finding in findings(call()).values()}


def test_rules_about_words_are_for_a_human_with_that_reason():
    found = findings(english())
    for rule in ("P3.2b", "C7", "C11a", "C6", "G1"):
        assert (found[rule].verdict, found[rule].reason_code) == ("needs_review", "other_language"), rule
        assert "可能不是普通话" in found[rule].reason


def test_nobody_passes_for_words_in_another_language():
    passed = {rule for rule, finding in findings(english()).items() if finding.verdict == "pass"}
    allowed = WORDLESS | EXCUSED_BY_WORDS | {"measurement_range"}
    assert {KIND[rule] for rule in passed} <= allowed


@pytest.mark.parametrize("facts", [{"probability": 0.79}, {"probability": 0.5}])
def test_an_unsure_model_changes_nothing(facts):
    assert findings(english(**facts)) == findings(call())


def test_mandarin_and_a_human_transcript_change_nothing():
    assert findings(replace(call(language="zh"), language_probability=0.99)) == findings(call())
    assert findings(call(source="human", language="en")) == findings(call(source="human"))


def test_rules_of_other_lines_and_directions_stay_not_applicable():
    before, after = findings(call()), findings(english())
    for rule, finding in before.items():
        if finding.reason_code in ("line", "direction", "caller"):
            assert after[rule].verdict == "not_applicable", rule


def test_what_is_measured_in_sound_is_judged():
    loud = {"measurements": {"agent": {"snr_db": 4.0, "noise_s": 8.0}}}
    raw = {"name": "n", "expect": "pass", "turns": GARBLED, "call": {"source": "asr"}, **loud}
    evidence = build_evidence(RawCase.model_validate(raw))
    foreign = replace(evidence, language="en", language_probability=0.99)
    assert findings(foreign)["P3.5b"] == findings(evidence)["P3.5b"]


def test_pace_is_counted_in_words():
    pace = {"agent": {"articulation_char_per_min": [500, 5], "spoken_syllables": 200, "pace_turns": 6}}
    raw = {"name": "n", "expect": "pass", "turns": GARBLED, "call": {"source": "asr"}, "measurements": pace}
    foreign = replace(build_evidence(RawCase.model_validate(raw)), language="en", language_probability=0.99)
    assert findings(foreign)["V3"].verdict != "fail"


def test_an_agent_who_hangs_up_first_may_have_said_why():
    raw = {
        "name": "n",
        "expect": "pass",
        "turns": GARBLED,
        "call": {"source": "asr", "record": {"release_party": "agent"}},
    }
    evidence = build_evidence(RawCase.model_validate(raw))
    assert findings(evidence)["P3.6a"].verdict == "fail"
    foreign = replace(evidence, language="en", language_probability=0.99)
    assert findings(foreign)["P3.6a"].reason_code == "other_language"


def test_every_kind_that_is_named_exists():
    assert set(KINDS) >= WORDLESS | EXCUSED_BY_WORDS
