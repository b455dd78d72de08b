"""Evidence and a rulebook in, findings and a scorecard out; pure, and the same every time.

Every rule gives one finding. A kind decides (`auditor.kinds`); what no kind may forget is done here:

* a rule that is not about this call is ``not_applicable`` (`Applies`);
* a ``fail`` becomes ``needs_review`` when the call's direction matters and is not certain, when it is
  not certain enough who the agent is, or when a critical item lacks a human's or a probe's support;
* one fault costs once: among failing findings that share cause and span the heaviest keeps its
  points, the others show 见 … and weigh nothing; doubts about one fault are counted once, too.

Confidence of a finding: the kind's own estimate (its module says how) times the confidence in who the
agent is, for rules that depend on it; 0.5 for needs_review, which decides nothing.

Scorecard: percent = earned ÷ possible over pass and fail; best and worst count every review item as
passed or failed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.kinds import KINDS, bind
from auditor.kinds.listening import is_settled
from auditor.kinds.opening import direction_of
from auditor.records import Finding, Outcome, Points, Scorecard, Span
from auditor.rulebook.load import SHIPPED, load_rulebook

if TYPE_CHECKING:
    from pathlib import Path

    from auditor.records import Evidence, Result
    from auditor.rulebook.schema import Rule, Rulebook


def open_rulebook(path: Path | None = None) -> Rulebook:
    """The rulebook in ``path`` (or the one that ships), with every rule's parameters checked by its kind.

    Raises:
        RulebookError: one sentence that names file, rule and key.
    """
    book = load_rulebook(path)
    for rule in book.rules:
        if rule.kind is not None:
            bind(rule, book=book, name=str(path or SHIPPED))
    return book


def judge(evidence: Evidence, *, book: Rulebook) -> tuple[tuple[Finding, ...], Scorecard]:
    """One finding per rule, in the rulebook's order, and their sum.

    Raises:
        RulebookError: a rule's kind or parameters are not known (`open_rulebook` finds that earlier).
    """
    direction, certain = direction_of(evidence, book=book)
    outcomes: dict[str, Outcome] = {}
    for rule in book.rules:
        if rule.kind is None:
            continue
        outcome = _not_about_this_call(rule, direction=direction, evidence=evidence, book=book)
        if outcome is None:
            params = bind(rule, book=book, name=f"rulebook {book.version}")
            outcome = KINDS[rule.kind].judge(evidence, params=params, book=book)
            outcome = _weigh(outcome, rule=rule, certain=certain, evidence=evidence, book=book)
        if not outcome.causes and rule.cause and outcome.verdict in ("fail", "needs_review"):
            outcome = replace(outcome, causes=(rule.cause,))
        outcomes[rule.id] = outcome
    findings = _charge_once(
        [_finding(rule, outcomes[rule.same_as or rule.id]) for rule in book.rules], outcomes=outcomes
    )
    return findings, score(findings, evidence=evidence, book=book)


def _not_about_this_call(rule: Rule, *, direction: str, evidence: Evidence, book: Rulebook) -> Outcome | None:
    applies = rule.applies
    line = book.lines.get(evidence.line, evidence.line)
    if applies.direction and direction not in applies.direction:
        shown = "呼出" if direction == "outbound" else "呼入"
        return Outcome("not_applicable", "direction", f"{shown}通话不适用")
    if (applies.line and line not in applies.line) or line in applies.not_line:
        return Outcome("not_applicable", "line", f"{line} 线路不适用")
    return None


def _weigh(outcome: Outcome, *, rule: Rule, certain: bool, evidence: Evidence, book: Rulebook) -> Outcome:
    """The outcome with the confidence in roles, and without a fail that rests on sand."""
    roles, needs_agent = evidence.roles, rule.applies.role == "agent"
    if outcome.verdict == "pass" and needs_agent and not is_settled(evidence):
        sure = roles.confidence if roles.agent_channel is not None else book.settings.default_confidence
        return replace(outcome, confidence=min(1.0, outcome.confidence * sure))
    if outcome.verdict != "fail":
        return outcome
    doubt = None
    if rule.applies.direction and not certain:
        doubt = ("direction_unknown", "话单没有写明呼入还是呼出")
    elif needs_agent and roles.agent_channel is None and not is_settled(evidence):
        doubt = ("no_roles", "录音分不清谁是客服")
    elif needs_agent and roles.agent_channel is not None and roles.confidence < book.settings.role_confidence:
        doubt = ("roles_uncertain", "不能确定哪一方是客服")
    elif rule.critical and not is_settled(evidence) and "probe_margin_nats" not in outcome.measured:
        doubt = ("unsupported", "一票否决项需要模型复核支持")
    if doubt:
        code, why = doubt
        reason = f"{outcome.reason};但{why},请听录音确认"
        return replace(outcome, verdict="needs_review", reason_code=code, reason=reason, confidence=0.5)
    sure = roles.confidence if needs_agent and roles.agent_channel is not None else 1.0
    return replace(outcome, confidence=outcome.confidence * sure)


def _finding(rule: Rule, outcome: Outcome) -> Finding:
    seen = rule.same_as is not None
    return Finding(
        rule=rule.id,
        clause=rule.clause,
        title=rule.title,
        section=rule.section,
        verdict=outcome.verdict,
        reason_code=outcome.reason_code,
        reason=f"见 {rule.same_as}:{outcome.reason}" if seen else outcome.reason,
        weight=0.0 if seen else rule.weight,
        critical=rule.critical,
        same_as=rule.same_as,
        quote=outcome.quote,
        at=outcome.at,
        measured=outcome.measured,
        confidence=round(max(0.0, min(1.0, outcome.confidence)), 3),
    )


def _charge_once(findings: list[Finding], *, outcomes: dict[str, Outcome]) -> tuple[Finding, ...]:
    """Leave one fault one deduction.

    Fails come first, then doubts, each by weight: a finding all of whose causes are already charged at
    the same place shows 见 … and weighs nothing. A doubt that weighs more than what is already charged
    keeps its weight, so that the worst score stays the worst.
    """
    order = sorted(
        (i for i, f in enumerate(findings) if f.same_as is None and f.verdict in ("fail", "needs_review")),
        key=lambda i: (findings[i].verdict != "fail", -findings[i].weight, i),
    )
    charged: list[Finding] = []
    result = list(findings)
    for index in order:
        finding = findings[index]
        heads = [
            _head(cause, finding, charged=charged, outcomes=outcomes)
            for cause in outcomes[finding.rule].causes
        ]
        seen = [head for head in heads if head is not None]
        if not heads or len(seen) < len(heads):
            charged.append(finding)
            continue
        ids = "、".join(dict.fromkeys(head.rule for head in seen))
        result[index] = replace(
            finding, weight=0.0, same_as=seen[0].rule, reason=f"见 {ids}:{finding.reason}"
        )
    return tuple(result)


def _head(
    cause: str, finding: Finding, *, charged: list[Finding], outcomes: dict[str, Outcome]
) -> Finding | None:
    """The charged finding of the same cause and place that stands for this one."""
    for head in charged:
        if (
            cause in outcomes[head.rule].causes
            and head.weight >= finding.weight
            and _same_place(head.at, finding.at)
        ):
            return head
    return None


def _same_place(one: tuple[Span, ...], other: tuple[Span, ...]) -> bool:
    """Whether any two spans touch; findings without a place are about the same place."""
    if not one or not other:
        return True
    return any(a.gap_s(b) == 0.0 for a in one for b in other)


def score(findings: tuple[Finding, ...], *, evidence: Evidence, book: Rulebook) -> Scorecard:
    """The sum of the findings.

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
        best=best, worst=worst, critical=critical, in_review=in_review, book=book,
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
) -> tuple[Result, str]:
    """The result and its reason; a failed critical item outranks everything."""
    mark = book.pass_mark
    if critical:
        return "fail", f"一票否决项 {'、'.join(critical)} 不合格,待复核"
    if not_scored or best is None or worst is None:
        return "not_scored", not_scored or "没有可以判定的条款"
    if best < mark:
        return "fail", f"最高 {best} 分,低于合格线 {mark:g} 分"
    if worst >= mark and not in_review:
        return "pass", f"最低 {worst} 分,达到合格线 {mark:g} 分"
    if in_review:
        return "needs_review", f"一票否决项 {'、'.join(in_review)} 待复核"
    return "needs_review", f"{worst}–{best} 分,跨过合格线 {mark:g} 分,取决于待复核的条款"


def _why_not_scored(judged_share: float, *, evidence: Evidence, book: Rulebook) -> str | None:
    limits, duration_s = book.not_scored, evidence.recording.duration_s
    if duration_s < limits.duration_s:
        return f"通话只有 {duration_s:.1f} 秒,不足 {limits.duration_s:g} 秒"
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
