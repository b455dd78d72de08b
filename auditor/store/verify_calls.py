"""Is every call's evidence whole, and do its scorecards say what their findings add up to?"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, and_, cast, func, or_, select

from auditor.store.charging import charges, spell_of, spells_of
from auditor.store.indexing import said_turns, unpack_turns
from auditor.store.keys import call_identity, call_record_sha256, scorecard_key
from auditor.store.packing import unpack_evidence, unpack_judged
from auditor.store.score_columns import card_columns
from auditor.store.search_tables import TranscriptRow
from auditor.store.tables import (
    AgentRow,
    AuditRow,
    EvidenceRow,
    FindingRow,
    MeasurementRow,
    MeasureRow,
    ModelRow,
    PayloadRow,
    ReasonRow,
    RecordingRow,
    RulebookRow,
    RuleRow,
    SpellRow,
)
from auditor.store.verify_parts import snapshot, stretches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from auditor.records import Evidence
    from auditor.store.database import Store
    from auditor.store.packing import Judged
    from auditor.store.verify_parts import Progress

_TINY = 1e-6  # of a point: sums in another order


def damaged_evidence(store: Store, progress: Progress) -> Iterator[str]:
    """Evidence that cannot be unpacked, or is not of the recordings, figures and words beside it."""
    for ids in stretches(store, EvidenceRow.id, progress=progress):
        with snapshot(store) as session:
            rows = session.execute(
                select(EvidenceRow, ModelRow.sha256)
                .outerjoin(ModelRow, ModelRow.id == EvidenceRow.model_id)
                .where(EvidenceRow.id.in_(ids))
                .order_by(EvidenceRow.id)
            ).all()
            figures = _figures(session, ids)
            calls = _calls_of(session, ids)
            for row, model in rows:
                mine = calls.get(row.id, [])
                names = ", ".join(call.call_id for call in mine[:3]) or "no call"
                name = f"evidence {row.id} ({names})"
                try:
                    evidence = unpack_evidence(row.payload)
                except Exception as error:  # whatever a damaged byte makes of it
                    yield f"{name} cannot be unpacked ({type(error).__name__})"
                    continue
                for told in _evidence_faults(evidence, row=row, model=model, calls=mine):
                    yield f"{name} {told}"
                if _measured(evidence) != figures.get(row.id, {}):
                    yield f"{name} holds other figures than the table of measurements"


def _evidence_faults(
    evidence: Evidence, *, row: EvidenceRow, model: str | None, calls: Sequence[Any]
) -> Iterator[str]:
    if evidence.evidence_version != row.evidence_version:
        yield f"is of version {evidence.evidence_version}, its row says {row.evidence_version}"
    facts = evidence.model if evidence.transcript_source == "asr" else None
    if (facts.sha256 if facts else None) != model:
        yield "was heard by another model than its row says"
    said = said_turns(evidence.turns)
    for call in calls:
        if call.latest and tuple(filter(None, (call.sha256, call.customer_sha256))) != (
            evidence.recording.sha256
        ):
            yield f"is of another recording than {call.call_id} has"
        if call.turns is None:
            continue
        try:
            kept = unpack_turns(call.turns)
        except Exception as error:  # whatever a damaged byte makes of it
            yield f"has words for the search that cannot be unpacked ({type(error).__name__})"
            continue
        if kept != said:
            yield f"has other words than the search would find in {call.call_id}"


def _calls_of(session: Session, ids: Sequence[int]) -> dict[int, list[Any]]:
    """Evidence -> its calls, each once, with the words that the search has of it."""
    query = (
        select(
            AuditRow.evidence_id,
            RecordingRow.id,
            RecordingRow.call_id,
            RecordingRow.sha256,
            RecordingRow.customer_sha256,
            TranscriptRow.turns,
            func.max(cast(AuditRow.latest, Integer)).label("latest"),
        )
        .join(RecordingRow, RecordingRow.id == AuditRow.recording_id)
        .outerjoin(
            TranscriptRow,
            and_(
                TranscriptRow.recording_id == RecordingRow.id,
                TranscriptRow.evidence_id == AuditRow.evidence_id,
            ),
        )
        .where(AuditRow.evidence_id.in_(ids))
        .group_by(
            AuditRow.evidence_id,
            RecordingRow.id,
            RecordingRow.call_id,
            RecordingRow.sha256,
            RecordingRow.customer_sha256,
            TranscriptRow.turns,
        )
        .order_by(RecordingRow.id)
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for call in session.execute(query):
        found[call.evidence_id].append(call)
    return found


def _figures(session: Session, ids: Sequence[int]) -> dict[int, dict[tuple[str, str, str], Any]]:
    query = select(
        MeasurementRow.evidence_id,
        MeasureRow.party,
        MeasureRow.name,
        MeasureRow.unit,
        MeasurementRow.value,
        MeasurementRow.error,
    ).join(MeasureRow, MeasureRow.id == MeasurementRow.measure_id)
    found: dict[int, dict[tuple[str, str, str], Any]] = defaultdict(dict)
    for id_, party, name, unit, value, error in session.execute(
        query.where(MeasurementRow.evidence_id.in_(ids))
    ):
        found[id_][party, name, unit] = (value, error)
    return found


def _measured(evidence: Evidence) -> dict[tuple[str, str, str], Any]:
    return {
        (party, each.name, each.unit): (
            each.value,
            each.error if each.error is not None and math.isfinite(each.error) else None,
        )
        for party, measures in evidence.measurements.items()
        for each in measures.values()
        if each.value is not None and math.isfinite(each.value)
    }


def damaged_scorecards(store: Store, progress: Progress) -> Iterator[str]:
    """Scorecards whose key, findings, points or columns do not fit together."""
    for ids in stretches(store, AuditRow.id, progress=progress):
        with snapshot(store) as session:
            rows = session.execute(
                select(
                    AuditRow,
                    PayloadRow.payload,
                    RecordingRow,
                    EvidenceRow.key.label("evidence_key"),
                    EvidenceRow.masked,
                    RulebookRow.sha256.label("rulebook"),
                )
                .join(RecordingRow, RecordingRow.id == AuditRow.recording_id)
                .join(EvidenceRow, EvidenceRow.id == AuditRow.evidence_id)
                .join(RulebookRow, RulebookRow.id == AuditRow.rulebook_id)
                .outerjoin(PayloadRow, PayloadRow.audit_id == AuditRow.id)
                .where(AuditRow.id.in_(ids))
                .order_by(AuditRow.id)
            ).all()
            findings, spells = _findings(session, ids), _spells(session, ids)
            for row in rows:
                card = row.AuditRow
                name = f"{row.RecordingRow.call_id} (audit {card.id})"
                for told in _card_faults(row, findings=findings.get(card.id, {}), spells=spells[card.id]):
                    yield f"{name}: {told}"
                if not _is_its_key(session, row):
                    yield f"{name}: its key is not that of its call, evidence, record and rulebook"


def _card_faults(
    row: Any, *, findings: Mapping[str, tuple[Any, ...]], spells: Sequence[tuple[Any, ...]]
) -> Iterator[str]:
    card = row.AuditRow
    earned = sum(weight for _, verdict, weight, *_ in findings.values() if verdict == "pass")
    possible = earned + sum(weight for _, verdict, weight, *_ in findings.values() if verdict == "fail")
    if abs(earned - card.earned) > _TINY or abs(possible - card.possible) > _TINY:
        yield (
            f"it has {card.earned:g} of {card.possible:g} points and its findings add up to {earned:g} of"
            f" {possible:g}"
        )
    if row.payload is None:
        yield "what was judged is missing"
        return
    try:
        judged = unpack_judged(row.payload)
    except Exception as error:  # whatever a damaged byte makes of it
        yield f"what was judged cannot be unpacked ({type(error).__name__})"
        return
    if judged.provenance.rulebook_sha256 != row.rulebook:
        yield "it was judged by another rulebook than its row says"
    if not row.masked and call_record_sha256(judged.call_record) != card.record_sha256:
        yield "its call record is not the one that its row says"
    if _told(judged) != findings:
        yield "its findings are not those of the table of findings"
    columns = {
        **card_columns(judged.scorecard, findings=judged.findings),
        "line": judged.line,
        "direction": judged.call_record.direction,
        "started_at": judged.call_record.started_at,
    }
    wrong = sorted(name for name, value in columns.items() if not _same(getattr(card, name), value))
    if wrong:
        yield f"its row says otherwise than what was judged ({', '.join(wrong)})"
    made = charges(judged.findings, spells=spells_of(judged.call_record))
    if [
        (each.spell.agent_id, each.spell.from_s, each.spell.to_s, each.points.earned, each.points.possible)
        for each in made
    ] != list(spells):
        yield "its agents' parts are not those of its call record and findings"


def _same(kept: object, made: object) -> bool:
    """Equal, but for the last digits of what an upgrade worked out in the database."""
    if isinstance(kept, float) and isinstance(made, (int, float)):
        return abs(kept - made) <= _TINY
    return kept == made


def _told(judged: Judged) -> dict[str, tuple[Any, ...]]:
    spells = spells_of(judged.call_record)
    return {
        f.rule: (
            (f.clause, f.title, f.section, f.reason_code),
            f.verdict,
            f.weight,
            f.critical,
            f.confidence,
            spell_of(f, spells=spells),
        )
        for f in judged.findings
    }


def _findings(session: Session, ids: Sequence[int]) -> dict[int, dict[str, tuple[Any, ...]]]:
    rules = {row.id: row for row in session.scalars(select(RuleRow))}
    reasons = {row.id: row.code for row in session.scalars(select(ReasonRow))}
    table = FindingRow
    query = select(
        table.audit_id,
        table.rule_id,
        table.reason_id,
        table.verdict,
        table.weight,
        table.critical,
        table.confidence,
        table.spell,
    ).where(table.audit_id.in_(ids))
    found: dict[int, dict[str, tuple[Any, ...]]] = defaultdict(dict)
    for audit_id, rule_id, reason_id, *rest in session.execute(query):
        rule = rules[rule_id]
        said = (rule.clause, rule.title, rule.section, reasons[reason_id])
        found[audit_id][rule.rule] = (said, *rest)
    return found


def _spells(session: Session, ids: Sequence[int]) -> dict[int, list[tuple[Any, ...]]]:
    query = (
        select(
            SpellRow.audit_id,
            AgentRow.code,
            SpellRow.from_s,
            SpellRow.to_s,
            SpellRow.earned,
            SpellRow.possible,
        )
        .join(AgentRow, AgentRow.id == SpellRow.agent_id)
        .where(SpellRow.audit_id.in_(ids))
        .order_by(SpellRow.audit_id, SpellRow.number)
    )
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for audit_id, *rest in session.execute(query):
        found[audit_id].append(tuple(rest))
    return found


def _is_its_key(session: Session, row: Any) -> bool:
    """Whether a scorecard is kept under its key.

    A call that got its call_id later has a new identity: scorecards from before keep the keys that they had.
    """
    card, recording = row.AuditRow, row.RecordingRow
    paths = tuple(filter(None, (recording.path, recording.customer_path)))
    sha256 = tuple(filter(None, (recording.sha256, recording.customer_sha256)))
    nameless = call_identity(call_id=None, paths=paths, sha256=sha256)
    keys = {
        scorecard_key(
            identity=identity,
            evidence=row.evidence_key,
            record_sha256=card.record_sha256,
            rulebook_sha256=row.rulebook,
        )
        for identity in (recording.identity, nameless)
    }
    if card.key in keys or recording.identity == nameless:
        return card.key in keys
    newest = select(func.max(AuditRow.id)).where(AuditRow.recording_id == recording.id)
    return bool(card.id != session.scalar(newest))


def miscounted_calls(store: Store, progress: Progress) -> Iterator[str]:
    """Calls of which no scorecard counts, or more than one does."""
    for ids in stretches(store, RecordingRow.id, progress=progress, size=1000):
        with snapshot(store) as session:
            cards = session.execute(
                select(
                    AuditRow.recording_id,
                    AuditRow.rulebook_id,
                    AuditRow.model_id,
                    AuditRow.current,
                    AuditRow.latest,
                ).where(AuditRow.recording_id.in_(ids), or_(AuditRow.current, AuditRow.latest))
            ).all()
            current: dict[int, list[Any]] = defaultdict(list)
            latest: dict[int, list[Any]] = defaultdict(list)
            for card in cards:
                if card.current:
                    current[card.recording_id].append((card.rulebook_id, card.model_id))
                if card.latest:
                    latest[card.recording_id].append(card.model_id)
            called = select(RecordingRow.id, RecordingRow.call_id).where(RecordingRow.id.in_(ids))
            names = {row.id: row.call_id for row in session.execute(called)}
        for id_ in ids:
            name = names.get(id_)
            if name is None:
                continue
            if not latest[id_]:
                yield f"{name}: none of its scorecards counts"
            elif _counts_twice(latest[id_]):
                yield f"{name}: more than one scorecard counts as its newest"
            by_rulebook: dict[int, list[int | None]] = defaultdict(list)
            for rulebook, model in current[id_]:
                by_rulebook[rulebook].append(model)
            if any(_counts_twice(models) for models in by_rulebook.values()):
                yield f"{name}: it counts twice in one edition"


def _counts_twice(models: Sequence[int | None]) -> bool:
    """One scorecard of each model may count, or one of a transcript, which outranks them, alone."""
    return len(models) != len(set(models)) or (None in models and len(models) > 1)
