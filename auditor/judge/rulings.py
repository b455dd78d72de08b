"""The scorecard after people have ruled: the findings with their verdicts, added up by `score` itself.

* A ruled finding has the verdict that people gave it.
* An alias (``same_as`` of the rulebook) shows the ruled verdict of its rule.
* A finding that cost nothing because another one was charged for the same fault (见 …) follows that one when
  people take the fault away, unless it was ruled on itself.
* Weights that one fault, one deduction had taken away come back where the fault is gone: a finding that
  passes in the end has its whole weight, and so has one that fails although the one charged for it does not.
* A critical item that fails is for review until a person has confirmed it: it decides nothing before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.judge.scorecard import score

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from auditor.records import Evidence, Finding, Scorecard, Verdict
    from auditor.rulebook.schema import Rule, Rulebook


def rule_on(
    findings: Sequence[Finding], *, rulings: Mapping[str, Verdict], line: str, book: Rulebook
) -> tuple[Finding, ...]:
    """The findings as they stand after people have ruled, in their order.

    Args:
        findings: of one audit.
        rulings: rule -> the verdict that people gave it.
        line: the audit's line.
        book: what it was judged by.
    """
    rules = {rule.id: rule for rule in book.rules_on(line)}
    heads = {finding.rule: finding for finding in findings}
    final = {
        finding.rule: _verdict(finding, rulings=rulings, heads=heads, rules=rules) for finding in findings
    }
    return tuple(
        replace(f, verdict=final[f.rule], weight=_weight(f, final=final, rule=rules.get(f.rule)))
        for f in findings
    )


def reviewed_score(
    findings: Sequence[Finding], *, rulings: Mapping[str, Verdict], evidence: Evidence, book: Rulebook
) -> Scorecard:
    """The scorecard of the findings as people ruled on them."""
    standing = rule_on(findings, rulings=rulings, line=evidence.line, book=book)
    doubtful = unconfirmed(standing, rulings=rulings, book=book)
    counted = tuple(replace(f, verdict="needs_review") if f.rule in doubtful else f for f in standing)
    return score(counted, evidence=evidence, book=book, reviewed=True)


def unconfirmed(
    standing: Sequence[Finding], *, rulings: Mapping[str, Verdict], book: Rulebook
) -> frozenset[str]:
    """The critical items that fail by the machine alone."""
    rules = {rule.id: rule for rule in book.rules}
    return frozenset(
        finding.rule
        for finding in standing
        if finding.critical and finding.verdict == "fail"
        if finding.rule not in rulings
        if not (_is_alias(finding, rules=rules) and finding.same_as in rulings)
    )


def _verdict(
    finding: Finding,
    *,
    rulings: Mapping[str, Verdict],
    heads: Mapping[str, Finding],
    rules: Mapping[str, Rule],
) -> Verdict:
    if finding.same_as is None or finding.same_as not in heads:
        return rulings.get(finding.rule, finding.verdict)
    ruled = rulings.get(finding.same_as)
    if _is_alias(finding, rules=rules):
        return finding.verdict if ruled is None else ruled
    if finding.rule in rulings:
        return rulings[finding.rule]
    return finding.verdict if ruled in (None, "fail") else ruled


def _weight(finding: Finding, *, final: Mapping[str, Verdict], rule: Rule | None) -> float:
    if rule is None or rule.same_as is not None or finding.weight >= rule.weight:
        return finding.weight
    verdict = final[finding.rule]
    if verdict == "pass":
        return rule.weight
    head = final.get(finding.same_as) if finding.same_as else None
    charged_elsewhere = head is None or head in ("fail", "needs_review")
    return finding.weight if charged_elsewhere or verdict == "not_applicable" else rule.weight


def _is_alias(finding: Finding, *, rules: Mapping[str, Rule]) -> bool:
    rule = rules.get(finding.rule)
    return rule is not None and rule.same_as is not None
