"""A call's row: who it is, and where its files lie."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import exists, update
from sqlalchemy.orm import aliased

from auditor.store.keys import call_identity
from auditor.store.tables import RecordingRow
from auditor.store.upserts import upsert
from auditor.text.masked import readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from auditor.records import CallAudit
    from auditor.store.keys import Address


def recording_row(session: Session, audit: CallAudit, *, address: Address) -> int:
    """The call's row; from here on the transaction holds it, and others with the same call wait."""
    recording = audit.evidence.recording
    pair = len(address.paths) > 1
    values = {
        "call_id": readable(audit.call_id),
        "path": address.paths[0],
        "sha256": recording.sha256[0],
        "customer_path": address.paths[1] if pair else None,
        "customer_sha256": recording.sha256[1] if pair else None,
        "duration_s": recording.duration_s,
    }
    if address.call_id is not None:
        _name(session, address=address, sha256=recording.sha256)
    statement = upsert(session, RecordingRow).values(
        identity=address.identity, first_seen_at=datetime.now(UTC), **values
    )
    id_: int | None = session.scalar(
        statement.on_conflict_do_update(index_elements=["identity"], set_=values).returning(RecordingRow.id)
    )
    assert id_ is not None
    return id_


def _name(session: Session, *, address: Address, sha256: Sequence[str]) -> None:
    """A call that was audited before its record came is the same call: it is not counted twice."""
    nameless = call_identity(call_id=None, paths=address.paths, sha256=sha256)
    other = aliased(RecordingRow)
    session.execute(
        update(RecordingRow)
        .where(
            RecordingRow.identity == nameless,
            ~exists().where(other.identity == address.identity),
        )
        .values(identity=address.identity)
        .execution_options(synchronize_session=False)
    )
