"""The order in which a call's findings are told: one view that the text card and the page share.

Critical items come first, then fails by what they cost, then what a human should listen to, then
passes by section. A finding that only repeats another (``same_as``) is told with that one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auditor.records import CallAudit, Finding, Points, Verdict
from auditor.report import labels
from auditor.report.typeset import chinese
from auditor.text.clock import clock

_BLANK = re.compile(r"(?<![A-Za-z0-9])X(?![A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class Item:
    """One finding with its cost and with the findings that repeat it.

    ``points_lost`` is in points of the percent score; 0 when it costs nothing.
    """

    finding: Finding
    points_lost: float
    also: tuple[Finding, ...] = ()

    @property
    def start_s(self) -> float:
        """Where its first evidence begins; infinite when it has no place in the call."""
        return min((span.start_s for span in self.finding.at), default=math.inf)


@dataclass(frozen=True, slots=True)
class Card:
    """All findings of a call in telling order; ``passes`` are grouped by section."""

    critical: tuple[Item, ...]
    fails: tuple[Item, ...]
    reviews: tuple[Item, ...]
    passes: tuple[tuple[str, tuple[Finding, ...]], ...]
    not_applicable: tuple[Finding, ...]


def sort_findings(audit: CallAudit) -> Card:
    """Group and order the findings of one call.

    Args:
        audit: The audited call.

    Returns:
        Every finding exactly once: as an item, in an item's ``also``, as a pass or as not applicable.
    """
    possible = audit.scorecard.points.possible
    told = _told(audit.findings)

    def items(findings: Iterable[Finding]) -> list[Item]:
        return [Item(f, _points_lost(f, possible=possible), told.get(f.rule, ())) for f in findings]

    repeated = {f.rule for group in told.values() for f in group}
    own = [f for f in audit.findings if f.rule not in repeated]
    critical = items(f for f in own if f.critical and f.verdict in ("fail", "needs_review"))
    plain = [f for f in own if not f.critical]
    return Card(
        critical=tuple(sorted(critical, key=lambda i: (i.finding.verdict != "fail", i.start_s))),
        fails=tuple(sorted(items(_with(plain, verdict="fail")), key=lambda i: (-i.points_lost, i.start_s))),
        reviews=tuple(sorted(items(_with(plain, verdict="needs_review")), key=lambda i: i.start_s)),
        passes=_by_section(_with(audit.findings, verdict="pass")),
        not_applicable=tuple(_with(audit.findings, verdict="not_applicable")),
    )


def _with(findings: Iterable[Finding], *, verdict: Verdict) -> list[Finding]:
    return [f for f in findings if f.verdict == verdict]


def _told(findings: tuple[Finding, ...]) -> dict[str, tuple[Finding, ...]]:
    """Main rule -> the findings that show the same fault with the same verdict and cost nothing."""
    by_rule = {f.rule: f for f in findings}
    groups: dict[str, tuple[Finding, ...]] = {}
    for f in findings:
        main = _root(f, by_rule=by_rule)
        if main is None or main.verdict != f.verdict:
            continue
        # A critical finding is never tucked away under an ordinary one.
        if f.verdict in ("fail", "needs_review") and (main.critical or not f.critical):
            groups[main.rule] = (*groups.get(main.rule, ()), f)
    return groups


def _root(finding: Finding, *, by_rule: Mapping[str, Finding]) -> Finding | None:
    """The finding at the end of ``same_as``; None for one that repeats nothing."""
    seen = {finding.rule}
    main = finding
    while main.same_as and main.same_as in by_rule and main.same_as not in seen:
        main = by_rule[main.same_as]
        seen.add(main.rule)
    return None if main is finding or main.same_as else main


def _points_lost(finding: Finding, *, possible: float) -> float:
    """Points of the percent score: 100 * weight / possible; 0 for repeats and for non-fails."""
    if finding.verdict != "fail" or finding.same_as or possible <= 0:
        return 0.0
    return 100 * finding.weight / possible


def _by_section(findings: Iterable[Finding]) -> tuple[tuple[str, tuple[Finding, ...]], ...]:
    groups: dict[str, list[Finding]] = {}
    for f in findings:
        groups.setdefault(f.section, []).append(f)
    return tuple((name, tuple(groups[name])) for name in sorted(groups, key=labels.section_order))


def section_points(audit: CallAudit) -> tuple[tuple[str, Points], ...]:
    """The points of each section in the order of the course."""
    sections = audit.scorecard.sections
    return tuple((name, sections[name]) for name in sorted(sections, key=labels.section_order))


def result_words(audit: CallAudit) -> str:
    """合格 / 不合格 / 待复核 / 不评分, and what a critical item still needs."""
    words = labels.word(labels.RESULTS, audit.scorecard.result)
    if audit.scorecard.critical:
        return f"{words}（一票否决，待复核确认）"
    return words


def score_words(audit: CallAudit) -> str:
    """The percent score; a dash when nothing was judged or the call is not scored."""
    percent = audit.scorecard.points.percent
    return "—" if percent is None or audit.scorecard.result == "not_scored" else number(percent)


def reach_words(audit: CallAudit) -> str:
    """How far the score may still move with what is in review; empty when nothing was judged."""
    card = audit.scorecard
    if card.worst_percent is None or card.best_percent is None:
        return ""
    if card.result == "not_scored":
        percent = card.points.percent
        return "" if percent is None else f"仅就已判的部分是 {number(percent)} 分，不计入平均"
    worst, best = number(card.worst_percent), number(card.best_percent)
    if worst == best:
        return "没有待复核的项目，得分不会再变"
    return f"复核之后最低 {worst} 分、最高 {best} 分；适用的分值已判 {card.judged_share:.0%}"


def number(value: float) -> str:
    """One decimal at most: ``8``, ``8.5``."""
    return f"{value:.1f}".removesuffix(".0")


def requirement(finding: Finding, *, wording: str | None) -> tuple[str, str]:
    """(label, text) of what the course asks: mandated wording if known, else the clause's own words.

    Both are empty when the clause says no more than the title does.
    """
    if wording:
        return "课件说法", _with_blanks(chinese(wording))
    if finding.clause in (finding.rule, finding.title):
        return "", ""
    return "课程要求", _with_blanks(chinese(finding.clause))


def _with_blanks(text: str) -> str:
    """The course prints X for what differs from call to call; beside Chinese that reads as a slip."""
    return _BLANK.sub("××", text)


def reason_text(finding: Finding) -> str:
    """The reason without the clocks that reports already show in front of it."""
    reason = chinese(finding.reason)
    for span in finding.at:
        reason = reason.removeprefix(clock(span.start_s)).lstrip("、 ")
    return _with_blanks(reason)
