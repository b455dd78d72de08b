"""Which line a call is of when its record does not say, and who called whom."""

from dataclasses import replace

import pytest

from auditor.judge import judge, open_rulebook, settle_line
from auditor.judge.line import read_line
from auditor.kinds.scripts import direction_of
from auditor.rulebook.case_file import RawCase
from auditor.rulebook.cases import build_evidence

BOOK = open_rulebook()
LIMIT = BOOK.settings.line_confidence

HOTLINE = [
    {"客服": "您好,中国移动,请问有什么可以帮您?"},
    {"客户": "查话费。"},
    {"客服": "您的余额是五十元。谢谢您,再见。"},
]
DESK = [
    {"客服": "您好!您的手机号码是13988886666吗?"},
    {"客户": "是的,我要给13911112222留言。"},
    {"客服": "请留电话或留言。"},
]
COLLECTION = [
    {"客服": "您好,请问您是王小明客户吗?"},
    {"客户": "我是。"},
    {"客服": "我是移动公司清欠员李红,您的手机已欠费一百元,请您尽快缴清您所欠话费好吗?"},
]
CALL_BACK = [
    {"客服": "您好!我是移动公司客户服务中心。您3月5日的投诉我们已处理完毕,现在将处理结果告知您,可以吗?"},
    {"客户": "可以。"},
    {"客服": "您的话费已经退还。欢迎您继续使用中国移动。谢谢您!请挂机。"},
]
MANAGER = [
    {"客服": "您好!我是移动公司大客户服务中心客户经理,我叫王明。您现在方便吗?"},
    {"客户": "方便。"},
    {"客服": "近段时间您有什么业务需要我为您服务吗?"},
]


def opens_with(words, *more):
    return [{"客服": words}, {"客户": "你好。"}, *more]


def call(turns, *, line=None, direction=None, **facts):
    raw = {"name": "n", "expect": "pass", "turns": turns}
    return build_evidence(
        RawCase.model_validate({**raw, "call": {"line": line, "direction": direction, **facts}})
    )


def settled(turns, **facts):
    found = settle_line(call(turns, **facts), book=BOOK)
    return found.line, found.line_confidence


def verdicts(evidence):
    return {finding.rule: finding for finding in judge(evidence, book=BOOK)[0]}


# --- the line ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("turns", "line"),
    [
        (HOTLINE, "1860"),
        (opens_with("您好,10086,请讲。"), "1860"),
        (opens_with("请问您办理什么业务?"), "1860"),
        (CALL_BACK, "1860"),
        (DESK, "1258"),
        (opens_with("您好,您的手机号码是13988886666吗?"), "1258"),
        (opens_with("您好,中国移动。", {"客服": "请留电话或留言。"}), "1258"),
        (opens_with("您好,中国移动。", {"客服": "对不起,对方没有开通此项服务。"}), "1258"),
        (opens_with("您好!中国移动大客户服务中心。"), "key_account"),
        (opens_with("您好,大客户服务中心,请问您办理什么业务?"), "key_account"),
        (MANAGER, "key_account"),
        (COLLECTION, "collection"),
        (opens_with("你是13988886666的机主吗?", {"客服": "您的手机欠费五十元。"}), "collection"),
        (opens_with("您好,我是移动公司清欠部的小李。"), "collection"),
        (opens_with("您好,请问您的手机号码是幺三九,八八八八,六六六六,对吗?"), "1258"),
    ],
)
def test_the_script_that_the_call_shows_selects_the_line(turns, line):
    found, confidence = settled(turns)
    assert found == line
    assert LIMIT <= confidence <= 1


def test_the_records_line_always_wins():
    assert settled(COLLECTION, line="1860") == ("1860", 1.0)
    assert settled(HOTLINE, line="vip") == ("vip", 1.0)


def test_an_ordinary_call_keeps_its_full_confidence():
    found = verdicts(call([*HOTLINE[:2], {"客服": "喂,您的余额是五十元。"}]))
    assert settled(HOTLINE)[1] >= 0.95
    assert found["P3.2b"].verdict == "fail"
    assert not [rule for rule in found if found[rule].reason_code == "line_unknown"]


def test_without_any_script_the_line_is_the_default_and_unsure():
    assert settled(opens_with("哪里?")) == ("1860", 0.5)
    assert settled([{"客户": "喂?"}]) == ("1860", 0.5)
    assert settled([]) == ("1860", 0.5)


@pytest.mark.parametrize(
    "facts",
    [
        {"source": "asr", "model": "uncarded"},
        {"source": "imported_asr"},
    ],
)
def test_a_script_that_was_not_heard_well_gives_no_confidence(facts):
    line, confidence = settled(opens_with("您好!大客户服务中心。"), **facts)
    assert (line, confidence < LIMIT) == ("key_account", True)


def test_a_turn_heard_badly_shows_a_script_without_confidence():
    turns = [{"客服": "您好大客户服务中心", "conf": 0.5}, {"客户": "你好"}]
    assert settled(turns, source="asr")[1] < LIMIT
    assert settled([{**turns[0], "conf": 0.95}, turns[1]], source="asr")[1] >= LIMIT


def test_scripts_of_two_lines_lower_each_others_confidence():
    line, confidence = settled(opens_with("您好,中国移动,请问您是王先生客户吗?"))
    assert (line, confidence < LIMIT) == ("1860", True)
    assert read_line(call(opens_with("您好,中国移动,请问您是王先生客户吗?")), book=BOOK).others == (
        "collection",
    )


def test_an_opening_is_looked_for_only_where_calls_open():
    more = ({"客服": "好的,我帮您转到大客户服务中心。请问您的手机号码是13988886666吗?"},)
    assert settled(opens_with("您好,中国移动,请讲。", *more)) == ("1860", 0.95)


def test_a_debt_on_the_hotline_makes_no_collection_call():
    assert settled([*HOTLINE[:2], {"客服": "您的手机已欠费五十元。"}]) == ("1860", 0.95)


def test_a_script_of_outbound_calls_does_not_show_in_an_inbound_one():
    turns = opens_with("您好,中国移动,请问您是全球通客户吗?")
    assert settled(turns, direction="inbound") == ("1860", 0.85)


def test_settling_twice_changes_nothing_and_another_rulebook_decides_anew():
    once = settle_line(call(DESK), book=BOOK)
    assert settle_line(once, book=BOOK) == once
    scripts = tuple(each for each in BOOK.scripts if each.line != "1258")
    assert settle_line(once, book=BOOK.model_copy(update={"scripts": scripts})).line == "1860"


def test_what_somebody_else_says_shows_no_script():
    turns = [
        {"系统": "欢迎致电大客户服务中心"},
        {"客服": "您好,中国移动,请讲。"},
        {"客户": "是清欠部吗?我是移动公司清欠员。"},
    ]
    assert settled(turns)[0] == "1860"


# --- what follows for the verdicts ------------------------------------------------------------


def test_rules_of_other_lines_do_not_apply():
    assert verdicts(call(opens_with("您好!中国移动大客户服务中心。")))["G1"].reason_code == "line"
    assert verdicts(call(DESK))["P3.2a"].reason_code == "own_script"


def test_nobody_fails_by_a_line_that_may_be_another():
    turns = [{"客服": "您好你的手机号头是13988886666吗", "conf": 0.95}, {"客户": "是", "conf": 0.95}]
    evidence = call(turns, direction="inbound", source="imported_asr", model="carded")
    reading = read_line(evidence, book=BOOK)
    assert (reading.line, reading.others) == ("1860", ("1258",))
    found = verdicts(evidence)["P3.2a"]
    assert (found.verdict, found.reason_code) == ("needs_review", "line_unknown")
    found = verdicts(call(turns, line="1860", direction="inbound", source="imported_asr", model="carded"))[
        "P3.2a"
    ]
    assert found.verdict == "fail"


def test_a_fail_that_stands_on_every_line_stays():
    turns = [{"客服": "喂,您好,中国移动,请问您是王先生客户吗?"}, {"客户": "是。"}, {"客服": "再见。"}]
    evidence = call(turns)
    assert settle_line(evidence, book=BOOK).line_confidence < LIMIT
    assert verdicts(evidence)["P3.2b"].verdict == "fail"


def test_a_missing_greeting_without_a_record_fails_where_no_script_speaks_against_it():
    turns = opens_with("什么事?", {"客服": "您的余额是五十元,再见。"})
    assert verdicts(call(turns, direction="inbound"))["P3.2a"].verdict == "fail"


# --- who called whom --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        (HOTLINE, ("inbound", True)),
        (CALL_BACK, ("outbound", True)),
        (COLLECTION, ("outbound", True)),
        (MANAGER, ("outbound", False)),
        (COLLECTION[:2], ("outbound", False)),
        (opens_with("您好,我是移动公司客户服务中心。"), ("outbound", False)),
        (opens_with("您好,我是移动公司客服中心,有什么可以帮您?"), ("inbound", False)),
        (opens_with("您好,我是移动公司的,请问您近段时间有什么业务需要办理吗?"), ("inbound", False)),
        (opens_with("您好,您的手机已经欠费86元了。"), ("outbound", False)),
        (opens_with("您好,您的宽带明天到期。"), ("inbound", False)),
        ([{**CALL_BACK[0], "客服": CALL_BACK[0]["客服"] + "有什么可以帮您?"}], ("outbound", False)),
    ],
)
def test_the_script_tells_who_called_whom(turns, expected):
    assert direction_of(call(turns), book=BOOK) == expected


def test_the_records_direction_always_wins():
    assert direction_of(call(CALL_BACK, direction="inbound"), book=BOOK) == ("inbound", True)


def test_a_script_not_heard_to_the_letter_proves_no_direction():
    turns = [{**CALL_BACK[0], "conf": 0.5}, *CALL_BACK[1:]]
    assert direction_of(call(turns, source="asr"), book=BOOK) == ("outbound", False)
    near = call(
        [
            {"客服": CALL_BACK[0]["客服"].replace("处理完毕", "出理完毕").replace("将处理", "将出理")},
            *CALL_BACK[1:],
        ]
    )
    assert direction_of(near, book=BOOK) == ("outbound", False)


def test_evidence_keeps_what_it_is_beside_its_line():
    evidence = call(DESK)
    assert (
        replace(
            settle_line(evidence, book=BOOK), line=evidence.line, line_confidence=evidence.line_confidence
        )
        == evidence
    )


@pytest.mark.parametrize("opening", ["您好,大客户部。", "哪个单位的?", "中国移动集团客户服务。"])
def test_a_botched_opening_of_key_accounts_fails_by_no_rule_of_the_hotline(opening):
    turns = opens_with(opening, {"客服": "我们尽快派客户经理与您联系,再见。"})
    found = verdicts(call(turns, direction="inbound"))
    assert {found[rule].reason_code for rule in ("P3.2a", "G1")} <= {"line_unknown", "line"}
    recorded = verdicts(call(turns, direction="inbound", line="1860"))
    assert recorded["P3.2a"].verdict == "fail"


def test_words_of_key_accounts_leave_a_hotline_that_shows_itself_alone():
    turns = opens_with("您好,中国移动,请问有什么可以帮您?", {"客服": "我们派客户经理与您联系。"})
    assert settled(turns) == ("1860", 0.95)
