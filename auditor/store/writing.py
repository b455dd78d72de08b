"""Saving audits: all rows of a call or none, and the same rows however often it is repeated."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, exists, insert, select, update

from auditor.store.charging import charges, spell_of, spells_of
from auditor.store.database import transact
from auditor.store.day_sums import changing
from auditor.store.failures import forget_failure
from auditor.store.hearings import evidence_row
from auditor.store.indexing import index_call, scope_words
from auditor.store.keys import address_of, scorecard_key
from auditor.store.names import model_id_of, people_of, rulebook_id_of
from auditor.store.packing import HeardBy, pack_audit
from auditor.store.recordings import recording_row
from auditor.store.score_columns import score_columns
from auditor.store.standing import has_decisions, project
from auditor.store.tables import (
    AuditRow,
    FindingRow,
    PayloadRow,
    ReasonRow,
    RuleRow,
    SpellRow,
)
from auditor.store.upserts import dialect_of, ids_of, merging, table_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy.orm import Session

    from auditor.records import CallAudit
    from auditor.rulebook.schema import Rulebook
    from auditor.store.database import Store
    from auditor.store.keys import Address


# Put together once; see `upserts`.
_KNOWN = select(exists().where(AuditRow.recording_id == bindparam("recording")))
_FORGET = tuple(
    delete(table_of(table)).where(table_of(table).c.audit_id == bindparam("audit"))
    for table in (PayloadRow, SpellRow, FindingRow)
)
_PAYLOAD, _FINDINGS, _SPELLS = (insert(table_of(table)) for table in (PayloadRow, FindingRow, SpellRow))


def save_audit(
    store: Store,
    audit: CallAudit,
    *,
    evidence_key: str,
    book: Rulebook,
    run_id: int | None = None,
    masked: bool = True,
    address: Address | None = None,
) -> int:
    """Keep one audit, as the one that counts for its call, and forget the call's failure.

    Earlier scorecards of the call stay; those of the same rulebook and model no longer count. A transcript
    outranks all models: it takes the place of theirs until one of them hears the call again.

    Args:
        store: an open store.
        audit: masked or not.
        evidence_key: see `keys.evidence_key`.
        book: what it was judged by.
        run_id: see `runs.open_run`.
        masked: whether numbers in the text are typed tokens.
        address: the call as it was given, where the audit's record or paths may be masked; None: they are as
            they were given.

    Returns:
        The id of the audit, the same for the same scorecard.

    Raises:
        StoreError: the store cannot be written.
        ValueError: ``book`` is not the rulebook that the audit names.
    """
    if audit.provenance.rulebook_sha256 != book.sha256:
        raise ValueError(f"{audit.call_id} was judged by another rulebook than {book.version}")
    recording = audit.evidence.recording
    call = address or address_of(
        record=audit.evidence.call_record, paths=recording.paths, sha256=recording.sha256
    )
    return transact(
        store,
        lambda session: audit_rows(
            session, audit, address=call, evidence_key=evidence_key, book=book, run_id=run_id, masked=masked
        ),
    )


def audit_rows(
    session: Session,
    audit: CallAudit,
    *,
    address: Address,
    evidence_key: str,
    book: Rulebook,
    run_id: int | None,
    masked: bool,
) -> int:
    """The id of the audit, all rows of which are written now."""
    made = audit.provenance
    heard_by = HeardBy(made.engine, made.options, made.measuring_sha256)
    evidence_id = evidence_row(session, audit.evidence, key=evidence_key, heard_by=heard_by, masked=masked)
    audit_id = scorecard_rows(
        session,
        audit,
        recording_id=recording_row(session, audit, address=address),
        evidence_id=evidence_id,
        evidence_key=evidence_key,
        identity=address.identity,
        record_sha256=address.record_sha256,
        book=book,
        run_id=run_id,
    )
    forget_failure(session, call_id=address.call_id, paths=address.paths)
    return audit_id


def scorecard_rows(
    session: Session,
    audit: CallAudit,
    *,
    recording_id: int,
    evidence_id: int,
    evidence_key: str,
    identity: str,
    record_sha256: str,
    book: Rulebook,
    run_id: int | None,
) -> int:
    """The id of the audit, whose rows are written now; the transaction holds the recording's row."""
    evidence, made = audit.evidence, audit.provenance
    record = evidence.call_record
    agents, teams = people_of(session, record)
    rules = ids_of(
        session,
        RuleRow,
        ((f.rule, f.clause, f.title, f.section) for f in audit.findings),
        by=("rule", "clause", "title", "section"),
    )
    reasons = ids_of(session, ReasonRow, ((f.reason_code,) for f in audit.findings), by=("code",))
    spells = spells_of(record)
    team_id = teams[record.team] if record.team is not None else None
    columns = {
        "recording_id": recording_id,
        "evidence_id": evidence_id,
        "rulebook_id": rulebook_id_of(session, book),
        "model_id": model_id_of(session, made.model_sha256, made.model),
        "record_sha256": record_sha256,
        "current": True,
        "latest": True,
        "agent_id": agents[spells[0].agent_id] if spells else None,
        "team_id": team_id,
        **score_columns(audit, book=book),
    }
    key = scorecard_key(
        identity=identity,
        evidence=evidence_key,
        record_sha256=record_sha256,
        rulebook_sha256=made.rulebook_sha256,
    )
    # The transaction holds the call's row: what it says now stays true until its end.
    known = bool(session.scalar(_KNOWN, {"recording": recording_id}))
    with changing(session, recordings=[recording_id], known=known):
        saved = merging(AuditRow, dialect_of(session), by=("key",), changed=tuple(columns))
        row = {"key": key, "run_id": run_id, "judged_at": datetime.now(UTC), **columns}
        audit_id: int = session.execute(saved, row).scalar_one()
        if known:
            _supersede(session, audit_id, columns=columns)
            for forget in _FORGET:
                session.execute(forget, {"audit": audit_id})
        session.execute(_PAYLOAD, {"audit_id": audit_id, "payload": pack_audit(audit)})
        session.execute(
            _FINDINGS,
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
        if spells:
            rows = _spell_rows(audit, agents=agents, team_id=team_id)
            session.execute(_SPELLS, [{"audit_id": audit_id, **row} for row in rows])
    if known and has_decisions(session, recording_id):
        project(session, audit_id, findings=audit.findings, evidence=evidence)
    index_call(
        session,
        recording_id,
        evidence_id=evidence_id,
        turns=evidence.turns,
        scope=scope_words(agents.values(), team_id=team_id, started_at=record.started_at),
        known=known,
    )
    return audit_id


def _spell_rows(
    audit: CallAudit, *, agents: Mapping[str, int], team_id: object
) -> Iterator[dict[str, object]]:
    record = audit.evidence.call_record
    for number, charge in enumerate(charges(audit.findings, spells=spells_of(record))):
        yield {
            "number": number,
            "agent_id": agents[charge.spell.agent_id],
            "team_id": team_id if charge.spell.agent_id == record.agent_id else None,
            "started_at": record.started_at,
            "from_s": charge.spell.from_s,
            "to_s": charge.spell.to_s,
            "earned": charge.points.earned,
            "possible": charge.points.possible,
        }


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
