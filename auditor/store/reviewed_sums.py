"""What people made of the machine's scores: both sums over the calls that people ruled on."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from auditor.records import Points, Share
from auditor.store.review_tables import ReviewedCardRow
from auditor.store.selection import agent_row, audits_of
from auditor.store.tables import AuditRow, SpellRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement

    from auditor.store.adding import Sums
    from auditor.store.browsing import Tally
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
        settled: calls with a critical fail of the machine's that people confirmed or took away, scored or
            not: the others (`waiting`) are 待复核.
        passed: calls that pass after people have ruled.
        failed: calls that fail after people have ruled.
    """

    calls: int = 0
    machine: Points = Points(0.0, 0.0)  # noqa: RUF009
    people: Points = Points(0.0, 0.0)  # noqa: RUF009
    confirmed: int = 0
    passed: int = 0
    failed: int = 0
    settled: int = 0

    @property
    def pass_share(self) -> Share:
        """Passed calls of those whose result stands."""
        return Share(self.passed, self.passed + self.failed)

    def waiting(self, total: Sums | Tally) -> int:
        """Of the same calls: those with a critical fail that nobody confirmed or took away yet."""
        return max(0, total.critical - self.settled)


def reviewed_sums(store: Store, *, edition: Edition, selection: Selection) -> ReviewedSums:
    """Machine and people over the selected calls that people ruled on.

    Raises:
        StoreError: the store cannot be read.
    """
    with store.reading() as session:
        wanted = audits_of(session, selection, edition=edition)
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
        scored = AuditRow.result != "not_scored"
        count, card = func.count(), ReviewedCardRow
        settled = (AuditRow.critical > 0) & ((card.critical > 0) | (card.critical_in_review == 0))
        query = (
            select(
                *(
                    func.sum(points).filter(scored)
                    for points in (AuditRow.earned, AuditRow.possible, card.earned, card.possible)
                ),
                count.filter(scored),
                count.filter(scored, card.critical > 0),
                count.filter(scored, card.result == "pass"),
                count.filter(scored, card.result == "fail"),
                count.filter(settled),
            )
            .join_from(ReviewedCardRow, AuditRow, same)
            .where(cards)
        )
        *points, calls, confirmed, passed, failed, closed = session.execute(query).one()
    earned, possible, earned_after, possible_after = (float(value or 0.0) for value in points)
    machine, people = Points(earned, possible), Points(earned_after, possible_after)
    return ReviewedSums(calls, machine, people, confirmed, passed, failed, closed)


def added_up(parts: Iterable[ReviewedSums]) -> ReviewedSums:
    """Several teams' as one."""
    whole = ReviewedSums()
    for part in parts:
        both = ((getattr(whole, each.name), getattr(part, each.name)) for each in fields(ReviewedSums))
        whole = ReviewedSums(*(mine + other for mine, other in both))
    return whole
