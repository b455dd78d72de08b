"""Is what was made from the rows for quick answers what the rows give: sums, words, reviewed cards?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, func, select

from auditor.store.database import inquire
from auditor.store.day_sums import by_month, sums_of
from auditor.store.indexing import backlog, not_found, scope_words, unpack_turns
from auditor.store.packing import unpack_evidence, unpack_judged
from auditor.store.review_tables import DecisionRow, ReviewedCardRow, RulingRow, StepRow
from auditor.store.search_tables import TranscriptRow
from auditor.store.standing import projected
from auditor.store.sum_tables import (
    COUNTS,
    UNKNOWN_DAY,
    DayKey,
    DaySum,
    DaySumRow,
    MonthSumRow,
    beginning_of,
    day_of,
    month_of,
)
from auditor.store.tables import AuditRow, EvidenceRow, PayloadRow, RecordingRow, RulebookRow, SpellRow
from auditor.store.upserts import table_of
from auditor.store.verify_parts import snapshot, stretches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from auditor.store.database import Store
    from auditor.store.verify_parts import Progress

_AT_ONCE = 20_000  # audits of a day without a start
_SUMS = table_of(DaySumRow)


def wrong_day_sums(store: Store, progress: Progress) -> Iterator[str]:
    """Days whose sums are not what their audits add up to."""
    with store.reading() as session:
        rulebooks = _rulebooks(session)
        kept = {*session.scalars(select(_SUMS.c.rulebook_id).distinct()), *rulebooks}
    for rulebook in sorted(kept):
        days = sorted(_days_of(store, rulebook))
        progress.calls += len(days)
        for day in days:
            with snapshot(store) as session:
                wrong = _is_wrong(session, rulebook, day)
            if wrong:
                name = "calls without a start" if day == UNKNOWN_DAY else f"{beginning_of(day + 1):%Y-%m-%d}"
                book = rulebooks.get(rulebook, rulebook)
                yield f"{name}, rulebook {book}: the sums are not those of its audits"
            progress.went(1)


def wrong_month_sums(store: Store, progress: Progress) -> Iterator[str]:
    """Months whose sums are not those of their days."""
    days, months = _SUMS, table_of(MonthSumRow)
    with store.reading() as session:
        rulebooks = _rulebooks(session)
        kept = {
            (row.rulebook_id, month_of(row.day))
            for table in (days, months)
            for row in session.execute(select(table.c.rulebook_id, table.c.day).distinct())
        }
    progress.calls = len(kept)
    for rulebook, month in sorted(kept):
        end = month + 1 if month == UNKNOWN_DAY else month_of(month + 31)
        mine = (days.c.rulebook_id == rulebook, days.c.day >= month, days.c.day < end)
        with snapshot(store) as session:
            rows = session.execute(select(days).where(*mine).execution_options(yield_per=500))
            made = by_month((_key(row), DaySum.of_row(row)) for row in rows)
            there = session.execute(
                select(months).where(months.c.rulebook_id == rulebook, months.c.day == month)
            )
            stored = {_key(row): _columns(row, "clauses") for row in there}
        if stored != {key: sum_.columns_of_month() for key, sum_ in made.items()}:
            name = "calls without a start" if month == UNKNOWN_DAY else f"{beginning_of(month + 1):%Y-%m}"
            book = rulebooks.get(rulebook, rulebook)
            yield f"{name}, rulebook {book}: the sums are not those of its days"
        progress.went(1)


def _rulebooks(session: Session) -> dict[int, str]:
    return {row.id: row.version for row in session.execute(select(RulebookRow.id, RulebookRow.version))}


def _key(row: Any) -> DayKey:
    return DayKey(*(getattr(row, name) for name in DayKey._fields))


def _columns(row: Any, *packed: str) -> dict[str, object]:
    return {name: getattr(row, name) for name in (*COUNTS, *packed)}


def _days_of(store: Store, rulebook: int) -> set[int]:
    """The days that have audits or sums; those with audits are found leap by leap in the index."""
    mine = AuditRow.rulebook_id == rulebook

    def next_start(after: datetime | None) -> datetime | None:
        later = AuditRow.started_at >= after if after is not None else AuditRow.started_at.is_not(None)
        query = select(func.min(AuditRow.started_at)).where(mine, later)
        return inquire(store, lambda session: session.scalar(query))

    with store.reading() as session:
        days = set(session.scalars(select(_SUMS.c.day).where(_SUMS.c.rulebook_id == rulebook).distinct()))
        undated = select(AuditRow.id).where(mine, AuditRow.started_at.is_(None)).limit(1)
        if session.scalar(undated) is not None:
            days.add(UNKNOWN_DAY)
    start = next_start(None)
    while start is not None:
        day = day_of(start)
        days.add(day)
        start = next_start(beginning_of(day + 1))
    return days


def _is_wrong(session: Session, rulebook: int, day: int) -> bool:
    stored = {
        _key(row): _columns(row, "clauses", "values")
        for row in session.execute(select(_SUMS).where(_SUMS.c.rulebook_id == rulebook, _SUMS.c.day == day))
    }
    made: dict[DayKey, DaySum] = {}
    for part in _parts(session, rulebook, day):
        for key, sum_ in sums_of(session, part).items():
            made.setdefault(key, DaySum()).add(sum_)
    return stored != {key: sum_.columns() for key, sum_ in made.items()}


def _parts(session: Session, rulebook: int, day: int) -> Iterator[ColumnElement[bool]]:
    mine = AuditRow.rulebook_id == rulebook
    if day != UNKNOWN_DAY:
        yield (
            mine & (AuditRow.started_at >= beginning_of(day)) & (AuditRow.started_at < beginning_of(day + 1))
        )
        return
    last = session.scalar(select(func.max(AuditRow.id))) or 0
    for first in range(0, last + 1, _AT_ONCE):
        yield mine & AuditRow.started_at.is_(None) & AuditRow.id.between(first, first + _AT_ONCE - 1)


def wrong_words(store: Store, progress: Progress) -> Iterator[str]:
    """Calls that the search would not find, or find for the wrong people."""
    waiting = backlog(store)
    for ids in stretches(store, RecordingRow.id, progress=progress):
        with snapshot(store) as session:
            rows = session.execute(
                select(RecordingRow.id, RecordingRow.call_id, TranscriptRow)
                .outerjoin(TranscriptRow, TranscriptRow.recording_id == RecordingRow.id)
                .where(RecordingRow.id.in_(ids))
                .order_by(RecordingRow.id)
            ).all()
            scopes = _scopes(session, ids)
            names = {row.id: row.call_id for row in rows}
            calls = []
            for row in rows:
                kept = row.TranscriptRow
                if kept is None:
                    if row.id > waiting:
                        yield f"{row.call_id}: the search has no words of it"
                    continue
                if (kept.evidence_id, kept.scope) not in scopes.get(row.id, ()):
                    yield f"{row.call_id}: the search has it under other agents, team, month or evidence"
                try:
                    calls.append((row.id, unpack_turns(kept.turns), kept.scope))
                except Exception as error:  # whatever a damaged byte makes of it
                    yield f"{row.call_id}: its words cannot be unpacked ({type(error).__name__})"
            for id_ in not_found(session, calls):
                yield f"{names[id_]}: its words do not find it"


def _scopes(session: Session, ids: Sequence[int]) -> dict[int, set[tuple[int, str]]]:
    """Recording -> evidence and scope's words of its newest scorecards."""
    cards = session.execute(
        select(
            AuditRow.id, AuditRow.recording_id, AuditRow.evidence_id, AuditRow.team_id, AuditRow.started_at
        ).where(AuditRow.recording_id.in_(ids), AuditRow.latest)
    ).all()
    agents: dict[int, set[int]] = {}
    query = select(SpellRow.audit_id, SpellRow.agent_id)
    for audit, agent in session.execute(query.where(SpellRow.audit_id.in_([card.id for card in cards]))):
        agents.setdefault(audit, set()).add(agent)
    found: dict[int, set[tuple[int, str]]] = {}
    for card in cards:
        scope = scope_words(agents.get(card.id, ()), team_id=card.team_id, started_at=card.started_at)
        found.setdefault(card.recording_id, set()).add((card.evidence_id, scope))
    return found


def wrong_reviews(store: Store, progress: Progress) -> Iterator[str]:
    """Decisions whose history has gaps, and cards after review that are not what the decisions give."""
    for ids in stretches(store, DecisionRow.id, progress=progress):
        with snapshot(store) as session:
            yield from _broken_histories(session, ids)
            calls = session.scalars(
                select(DecisionRow.recording_id).where(DecisionRow.id.in_(ids)).distinct()
            ).all()
            for recording_id in calls:
                first = select(func.min(DecisionRow.id)).where(DecisionRow.recording_id == recording_id)
                if session.scalar(first) in ids:  # each call once, with the first of its decisions
                    yield from _wrong_cards(session, recording_id)
    decided = exists().where(DecisionRow.recording_id == AuditRow.recording_id)
    for table in (RulingRow, ReviewedCardRow):
        query = select(AuditRow.id).join(table, table.audit_id == AuditRow.id).where(~decided).distinct()
        with store.reading() as session:
            for audit_id in session.scalars(query):
                yield f"audit {audit_id}: it has a card after review and nobody decided anything"


def _broken_histories(session: Session, ids: Sequence[int]) -> Iterator[str]:
    query = (
        select(
            DecisionRow.id,
            DecisionRow.rule,
            DecisionRow.version,
            RecordingRow.call_id,
            func.count(StepRow.id).label("steps"),
            func.coalesce(func.max(StepRow.number), 0).label("last"),
        )
        .join(RecordingRow, RecordingRow.id == DecisionRow.recording_id)
        .outerjoin(StepRow, StepRow.decision_id == DecisionRow.id)
        .where(DecisionRow.id.in_(ids))
        .group_by(DecisionRow.id, DecisionRow.rule, DecisionRow.version, RecordingRow.call_id)
        .order_by(DecisionRow.id)
    )
    for row in session.execute(query):
        if not row.version == row.steps == row.last:
            yield (
                f"{row.call_id}: the decision on {row.rule} has {row.version} steps and {row.steps} of them"
                " are kept"
            )


def _wrong_cards(session: Session, recording_id: int) -> Iterator[str]:
    query = (
        select(AuditRow.id, RecordingRow.call_id, PayloadRow.payload, EvidenceRow.payload.label("heard"))
        .join(RecordingRow, RecordingRow.id == AuditRow.recording_id)
        .join(PayloadRow, PayloadRow.audit_id == AuditRow.id)
        .join(EvidenceRow, EvidenceRow.id == AuditRow.evidence_id)
        .where(AuditRow.recording_id == recording_id, AuditRow.current)
        .order_by(AuditRow.id)
    )
    for row in session.execute(query).all():
        try:
            judged, heard = unpack_judged(row.payload), unpack_evidence(row.heard)
        except Exception:  # told where evidence and scorecards are checked
            continue
        evidence = replace(heard, line=judged.line, line_confidence=judged.line_confidence)
        rulings, card = projected(session, row.id, findings=judged.findings, evidence=evidence)
        kept: Any = session.execute(
            select(table_of(ReviewedCardRow)).where(ReviewedCardRow.audit_id == row.id)
        ).one_or_none()
        if (dict(kept._mapping) if kept else None) != card:
            yield f"{row.call_id} (audit {row.id}): its card after review is not what was decided"
        there = session.execute(select(table_of(RulingRow)).where(RulingRow.audit_id == row.id)).all()
        by_rule = {each["rule_id"]: each for each in rulings}
        if {each.rule_id: dict(each._mapping) for each in there} != by_rule:
            yield f"{row.call_id} (audit {row.id}): its verdicts after review are not those that were decided"
