"""Forgetting: calls older than a date, with everything that was heard and judged of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, func, select

from auditor.store.database import inquire, transact
from auditor.store.day_sums import changing
from auditor.store.faults import one_sentence
from auditor.store.files import forget_files
from auditor.store.indexing import compact, forget_calls
from auditor.store.tables import AuditRow, EvidenceRow, FailureRow, RecordingRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, ScalarSelect
    from sqlalchemy.orm import Session

    from auditor.store.database import Store
    from auditor.store.tables import Base

_STRIDE = 200


@dataclass(frozen=True, slots=True)
class Purged:
    """How much was forgotten."""

    recordings: int
    audits: int
    failures: int


@dataclass(frozen=True, slots=True)
class Purgeable:
    """How much would be forgotten; ``undated``: calls whose start nobody knows, by when they came."""

    recordings: int
    undated: int
    audits: int
    failures: int


def purgeable(store: Store, before: datetime) -> Purgeable:
    """What `purge_older_than` would forget.

    Raises:
        StoreError: the store cannot be read.
    """

    def work(session: Session) -> Purgeable:
        def count(table: type[Base], condition: ColumnElement[bool]) -> int:
            return session.scalar(select(func.count()).select_from(table).where(condition)) or 0

        old = _is_old(before)
        calls = select(RecordingRow.id).where(old)
        return Purgeable(
            recordings=count(RecordingRow, old),
            undated=count(RecordingRow, old & _started().is_(None)),
            audits=count(AuditRow, AuditRow.recording_id.in_(calls)),
            failures=count(FailureRow, FailureRow.failed_at < before),
        )

    return inquire(store, work)


def purge_older_than(store: Store, before: datetime) -> Purged:
    """Forget every call that started before a moment (where that is unknown: that was first seen before it).

    Some hundred calls go in one transaction, each with all its audits, its evidence, its words in the index,
    what people decided about it, and what its files held. Evidence that another call shares stays as long as
    that call does. Agents, teams and runs stay: they say nothing of a call.

    Raises:
        StoreError: the store cannot be written.
    """
    calls = audits = 0
    while True:
        gone, scorecards = transact(store, lambda session: _stride(session, before))
        if not gone:
            break
        calls, audits = calls + gone, audits + scorecards

    def rest(session: Session) -> int:
        unused = ~exists().where(AuditRow.evidence_id == EvidenceRow.id)
        session.execute(delete(EvidenceRow).where(unused, EvidenceRow.heard_at < before))
        result = session.execute(delete(FailureRow).where(FailureRow.failed_at < before))
        return int(result.rowcount)  # type: ignore[attr-defined]

    failures = transact(store, rest)
    compact(store)
    if store.dialect == "sqlite":  # what was deleted stands in the log until that is emptied
        with one_sentence(store.shown), store.engine.connect() as connection:
            connection.rollback()
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    return Purged(recordings=calls, audits=audits, failures=failures)


def _stride(session: Session, before: datetime) -> tuple[int, int]:
    query = select(RecordingRow.id, RecordingRow.path, RecordingRow.customer_path)
    rows = session.execute(query.where(_is_old(before)).limit(_STRIDE)).all()
    calls = [row.id for row in rows]
    mine = AuditRow.recording_id.in_(calls)
    heard = session.scalars(select(AuditRow.evidence_id).where(mine).distinct()).all()
    forget_calls(session, calls)
    with changing(session, recordings=calls):
        audits = session.execute(delete(AuditRow).where(mine)).rowcount  # type: ignore[attr-defined]
    unused = ~exists().where(AuditRow.evidence_id == EvidenceRow.id)
    session.execute(delete(EvidenceRow).where(EvidenceRow.id.in_(heard), unused))
    session.execute(delete(RecordingRow).where(RecordingRow.id.in_(calls)))
    forget_files(session, [path for row in rows for path in (row.path, row.customer_path) if path])
    return len(calls), audits


def _started() -> ScalarSelect[datetime | None]:
    """When a call began, by any of its call records."""
    starts = select(func.max(AuditRow.started_at)).where(AuditRow.recording_id == RecordingRow.id)
    return starts.scalar_subquery()


def _is_old(before: datetime) -> ColumnElement[bool]:
    return func.coalesce(_started(), RecordingRow.first_seen_at) < before
