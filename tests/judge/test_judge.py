"""Findings and their sum: gates, one deduction per fault, and the scorecard's arithmetic."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import RulebookError
from auditor.judge import judge, judge_rule, open_rulebook, score
from auditor.records import Finding, Points
from auditor.rulebook.case_file import RawCase
from auditor.rulebook.cases import build_evidence, load_cases
from auditor.rulebook.schema import Applies, Rule

BOOK = open_rulebook()
GOOD = [
    {"客服": "您好,中国移动,请问有什么可以帮您?"},
    {"客户": "我的手机为什么停机了?"},
    {"客服": "您的余额不足,请您及时充值。"},
    {"客户": "好的,谢谢。"},
    {"客服": "谢谢您,再见。"},
]


def call(turns=GOOD, **facts):
    raw = {"name": "n", "expect": "pass", "turns": turns, "call": facts}
    return build_evidence(RawCase.model_validate(raw))


def by_rule(evidence, book=BOOK):
    return {finding.rule: finding for finding in judge(evidence, book=book)[0]}


def finding(rule, verdict, weight=10.0, *, critical=False, section="C"):
    return Finding(
        rule=rule, clause="", title="", section=section, verdict=verdict, reason_code="", reason="",
        weight=weight, critical=critical, same_as=None, quote=None, at=(), measured={}, confidence=1.0,
    )  # fmt: skip


def card(*findings, evidence=None):
    return score(findings, evidence=evidence or call(), book=BOOK)


def with_rules(*rules):
    return BOOK.model_copy(update={"rules": (*BOOK.rules, *rules)})


# --- findings ---------------------------------------------------------------------------------


def test_there_is_one_finding_per_rule_in_the_books_order():
    assert [f.rule for f in judge(call(), book=BOOK)[0]] == [rule.id for rule in BOOK.rules]


def test_judging_twice_gives_the_same():
    assert judge(call(), book=BOOK) == judge(call(), book=BOOK)


def test_confidence_is_a_probability():
    for case in load_cases():
        assert all(0 <= f.confidence <= 1 for f in judge(case.evidence, book=BOOK)[0])


def test_a_rule_of_another_line_does_not_apply():
    elsewhere = by_rule(call(line="key_account"))["G1"]
    assert (elsewhere.reason_code, elsewhere.reason) == ("line", "大客户通话不适用")


def test_a_line_that_is_configured_like_1860_is_judged_like_it():
    book = BOOK.model_copy(
        update={"rules": tuple(r.model_copy(update={"applies": Applies(line=("1860",))}) for r in BOOK.rules)}
    )
    assert by_rule(call(line="10086"), book)["P3.2a"].verdict == "pass"
    assert by_rule(call(line="1258"), book)["P3.2a"].reason_code == "line"


def test_an_unknown_direction_is_inbound_when_the_agent_offers_help():
    turns = [{"客服": "请问有什么可以帮您?"}, {"客户": "查话费"}, {"客服": "再见"}]
    assert by_rule(call(turns, direction=None))["P3.2a"].verdict == "fail"


def test_confidence_in_the_agents_leg_lowers_that_of_a_pass():
    turns = [{"客服": "您好中国移动请问有什么可以帮您"}, {"客户": "查话费"}, {"客服": "再见"}]
    sure, unsure = (
        by_rule(call(turns, source="asr", role_confidence=c))["C1"].confidence for c in (1.0, 0.8)
    )
    assert unsure == pytest.approx(0.8 * sure, abs=0.002)


def test_a_critical_item_fails_by_a_human_transcript_only():
    rule = BOOK.rule("P3.2b").model_copy(update={"id": "X1", "critical": True})
    turns = [{"客服": "喂,您好,中国移动"}, {"客户": "好"}]
    findings, scorecard = judge(call(turns), book=with_rules(rule))
    assert scorecard.critical == ("X1",)
    assert scorecard.result == "fail"
    assert "待复核" in scorecard.reason
    heard = call(
        [{"客服": "您好中国移动你说"}, {"客户": "好"}, {"客服": "你等"}],
        source="imported_asr",
        model="carded",
    )
    heard = replace(heard, turns=tuple(replace(t, confidence=0.95) for t in heard.turns))
    rule = BOOK.rule("C7").model_copy(update={"id": "X1", "critical": True})
    findings, scorecard = judge(heard, book=with_rules(rule))
    assert findings[-1].reason_code == "unsupported"
    assert scorecard.critical_in_review == ("X1",)


def test_an_unknown_kind_is_refused_when_judging_too():
    rule = Rule(id="X1", clause="c", title="t", section="C", kind="mind_reading")
    with pytest.raises(RulebookError, match="rule X1: the kind mind_reading"):
        judge(call(), book=with_rules(rule))


# --- one fault, one deduction -----------------------------------------------------------------


def test_an_alias_shows_the_verdict_and_weighs_nothing():
    alias = Rule(id="C8a", clause="来有迎声", title="来有迎声", section="C", same_as="C1")
    found = by_rule(call(), with_rules(alias))
    assert found["C8a"].verdict == "pass"
    assert found["C8a"].weight == 0
    assert found["C8a"].same_as == "C1"
    assert found["C8a"].reason.startswith("见 C1")


def test_a_missed_greeting_costs_once():
    found = by_rule(call([{"客服": "哪里?"}, {"客户": "查话费"}, {"客服": "五十元,再见"}]))
    assert {rule for rule in found if found[rule].verdict == "fail"} == {"P1", "P3.2a", "C1", "C8a", "G1"}
    assert found["P3.2a"].same_as is None
    for rule in ("P1", "C1", "G1"):
        assert (found[rule].same_as, found[rule].weight) == ("P3.2a", 0.0)
        assert found[rule].reason.startswith("见 P3.2a")


def test_a_missed_goodbye_costs_once():
    found = by_rule(call([*GOOD[:3], {"客户": "好"}, {"客服": "嗯"}]))
    assert (found["P1"].same_as, found["P1"].weight) == ("C6", 0.0)
    assert found["C6"].same_as is None


def test_two_faults_behind_one_rule_are_both_named():
    found = by_rule(call([{"客服": "哪里?"}, {"客户": "查话费"}, {"客服": "五十元"}]))
    assert found["P1"].reason.startswith("见 P3.2a、C6")
    assert found["P1"].weight == 0


def test_a_missing_offer_is_a_fault_of_its_own():
    found = by_rule(call([{"客服": "您好,中国移动。"}, {"客户": "查话费"}, {"客服": "五十元,再见"}]))
    assert found["G1"].verdict == "fail"
    assert found["G1"].same_as is None


def test_a_doubt_about_one_fault_counts_once():
    turns = [{"客服": "哪里", "at": [0.0, 1.0]}, {"客户": "查话费"}, {"客服": "五十元再见"}]
    findings, scorecard = judge(call(turns), book=BOOK)
    found = {f.rule: f for f in findings}
    assert found["P3.2a"].verdict == found["C1"].verdict == "needs_review"
    assert found["C1"].same_as == "P3.2a"
    lost = 100 - scorecard.worst_percent
    possible = sum(f.weight for f in findings if f.verdict != "not_applicable")
    assert lost == pytest.approx(100 * found["P3.2a"].weight / possible, abs=0.1)


def test_the_same_cause_elsewhere_in_the_call_is_another_fault():
    raw = {"weight": 1.0, "cause": "wei"}
    rule = BOOK.rule("P3.2b").model_copy(update={"id": "X1", **raw})
    other = BOOK.rule("C7").model_copy(update={"id": "X2", **raw})
    turns = [{"客服": "喂,您好,中国移动"}, {"客户": "我要改套餐"}, {"客服": "你的办好了"}]
    found = by_rule(call(turns), with_rules(rule, other))
    assert found["X1"].verdict == found["X2"].verdict == "fail"
    assert found["X1"].same_as is found["X2"].same_as is None


# --- scorecard --------------------------------------------------------------------------------


def test_a_good_call_passes_with_a_hundred():
    findings, scorecard = judge(call(), book=BOOK)
    assert {f.verdict for f in findings} == {"pass", "not_applicable"}
    assert (scorecard.result, scorecard.points.percent) == ("pass", 100.0)


def test_percent_leaves_out_what_does_not_apply():
    scorecard = card(finding("a", "pass", 30), finding("b", "fail", 10), finding("c", "not_applicable", 60))
    assert scorecard.points.percent == 75.0
    assert scorecard.judged_share == 1.0


def test_best_and_worst_count_review_as_passed_and_failed():
    scorecard = card(finding("a", "pass", 70), finding("b", "fail", 10), finding("c", "needs_review", 20))
    assert (scorecard.best_percent, scorecard.worst_percent) == (90.0, 70.0)
    assert scorecard.points.percent == 87.5
    assert scorecard.judged_share == 0.8
    assert scorecard.result == "needs_review"


@pytest.mark.parametrize(
    ("passed", "failed", "review", "result"),
    [
        (80, 20, 0, "pass"),
        (79, 21, 0, "fail"),
        (80, 10, 10, "pass"),
        (70, 20, 10, "needs_review"),
        (60, 30, 10, "fail"),
    ],
)
def test_the_pass_mark_is_met_by_the_worst_and_missed_by_the_best(passed, failed, review, result):
    scorecard = card(
        finding("a", "pass", passed), finding("b", "fail", failed), finding("c", "needs_review", review)
    )
    assert scorecard.result == result


def test_a_critical_fail_outranks_a_full_score():
    scorecard = card(finding("a", "pass", 100), finding("b", "fail", 0, critical=True))
    assert (scorecard.result, scorecard.critical) == ("fail", ("b",))


def test_a_critical_item_in_review_holds_the_pass_back():
    scorecard = card(finding("a", "pass", 100), finding("b", "needs_review", 0, critical=True))
    assert (scorecard.result, scorecard.critical_in_review) == ("needs_review", ("b",))


def test_nothing_judged_has_no_percent_and_no_result():
    scorecard = card(finding("a", "not_applicable"))
    assert scorecard.points.percent is scorecard.best_percent is scorecard.worst_percent is None
    assert scorecard.result == "not_scored"


def test_too_little_judged_is_not_scored():
    scorecard = card(finding("a", "pass", 39), finding("b", "needs_review", 61))
    assert scorecard.result == "not_scored"
    assert card(finding("a", "pass", 40), finding("b", "needs_review", 60)).result == "needs_review"


def test_a_call_under_ten_seconds_is_not_scored():
    assert card(finding("a", "fail"), evidence=call(duration=9.9)).result == "not_scored"


def test_a_call_without_agent_speech_is_not_scored():
    evidence = call([{"客户": "喂?有人吗?"}])
    assert judge(evidence, book=BOOK)[1].result == "not_scored"


def test_sections_add_up_to_the_whole():
    _, scorecard = judge(call(), book=BOOK)
    total = sum(scorecard.sections.values(), Points(0.0, 0.0))
    assert total == scorecard.points
    assert set(scorecard.sections) >= {"P", "V", "C", "S", "G"}


@given(
    st.lists(
        st.tuples(st.sampled_from(["pass", "fail", "needs_review", "not_applicable"]), st.integers(0, 20)),
        max_size=20,
    )
)
def test_worst_never_exceeds_percent_and_percent_never_best(rows):
    scorecard = card(*(finding(str(i), verdict, weight) for i, (verdict, weight) in enumerate(rows)))
    if scorecard.points.percent is None:
        return
    assert scorecard.worst_percent <= scorecard.points.percent <= scorecard.best_percent
    assert 0 <= scorecard.judged_share <= 1


@pytest.mark.parametrize("rule_id", ["P3.2a", "C10d", "G1", "V3"])
def test_a_rule_judged_alone_gives_the_verdict_that_it_gives_among_all(rule_id):
    for case in load_cases(rule_id):
        alone = judge_rule(case.evidence, rule_id=rule_id, book=BOOK)
        among = next(each for each in judge(case.evidence, book=BOOK)[0] if each.rule == rule_id)
        assert (alone.verdict, alone.quote, alone.at) == (among.verdict, among.quote, among.at)


def test_the_cases_of_one_rule_are_those_that_it_has_among_all():
    assert load_cases("P3.2a") == tuple(case for case in load_cases() if case.rule == "P3.2a")
    assert load_cases("../P3") == ()
