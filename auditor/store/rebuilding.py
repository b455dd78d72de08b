"""Making anew what a store keeps for quick answers: sums, cards after review, words of the search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, text

from auditor.store.database import transact
from auditor.store.day_sums import rebuild, rebuild_months
from auditor.store.indexing import index_backlog
from auditor.store.review_tables import DecisionRow, ReviewedCardRow, RulingRow
from auditor.store.search_tables import INDEX, SearchBacklogRow, TranscriptRow
from auditor.store.standing import project_call
from auditor.store.tables import RecordingRow
from auditor.store.upserts import table_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from auditor.store.database import Store


def rebuild_store(store: Store, *, tell: Callable[[str], None] = lambda _: None) -> None:
    """Make sums, reviewed cards and the index of words anew from audits and decisions, which stay.

    Each is made in one transaction, the index then filled some calls at a time: where that is interrupted,
    the site goes on with it.

    Args:
        store: an open store.
        tell: is given what is made next.

    Raises:
        StoreError: the store cannot be written.
    """
    tell("sums by day and month")
    transact(store, _sum_anew)
    tell("cards after review")
    transact(store, _review_anew)
    tell("words of the search")
    transact(store, _forget_words)
    index_backlog(store, tell=lambda left: tell(f"words of the search: {left:,} calls left"))


def _sum_anew(session: Session) -> None:
    rebuild(session)
    rebuild_months(session)


def _review_anew(session: Session) -> None:
    for table in (RulingRow, ReviewedCardRow):
        session.execute(delete(table))
    calls = select(DecisionRow.recording_id).distinct().order_by(DecisionRow.recording_id)
    for recording_id in session.scalars(calls).all():
        project_call(session, recording_id)


def _forget_words(session: Session) -> None:
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text(f"INSERT INTO {INDEX} ({INDEX}) VALUES ('delete-all')"))
    session.execute(delete(TranscriptRow))
    session.execute(delete(SearchBacklogRow))
    last = session.scalar(select(func.max(RecordingRow.id)))
    if last is not None:
        session.execute(insert(table_of(SearchBacklogRow)).values(up_to=last))
