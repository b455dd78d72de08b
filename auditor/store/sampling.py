"""The sampling plan in the store: the calls of a week are found, drawn (`drawing`), handed out and noted.

An agent whose week was planned is not planned again.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from auditor.errors import UsageError
from auditor.store.database import transact
from auditor.store.drawing import Candidate, Drawn, Plan, assign, draw
from auditor.store.review_tables import AssignmentRow
from auditor.store.tables import AuditRow, FindingRow, RulebookRow
from auditor.store.upserts import chunked, table_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from auditor.store.database import Store
    from auditor.store.editions import Edition

_NEAR_PERCENT = 5.0
_UNSURE = 0.8


def plan_week(
    store: Store,
    plan: Plan,
    *,
    edition: Edition,
    inspectors: Sequence[str],
    zone: ZoneInfo,
    wanted: ColumnElement[bool] | None = None,
) -> tuple[Drawn, ...]:
    """Draw the calls of a week and hand them out; nothing happens for agents whose week was planned.

    Args:
        store: an open store.
        plan: how.
        edition: whose scorecards say how risky a call is.
        inspectors: the accounts that review.
        zone: of the call centre.
        wanted: which audits, such as those of some teams; None: all.

    Raises:
        UsageError: there is nobody to review.
        StoreError: the store cannot be written.
    """
    if not inspectors:
        raise UsageError("there is no inspector to review the calls; add one with `auditor users add`.")

    def work(session: Session) -> tuple[Drawn, ...]:
        found = _candidates(session, plan, edition=edition, zone=zone, wanted=wanted)
        drawn = assign(draw(found, plan=plan), inspectors=inspectors, load=_load(session, plan))
        if drawn:
            session.execute(insert(table_of(AssignmentRow)), [_row(each, plan=plan) for each in drawn])
        return drawn

    return transact(store, work)


def _candidates(
    session: Session, plan: Plan, *, edition: Edition, zone: ZoneInfo, wanted: ColumnElement[bool] | None
) -> list[Candidate]:
    start = datetime.combine(plan.monday, time(), zone)
    planned = select(AssignmentRow.agent_id).where(AssignmentRow.week == plan.monday.isoformat()).distinct()
    query = (
        select(AuditRow)
        .where(
            edition.holds(),
            AuditRow.started_at >= start,
            AuditRow.started_at < start + timedelta(days=7),
            AuditRow.agent_id.is_not(None),
            AuditRow.agent_id.not_in(planned),
            AuditRow.recording_id.not_in(select(AssignmentRow.recording_id)),
            ~AuditRow.too_short,
        )
        .order_by(AuditRow.id)
    )
    if wanted is not None:
        query = query.where(wanted)
    audits = session.scalars(query).all()
    mark = session.scalar(select(RulebookRow.pass_mark).where(RulebookRow.id == edition.rulebook_id)) or 0.0
    unsure = _unsure(session, [audit.id for audit in audits])
    return [
        Candidate(audit.recording_id, audit.agent_id, tuple(_risks(audit, mark=mark, unsure=unsure)))
        for audit in audits
        if audit.agent_id is not None
    ]


def _risks(audit: AuditRow, *, mark: float, unsure: set[int]) -> list[str]:
    risks = []
    if audit.critical or audit.critical_in_review:
        risks.append("critical")
    best, worst = audit.best_percent, audit.worst_percent
    if best is not None and worst is not None and worst - _NEAR_PERCENT < mark <= best + _NEAR_PERCENT:
        risks.append("near_pass_mark")
    if audit.id in unsure:
        risks.append("unsure")
    if audit.in_review:
        risks.append("in_review")
    return risks


def _unsure(session: Session, audit_ids: Sequence[int]) -> set[int]:
    """The audits with a fail that the machine is not sure of."""
    found: set[int] = set()
    for chunk in chunked(audit_ids):
        query = select(FindingRow.audit_id).where(
            FindingRow.audit_id.in_(chunk),
            FindingRow.verdict == "fail",
            FindingRow.weight > 0,
            FindingRow.confidence < _UNSURE,
        )
        found.update(session.scalars(query.distinct()))
    return found


def _load(session: Session, plan: Plan) -> Counter[str]:
    """How many calls of the week each inspector has already."""
    query = (
        select(AssignmentRow.inspector, func.count())
        .where(AssignmentRow.week == plan.monday.isoformat())
        .group_by(AssignmentRow.inspector)
    )
    return Counter({row[0]: row[1] for row in session.execute(query)})


def _row(each: Drawn, *, plan: Plan) -> dict[str, object]:
    return {
        "recording_id": each.candidate.recording_id,
        "agent_id": each.candidate.agent_id,
        "week": plan.monday.isoformat(),
        "inspector": each.inspector,
        "probability": each.probability,
        "risks": list(each.candidate.risks),
        "assigned_at": datetime.now(UTC),
    }
