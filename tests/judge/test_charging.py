"""One fault, one deduction: what breaks several clauses costs once, and what is two faults costs twice."""

import pytest

from auditor.judge import judge, open_rulebook
from auditor.rulebook.case_file import RawCase
from auditor.rulebook.cases import build_evidence

BOOK = open_rulebook()
OPENING = {"客服": "您好,中国移动,请问有什么可以帮您?"}
CLOSING = {"客服": "谢谢您,再见。"}
OWN = {"line": "1258", "direction": "inbound", "record": {"customer_number": "13988886666"}}
OTHER = {"line": "1258", "direction": "inbound", "record": {"customer_number": "18612345678"}}
OUTBOUND = {"direction": "outbound"}
COLLECTION = {"line": "collection", **OUTBOUND}


def findings_of(turns, facts):
    raw = {"name": "n", "expect": "pass", "turns": turns, "call": facts}
    return judge(build_evidence(RawCase.model_validate(raw)), book=BOOK)


def spoken(*turns):
    """A call between a good opening and a good end: the agent's words, the customer's behind 客户:."""
    middle = [turn if isinstance(turn, dict) else {"客服": turn} for turn in turns]
    return [OPENING, *middle, CLOSING]


FAULTS = {
    # name: (turns, facts of the call, charged, {seen: where})
    "greeting, hotline": (
        [{"客服": "哪里?"}, {"客户": "查话费。"}, {"客服": "五十元,再见。"}],
        {},
        {"P3.2a"},
        {"P1": "P3.2a", "C1": "P3.2a", "C8a": "C1", "G1": "P3.2a"},
    ),
    "greeting, holiday": (
        [{"客服": "哪里?"}, {"客户": "查话费。"}, {"客服": "五十元,再见。"}],
        {"record": {"started_at": "2026-10-01T10:00:00+08:00"}},
        {"P3.2a"},
        {"P1": "P3.2a", "C1": "P3.2a", "G1": "P3.2a", "G2": "P3.2a"},
    ),
    "greeting, key account": (
        [{"客服": "哪个单位的?"}, {"客户": "市医院的。"}, {"客服": "谢谢,再见。"}],
        {"line": "key_account"},
        {"K1"},
        {"P1": "K1", "C1": "K1"},
    ),
    "greeting, secretary desk": (
        [{"客服": "说。"}, {"客户": "几点了?"}, {"客服": "三点,再见。"}],
        OWN,
        {"W1"},
        {"P1": "W1", "C1": "W1"},
    ),
    "greeting, business call": (
        [{"客服": "是王先生吗?"}, {"客户": "是。"}, {"客服": "您的宽带到期了,请您续费,再见。"}],
        OUTBOUND,
        {"P2.2"},
        {"P1": "P2.2", "C1": "P2.2"},
    ),
    "greeting, collection": (
        [{"客服": "手机欠费八十六块,赶紧交。"}, {"客户": "哦。"}, {"客服": "再见。"}],
        COLLECTION,
        {"D1"},
        {"C1": "D1"},
    ),
    "goodbye": (
        [OPENING, {"客户": "五十元的套餐有流量吗?"}, {"客服": "有的。"}, {"客户": "好。"}, {"客服": "嗯。"}],
        {},
        {"C6"},
        {"P1": "C6", "C8d": "C6"},
    ),
    "goodbye, that a script ends with": (
        [
            OPENING,
            {"客户": "你们有什么套餐?"},
            {"客服": "有三种。请问您还有其他问题吗?"},
            {"客户": "没有了。"},
            {"客服": "嗯。"},
        ],
        {},
        {"H2"},
        {"P1": "H2", "C6": "H2", "C8d": "C6", "C3": "H2"},
    ),
    "dead air after a question": (
        [OPENING, {"客户": "我的手机为什么停机了?"}, {"客服": "欠费了,再见。", "gap": 13}],
        {},
        {"C8b"},
        {"C9": "C8b"},
    ),
    "away for a reason of his own": (
        spoken(
            {"客户": "我要改套餐。"}, "我接个电话。", {"客服": "改哪个?", "gap": 14}, {"客户": "便宜的。"}
        ),
        {},
        {"S5"},
        {},
    ),
    "away, and neither 请 nor sorry": (
        spoken(
            {"客户": "我要改套餐。"},
            "等一下,我接个电话。",
            {"客户": "好。"},
            {"客服": "改哪个?", "gap": 14},
            {"客户": "便宜的。"},
        ),
        {},
        {"S5"},
        {"C2": "S5"},
    ),
    "away, announced, and no word on return": (
        spoken(
            {"客户": "我要改套餐。"},
            "我接个电话,请稍等。",
            {"客户": "好。"},
            {"客服": "改哪个?", "gap": 14},
            {"客户": "便宜的。"},
            "五十八元的。",
            {"客户": "就它。"},
            "改好了,下月生效。",
        ),
        {},
        {"S5"},
        {"C4": "S5", "C3": "S5"},
    ),
    "no word on return": (
        spoken(
            {"客户": "查话费。"},
            "请稍等。",
            {"客服": "五十元。", "gap": 14},
            {"客户": "那上个月呢?"},
            "六十元。",
            {"客户": "再上个月呢?"},
            "七十元。",
        ),
        {},
        {"C3"},
        {"C4": "C3"},
    ),
    "no apology for a slow answer": (
        spoken({"客户": "怎么打了半天才接?"}, "您要办什么业务?", {"客户": "改套餐。"}, "改好了,下月生效。"),
        {},
        {"G4"},
        {"C4": "G4"},
    ),
    "no apology for an error": (
        spoken({"客户": "我没办过这个彩铃。"}, "是我们的营业员录错了,已经取消了。"),
        {},
        {"S1"},
        {"C4": "S1"},
    ),
    "no apology when the system is down": (
        spoken({"客户": "我要改套餐。"}, "系统出现故障,现在办不了。", {"客户": "那怎么办?"}, "修好了再说。"),
        {},
        {"S4"},
        {"C4": "S4"},
    ),
    "papers rejected": (
        spoken({"客户": "我要过户。"}, "您的证件不符。", {"客户": "那怎么办?"}, "那办不成。"),
        {},
        {"S10"},
        {"C4": "S10"},
    ),
    "swearing at a rude customer": (
        spoken(
            {"客户": "你个王八蛋,多收我的钱。"},
            "你他妈的。",
            {"客户": "我要投诉你。"},
            "请稍等,马上为您登记。",
        ),
        {},
        {"C11a", "C7"},
        {"P3.5c": "C11a", "S2": "C11a"},
    ),
    "swearing at thanks": (
        [
            OPENING,
            {"客户": "查话费。"},
            {"客服": "您的话费是五十元。"},
            {"客户": "谢谢。"},
            {"客服": "傻逼,再见。"},
        ],
        {},
        {"C11a"},
        {"P3.5c": "C11a", "G8": "C11a"},
    ),
    "a refusal that names no other desk": (
        spoken({"客户": "我的宽带断了。"}, "不归我管。"),
        {},
        {"S8"},
        {"C10c": "S8"},
    ),
    "a refusal to fetch a superior": (
        spoken({"客户": "叫你们经理来。"}, "找谁都一样。"),
        {},
        {"S7"},
        {},
    ),
    "impatience when asked again": (
        spoken({"客户": "我没听懂。"}, "跟您说了多少遍了!"),
        {},
        {"S12"},
        {"S3": "S12"},
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_one_fault_costs_once(name):
    turns, facts, charged, seen = FAULTS[name]
    findings, card = findings_of(turns, facts)
    failed = {finding.rule: finding for finding in findings if finding.verdict == "fail"}
    assert {rule for rule, finding in failed.items() if finding.weight} == charged
    assert seen.items() <= {rule: finding.same_as for rule, finding in failed.items()}.items()
    assert card.points.possible - card.points.earned == sum(BOOK.rule(rule).weight for rule in charged)


@pytest.mark.parametrize(
    ("words", "charged"),
    [
        ("你去告吧。", {"C7", "C10d"}),  # 您去告吧 is spite, too
        ("你等一下。", {"C7", "C2"}),  # 请你等一下 says 你, too
    ],
)
def test_what_could_be_mended_alone_is_a_fault_of_its_own(words, charged):
    findings, _ = findings_of(
        spoken({"客户": "我要改套餐。"}, words, {"客户": "好。"}, "办好了,下月生效。"), {}
    )
    assert {f.rule for f in findings if f.verdict == "fail" and f.weight} >= charged


def test_a_debt_told_to_somebody_else_and_swearing_are_two_faults():
    turns = [
        {"客服": "您好,请问您是王建国客户吗?"},
        {"客户": "不是,我是他爱人。"},
        {"客服": "他妈的欠费三百块了。"},
        {"客户": "我告诉他。"},
        {"客服": "请问怎样能联系到他?"},
        {"客户": "晚上打。"},
        CLOSING,
    ]
    findings, card = findings_of(turns, COLLECTION)
    assert {f.rule for f in findings if f.verdict == "fail" and f.weight} == {"D3b", "C11a"}
    assert set(card.critical) >= {"D3b", "C11a"}


def test_a_number_that_nobody_reads_back_is_doubted_once():
    turns = [
        {"客服": "您好,中国移动,请留电话或留言。"},
        {"客户": "我要给13912345678留个言,晚上开会。"},
        {"客服": "还有吗?"},
        {"客户": "没了。"},
        CLOSING,
    ]
    found = {f.rule: f for f in findings_of(turns, OTHER)[0]}
    assert (found["W6"].verdict, found["P3.4"].verdict) == ("fail", "needs_review")
    assert (found["P3.4"].same_as, found["P3.4"].weight) == ("W6", 0.0)


def test_a_heavier_doubt_about_what_is_charged_already_adds_the_rest():
    turns = [
        OPENING,
        {"客户": "你他妈的快点", "conf": 0.95},
        {"客服": "你爱办不办", "conf": 0.95},
        {"客户": "我要投诉", "conf": 0.95},
        {"客服": "请稍等马上为您登记谢谢您再见", "conf": 0.95},
    ]
    turns[1]["conf"] = 0.4
    findings, card = findings_of(turns, {"source": "asr"})
    found = {f.rule: f for f in findings}
    if found["C10d"].verdict != "fail":
        pytest.fail("the case is to prove C10d and to doubt S2")
    assert found["S2"].verdict == "needs_review"
    assert found["S2"].weight == BOOK.rule("S2").weight - BOOK.rule("C10d").weight
    assert card.worst_percent <= card.points.percent <= card.best_percent
