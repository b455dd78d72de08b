"""Appeal (申诉) and judgement (终审); what they are stands in `reviews`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from sqlalchemy import select

from auditor.errors import DecisionError
from auditor.store.charging import spell_of, spells_of
from auditor.store.database import transact
from auditor.store.judges import judge_of
from auditor.store.packing import unpack_judged
from auditor.store.review_tables import DecisionRow
from auditor.store.standing import project_call, proof_of
from auditor.store.stepping import (
    advance,
    check_verdict,
    clean_reason,
    is_last_step,
    looked_at,
    stale,
    standing_of,
    step,
)
from auditor.store.tables import AuditRow, PayloadRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from auditor.records import CallRecord, Finding, Verdict
    from auditor.store.account_tables import AccountRole
    from auditor.store.database import Store
    from auditor.store.standing import ReviewedCall, Standing

APPEAL_DAYS = 7.0


def appeal(
    store: Store,
    audit_id: int,
    *,
    rule: str,
    reason: str,
    agent_id: str,
    actor: str,
    seen: int,
    days: float = APPEAL_DAYS,
    now: datetime | None = None,
) -> int:
    """Let an agent appeal against a fail that is charged to him.

    Args:
        store: an open store.
        audit_id: the scorecard that was looked at.
        rule: whose finding.
        reason: why it is no fail.
        agent_id: who appeals (工号).
        actor: his account's name.
        seen: the version that he saw.
        days: for how long after it could first be seen.
        now: when; default: the clock.

    Returns:
        The id of the decision.

    Raises:
        DecisionError: as `review`, and ``no_fail``, ``not_yours``, ``too_late``, ``once``.
        StoreError: the store cannot be written.
    """
    now = now or datetime.now(UTC)

    def work(session: Session) -> int:
        call = looked_at(session, audit_id)
        standing = standing_of(call, rule)
        why = clean_reason(reason, required=True)
        if seen == standing.version:
            refusal = why_no_appeal(call, rule=rule, agent_id=agent_id, days=days, now=now)
            if refusal is not None:
                raise refusal
        return step(
            session,
            call,
            standing,
            allowed=("open", "reviewed"),
            action="appeal",
            state="appealed",
            verdict=standing.verdict,
            reason=why,
            actor=actor,
            role="agent",
            seen=seen,
            now=now,
            appealed_by=agent_id,
        )

    return transact(store, work)


def why_no_appeal(
    call: ReviewedCall, *, rule: str, agent_id: str, days: float = APPEAL_DAYS, now: datetime | None = None
) -> DecisionError | None:
    """What stands against an agent's appeal; None: he may."""
    standing = standing_of(call, rule)
    if charged_to(standing.finding, call.audit.evidence.call_record) != agent_id:
        return DecisionError("not_yours", f"{rule} of this call is not charged to {agent_id}.")
    if standing.alias is not None:
        return DecisionError("alias", f"{rule} only shows {standing.alias}; appeal against {standing.alias}.")
    if standing.appealed_by is not None:
        return DecisionError("once", f"{rule} of this call was appealed before; a finding can be once.")
    if standing.verdict != "fail":
        return DecisionError("no_fail", f"{rule} of this call is no fail; there is nothing to appeal.")
    if (now or datetime.now(UTC)) > appeal_until(call, standing, days=days):
        return DecisionError("too_late", f"{rule} of this call could be appealed for {days:g} days.")
    return None


def appeal_until(call: ReviewedCall, standing: Standing, *, days: float = APPEAL_DAYS) -> datetime:
    """Until when a fail may be appealed: counted from when it could first be seen as one."""
    turned = [
        step.happened_at
        for step in standing.steps
        if step.verdict_after == "fail" and step.verdict_before != "fail"
    ]
    return max([call.judged_at, *turned]) + timedelta(days=days)


def judge_appeal(
    store: Store,
    decision_id: int,
    *,
    verdict: Verdict,
    reason: str,
    actor: str,
    role: AccountRole,
    seen: int,
    now: datetime | None = None,
) -> int:
    """Answer an appeal for good; also where the call was judged again meanwhile and the finding is gone.

    Whoever reviewed the finding may only where nobody else can (`judges`).

    Args:
        store: an open store.
        decision_id: what was appealed against.
        verdict: the final one.
        reason: why.
        actor: the account's name.
        role: the account's role.
        seen: the version that the person saw.
        now: when; default: the clock.

    Returns:
        The id of the decision.

    Raises:
        DecisionError: ``unknown``, ``verdict``, ``reason``, ``stale``, ``not_appealed`` or ``own_review``.
        StoreError: the store cannot be written.
    """
    check_verdict(verdict)
    why = clean_reason(reason, required=True)
    now = now or datetime.now(UTC)

    def work(session: Session) -> int:
        row = session.get(DecisionRow, decision_id, with_for_update=True, populate_existing=True)
        if row is None:
            raise DecisionError("unknown", f"there is no decision {decision_id}.")
        if row.version == seen + 1 and row.state == "closed" and is_last_step(session, row, actor, why):
            return decision_id
        if row.version != seen:
            raise stale(row.rule)
        if row.state != "appealed":
            raise DecisionError("not_appealed", f"{row.rule} of this call is not appealed.")
        if judge_of(session, row, name=actor) == "barred":
            raise DecisionError(
                "own_review",
                f"{actor} reviewed {row.rule} of this call; somebody else has to judge the appeal.",
            )
        advance(
            session,
            row,
            action="judge",
            state="closed",
            before=cast("Verdict", row.verdict or row.machine),
            after=verdict,
            reason=why,
            actor=actor,
            role=role,
            now=now,
            audit_id=None,
        )
        project_call(session, row.recording_id)
        return decision_id

    return transact(store, work)


def charged_to(finding: Finding, record: CallRecord) -> str | None:
    """The agent that a finding is charged to; None: nobody in particular."""
    spells = spells_of(record)
    number = spell_of(finding, spells=spells)
    return None if number is None else spells[number].agent_id


def finding_behind(session: Session, decision: DecisionRow) -> Finding | None:
    """The finding that a decision is about, from the latest audit that holds it."""
    query = (
        select(PayloadRow.payload)
        .join(AuditRow, AuditRow.id == PayloadRow.audit_id)
        .where(AuditRow.recording_id == decision.recording_id)
        .order_by(AuditRow.current.desc(), AuditRow.id.desc())
    )
    for payload in session.scalars(query):
        for finding in unpack_judged(payload).findings:
            if finding.rule == decision.rule and proof_of(finding) == decision.proof:
                return finding
    return None
