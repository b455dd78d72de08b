"""Scripts and the order of their steps, beyond the cases."""

from dataclasses import replace

import pytest

from auditor.judge import judge
from auditor.kinds import ordered_script
from auditor.kinds.ordered_script import Params

ASKS = {"客户": "来电显示怎么收费?"}
ANSWER = {"客服": "来电显示每月六元。"}
QUESTION = {"客服": "请问您还有其他问题吗?"}
GOODBYE = {"客服": "谢谢您,再见。"}
NO = {"客户": "没有了。"}
HELLO = {"客服": "您好,中国移动,请讲。"}
STEPS = [
    {"name": "甲", "wording": "「甲」", "says": ["offers"]},
    {"name": "乙", "says": ["noting"], "noted": ["asks_again"], "if_answered": ["customer_pauses"]},
    {"name": "丙", "says": ["anything_else"], "only_if": ["own_errors"]},
]


@pytest.fixture
def script(book):
    """The outcome of a script of three steps on some evidence, with parameters changed."""

    def decide(evidence, **changes):
        params = {"when": [{"who": "customer", "says": ["thanks"]}], "label": "测试", "steps": STEPS}
        return ordered_script.judge(evidence, params=Params.model_validate({**params, **changes}), book=book)

    return decide


def test_a_step_said_again_after_the_order_was_broken_makes_it_right(call, finding):
    turns = [HELLO, ASKS, QUESTION, ANSWER, QUESTION, NO, GOODBYE]
    assert finding("H2", call(turns)).verdict == "pass"


def test_a_step_before_the_trigger_does_not_count_where_the_script_begins_with_it(call, finding):
    turns = [HELLO, QUESTION, {"客户": "有。"}, ASKS, ANSWER, {"客户": "哦。"}, GOODBYE]
    assert finding("H2", call(turns)).verdict == "fail"


def test_a_missing_goodbye_costs_once(call, book):
    turns = [HELLO, ASKS, ANSWER, QUESTION, NO, {"客服": "嗯。"}]
    findings = {f.rule: f for f in judge(call(turns), book=book)[0]}
    assert (findings["H2"].verdict, findings["C6"].verdict) == ("fail", "fail")
    assert (findings["H2"].weight, findings["C6"].weight) == (book.rule("H2").weight, 0)
    assert findings["C6"].same_as == "H2"


def test_two_lacks_name_both_steps(call, finding):
    found = finding("H2", call([HELLO, ASKS, ANSWER, {"客户": "哦。"}, {"客服": "嗯。"}]))
    assert "询问其他问题" in found.reason
    assert "告别" in found.reason


@pytest.mark.parametrize("turn", [2, 3])
def test_a_step_missing_between_words_heard_badly_is_for_review(call, finding, turn):
    turns = [HELLO, ASKS, ANSWER, {"客服": "您可以上网看一下"}, GOODBYE]
    turns[turn] = {**turns[turn], "conf": 0.4}
    assert finding("H2", call(turns, source="asr")).verdict == "needs_review"


def test_a_step_in_the_customers_mouth_is_for_review(call, finding):
    turns = [HELLO, ASKS, ANSWER, {"客户": "请问您还有其他问题吗?"}, GOODBYE]
    found = finding("H2", call(turns))
    assert (found.verdict, found.reason_code) == ("needs_review", "other_speaker")


def test_a_step_between_two_that_were_said_is_listened_for_only_there(call, finding):
    turns = [
        HELLO,
        {"客户": "我要投诉你们营业厅"},
        {"客服": "这个我再看一看", "conf": 0.3},
        {"客服": "您投诉的内容是营业厅态度不好吗"},
        {"客户": "对"},
        {"客服": "我会转交相关部门"},
        {"客户": "好"},
        QUESTION,
        NO,
        GOODBYE,
    ]
    assert finding("H3", call(turns, source="asr")).verdict == "fail"


def test_a_call_that_breaks_off_leaves_the_later_steps_out(call, finding):
    found = finding("H2", call([HELLO, ASKS, ANSWER], warnings=["ends_mid_speech"]))
    assert (found.verdict, found.reason_code) == ("not_applicable", "no_chance")


def test_an_agent_who_never_speaks_again_had_no_chance(call, finding):
    assert finding("H2", call([HELLO, ASKS])).verdict == "not_applicable"


def test_a_step_that_depends_on_the_answer_is_due_only_then(call, script):
    thanks, offer = {"客户": "谢谢。"}, {"客服": "我能为您做些什么?"}
    assert script(call([offer, {"客户": "没有。"}, thanks, GOODBYE])).verdict == "pass"
    assert script(call([offer, {"客户": "等一下。"}, thanks, GOODBYE])).verdict == "fail"
    done = {"客服": "我正在记录。"}
    assert script(call([offer, {"客户": "等一下。"}, thanks, done, GOODBYE])).verdict == "pass"


def test_a_negated_answer_is_no_answer(call, script):
    offer = {"客服": "我能为您做些什么?"}
    assert script(call([offer, {"客户": "不稍等,谢谢。"}, GOODBYE])).verdict == "pass"


def test_a_conditional_step_is_due_only_on_its_words(call, script):
    offer = [{"客服": "我能为您做些什么?"}, {"客户": "谢谢。"}]
    assert script(call([*offer, GOODBYE])).verdict == "pass"
    assert script(call([*offer, {"客服": "是我们工作失误。"}, GOODBYE])).verdict == "fail"


def test_optional_steps_are_never_required(call, script):
    steps = [{**step, "optional": True} for step in STEPS[:1]]
    only = [*steps, {"name": "丁", "says": ["thanks"]}]
    assert script(call([{"客户": "谢谢。"}, GOODBYE]), steps=only).verdict == "pass"


def test_the_lack_of_a_step_may_be_for_review_only(call, script):
    steps = [{**STEPS[0], "review": True}]
    found = script(call([HELLO, {"客户": "谢谢。"}, {"客服": "嗯。"}]), steps=steps)
    assert found.verdict == "pass"
    found = script(call([{"客服": "喂。"}, {"客户": "谢谢。"}, {"客服": "嗯。"}]), steps=steps)
    assert found.verdict == "needs_review"


def test_something_else_instead_of_the_script_is_for_review(call, script):
    turns = [{"客服": "喂。"}, {"客户": "谢谢。"}, {"客服": "让您久等了。"}]
    found = script(call(turns), instead=["slow_replies"])
    assert (found.verdict, found.reason_code) == ("needs_review", "instead")


def test_nobody_is_judged_where_the_speakers_are_unknown(call, finding):
    turns = [{"不明": turn.get("客服") or turn.get("客户")} for turn in (HELLO, ASKS, ANSWER, GOODBYE)]
    evidence = call(turns, source="asr", layout="mono", agent_channel=None)
    assert finding("H2", evidence).verdict == "not_applicable"


def test_a_recogniser_without_a_card_fails_nobody(call, finding):
    evidence = call([HELLO, ASKS, ANSWER, {"客户": "哦"}, GOODBYE], source="asr", model="uncarded")
    assert finding("H2", evidence).verdict == "needs_review"


def test_the_same_evidence_gives_the_same_outcome(call, finding):
    evidence = call([HELLO, ASKS, ANSWER, QUESTION, NO, GOODBYE])
    assert finding("H2", evidence) == finding("H2", replace(evidence))


def test_what_the_customer_leaves_unasked_is_not_asked_for(call, script):
    steps = [{"name": "甲", "says": ["offers"], "unless_trigger": ["requests"]}]
    asks, thanks = {"客户": "谢谢,帮我查话费。"}, {"客户": "谢谢。"}
    answer = {"客服": "五十元。"}
    assert script(call([asks, answer]), steps=steps).verdict == "not_applicable"
    assert script(call([thanks, answer]), steps=steps).verdict == "fail"


def test_the_question_before_is_not_due_where_the_customer_comes_out_with_it(call, script):
    steps = [{"name": "甲", "says": ["offers"], "unless_first": True}]
    hello, thanks, answer = {"客服": "您好。"}, {"客户": "谢谢。"}, {"客服": "五十元。"}
    at_once = call([hello, thanks, answer])
    later = call([hello, {"客户": "我是王强。"}, {"客服": "王先生您好。"}, thanks, answer])
    assert script(at_once, steps=steps).verdict == "not_applicable"
    assert script(later, steps=steps).verdict == "fail"
