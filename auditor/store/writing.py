"""Saving: all rows of a call or none, and the same rows however often it is repeated."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from auditor.store.charging import charges, spell_of, spells_of
from auditor.store.database import transact
from auditor.store.keys import call_identity, call_record_sha256, failure_identity, scorecard_key
from auditor.store.names import model_id_of, people_of, rulebook_id_of
from auditor.store.packing import HeardBy, pack_audit, pack_evidence
from auditor.store.tables import (
    AuditRow,
    EvidenceRow,
    FailureRow,
    FindingRow,
    MeasurementRow,
    MeasureRow,
    PayloadRow,
    ReasonRow,
    RecordingRow,
    RuleRow,
    SpellRow,
)
from auditor.store.upserts import ids_of, table_of, upsert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from auditor.records import CallAudit, Evidence
    from auditor.rulebook.schema import Rulebook
    from auditor.store.database import Store


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
    transact(store, lambda session: _evidence(session, evidence, key=key, heard_by=heard_by, masked=masked))


def save_audit(
    store: Store,
    audit: CallAudit,
    *,
    evidence_key: str,
    book: Rulebook,
    run_id: int | None = None,
    masked: bool = True,
) -> int:
    """Keep one audit, as the one that counts for its call, and forget the call's failure.

    Earlier scorecards of the call stay; those of the same rulebook and model no longer count. A transcript
    outranks all models: it takes the place of theirs until one of them hears the call again.

    Args:
        store: an open store.
        audit: with paths under which the files are found again.
        evidence_key: see `keys.evidence_key`.
        book: what it was judged by.
        run_id: see `runs.open_run`.
        masked: whether numbers in the text are typed tokens.

    Returns:
        The id of the audit, the same for the same scorecard.

    Raises:
        StoreError: the store cannot be written.
        ValueError: ``book`` is not the rulebook that the audit names.
    """
    if audit.provenance.rulebook_sha256 != book.sha256:
        raise ValueError(f"{audit.call_id} was judged by another rulebook than {book.version}")
    return transact(
        store,
        lambda session: _audit(
            session, audit, evidence_key=evidence_key, book=book, run_id=run_id, masked=masked
        ),
    )


def save_failure(
    store: Store,
    *,
    call_id: str | None,
    paths: Sequence[str],
    reason_code: str,
    message: str,
    run_id: int | None = None,
) -> None:
    """Keep that a call could not be audited: its last failure, and how many there were.

    Raises:
        StoreError: the store cannot be written.
    """

    def work(session: Session) -> None:
        values = {
            "call_id": call_id,
            "path": paths[0],
            "customer_path": paths[1] if len(paths) > 1 else None,
            "reason_code": reason_code,
            "message": message,
            "run_id": run_id,
            "failed_at": datetime.now(UTC),
        }
        identity = failure_identity(call_id=call_id, paths=paths)
        statement = upsert(session, FailureRow).values(call=identity, attempts=1, **values)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["call"], set_={**values, "attempts": FailureRow.attempts + 1}
            )
        )

    transact(store, work)


def _evidence(session: Session, evidence: Evidence, *, key: str, heard_by: HeardBy, masked: bool) -> int:
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
    fresh = (
        upsert(session, EvidenceRow)
        .values(
            key=key,
            evidence_version=evidence.evidence_version,
            model_id=model_id,
            engine=heard_by.engine,
            options=heard_by.options,
            measuring_sha256=heard_by.measuring_sha256,
            masked=masked,
            heard_at=datetime.now(UTC),
            payload=pack_evidence(evidence),
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(EvidenceRow.id)
    )
    made: int | None = session.scalar(fresh)
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
        session.execute(insert(table_of(MeasurementRow)), rows)
    return made


def _audit(
    session: Session,
    audit: CallAudit,
    *,
    evidence_key: str,
    book: Rulebook,
    run_id: int | None,
    masked: bool,
) -> int:
    evidence, made = audit.evidence, audit.provenance
    record, recording = evidence.call_record, evidence.recording
    agents, teams = people_of(session, record)
    rules = ids_of(
        session,
        RuleRow,
        ((f.rule, f.clause, f.title, f.section) for f in audit.findings),
        by=("rule", "clause", "title", "section"),
    )
    reasons = ids_of(session, ReasonRow, ((f.reason_code,) for f in audit.findings), by=("code",))
    heard_by = HeardBy(made.engine, made.options, made.measuring_sha256)
    evidence_id = _evidence(session, evidence, key=evidence_key, heard_by=heard_by, masked=masked)
    identity = call_identity(call_id=record.call_id, paths=recording.paths, sha256=recording.sha256)
    recording_id = _recording(session, audit, identity=identity)
    spells = spells_of(record)
    columns = {
        "recording_id": recording_id,
        "evidence_id": evidence_id,
        "rulebook_id": rulebook_id_of(session, book),
        "model_id": model_id_of(session, made.model_sha256, made.model),
        "record_sha256": call_record_sha256(record),
        "current": True,
        "latest": True,
        "agent_id": agents[spells[0].agent_id] if spells else None,
        "team_id": teams[record.team] if record.team is not None else None,
        **_score_columns(audit, book=book),
    }
    key = scorecard_key(
        identity=identity, evidence=evidence_key, record=record, rulebook_sha256=made.rulebook_sha256
    )
    saved = upsert(session, AuditRow).values(key=key, run_id=run_id, **columns)
    audit_id: int | None = session.scalar(
        saved.on_conflict_do_update(index_elements=["key"], set_=columns).returning(AuditRow.id)
    )
    assert audit_id is not None
    _supersede(session, audit_id, columns=columns)
    for table in (PayloadRow, SpellRow, FindingRow):
        session.execute(delete(table).where(table.audit_id == audit_id))
    session.execute(insert(table_of(PayloadRow)).values(audit_id=audit_id, payload=pack_audit(audit)))
    session.execute(
        insert(table_of(FindingRow)),
        [
            {
                "audit_id": audit_id,
                "rule_id": rules[f.rule, f.clause, f.title, f.section],
                "verdict": f.verdict,
                "reason_id": reasons[(f.reason_code,)],
                "weight": f.weight,
                "critical": f.critical,
                "confidence": f.confidence,
                "spell": spell_of(f, spells=spells),
            }
            for f in audit.findings
        ],
    )
    rows = [
        {
            "audit_id": audit_id,
            "number": number,
            "agent_id": agents[charge.spell.agent_id],
            "team_id": columns["team_id"] if charge.spell.agent_id == record.agent_id else None,
            "started_at": record.started_at,
            "from_s": charge.spell.from_s,
            "to_s": charge.spell.to_s,
            "earned": charge.points.earned,
            "possible": charge.points.possible,
        }
        for number, charge in enumerate(charges(audit.findings, spells=spells))
    ]
    if rows:
        session.execute(insert(table_of(SpellRow)), rows)
    session.execute(
        delete(FailureRow).where(
            FailureRow.call.in_(
                {
                    failure_identity(call_id=call_id, paths=recording.paths)
                    for call_id in (record.call_id, None)
                }
            )
        )
    )
    return audit_id


def _score_columns(audit: CallAudit, *, book: Rulebook) -> dict[str, object]:
    evidence, card = audit.evidence, audit.scorecard
    return {
        "line": evidence.line,
        "direction": evidence.call_record.direction,
        "started_at": evidence.call_record.started_at,
        "duration_s": evidence.recording.duration_s,
        "too_short": evidence.recording.duration_s < book.not_scored.duration_s,
        "result": card.result,
        "earned": card.points.earned,
        "possible": card.points.possible,
        "percent": card.points.percent,
        "best_percent": card.best_percent,
        "worst_percent": card.worst_percent,
        "judged_share": card.judged_share,
        "critical": len(card.critical),
        "critical_in_review": len(card.critical_in_review),
        "in_review": sum(f.verdict == "needs_review" and f.weight > 0 for f in audit.findings),
    }


def _recording(session: Session, audit: CallAudit, *, identity: str) -> int:
    """The call's row; from here on the transaction holds it, and others with the same call wait."""
    recording = audit.evidence.recording
    pair = len(recording.paths) > 1
    values = {
        "call_id": audit.call_id,
        "path": recording.paths[0],
        "sha256": recording.sha256[0],
        "customer_path": recording.paths[1] if pair else None,
        "customer_sha256": recording.sha256[1] if pair else None,
        "duration_s": recording.duration_s,
    }
    statement = upsert(session, RecordingRow).values(
        identity=identity, first_seen_at=datetime.now(UTC), **values
    )
    id_: int | None = session.scalar(
        statement.on_conflict_do_update(index_elements=["identity"], set_=values).returning(RecordingRow.id)
    )
    assert id_ is not None
    return id_


def _supersede(session: Session, audit_id: int, *, columns: dict[str, object]) -> None:
    """Let no other scorecard of this call count beside this one."""
    other = (AuditRow.recording_id == columns["recording_id"]) & (AuditRow.id != audit_id)
    if columns["model_id"] is not None:
        other &= AuditRow.model_id.is_(None) | (AuditRow.model_id == columns["model_id"])
    others = update(AuditRow).where(other).execution_options(synchronize_session=False)
    session.execute(others.where(AuditRow.latest).values(latest=False))
    session.execute(
        others.where(AuditRow.current, AuditRow.rulebook_id == columns["rulebook_id"]).values(current=False)
    )
