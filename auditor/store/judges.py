"""Who judges an appeal: somebody else than those who reviewed the finding, unless there is nobody else.

Judging are administrators, and supervisors of the call's team: accounts that may sign in now. Where only
reviewers of the finding are among them one of these judges, and the history shows that it was the same
person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sqlalchemy import exists, select

from auditor.store.account_tables import AccountRow, AccountTeamRow
from auditor.store.review_tables import StepRow
from auditor.store.tables import AuditRow, TeamRow

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from auditor.store.account_tables import AccountRole
    from auditor.store.review_tables import DecisionRow

# Whoever has one of these roles may judge; a supervisor his own teams' calls.
JUDGES: tuple[AccountRole, ...] = ("admin", "supervisor")
# ``other``: he did not review the finding; ``barred``: he did, and somebody else can judge; ``alone``: he
# did, and nobody else can.
Judge = Literal["other", "barred", "alone"]


def judge_of(session: Session, decision: DecisionRow, *, name: str) -> Judge:
    """How an account stands to an appeal as its judge; whether his role may judge is not asked here."""
    reviews = StepRow.decision_id == decision.id, StepRow.action == "review"
    reviewers = set(session.scalars(select(StepRow.actor).where(*reviews)))
    if name not in reviewers:
        return "other"
    return "barred" if _somebody_else(session, decision.recording_id, than=reviewers) else "alone"


def _somebody_else(session: Session, recording_id: int, *, than: Collection[str]) -> bool:
    of_the_team = (
        select(AccountTeamRow.account_id)
        .join(TeamRow, TeamRow.name == AccountTeamRow.team)
        .join(AuditRow, AuditRow.team_id == TeamRow.id)
        .where(AuditRow.recording_id == recording_id, AccountTeamRow.account_id == AccountRow.id)
    )
    reaches = (AccountRow.role == "admin") | exists(of_the_team)
    found = select(AccountRow.id).where(
        AccountRow.role.in_(JUDGES),
        AccountRow.disabled_at.is_(None),
        AccountRow.name.not_in(than),
        reaches,
    )
    return session.scalar(found.limit(1)) is not None
