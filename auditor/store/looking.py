"""One call as the site looks it up: only if the viewer's condition lets it through."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from auditor.store.names import called
from auditor.store.tables import AuditRow, EvidenceRow, RecordingRow

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from auditor.store.database import Store

_RAW = re.compile(r"RawFormat\(codec='(\w+)', sample_rate_hz=(\d+), channels=(\d)\)")


@dataclass(frozen=True, slots=True)
class SeenCall:
    """What is known of a call before it is unpacked.

    Attributes:
        audit_id: its scorecard.
        recording_id: the call itself, whatever its scorecards.
        call_id: as the call record names it, else the file's name.
        paths: its file, or the agent's and the customer's.
        sha256: what they held when they were audited.
        raw: codec, sample rate in Hz and channels of headerless files.
        newest: the id of the scorecard that counts today; the same where this one does.
    """

    audit_id: int
    recording_id: int
    call_id: str
    paths: tuple[str, ...]
    sha256: tuple[str, ...]
    raw: tuple[str, int, int] | None
    newest: int


def look_up(store: Store, audit_id: int, *, visible: ColumnElement[bool]) -> SeenCall | None:
    """A scorecard's call; None: there is none, or it is not visible.

    Args:
        store: an open store.
        audit_id: the scorecard.
        visible: the condition of `AuditRow` that the viewer's rights set.
    """
    query = (
        select(AuditRow.id, RecordingRow, EvidenceRow.options)
        .join(RecordingRow, RecordingRow.id == AuditRow.recording_id)
        .join(EvidenceRow, EvidenceRow.id == AuditRow.evidence_id)
        .where(AuditRow.id == audit_id, visible)
    )
    with store.reading() as session:
        found = session.execute(query).one_or_none()
        if found is None:
            return None
        _, recording, options = found
        newest = select(AuditRow.id).where(AuditRow.recording_id == recording.id, AuditRow.latest, visible)
        return SeenCall(
            audit_id=audit_id,
            recording_id=recording.id,
            call_id=recording.call_id,
            paths=tuple(filter(None, (recording.path, recording.customer_path))),
            sha256=tuple(filter(None, (recording.sha256, recording.customer_sha256))),
            raw=_raw(options.get("raw", "")),
            newest=session.scalar(newest.order_by(AuditRow.id.desc()).limit(1)) or audit_id,
        )


def scorecard_of_call(store: Store, call_id: str, *, visible: ColumnElement[bool]) -> int | None:
    """The scorecard that counts for a call_id, for links that other systems make; None: none visible."""
    query = (
        select(AuditRow.id)
        .join(RecordingRow, RecordingRow.id == AuditRow.recording_id)
        .where(called(call_id), AuditRow.latest, visible)
        .order_by(AuditRow.id.desc())
        .limit(1)
    )
    with store.reading() as session:
        return session.scalar(query)


def _raw(told: str) -> tuple[str, int, int] | None:
    found = _RAW.fullmatch(told)
    return (found[1], int(found[2]), int(found[3])) if found else None
