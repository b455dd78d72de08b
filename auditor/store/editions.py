"""Editions: one rulebook and one model, never a sum across; and which of them a report over some days uses.

A run may go over a part of the calls only: ``rescore --since``, or the first night of a new rulebook. Its
edition lacks the others, so a report takes the edition that holds most calls of its days (`fullest_edition`)
and says how many of them only other editions hold (`left_out`): no call is lost without a word.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.orm import aliased

from auditor.store.selection import Selection, selected
from auditor.store.sum_spans import days_touched, in_months
from auditor.store.sum_tables import NONE, DaySumRow, MonthSumRow
from auditor.store.tables import AuditRow, ModelRow, RulebookRow, RunRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session
    from sqlalchemy.orm.util import AliasedClass

    from auditor.store.database import Store


@dataclass(frozen=True, slots=True)
class Edition:
    """One rulebook and one model: what may be added up. ``model_id`` None: transcripts alone."""

    rulebook_id: int
    model_id: int | None
    rulebook: str
    rulebook_sha256: str
    model: str | None
    model_sha256: str | None

    def holds(
        self, *, by_call: bool = False, card: type[AuditRow] | AliasedClass[AuditRow] = AuditRow
    ) -> ColumnElement[bool]:
        """The condition of audits that count in this edition: each call once.

        Args:
            by_call: the audits are found through their calls; no index of the rulebook's is then looked into,
                which SQLite without statistics would prefer and read to its end.
            card: the audits; an alias where others are asked for, too.
        """
        rulebook = card.rulebook_id + 0 if by_call else card.rulebook_id
        return and_(rulebook == self.rulebook_id, card.current, self._of_model(card))

    def newest(self) -> ColumnElement[bool]:
        """The condition of this model's calls by their newest scorecard, whatever its rulebook: each once."""
        return and_(AuditRow.latest, self._of_model(AuditRow))

    def _of_model(self, card: type[AuditRow] | AliasedClass[AuditRow]) -> ColumnElement[bool]:
        by_transcript: ColumnElement[bool] = card.model_id.is_(None)
        return by_transcript if self.model_id is None else by_transcript | (card.model_id == self.model_id)


def latest_edition(store: Store) -> Edition | None:
    """The edition of the last run that was complete; None before there is one. It may hold few calls."""
    return next(iter(editions(store, complete=True)), None)


def fullest_edition(
    store: Store, *, since: datetime | None = None, until: datetime | None = None
) -> Edition | None:
    """The edition of complete runs that holds most calls of these days, of equals the last.

    Args:
        store: an open store.
        since: the days from this moment's on; None: from the first.
        until: the days before this moment; None: to the last.

    Raises:
        StoreError: the store cannot be read.
    """
    found = editions(store, complete=True)
    if len(found) < 2:
        return next(iter(found), None)
    with store.reading() as session:
        held = _calls_held(session, since=since, until=until)

    def calls(edition: Edition) -> int:
        models = {NONE, edition.model_id or NONE}
        return sum(held.get((edition.rulebook_id, model), 0) for model in models)

    return max(found, key=calls)


def left_out(store: Store, *, edition: Edition, selection: Selection) -> int:
    """How many of the selected calls are in the store and not in the edition: only others hold them.

    Raises:
        StoreError: the store cannot be read.
    """
    mine = aliased(AuditRow)
    in_edition = (
        select(mine.id)
        .where(mine.recording_id == AuditRow.recording_id, edition.holds(by_call=True, card=mine))
        .exists()
    )
    with store.reading() as session:
        rulebooks = _others(session, edition, selection)
        if not rulebooks:
            return 0
        # An agent's calls are found by his spells: no index on audits may seem better.
        rulebook = AuditRow.rulebook_id if selection.agent is None else AuditRow.rulebook_id + 0
        wanted = and_(AuditRow.latest, rulebook.in_(rulebooks), selected(session, selection), ~in_edition)
        return session.scalar(select(func.count(AuditRow.recording_id.distinct())).where(wanted)) or 0


def newest_start(store: Store) -> datetime | None:
    """When the newest call of the store began; None: no call has a start.

    Raises:
        StoreError: the store cannot be read.
    """
    with store.reading() as session:
        start = AuditRow.started_at
        newest = [  # one rulebook after the other: each is one look into the index of their starts
            session.scalar(
                select(start)
                .where(AuditRow.rulebook_id == rulebook, start.is_not(None))
                .order_by(start.desc())
                .limit(1)
            )
            for rulebook in session.scalars(select(RulebookRow.id)).all()
        ]
    return max((start for start in newest if start is not None), default=None)


def editions(store: Store, *, complete: bool = False) -> tuple[Edition, ...]:
    """Every rulebook and model that runs used, the last first; ``complete``: that complete runs used."""
    wanted = RunRow.state == "complete" if complete else true()
    last = func.max(RunRow.id)
    used = (
        select(RunRow.rulebook_id, RunRow.model_id, last.label("run"))
        .where(wanted)
        .group_by(RunRow.rulebook_id, RunRow.model_id)
        .subquery()
    )
    query = (
        select(
            used.c.rulebook_id,
            used.c.model_id,
            RulebookRow.version,
            RulebookRow.sha256,
            ModelRow.name,
            ModelRow.sha256,
        )
        .join(RulebookRow, RulebookRow.id == used.c.rulebook_id)
        .outerjoin(ModelRow, ModelRow.id == used.c.model_id)
        .order_by(used.c.run.desc())
    )
    with store.reading() as session:
        return tuple(Edition(*row) for row in session.execute(query))


def _calls_held(
    session: Session, *, since: datetime | None, until: datetime | None
) -> dict[tuple[int, int], int]:
    """Rulebook and model (0: transcripts) -> the calls of these days that count there."""
    held: dict[tuple[int, int], int] = defaultdict(int)
    rulebooks = session.scalars(select(RulebookRow.id)).all()
    months, days = in_months(days_touched(since, until))
    for sums, ranges in ((MonthSumRow, months), (DaySumRow, days)):
        for each in ranges:
            query = (
                select(sums.rulebook_id, sums.model_id, func.sum(sums.calls))
                .where(
                    sums.rulebook_id.in_(rulebooks),
                    sums.agent_id == NONE,
                    sums.day >= each.first,
                    sums.day < each.end,
                )
                .group_by(sums.rulebook_id, sums.model_id)
            )
            for rulebook, model, calls in session.execute(query):
                held[rulebook, model] += int(calls)
    return held


def _others(session: Session, edition: Edition, selection: Selection) -> list[int]:
    """The rulebooks of other editions that hold calls of the selection's days; told by an index alone."""
    sums = DaySumRow
    own = (sums.rulebook_id == edition.rulebook_id) & sums.model_id.in_((NONE, edition.model_id or NONE))
    days = days_touched(selection.since, selection.until)
    here = select(sums.id).where(
        sums.rulebook_id == RulebookRow.id,
        sums.agent_id == NONE,
        sums.day >= days.first,
        sums.day < days.end,
        ~own,
    )
    return list(session.scalars(select(RulebookRow.id).where(here.exists())))
