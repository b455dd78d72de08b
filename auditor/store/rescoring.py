"""Calls as they were last heard, to be judged again, and their new scorecards beside the old ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from auditor.store.database import inquire, transact
from auditor.store.keys import scorecard_key
from auditor.store.packing import judged_evidence, stored_evidence, unpack_judged
from auditor.store.tables import AuditRow, EvidenceRow, PayloadRow, RecordingRow
from auditor.store.writing import scorecard_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from auditor.records import CallAudit, Evidence, Finding, Result
    from auditor.rulebook.schema import Rulebook
    from auditor.store.database import Store
    from auditor.store.packing import StoredEvidence

_STRIDE = 2000


@dataclass(frozen=True, slots=True)
class HeardCall:
    """What a call's keys are made of; ``audit_id``: the scorecard that counts whatever the rulebook."""

    audit_id: int
    identity: str
    evidence_key: str
    record_sha256: str

    def key(self, *, rulebook_sha256: str) -> str:
        """The key of its scorecard by a rulebook."""
        return scorecard_key(
            identity=self.identity,
            evidence=self.evidence_key,
            record_sha256=self.record_sha256,
            rulebook_sha256=rulebook_sha256,
        )


@dataclass(frozen=True, slots=True)
class StoredCall:
    """A call as it was last heard, and what was made of it then.

    ``evidence`` has the call's record and paths, masked as they were; `StoredEvidence.credited` corrects the
    provenance of what it is judged to be.
    """

    audit_id: int
    call_id: str
    evidence: Evidence
    stored: StoredEvidence
    findings: tuple[Finding, ...]
    result: Result


def iter_heard(
    store: Store, *, model_id: int | None = None, since: datetime | None = None
) -> Iterator[HeardCall]:
    """Every call as it was last heard, or read from a transcript; what is saved meanwhile is not seen.

    Args:
        store: an open store.
        model_id: what this model heard, and transcripts; None: transcripts alone.
        since: only calls that started then or later; calls without a start are left out.

    Raises:
        StoreError: the store cannot be read.
    """
    wanted = _latest(model_id, since=since)
    last = inquire(store, lambda session: session.scalar(select(func.max(AuditRow.id))) or 0)
    after = 0
    while True:
        query = (
            select(AuditRow.id, RecordingRow.identity, EvidenceRow.key, AuditRow.record_sha256)
            .join(EvidenceRow, EvidenceRow.id == AuditRow.evidence_id)
            .join(RecordingRow, RecordingRow.id == AuditRow.recording_id)
            .where(wanted, AuditRow.id > after, AuditRow.id <= last)
            .order_by(AuditRow.id)
            .limit(_STRIDE)
        )
        rows = inquire(store, partial(_heard_calls, query=query))
        if not rows:
            return
        yield from rows
        after = rows[-1].audit_id


def count_heard(
    store: Store, *, model_id: int | None = None, since: datetime | None = None, others: bool = False
) -> int:
    """How many calls `iter_heard` goes over; ``others``: how many other models heard last."""
    wanted = AuditRow.latest & (AuditRow.model_id != model_id) if others else _latest(model_id, since=since)
    query = select(func.count()).select_from(AuditRow).where(wanted)
    return inquire(store, lambda session: session.scalar(query) or 0)


def stored_calls(store: Store, audit_ids: Sequence[int]) -> tuple[StoredCall, ...]:
    """These calls with all their evidence; those that are not there any more are left out."""
    query = (
        select(AuditRow.id, PayloadRow, EvidenceRow)
        .join(PayloadRow, PayloadRow.audit_id == AuditRow.id)
        .join(EvidenceRow, EvidenceRow.id == AuditRow.evidence_id)
        .where(AuditRow.id.in_(audit_ids))
        .order_by(AuditRow.id)
    )
    rows = inquire(store, lambda session: session.execute(query).all())
    calls = []
    for audit_id, payload, row in rows:
        judged, stored = unpack_judged(payload.payload), stored_evidence(row)
        calls.append(
            StoredCall(
                audit_id=audit_id,
                call_id=judged.call_id,
                evidence=judged_evidence(judged, evidence=stored),
                stored=stored,
                findings=judged.findings,
                result=judged.scorecard.result,
            )
        )
    return tuple(calls)


def save_rescored(
    store: Store, audit: CallAudit, *, of: HeardCall, book: Rulebook, run_id: int | None = None
) -> bool:
    """Keep the new scorecard of a call; its evidence, its files and its failures stay as they are.

    Args:
        store: an open store.
        audit: of its evidence only the record, the line, the recording and the turns are read.
        of: what it was made from.
        book: what it was judged by.
        run_id: see `runs.open_run`.

    Returns:
        False where that call was forgotten or heard again meanwhile: nothing is saved then.

    Raises:
        StoreError: the store cannot be written.
    """

    def work(session: Session) -> bool:
        # Whoever corrects the call holds its row: one after the other, and who comes second sees the first.
        query = select(RecordingRow.id).where(RecordingRow.identity == of.identity).with_for_update()
        recording_id = session.scalar(query)
        if recording_id is None:
            return False
        still = select(AuditRow.evidence_id).where(AuditRow.id == of.audit_id, AuditRow.latest)
        evidence_id = session.scalar(still)
        if evidence_id is None:
            return False
        scorecard_rows(
            session,
            audit,
            recording_id=recording_id,
            evidence_id=evidence_id,
            evidence_key=of.evidence_key,
            identity=of.identity,
            record_sha256=of.record_sha256,
            book=book,
            run_id=run_id,
        )
        return True

    return transact(store, work)


def _heard_calls(session: Session, *, query: Select[int, str, str, str]) -> list[HeardCall]:
    return [HeardCall(*row) for row in session.execute(query)]


def _latest(model_id: int | None, *, since: datetime | None) -> ColumnElement[bool]:
    wanted = AuditRow.latest & (AuditRow.model_id.is_(None) | (AuditRow.model_id == model_id))
    return wanted if since is None else wanted & (AuditRow.started_at >= since)
