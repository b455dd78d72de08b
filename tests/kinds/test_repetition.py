"""Saying the same thing over and over, beyond the cases."""

import pytest

SENTENCE = "您可以换成我们的新套餐更加优惠"


def said(call, *answers, sentence=SENTENCE, **facts):
    """The sentence after the opening and after each answer of the customer's."""
    turns = [{"客服": "您好,我是移动公司的。"}, {"客户": "嗯。"}, {"客服": sentence}]
    for answer in answers:
        turns += [{"客户": answer}, {"客服": sentence}]
    return call([*turns, {"客户": "好。"}, {"客服": "谢谢您,再见。"}], direction="outbound", **facts)


def test_three_sayings_to_a_customer_who_only_acknowledges_fail(call, finding):
    found = finding("P2.3", said(call, "嗯。", "知道了。"))
    assert (found.verdict, found.measured["times"]) == ("fail", 3.0)
    assert len(found.at) == 3


@pytest.mark.parametrize("asked", ["什么?", "我没听清。", "听不懂,什么意思?", "那要多少钱?", "你再说一遍。"])
def test_who_is_asked_does_not_repeat(call, finding, asked):
    assert finding("P2.3", said(call, asked, "嗯。")).verdict == "pass"


def test_an_objection_between_is_for_a_human(call, finding):
    assert finding("P2.3", said(call, "我不想换。", "嗯。")).verdict == "needs_review"


def test_almost_the_same_words_count(call, finding):
    turns = [
        {"客服": "您可以换成我们的新套餐更加优惠。"},
        {"客户": "嗯。"},
        {"客服": "您可以换成我们的新套餐更优惠。"},
        {"客户": "哦。"},
        {"客服": "就是您可以换成我们的新套餐更加优惠。"},
    ]
    assert finding("P2.3", call(turns, direction="outbound")).verdict == "fail"


@pytest.mark.parametrize("short", ["好的,没问题。", "您听我说一下。", "请您稍等,我帮您查询一下。"])
def test_short_and_courteous_words_may_come_often(call, finding, short):
    assert finding("P2.3", said(call, "嗯。", "好。", "嗯。", sentence=short)).verdict == "pass"


def test_a_silent_line_is_for_a_human(call, finding):
    turns = [{"客服": SENTENCE, "gap": 4} for _ in range(3)]
    assert finding("P2.3", call(turns, direction="outbound")).verdict == "needs_review"


def test_doubtful_text_proves_no_repetition(call, finding):
    found = finding("P2.3", said(call, "嗯", "好", source="asr", model="uncarded"))
    assert found.verdict == "needs_review"


def test_length_and_share_are_reported(call, finding):
    found = finding("P2.3", said(call))
    assert found.verdict == "pass"
    assert {"agent_turns_s", "agent_turns_share", "longest_turn_s"} <= set(found.measured)


MISHEARD = (
    "您可以换成我们的心套餐更加优惠",
    "您可以换成我们的新套参更加有会",
    "您可一换成我们的新套餐更加优惠",
)


def misheard(call, **facts):
    turns = [{"客服": "您好,我是移动公司的。"}]
    for text in MISHEARD:
        turns += [{"客服": text}, {"客户": "嗯。"}]
    return call([*turns, {"客服": "谢谢您,再见。"}], direction="outbound", **facts)


def test_what_a_recogniser_wrote_in_three_ways_is_for_a_human(call, finding):
    found = finding("P2.3", misheard(call, source="asr"))
    assert (found.verdict, found.reason_code) == ("needs_review", "maybe_asked")


def test_what_a_human_wrote_in_three_ways_was_said_in_three_ways(call, finding):
    assert finding("P2.3", misheard(call)).verdict == "pass"
