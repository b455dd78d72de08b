"""Review (复核), appeal (申诉) and judgement (终审) of findings.

::

    open ──review──> reviewed ──appeal──> appealed ──judge──> closed
      │                 ⟲ review            ↑
      └────────────────appeal───────────────┘

* A *review* gives a finding the verdict of a person: the machine's (confirmed) or another (overruled).
  Until somebody appeals it may be reviewed again. What the machine could not decide gets a verdict, and
  ``needs_review`` is none: what people cannot hear either is ``not_applicable``.
* An *appeal* is the agent's, against a finding that fails and is charged to him, once, within a set time from
  when he could first see the fail. What stood before stands until it is judged.
* A *judgement* answers an appeal, and closes it for good. It is somebody else's than the review, unless
  nobody else can judge (`judges`).

Every action names the version of the finding that its author saw. If somebody was faster it is refused with
the code ``stale`` and nothing changes. The same action twice is one. Each action is a step of the history,
in the transaction that does it. Telephone numbers in reasons are masked before they are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.errors import DecisionError
from auditor.store.database import transact
from auditor.store.stepping import check_verdict, clean_reason, looked_at, standing_of, step

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from auditor.records import Verdict
    from auditor.store.account_tables import AccountRole
    from auditor.store.database import Store
    from auditor.store.standing import ReviewedCall, Standing


def review(
    store: Store,
    audit_id: int,
    *,
    rule: str,
    verdict: Verdict,
    reason: str,
    actor: str,
    role: AccountRole,
    seen: int,
    now: datetime | None = None,
) -> int:
    """Confirm or overrule a finding.

    Args:
        store: an open store.
        audit_id: the scorecard that was looked at.
        rule: whose finding.
        verdict: the person's; the machine's own confirms it.
        reason: required where it overrules the machine or another person.
        actor: the account's name.
        role: the account's role.
        seen: the version that the person saw (`Standing.version`).
        now: when; default: the clock.

    Returns:
        The id of the decision.

    Raises:
        DecisionError: ``unknown``, ``superseded``, ``alias``, ``verdict``, ``reason``, ``stale``,
            ``appealed`` or ``closed``.
        StoreError: the store cannot be written.
    """

    def work(session: Session) -> int:
        call = looked_at(session, audit_id)
        standing = standing_of(call, rule)
        agrees = verdict == standing.verdict == standing.finding.verdict
        why = clean_reason(reason, required=not agrees)
        return review_in(
            session, call, standing, verdict=verdict, reason=why, actor=actor, role=role, seen=seen, now=now
        )

    return transact(store, work)


def review_in(
    session: Session,
    call: ReviewedCall,
    standing: Standing,
    *,
    verdict: Verdict,
    reason: str,
    actor: str,
    role: AccountRole,
    seen: int,
    now: datetime | None = None,
    last: bool = True,
) -> int:
    """`review` within a transaction; ``last``: no other finding of the call is reviewed in it."""
    check_verdict(verdict)
    if standing.alias is not None:
        raise DecisionError(
            "alias", f"{standing.finding.rule} only shows {standing.alias}; review {standing.alias}."
        )
    return step(
        session,
        call,
        standing,
        allowed=("open", "reviewed"),
        action="review",
        state="reviewed",
        verdict=verdict,
        reason=reason,
        actor=actor,
        role=role,
        seen=seen,
        now=now,
        last=last,
    )
