"""When a business that nobody wants is pressed upon the customer."""

import pytest

OFFER = [{"客服": "您好,中国移动,请讲。"}, {"客户": "查话费。"}, {"客服": "五十元。给您办一个流量包好吗?"}]
REFUSAL = {"客户": "我不需要。"}
PUSH = {"客服": "现在办理很划算,您再考虑一下?"}
AGAIN = {"客服": "给您开一个吧,随时可以取消。"}
END = {"客户": "唉。"}


def verdict(finding, evidence):
    return finding("S6", evidence).verdict


def test_the_second_push_after_a_repeated_refusal_fails(call, finding):
    found = finding("S6", call([*OFFER, REFUSAL, PUSH, REFUSAL, AGAIN, END]))
    assert (found.verdict, found.reason_code) == ("fail", "pressed")
    assert REFUSAL["客户"] in found.reason
    assert AGAIN["客服"] in found.reason


def test_the_first_push_is_tolerated(call, finding):
    assert verdict(finding, call([*OFFER, REFUSAL, PUSH, REFUSAL, {"客服": "好的。"}])) == "pass"


def test_pushes_in_consecutive_turns_are_one(call, finding):
    assert verdict(finding, call([*OFFER, REFUSAL, PUSH, AGAIN, REFUSAL])) == "pass"


@pytest.mark.parametrize("answer", ["多少钱?", "好的,那就办。", "有便宜点的吗?"])
def test_a_question_or_an_acceptance_takes_the_refusal_back(call, finding, answer):
    turns = [*OFFER, REFUSAL, PUSH, {"客户": answer}, AGAIN, REFUSAL, PUSH, END]
    assert verdict(finding, call(turns)) == "pass"


def test_who_asks_about_it_while_refusing_has_not_refused(call, finding):
    turns = [*OFFER, {"客户": "不要,有没有便宜的?"}, PUSH, {"客户": "多少钱?"}, AGAIN, END]
    assert verdict(finding, call(turns)) == "not_applicable"


def test_without_a_second_refusal_it_is_for_review(call, finding):
    turns = [*OFFER, REFUSAL, PUSH, {"客户": "嗯。"}, AGAIN, END]
    assert finding("S6", call(turns)).reason_code == "no_second_refusal"


def test_what_the_customer_said_in_between_must_have_been_heard(call, finding):
    turns = [*OFFER, REFUSAL, PUSH, {"客户": "那个", "conf": 0.3}, REFUSAL, AGAIN, END]
    opening = [{"name": "opening", "turn": 0, "answer": "present"}]
    assert verdict(finding, call(turns, source="asr", probes=opening)) == "needs_review"


@pytest.mark.parametrize("question", ["请问您还有其他问题吗?", "您方便留个电话吗?"])
def test_a_no_to_something_else_refuses_no_business(call, finding, question):
    turns = [{"客服": "您好,中国移动,请讲。"}, {"客户": "查话费。"}, {"客服": question}, {"客户": "不用了。"}]
    assert verdict(finding, call([*turns, PUSH, END])) == "not_applicable"


def test_a_push_that_only_sounds_like_one_is_for_review(call, finding):
    turns = [*OFFER, REFUSAL, PUSH, REFUSAL, {"客服": "您再靠虑一下"}, END]
    opening = [{"name": "opening", "turn": 0, "answer": "present"}]
    assert verdict(finding, call(turns, source="asr", probes=opening)) == "needs_review"


def test_an_agent_who_leaves_it_to_the_future_presses_nobody(call, finding):
    later = {"客服": "以后有需要您再考虑。"}
    assert verdict(finding, call([*OFFER, REFUSAL, PUSH, REFUSAL, later])) == "pass"
