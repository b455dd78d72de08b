"""The form of what the agent asks, beyond the cases."""

import pytest

TURNS = [{"客服": "您好中国移动请讲"}, {"客户": "我叫李建国"}, {"客服": "什么"}, {"客户": "我叫李建国"}]
OPENING = [{"name": "opening", "turn": 0, "answer": "present"}]


def test_the_bare_form_fails_in_automatic_text_that_was_heard_well(call, finding):
    assert finding("P3.3", call(TURNS, source="asr", probes=OPENING)).verdict == "fail"


@pytest.mark.parametrize("heard", ["亲什么", "情再说一遍", "什么情"])
def test_another_syllable_may_be_the_courtesy(call, finding, heard):
    turns = [*TURNS[:2], {"客服": heard}, TURNS[3]]
    assert finding("P3.3", call(turns, source="asr", probes=OPENING)).verdict != "fail"


def test_an_acknowledgement_between_two_like_answers_asks_nothing(call, finding):
    turns = [*TURNS[:2], {"客服": "啊。"}, TURNS[3]]
    assert finding("P3.3", call(turns)).verdict == "not_applicable"


def test_without_a_repetition_nobody_asked_again(call, finding):
    turns = [*TURNS[:3], {"客户": "没什么事了"}]
    assert finding("P3.3", call(turns)).verdict == "not_applicable"


def test_a_bare_form_for_two_clauses_costs_once(call, book):
    from auditor.judge import judge

    turns = [*TURNS[:2], {"客服": "大点声"}, TURNS[3]]
    findings = {f.rule: f for f in judge(call(turns), book=book)[0]}
    assert findings["P3.3"].verdict == findings["G3"].verdict == "fail"
    assert sorted(findings[rule].weight > 0 for rule in ("P3.3", "G3")) == [False, True]
