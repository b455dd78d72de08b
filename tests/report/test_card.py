from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from auditor.records import CallAudit, Span
from auditor.report.card import (
    reason_text,
    requirement,
    result_words,
    sort_findings,
)


def test_every_finding_is_told_exactly_once(audit: CallAudit) -> None:
    card = sort_findings(audit)
    items = [*card.critical, *card.fails, *card.reviews]
    told = [i.finding.rule for i in items] + [f.rule for i in items for f in i.also]
    told += [f.rule for _, group in card.passes for f in group] + [f.rule for f in card.not_applicable]
    assert Counter(told) == Counter(f.rule for f in audit.findings)


def test_critical_items_stand_apart_from_ordinary_fails(audit: CallAudit) -> None:
    card = sort_findings(audit)
    assert [i.finding.rule for i in card.critical] == ["C11d"]
    assert "C11d" not in [i.finding.rule for i in card.fails]


def test_a_critical_item_in_review_is_told_with_the_critical_ones(audit: CallAudit) -> None:
    findings = tuple(replace(f, critical=f.rule in ("C6", "C11d")) for f in audit.findings)
    card = sort_findings(replace(audit, findings=findings))
    assert [i.finding.rule for i in card.critical] == ["C11d", "C6"]


def test_fails_come_by_cost_and_reviews_by_time(audit: CallAudit) -> None:
    card = sort_findings(audit)
    assert [i.finding.rule for i in card.fails] == ["P3.2a", "V3"]
    assert [i.finding.rule for i in card.reviews] == ["P3.2b", "C12", "C6"]


def test_points_lost_add_up_to_what_is_missing_from_the_score(audit: CallAudit) -> None:
    card = sort_findings(audit)
    lost = sum(i.points_lost for i in (*card.critical, *card.fails))
    assert audit.scorecard.points.percent is not None
    assert lost == pytest.approx(100 - audit.scorecard.points.percent, abs=0.05)


def test_a_repeat_is_told_with_the_finding_it_repeats(audit: CallAudit) -> None:
    first = sort_findings(audit).fails[0]
    assert [f.rule for f in first.also] == ["P1", "C1"]


def test_a_repeat_with_another_verdict_stands_alone(audit: CallAudit) -> None:
    findings = tuple(replace(f, verdict="needs_review") if f.rule == "P1" else f for f in audit.findings)
    card = sort_findings(replace(audit, findings=findings))
    assert "P1" in [i.finding.rule for i in card.reviews]


def test_a_critical_repeat_is_never_tucked_under_an_ordinary_finding(audit: CallAudit) -> None:
    findings = tuple(replace(f, critical=True) if f.rule == "P1" else f for f in audit.findings)
    card = sort_findings(replace(audit, findings=findings))
    assert "P1" in [i.finding.rule for i in card.critical]


def test_passes_follow_the_order_of_the_course(audit: CallAudit) -> None:
    assert [section for section, _ in sort_findings(audit).passes] == ["P", "V", "C", "G"]


def test_a_failed_critical_item_awaits_confirmation_in_words(audit: CallAudit) -> None:
    assert result_words(audit) == "不合格（一票否决，待复核确认）"


def test_what_the_course_asks_is_its_wording_or_its_clause_or_nothing_new(audit: CallAudit) -> None:
    by_rule = {f.rule: f for f in audit.findings}
    assert requirement(by_rule["C6"], wording="「谢谢您!请挂机。」") == ("课件说法", "「谢谢您！请挂机。」")
    assert requirement(by_rule["C6"], wording=None) == ("课程要求", "告别语：通话结束时说「再见」")
    assert requirement(by_rule["C9"], wording=None) == ("", "")


def test_a_clock_at_the_head_of_a_reason_is_not_told_twice(audit: CallAudit) -> None:
    first = next(f for f in audit.findings if f.rule == "P3.2a")
    assert reason_text(replace(first, reason="00:08 听到「喂」")) == "听到「喂」"
    assert reason_text(replace(first, reason="00:09 听到「喂」")) == "00:09 听到「喂」"


def test_several_clocks_that_stand_in_front_are_not_repeated(audit: CallAudit) -> None:
    twice = replace(audit.findings[0], at=(Span(10, 11), Span(18, 19)), reason="00:10、00:18 抢话")
    assert reason_text(twice) == "抢话"


def test_the_courses_blanks_are_printed_as_blanks(audit: CallAudit) -> None:
    told = replace(audit.findings[0], reason="客服没有说「您的号码是X吗」", at=(), clause="核对:X月X日")
    assert reason_text(told) == "客服没有说「您的号码是××吗」"
    assert requirement(told, wording="「您的号码是X吗?」") == ("课件说法", "「您的号码是××吗？」")
    assert requirement(told, wording=None) == ("课程要求", "核对：××月××日")
    assert reason_text(replace(told, reason="型号 X1 和 6X")) == "型号 X1 和 6X"
