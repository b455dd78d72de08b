"""Who is on the phone, and what he may hear."""

import pytest

from auditor.judge import judge
from auditor.kinds import bind
from auditor.kinds.identity import identify

ASK = {"客服": "您好,请问您是王建国客户吗?"}
TOLD = {"客服": "我是移动公司清欠员小李,您的手机已欠费86元,请您尽快缴清您所欠话费好吗?"}


def persons(book, evidence):
    words = bind(book.rule("D3b"), book=book, name="test").identity
    return [(one.person, one.doubt and one.doubt.code) for one in identify(evidence, words=words, book=book)]


@pytest.mark.parametrize(
    "answer",
    ["是的。", "是我。", "对,你哪位?", "我是。", "嗯,我是。", "喂,你好,是的。", "我就是王建国。", "没错。"],
)
def test_the_customer_himself(call, book, answer):
    assert persons(book, call([ASK, {"客户": answer}, TOLD])) == [("customer", None)]


@pytest.mark.parametrize(
    "answer",
    [
        "不是,你打错了。",
        "我是他爱人。",
        "他不在,你晚上再打吧。",
        "我不是本人,我是他同事。",
        "她出差了。",
        "没有这个人。",
        "不认识。",
        "这是我爸的手机。",
        "我是王建国的儿子。",
        "这个号是我新办的。我这卡刚买的。",
        "不是我,他是我哥。",
    ],
)
def test_somebody_else(call, book, answer):
    assert persons(book, call([ASK, {"客户": answer}, TOLD])) == [("other", None)]


@pytest.mark.parametrize(
    "answer", ["你是谁?", "什么事?", "是谁啊?", "哪里?", "对不起,我在开会。", "是不是要交费了?", "我不在家。"]
)
def test_nobody_knows(call, book, answer):
    assert persons(book, call([ASK, {"客户": answer}, TOLD])) == []


@pytest.mark.parametrize("answer", ["嗯。", "我是李强。"])
def test_what_may_be_a_yes_has_a_doubt(call, book, answer):
    ((person, doubt),) = persons(book, call([ASK, {"客户": answer}, TOLD]))
    assert person == "customer"
    assert doubt is not None


def test_a_short_answer_counts_only_right_after_the_question(call, book):
    turns = [ASK, {"客户": "哪里?"}, {"客服": "我这里是移动公司。"}, {"客户": "是,怎么了?"}]
    assert persons(book, call(turns)) == []


def test_a_short_no_to_the_debt_denies_nothing_of_himself(call, book):
    asked = {"客服": "您好,请问您是王建国客户吗?您的手机已欠费86元。"}
    assert persons(book, call([asked, {"客户": "不是吧,我交过的。"}])) == []


def test_who_fetches_the_customer_leaves_it_open(call, book):
    turns = [ASK, {"客户": "我不是,你等一下我叫他。"}, {"客户": "喂,是我。", "gap": 5}, TOLD]
    assert [person for person, _ in persons(book, call(turns))] == ["unknown", "customer"]


def test_the_privacy_item_fails_the_card_by_a_human_transcript(call, book):
    turns = [ASK, {"客户": "不是,我是他爱人。"}, {"客服": "他的手机欠费三百块。"}, {"客户": "哦。"}]
    card = judge(call(turns, line="collection", direction="outbound"), book=book)[1]
    assert (card.critical, card.result) == (("D3b",), "fail")


def test_an_account_of_his_own_keeps_the_card_in_review(call, book):
    turns = [
        ASK,
        {"客户": "是的。"},
        TOLD,
        {"客户": "我把钱给你吧。"},
        {"客服": "对不起,我不能收费,那您转到我的微信。"},
        {"客户": "好。"},
        {"客服": "谢谢您,再见。"},
    ]
    findings, card = judge(call(turns, line="collection", direction="outbound"), book=book)
    found = next(f for f in findings if f.rule == "D5")
    assert (found.verdict, found.critical) == ("needs_review", True)
    assert card.critical_in_review == ("D5",)
    assert card.result == "needs_review"


def test_d5_is_no_critical_item_otherwise(call, finding):
    turns = [
        ASK,
        {"客户": "是的。"},
        TOLD,
        {"客户": "我把钱给你吧。"},
        {"客服": "可以啊。"},
        {"客户": "好。"},
    ]
    found = finding("D5", call(turns, line="collection", direction="outbound"))
    assert (found.verdict, found.critical) == ("fail", False)


def test_the_collection_line_calls_out_where_the_record_says_nothing(call, finding):
    turns = [ASK, {"客户": "是的。"}, TOLD, {"客户": "好。"}]
    assert finding("D1", call(turns, line="collection", direction=None)).verdict == "pass"
    assert finding("D1", call(turns, line="collection", direction="inbound")).verdict == "not_applicable"


def test_one_missing_opening_of_the_collection_line_costs_once(call, book):
    turns = [{"客服": "欠费86元,赶紧交。"}, {"客户": "谁啊?"}, {"客服": "移动公司。"}, {"客户": "哦。"}]
    findings = judge(call(turns, line="collection", direction="outbound"), book=book)[0]
    by_rule = {f.rule: f for f in findings}
    assert (by_rule["D1"].verdict, by_rule["D1"].weight > 0) == ("fail", True)
    assert (by_rule["C1"].same_as, by_rule["C1"].weight) == ("D1", 0)
