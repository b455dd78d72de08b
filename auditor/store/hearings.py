"""Evidence: kept as soon as a call was heard, with its figures; never replaced."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from auditor.store.database import transact
from auditor.store.names import model_id_of
from auditor.store.packing import pack_evidence
from auditor.store.tables import EvidenceRow, MeasurementRow, MeasureRow
from auditor.store.upserts import dialect_of, ids_of, merging, table_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from auditor.records import Evidence
    from auditor.store.database import Store
    from auditor.store.packing import HeardBy


_MEASURED = insert(table_of(MeasurementRow))


def save_evidence(
    store: Store, evidence: Evidence, *, key: str, heard_by: HeardBy, masked: bool = True
) -> None:
    """Keep what was heard; evidence of that key that is there already stays as it is.

    Args:
        store: an open store.
        evidence: what `auditor.pipeline.hear` returned, masked or not.
        key: see `keys.evidence_key`.
        heard_by: engine and options.
        masked: whether numbers in it are typed tokens.

    Raises:
        StoreError: the store cannot be written.
    """
    transact(
        store, lambda session: evidence_row(session, evidence, key=key, heard_by=heard_by, masked=masked)
    )


def evidence_row(session: Session, evidence: Evidence, *, key: str, heard_by: HeardBy, masked: bool) -> int:
    """The id of the evidence, with its figures, saved now or before."""
    model = evidence.model if evidence.transcript_source == "asr" else None
    model_id = model_id_of(session, *((model.sha256, model.name) if model else (None, None)))
    wanted = {
        (measured.name, party, measured.unit): measured
        for party, measures in evidence.measurements.items()
        for measured in measures.values()
        if measured.value is not None and math.isfinite(measured.value)
    }
    measures = ids_of(session, MeasureRow, wanted, by=("name", "party", "unit"))
    row = {
        "key": key,
        "evidence_version": evidence.evidence_version,
        "model_id": model_id,
        "engine": heard_by.engine,
        "options": heard_by.options,
        "measuring_sha256": heard_by.measuring_sha256,
        "masked": masked,
        "heard_at": datetime.now(UTC),
        "payload": pack_evidence(evidence),
    }
    made: int | None = session.scalar(merging(EvidenceRow, dialect_of(session), by=("key",)), row)
    if made is None:
        return session.execute(select(EvidenceRow.id).where(EvidenceRow.key == key)).scalar_one()
    rows = [
        {
            "evidence_id": made,
            "measure_id": measures[what],
            "value": measured.value,
            "error": measured.error if measured.error is not None and math.isfinite(measured.error) else None,
        }
        for what, measured in wanted.items()
    ]
    if rows:
        session.execute(_MEASURED, rows)
    return made
