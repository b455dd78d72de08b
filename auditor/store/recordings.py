"""A call's row: who it is, and where its files lie."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, update

from auditor.store.keys import call_identity
from auditor.store.tables import RecordingRow
from auditor.store.upserts import dialect_of, merging, table_of
from auditor.text.masked import readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from auditor.records import CallAudit
    from auditor.store.keys import Address


_TABLE = table_of(RecordingRow)
_OTHER = _TABLE.alias()
_NAMED = (
    update(_TABLE)
    .where(
        _TABLE.c.identity == bindparam("nameless"), ~exists().where(_OTHER.c.identity == bindparam("named"))
    )
    .values(identity=bindparam("named"))
)


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
    statement = merging(RecordingRow, dialect_of(session), by=("identity",), changed=tuple(values))
    row = {"identity": address.identity, "first_seen_at": datetime.now(UTC), **values}
    made: int = session.execute(statement, row).scalar_one()
    return made


def _name(session: Session, *, address: Address, sha256: Sequence[str]) -> None:
    """A call that was audited before its record came is the same call: it is not counted twice."""
    nameless = call_identity(call_id=None, paths=address.paths, sha256=sha256)
    session.execute(_NAMED, {"nameless": nameless, "named": address.identity})
