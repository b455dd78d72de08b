"""What the call's page shows of people's work on it, and what the viewer may do about each finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.report.reviewed import Decision, Reviewed
from auditor.store.appeals import appeal_until, why_no_appeal
from auditor.store.queues import assignment_of, open_rules
from auditor.web.access import may

if TYPE_CHECKING:
    from datetime import datetime

    from auditor.errors import DecisionError
    from auditor.store import ReviewedCall, Standing
    from auditor.store.review_tables import AssignmentRow
    from auditor.web.visits import Visit

REFUSALS: Mapping[str, str] = {
    "unknown": "没有这一条，请刷新页面。",
    "superseded": "这通电话已按更正后的话单重新评分，请到新的评分上操作。",
    "alias": "这一条只引用另一条的结论，请复核被引用的那一条。",
    "verdict": "请选择合格、不合格或不适用。",
    "reason": "请写明理由（不超过 2000 字）。",
    "stale": "刚才有人先处理了这一条，您的操作没有保存；请看最新的结论再决定。",
    "appealed": "这一条正在申诉，等主管裁决，不能再复核。",
    "closed": "这一条已经终审，不再更改。",
    "no_fail": "这一条没有判不合格，不用申诉。",
    "not_yours": "这一条不是您的责任，不能由您申诉。",
    "too_late": "这一条已过申诉期限。",
    "once": "这一条已经申诉过，每条只能申诉一次。",
    "not_appealed": "这一条没有待裁决的申诉。",
    "own_review": "您复核过这一条，须由其他有权终审的人裁决。",
    "undecided": "还有必须逐条判定的项目，请先处理待复核的条款和一票否决项。",
}
RISKS: Mapping[str, str] = {
    "critical": "一票否决项",
    "near_pass_mark": "接近合格线",
    "unsure": "判定把握低",
    "in_review": "有待复核项",
}
STATES: Mapping[str, str] = {"open": "", "reviewed": "", "appealed": "申诉待裁决", "closed": "终审"}
ACTIONS: Mapping[str, str] = {"review": "复核", "appeal": "申诉", "judge": "终审"}
VERDICTS: Mapping[str, str] = {
    "pass": "合格",
    "fail": "不合格",
    "not_applicable": "不适用",
    "needs_review": "待复核",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An action that was refused: what it was about, why, and what the person had written."""

    rule: str
    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """One call as the viewer may work on it.

    Attributes:
        standings: by rule.
        reviews: whether he may review its findings.
        appeals: rule -> until when he may appeal against it.
        assignment: who shall review it and why; None: it was not drawn.
        left: rules that have to be decided one by one before the call is done.
        untouched: whether passes and fails are left that nobody decided.
        refusal: what was just refused.
    """

    audit_id: int
    standings: Mapping[str, Standing]
    reviews: bool
    appeals: Mapping[str, datetime]
    assignment: AssignmentRow | None
    left: tuple[str, ...]
    untouched: int
    refusal: Refusal | None


def desk_of(visit: Visit, call: ReviewedCall, *, refusal: Refusal | None = None) -> Desk:
    """What the viewer may do on a call's page."""
    reviews = may(visit.viewer, "review") and call.current
    return Desk(
        audit_id=call.audit_id,
        standings=call.standings,
        reviews=reviews,
        appeals=_appeals(visit, call) if may(visit.viewer, "appeal") and call.current else {},
        assignment=assignment_of(visit.store, call.recording_id) if reviews else None,
        left=open_rules(call) if reviews else (),
        untouched=sum(
            each.state == "open" and each.alias is None and each.finding.verdict in ("pass", "fail")
            for each in call.standings.values()
        ),
        refusal=refusal,
    )


def reviewed_of(visit: Visit, call: ReviewedCall) -> Reviewed:
    """What the report shows of people's decisions."""
    decisions: dict[str, Decision] = {}
    for rule, standing in call.standings.items():
        if standing.ruled is not None:
            last = next(step for step in reversed(standing.steps) if step.action != "appeal")
            decisions[rule] = Decision(
                verdict=standing.ruled,
                by=last.actor,
                when=visit.site.pages.moment(last.happened_at),
                reason=last.reason,
                state=STATES[standing.state],
            )
    card = call.card
    return Reviewed(
        percent=card.points.percent if card else None,
        result=card.result if card else None,
        decisions=decisions,
    )


def refusal_of(error: DecisionError, *, rule: str, reason: str = "") -> Refusal:
    """The refusal in words."""
    return Refusal(rule=rule, text=REFUSALS.get(error.code, str(error)), reason=reason)


def _appeals(visit: Visit, call: ReviewedCall) -> dict[str, datetime]:
    agent = visit.viewer.agent
    if agent is None:
        return {}
    days = visit.site.options.appeal_days
    return {
        rule: appeal_until(call, standing, days=days)
        for rule, standing in call.standings.items()
        if why_no_appeal(call, rule=rule, agent_id=agent, days=days) is None
    }
