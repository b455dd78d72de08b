"""What waits for people: calls drawn for review, calls with something open, appeals; and finishing a call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import ColumnElement, and_, func, select, true, update

from auditor.errors import DecisionError
from auditor.store.database import transact
from auditor.store.review_tables import AssignmentRow, DecisionRow, ReviewedCardRow, StepRow
from auditor.store.reviews import review_in
from auditor.store.score_columns import CRITICAL_RISK
from auditor.store.standing import project_call
from auditor.store.stepping import looked_at
from auditor.store.tables import AgentRow, AuditRow, RecordingRow, TeamRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Select, Subquery
    from sqlalchemy.orm import Session

    from auditor.store.account_tables import AccountRole
    from auditor.store.database import Store
    from auditor.store.editions import Edition
    from auditor.store.standing import ReviewedCall

Waiting = Literal["critical", "review"]


@dataclass(frozen=True, slots=True)
class QueuedCall:
    """One call of a list.

    Attributes:
        critical: critical items that nobody has confirmed or taken away yet.
        in_review: findings that only a person can decide.
        inspector: who shall review it; None: nobody in particular.
        why: what made it likelier to be drawn (`drawing.RISKS`).
    """

    audit_id: int
    call_id: str
    agent: str | None
    agent_name: str | None
    team: str | None
    started_at: datetime | None
    result: str
    percent: float | None
    reviewed_result: str | None
    reviewed_percent: float | None
    critical: int
    in_review: int
    inspector: str | None
    week: str | None
    why: tuple[str, ...]
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class QueuedAppeal:
    """One appeal of a list; ``audit_id`` None: only other models heard the call."""

    decision_id: int
    audit_id: int | None
    call_id: str
    rule: str
    machine: str
    verdict: str | None
    state: str
    version: int
    agent: str
    appealed_at: datetime
    reason: str
    judged_at: datetime | None
    judged_by: str | None
    judged_reason: str | None
    judged_verdict: str | None


# Open critical items and reviews: after people's decisions where there are any.
_CRITICAL = func.coalesce(ReviewedCardRow.critical_in_review, AuditRow.critical + AuditRow.critical_in_review)
_IN_REVIEW = func.coalesce(ReviewedCardRow.in_review, AuditRow.in_review)


def assigned_calls(
    store: Store,
    *,
    edition: Edition,
    inspector: str | None = None,
    done: bool = False,
    wanted: ColumnElement[bool] | None = None,
    limit: int = 100,
    offset: int = 0,
) -> tuple[QueuedCall, ...]:
    """Calls drawn for review, the riskiest first; those that are done the latest first.

    Args:
        store: an open store.
        edition: whose model's calls; each is shown by its newest scorecard, whatever the rulebook: work that
            was handed out does not go when a new rulebook comes.
        inspector: whose; None: everybody's.
        done: those that are done instead of those that are not.
        wanted: which audits; None: all.
        limit: how many at most.
        offset: how many to pass over.
    """
    state = AssignmentRow.done_at.is_not(None) if done else AssignmentRow.done_at.is_(None)
    mine = AssignmentRow.inspector == inspector if inspector is not None else true()
    order = (
        (AssignmentRow.done_at.desc(), AssignmentRow.id)
        if done
        else (AssignmentRow.week, (_CRITICAL > 0).desc(), AssignmentRow.id)
    )
    query = (
        _calls()
        .join(AssignmentRow, AssignmentRow.recording_id == AuditRow.recording_id)
        .where(edition.newest(), state, mine, wanted if wanted is not None else true())
        .order_by(*order)
    )
    return _queued(store, query.limit(limit).offset(offset))


def waiting_calls(
    store: Store,
    *,
    editions: Iterable[Edition],
    what: Waiting,
    wanted: ColumnElement[bool] | None = None,
    limit: int = 100,
    offset: int = 0,
) -> tuple[QueuedCall, ...]:
    """Calls with something open, drawn or not, the most urgent first, of equals the latest.

    Args:
        store: an open store.
        editions: whose scorecards are shown, each call by its newest: beside a new rulebook's the calls of
            the old one, which wait all the same.
        what: ``critical``: a critical item that nobody confirmed; ``review``: no such item, but findings that
            only people can decide.
        wanted: which audits; None: all.
        limit: how many at most.
        offset: how many to pass over.
    """
    first = _CRITICAL > 0 if what == "critical" else and_(_CRITICAL == 0, _IN_REVIEW > 0)
    query = (
        _calls()
        .outerjoin(AssignmentRow, AssignmentRow.recording_id == AuditRow.recording_id)
        .where(AuditRow.latest, first, wanted if wanted is not None else true())
        .order_by(AuditRow.risk.desc(), AuditRow.started_at.desc(), AuditRow.id.desc())
        .limit(limit + offset)
    )
    found: dict[int, Any] = {}
    with store.reading() as session:
        for edition in editions:
            for risky in _risky(edition, what):
                for row in session.execute(query.where(risky)):
                    found.setdefault(row.AuditRow.recording_id, row)
    ordered = sorted(found.values(), key=lambda row: _urgency(row.AuditRow), reverse=True)
    return tuple(map(_queued_call, ordered[offset : offset + limit]))


def _risky(edition: Edition, what: Waiting) -> tuple[ColumnElement[bool], ...]:
    """Conditions of what waits in an edition, each of which the index of risk answers."""
    if what == "critical":
        return (edition.holds() & (AuditRow.risk > 0),)
    # Calls with a critical item come first in the index and are passed over one by one, unless it is asked
    # for the others alone, and for those of the first in which people found no critical item apart.
    ruled_on = AuditRow.id.in_(select(ReviewedCardRow.audit_id))
    return (
        edition.holds(by_call=True) & ruled_on & (AuditRow.risk >= CRITICAL_RISK),
        edition.holds() & (AuditRow.risk > 0) & (AuditRow.risk < CRITICAL_RISK),
    )


def _urgency(card: AuditRow) -> tuple[float, float, int]:
    return card.risk, card.started_at.timestamp() if card.started_at else 0.0, card.id


def appeals(
    store: Store,
    *,
    edition: Edition,
    state: Literal["appealed", "closed"] = "appealed",
    wanted: ColumnElement[bool] | None = None,
    agent: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> tuple[QueuedAppeal, ...]:
    """Appeals that wait for their judgement, the oldest first; those that are closed the latest first.

    Args:
        store: an open store.
        edition: whose model's scorecard of the call is named, the newest one.
        state: ``appealed`` or ``closed``.
        wanted: which audits; None: all.
        agent: only his (工号).
        limit: how many at most.
        offset: how many to pass over.
    """
    appealed = _last_step("appeal")
    judged = _last_step("judge")
    query = (
        select(
            DecisionRow,
            RecordingRow.call_id,
            AuditRow.id,
            appealed.c.reason,
            judged.c.reason,
            judged.c.actor,
            judged.c.happened_at,
            judged.c.verdict_after,
        )
        .join(RecordingRow, RecordingRow.id == DecisionRow.recording_id)
        .outerjoin(AuditRow, and_(AuditRow.recording_id == DecisionRow.recording_id, edition.newest()))
        .join(appealed, appealed.c.decision_id == DecisionRow.id)
        .outerjoin(judged, judged.c.decision_id == DecisionRow.id)
        .where(DecisionRow.state == state, DecisionRow.appealed_by.is_not(None))
        .order_by(DecisionRow.changed_at if state == "appealed" else DecisionRow.changed_at.desc())
    )
    if wanted is not None:
        query = query.where(wanted)
    if agent is not None:
        query = query.where(DecisionRow.appealed_by == agent)
    with store.reading() as session:
        rows = session.execute(query.limit(limit).offset(offset)).all()
    return tuple(
        QueuedAppeal(
            decision_id=row.id,
            audit_id=audit_id,
            call_id=call_id,
            rule=row.rule,
            machine=row.machine,
            verdict=row.verdict,
            state=row.state,
            version=row.version,
            agent=row.appealed_by or "",
            appealed_at=row.appealed_at,
            reason=reason,
            judged_at=judge_at,
            judged_by=judge,
            judged_reason=judge_reason,
            judged_verdict=judge_verdict,
        )
        for row, call_id, audit_id, reason, judge_reason, judge, judge_at, judge_verdict in rows
    )


def assignment_of(store: Store, recording_id: int) -> AssignmentRow | None:
    """Who shall review a call, and why; None: it was not drawn."""
    with store.reading() as session:
        return session.scalar(select(AssignmentRow).where(AssignmentRow.recording_id == recording_id))


def open_rules(call: ReviewedCall) -> tuple[str, ...]:
    """The findings that a person still has to decide one by one: for review, or critical and unconfirmed."""
    return tuple(
        rule
        for rule, each in call.standings.items()
        if each.alias is None
        if each.unconfirmed or (each.verdict == "needs_review" and (each.weight > 0 or each.finding.critical))
    )


def finish_call(
    store: Store, audit_id: int, *, actor: str, role: AccountRole, now: datetime | None = None
) -> int:
    """Confirm what is left of a call that was heard whole: every pass and fail that nobody decided.

    Args:
        store: an open store.
        audit_id: the scorecard that was looked at.
        actor: the account's name.
        role: the account's role.
        now: when; default: the clock.

    Returns:
        How many findings were confirmed.

    Raises:
        DecisionError: ``undecided``: something has to be decided one by one first; ``unknown``,
            ``superseded``.
        StoreError: the store cannot be written.
    """
    when = now or datetime.now(UTC)

    def work(session: Session) -> int:
        call = looked_at(session, audit_id)
        if left := open_rules(call):
            raise DecisionError("undecided", f"decide {', '.join(left)} first.")
        rest = [
            each
            for each in call.standings.values()
            if each.state == "open" and each.alias is None and each.finding.verdict in ("pass", "fail")
        ]
        for each in rest:
            review_in(
                session,
                call,
                each,
                verdict=each.finding.verdict,
                reason="",
                actor=actor,
                role=role,
                seen=0,
                now=when,
                last=False,
            )
        session.execute(
            update(AssignmentRow)
            .where(AssignmentRow.recording_id == call.recording_id, AssignmentRow.done_at.is_(None))
            .values(done_at=when, done_by=actor)
            .execution_options(synchronize_session=False)
        )
        project_call(session, call.recording_id)
        return len(rest)

    return transact(store, work)


def _calls() -> Select[*tuple[Any, ...]]:
    return (
        select(
            AuditRow,
            RecordingRow.call_id,
            AgentRow.code,
            AgentRow.name,
            TeamRow.name.label("team"),
            ReviewedCardRow.result,
            ReviewedCardRow.percent,
            _CRITICAL,
            _IN_REVIEW,
            AssignmentRow,
        )
        .join(RecordingRow, RecordingRow.id == AuditRow.recording_id)
        .outerjoin(AgentRow, AgentRow.id == AuditRow.agent_id)
        .outerjoin(TeamRow, TeamRow.id == AuditRow.team_id)
        .outerjoin(ReviewedCardRow, ReviewedCardRow.audit_id == AuditRow.id)
    )


def _queued(store: Store, query: Select[*tuple[Any, ...]]) -> tuple[QueuedCall, ...]:
    with store.reading() as session:
        return tuple(map(_queued_call, session.execute(query)))


def _queued_call(row: Any) -> QueuedCall:
    audit, call_id, agent, agent_name, team, result, percent, critical, in_review, drawn = row
    return QueuedCall(
        audit_id=audit.id,
        call_id=call_id,
        agent=agent,
        agent_name=agent_name,
        team=team,
        started_at=audit.started_at,
        result=audit.result,
        percent=audit.percent,
        reviewed_result=result,
        reviewed_percent=percent,
        critical=critical,
        in_review=in_review,
        inspector=drawn.inspector if drawn else None,
        week=drawn.week if drawn else None,
        why=tuple(drawn.risks) if drawn else (),
        done_at=drawn.done_at if drawn else None,
    )


def _last_step(action: Literal["appeal", "judge"]) -> Subquery:
    """The one step of that kind that a decision can have."""
    return (
        select(
            StepRow.decision_id,
            StepRow.reason,
            StepRow.actor,
            StepRow.happened_at,
            StepRow.verdict_after,
        )
        .where(StepRow.action == action)
        .subquery()
    )
