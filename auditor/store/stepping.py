"""One step of a finding: what every action of `reviews` and `appeals` does alike, all of it or nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from auditor.errors import DecisionError
from auditor.store.review_tables import DecisionRow, StepRow
from auditor.store.standing import call_in, project_call, proof_of
from auditor.store.upserts import table_of, upsert
from auditor.text.masked import readable
from auditor.text.masking import keys_of, mask

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from auditor.records import Verdict
    from auditor.store.account_tables import AccountRole
    from auditor.store.standing import Action, ReviewedCall, Standing, State

DECIDABLE = ("pass", "fail", "not_applicable")
LONGEST_REASON = 2000


def looked_at(session: Session, audit_id: int) -> ReviewedCall:
    """The audit that a person acts on.

    Raises:
        DecisionError: ``unknown``, or ``superseded``: the call was corrected and has another scorecard.
    """
    call = call_in(session, audit_id)
    if call is None:
        raise DecisionError("unknown", f"there is no audit {audit_id}.")
    if not call.current:
        raise DecisionError("superseded", f"audit {audit_id} no longer counts; look at the call again.")
    return call


def standing_of(call: ReviewedCall, rule: str) -> Standing:
    """How a rule's finding stands.

    Raises:
        DecisionError: ``unknown``.
    """
    standing = call.standings.get(rule)
    if standing is None:
        raise DecisionError("unknown", f"the rulebook of this audit has no rule {rule}.")
    return standing


def clean_reason(reason: str, *, required: bool) -> str:
    """The reason as it is kept: trimmed, without control characters and telephone numbers.

    Raises:
        DecisionError: ``reason``: there is none, or it is too long.
    """
    text = "".join(char for char in reason if char in "\n\t" or char.isprintable()).strip()
    if required and not text:
        raise DecisionError("reason", "a reason is needed; say what was heard.")
    if len(text) > LONGEST_REASON:
        raise DecisionError("reason", f"the reason is longer than {LONGEST_REASON} characters; shorten it.")
    return readable(mask(text, keys_of([text])))


def check_verdict(verdict: str) -> None:
    """Refuse a verdict that decides nothing.

    Raises:
        DecisionError: ``verdict``.
    """
    if verdict not in DECIDABLE:
        raise DecisionError("verdict", f"{verdict!r} decides nothing; say one of {', '.join(DECIDABLE)}.")


def stale(rule: str) -> DecisionError:
    """The refusal of an action whose author saw an earlier version."""
    return DecisionError("stale", f"somebody else was faster with {rule}; look at it again.")


def step(
    session: Session,
    call: ReviewedCall,
    standing: Standing,
    *,
    allowed: tuple[State, ...],
    action: Action,
    state: State,
    verdict: Verdict,
    reason: str,
    actor: str,
    role: AccountRole,
    seen: int,
    now: datetime | None,
    appealed_by: str | None = None,
    last: bool = True,
) -> int:
    """One step of a finding, if nobody was faster."""
    now = now or datetime.now(UTC)
    finding = standing.finding
    key = {"recording_id": call.recording_id, "rule": finding.rule, "proof": proof_of(finding)}
    wanted = [getattr(DecisionRow, name) == value for name, value in key.items()]
    fresh = upsert(session, DecisionRow).values(
        **key, machine=finding.verdict, verdict=None, state="reviewed", version=0, changed_at=now
    )
    session.execute(fresh.on_conflict_do_nothing(index_elements=list(key)))
    row = session.scalars(
        select(DecisionRow).where(*wanted).with_for_update().execution_options(populate_existing=True)
    ).one()
    if row.version == seen + 1 and is_last_step(session, row, actor, reason, action=action, after=verdict):
        return row.id
    if row.version != seen or standing.version != seen:
        raise stale(finding.rule)
    if row.version > 0 and row.state not in allowed:
        raise DecisionError(row.state, f"{finding.rule} of this call is {row.state}.")
    advance(
        session,
        row,
        action=action,
        state=state,
        before=standing.verdict,
        after=verdict,
        reason=reason,
        actor=actor,
        role=role,
        now=now,
        audit_id=call.audit_id,
        appealed_by=appealed_by,
    )
    if last:
        project_call(session, call.recording_id)
    return row.id


def advance(
    session: Session,
    row: DecisionRow,
    *,
    action: Action,
    state: State,
    before: Verdict,
    after: Verdict,
    reason: str,
    actor: str,
    role: AccountRole,
    now: datetime,
    audit_id: int | None,
    appealed_by: str | None = None,
) -> None:
    """Write the step and the state it leads to."""
    number = row.version + 1
    values: dict[str, object] = {"state": state, "version": number, "changed_at": now}
    if action != "appeal":
        values["verdict"] = after
    else:
        values |= {"appealed_at": now, "appealed_by": appealed_by}
    session.execute(
        update(DecisionRow)
        .where(DecisionRow.id == row.id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        insert(table_of(StepRow)).values(
            decision_id=row.id,
            recording_id=row.recording_id,
            number=number,
            happened_at=now,
            actor=actor,
            role=role,
            action=action,
            verdict_before=before,
            verdict_after=after,
            state=state,
            reason=reason,
            audit_id=audit_id,
        )
    )


def is_last_step(
    session: Session,
    row: DecisionRow,
    actor: str,
    reason: str,
    *,
    action: Action = "judge",
    after: Verdict | None = None,
) -> bool:
    """Whether the last step of a decision is this very action, which was sent twice."""
    step = session.scalars(
        select(StepRow).where(StepRow.decision_id == row.id, StepRow.number == row.version)
    ).one_or_none()
    if step is None:
        return False
    same = (step.action, step.actor, step.reason) == (action, actor, reason)
    return same and (after is None or step.verdict_after == after)
