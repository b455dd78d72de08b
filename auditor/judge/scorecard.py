"""The scorecard: percent = earned ÷ possible over pass and fail.

Best and worst count every review item as passed or failed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from auditor.records import Points, Scorecard

if TYPE_CHECKING:
    from auditor.records import Evidence, Finding, Result
    from auditor.rulebook.schema import Rulebook


def score(
    findings: tuple[Finding, ...], *, evidence: Evidence, book: Rulebook, reviewed: bool = False
) -> Scorecard:
    """The sum of the findings; ``reviewed``: people confirmed those critical ones that fail.

    ::

        percent      = 100 · passed ÷ (passed + failed)                    weights, one decimal
        best, worst  = the same with every review item passed, failed
        judged_share = (passed + failed) ÷ (passed + failed + in review)
    """
    weight = {v: sum(f.weight for f in findings if f.verdict == v) for v in ("pass", "fail", "needs_review")}
    points = Points(weight["pass"], weight["pass"] + weight["fail"])
    applicable = points.possible + weight["needs_review"]
    best = Points(points.earned + weight["needs_review"], applicable).percent
    worst = Points(points.earned, applicable).percent
    critical = tuple(f.rule for f in findings if f.critical and f.verdict == "fail")
    in_review = tuple(f.rule for f in findings if f.critical and f.verdict == "needs_review")
    judged_share = points.possible / applicable if applicable > 0 else 0.0
    result, reason = _result(
        best=best, worst=worst, critical=critical, in_review=in_review, book=book, reviewed=reviewed,
        not_scored=_why_not_scored(judged_share, evidence=evidence, book=book),
    )  # fmt: skip
    return Scorecard(
        points=points,
        best_percent=best,
        worst_percent=worst,
        judged_share=round(judged_share, 4),
        critical=critical,
        critical_in_review=in_review,
        result=result,
        reason=reason,
        sections=_sections(findings),
    )


def _result(
    *,
    best: float | None,
    worst: float | None,
    critical: tuple[str, ...],
    in_review: tuple[str, ...],
    not_scored: str | None,
    book: Rulebook,
    reviewed: bool,
) -> tuple[Result, str]:
    """The result and its reason; a failed critical item outranks everything."""
    mark = book.pass_mark
    if critical:
        return "fail", f"一票否决项 {'、'.join(critical)} 不合格,{'已复核' if reviewed else '待复核'}"
    if not_scored or best is None or worst is None:
        return "not_scored", not_scored or "没有可以判定的条款"
    if best < mark:
        return "fail", f"最高 {best:g} 分,低于合格线 {mark:g} 分"
    if worst >= mark and not in_review:
        return "pass", f"最低 {worst:g} 分,达到合格线 {mark:g} 分"
    if in_review:
        return "needs_review", f"一票否决项 {'、'.join(in_review)} 待复核"
    return "needs_review", f"{worst:g}–{best:g} 分,跨过合格线 {mark:g} 分,取决于待复核的条款"


def _why_not_scored(judged_share: float, *, evidence: Evidence, book: Rulebook) -> str | None:
    limits, duration_s = book.not_scored, evidence.recording.duration_s
    if duration_s < limits.duration_s:
        # Cut, not rounded: 9.98 s is not "10.0 秒,不足 10 秒".
        return f"通话只有 {math.floor(10 * duration_s) / 10:g} 秒,不足 {limits.duration_s:g} 秒"
    if not any(turn.role in ("agent", "unknown") for turn in evidence.turns):
        return "录音里没有客服的话音"
    if judged_share < limits.judged_share:
        return f"只有 {100 * judged_share:.0f}% 的分值可以判定,不足 {100 * limits.judged_share:g}%"
    return None


def _sections(findings: tuple[Finding, ...]) -> dict[str, Points]:
    sections = {finding.section: Points(0.0, 0.0) for finding in findings}
    for finding in findings:
        if finding.verdict in ("pass", "fail"):
            earned = finding.weight if finding.verdict == "pass" else 0.0
            sections[finding.section] += Points(earned, finding.weight)
    return sections
