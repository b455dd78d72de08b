"""Every rule is proven by its cases, and the cases are complete."""

from collections import Counter

import pytest

from auditor.errors import RulebookError
from auditor.judge import judge, open_rulebook
from auditor.kinds import KINDS
from auditor.rulebook import cases as cases_module
from auditor.rulebook.cases import load_cases

BOOK = open_rulebook()
CASES = load_cases()
# A dialect is no fault; the others are for a human to judge.
NEVER_FAILS = {
    "V5",
    "P3.4",
    "C5",
    "S11",
    "S9",
    "S13",
}
MAX_REVIEW_SHARE = 0.10


def judged(case):
    findings, _ = judge(case.evidence, book=BOOK)
    return {finding.rule: finding for finding in findings}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}: {case.name}")
def test_a_case_gets_the_verdict_an_inspector_would_give(case):
    findings = judged(case)
    finding = findings[case.rule]
    assert finding.verdict == case.expect, finding.reason
    if case.code is not None:
        assert finding.reason_code == case.code
    if case.at_s is not None:
        assert any(span.start_s - 0.01 <= case.at_s <= span.end_s + 0.01 for span in finding.at), finding.at
    for rule, verdict in case.also.items():
        assert findings[rule].verdict == verdict, (rule, findings[rule].reason)


@pytest.mark.parametrize("rule", [rule.id for rule in BOOK.rules])
def test_every_rule_has_enough_cases(rule):
    own = [case for case in CASES if case.rule == rule]
    counts = Counter(case.expect for case in own)
    assert counts["pass"] >= 2
    assert counts["fail"] >= (0 if rule in NEVER_FAILS else 2)
    assert counts["not_applicable"] >= 1
    assert counts["needs_review"] >= 1
    near_misses = [case for case in own if case.name.startswith("near miss")]
    assert near_misses
    assert all(case.expect != "fail" for case in near_misses)


def test_every_case_is_about_a_rule_of_the_book():
    assert {case.rule for case in CASES} == {rule.id for rule in BOOK.rules}


def test_case_names_are_unique_per_rule():
    assert max(Counter((case.rule, case.name) for case in CASES).values()) == 1


def test_every_kind_serves_a_rule():
    assert {rule.kind for rule in BOOK.rules if rule.kind} == set(KINDS)


def test_every_fail_and_review_tells_the_supervisor_why_and_where():
    for case in CASES:
        for finding in judged(case).values():
            assert finding.reason, (case.name, finding.rule)
            if finding.verdict == "needs_review":
                asks = ("请听", "确认", "核对")
                assert any(word in finding.reason for word in asks), finding.reason


def test_at_most_a_tenth_of_the_verdicts_is_for_review(report_figure):
    counts, per_rule = Counter(), Counter()
    for case in CASES:
        for finding in judged(case).values():
            counts[finding.verdict] += 1
            per_rule[finding.rule] += finding.verdict == "needs_review"
    applicable = counts.total() - counts["not_applicable"]
    share = counts["needs_review"] / applicable
    report_figure(f"cases: {len(CASES)}, needs_review {100 * share:.1f} % of the verdicts that apply")
    report_figure("  per rule: " + ", ".join(f"{rule} {n}" for rule, n in per_rule.most_common() if n))
    assert share <= MAX_REVIEW_SHARE


def test_a_misspelt_key_of_a_case_is_refused(tmp_path, monkeypatch):
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "X.yaml").write_text(
        "rule: X\ncases: [{name: n, expect: pass, turn: []}]", encoding="utf-8"
    )
    monkeypatch.setattr(cases_module, "files", lambda _package: tmp_path)
    with pytest.raises(RulebookError, match=r"X\.yaml: the key cases\.0\.turn is unknown"):
        load_cases()
