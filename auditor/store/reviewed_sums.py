"""What people made of the machine's scores: both sums over the calls that people ruled on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from auditor.records import Points, Share
from auditor.store.review_tables import ReviewedCardRow
from auditor.store.selection import agent_row, audits_of
from auditor.store.tables import AuditRow, SpellRow

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from auditor.store.database import Store
    from auditor.store.editions import Edition
    from auditor.store.selection import Selection


@dataclass(frozen=True, slots=True)
class ReviewedSums:
    """Machine and people over the same calls.

    Attributes:
        calls: scored calls that people ruled on; an agent's: those that he held alone.
        machine: their points by the machine.
        people: their points after people have ruled.
        confirmed: calls with a critical fail that people confirmed.
        passed: calls that pass after people have ruled.
        failed: calls that fail after people have ruled.
    """

    calls: int = 0
    machine: Points = Points(0.0, 0.0)  # noqa: RUF009
    people: Points = Points(0.0, 0.0)  # noqa: RUF009
    confirmed: int = 0
    passed: int = 0
    failed: int = 0

    @property
    def pass_share(self) -> Share:
        """Passed calls of those whose result stands."""
        return Share(self.passed, self.passed + self.failed)


def reviewed_sums(store: Store, *, edition: Edition, selection: Selection) -> ReviewedSums:
    """Machine and people over the selected calls that people ruled on.

    Raises:
        StoreError: the store cannot be read.
    """
    with store.reading() as session:
        wanted = audits_of(session, selection, edition=edition) & (AuditRow.result != "not_scored")
        cards: ColumnElement[bool] = ReviewedCardRow.decided > 0
        if selection.agent is not None:
            agent = agent_row(session, selection.agent)
            spells = select(SpellRow.audit_id)
            cards &= ReviewedCardRow.audit_id.in_(spells.where(SpellRow.agent_id == agent))
            others = spells.where(SpellRow.audit_id == AuditRow.id, SpellRow.agent_id != agent)
            wanted &= ~others.exists()
        # There are far fewer reviewed cards than audits, so the audits must not be gone through: no index on
        # cards may be of use, and in a CASE none on audits but that of their ids.
        same = (AuditRow.id == ReviewedCardRow.audit_id + 0) & (case((wanted, 1), else_=0) == 1)
        count = func.count()
        query = (
            select(
                count,
                func.sum(AuditRow.earned),
                func.sum(AuditRow.possible),
                func.sum(ReviewedCardRow.earned),
                func.sum(ReviewedCardRow.possible),
                count.filter(ReviewedCardRow.critical > 0),
                count.filter(ReviewedCardRow.result == "pass"),
                count.filter(ReviewedCardRow.result == "fail"),
            )
            .join_from(ReviewedCardRow, AuditRow, same)
            .where(cards)
        )
        calls, *points, confirmed, passed, failed = session.execute(query).one()
    earned, possible, earned_after, possible_after = (float(value or 0.0) for value in points)
    return ReviewedSums(
        calls, Points(earned, possible), Points(earned_after, possible_after), confirmed, passed, failed
    )
