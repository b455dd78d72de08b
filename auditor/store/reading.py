"""Asking the store: what is there already, and long rows of calls that are streamed, never held at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVarTuple

from sqlalchemy import exists, func, select, true
from sqlalchemy.orm import aliased

from auditor.store.database import inquire
from auditor.store.packing import stored_evidence, unpack_judged, whole_audit
from auditor.store.tables import AuditRow, EvidenceRow, PayloadRow
from auditor.store.upserts import chunked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row, Select
    from sqlalchemy.orm import InstrumentedAttribute

    from auditor.records import CallAudit
    from auditor.store.database import Store
    from auditor.store.packing import StoredEvidence
    from auditor.store.runs import Edition

_Columns = TypeVarTuple("_Columns")
# Calls that are unpacked at once while streaming.
_STRIDE = 64


def evidence_of(store: Store, key: str) -> StoredEvidence | None:
    """What was heard under that key; None: nothing yet."""
    row = inquire(store, lambda session: session.scalar(select(EvidenceRow).where(EvidenceRow.key == key)))
    return None if row is None else stored_evidence(row)


def has_scorecard(store: Store, key: str) -> bool:
    """Whether the scorecard of that key is there and counts."""
    return key in scorecards_among(store, [key])


def scorecards_among(store: Store, keys: Iterable[str]) -> set[str]:
    """Which of these scorecards are there and count (see `keys.scorecard_key`).

    One that a later correction replaced is not among them, even where the correction was judged by another
    rulebook: judge its evidence again and save it.
    """
    newest = aliased(AuditRow)
    unchanged = exists().where(
        newest.recording_id == AuditRow.recording_id,
        newest.latest,
        newest.evidence_id == AuditRow.evidence_id,
        newest.record_sha256 == AuditRow.record_sha256,
    )
    return _among(store, AuditRow.key, keys, AuditRow.current & unchanged)


def results_of(store: Store, keys: Iterable[str]) -> dict[str, str]:
    """Key -> result of those of these scorecards that are there and count (`scorecards_among`)."""
    there = scorecards_among(store, keys)
    found: dict[str, str] = {}
    for chunk in chunked(sorted(there)):
        query = select(AuditRow.key, AuditRow.result).where(AuditRow.key.in_(chunk))
        found.update((key, result) for key, result in _rows(store, query))
    return found


def evidence_among(store: Store, keys: Iterable[str]) -> set[str]:
    """Which of these evidence keys are there: those calls need not be heard."""
    return _among(store, EvidenceRow.key, keys, true())


def iter_audits(
    store: Store,
    *,
    edition: Edition,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[CallAudit]:
    """The audits that count in an edition, in the order in which they were first saved.

    Args:
        store: an open store.
        edition: see `runs.latest_edition`.
        since: only calls that started then or later; calls without a start are left out.
        until: only calls that started before.

    Raises:
        StoreError: the store cannot be read.
    """
    wanted = edition.holds()
    if since is not None:
        wanted &= AuditRow.started_at >= since
    if until is not None:
        wanted &= AuditRow.started_at < until
    for _, judged, evidence in _stream(store, wanted):
        yield whole_audit(unpack_judged(judged.payload), evidence=stored_evidence(evidence))


def audit_of(store: Store, audit_id: int) -> CallAudit | None:
    """One audit by its id; None: there is none."""
    for _, judged, evidence in _stream(store, AuditRow.id == audit_id):
        return whole_audit(unpack_judged(judged.payload), evidence=stored_evidence(evidence))
    return None


def _among(
    store: Store, column: InstrumentedAttribute[str], keys: Iterable[str], condition: ColumnElement[bool]
) -> set[str]:
    found: set[str] = set()
    for chunk in chunked(keys):
        found.update(key for (key,) in _rows(store, select(column).where(column.in_(chunk), condition)))
    return found


def _rows(store: Store, query: Select[*_Columns]) -> Sequence[Row[*_Columns]]:
    return inquire(store, lambda session: session.execute(query).all())


def _stream(store: Store, wanted: ColumnElement[bool]) -> Iterator[tuple[AuditRow, PayloadRow, EvidenceRow]]:
    """Audits and what belongs to them, a stride at a time: no transaction outlives a stride."""
    ((last,),) = _rows(store, select(func.coalesce(func.max(AuditRow.id), 0)))
    after = 0
    while True:
        query = (
            select(AuditRow, PayloadRow, EvidenceRow)
            .join(PayloadRow, PayloadRow.audit_id == AuditRow.id)
            .join(EvidenceRow, EvidenceRow.id == AuditRow.evidence_id)
            .where(wanted, AuditRow.id > after, AuditRow.id <= last)
            .order_by(AuditRow.id)
            .limit(_STRIDE)
        )
        rows = _rows(store, query)
        if not rows:
            return
        yield from rows
        after = rows[-1][0].id
