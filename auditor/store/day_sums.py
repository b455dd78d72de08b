"""Keeping the sums by day and month (`sum_tables`): right after every audit written, corrected or purged.

They count what is ``current`` and nothing else: `changing` takes away what no longer counts and adds what
does, in the transaction that writes; `rebuild` makes the days anew from the findings, `rebuild_months` the
months from the days.

An agent has the points and verdicts of his own spells (`charging`). The result of a call, and the figures
of its voice, are his where he held the line alone: ``alone``, which for whole calls is every scored call.
A call whose failed critical item nobody confirmed counts as ``pending``, not as failed.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Delete, Select, Update, bindparam, delete, insert, select, update

from auditor.records import Points
from auditor.store.sum_tables import (
    COUNTS,
    FIGURES,
    MILLION,
    NONE,
    PERCENT,
    DayKey,
    DaySum,
    DaySumRow,
    MonthSumRow,
    day_of,
    month_of,
)
from auditor.store.tables import AuditRow, FindingRow, MeasurementRow, MeasureRow, SpellRow
from auditor.store.upserts import chunked, table_of, upsert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

_COUNTED = ("pass", "fail", "needs_review")

# Made once: putting a statement together takes longer than running it.
_AUDITS = select(
    AuditRow.id,
    AuditRow.evidence_id,
    AuditRow.rulebook_id,
    AuditRow.model_id,
    AuditRow.team_id,
    AuditRow.line,
    AuditRow.started_at,
    AuditRow.result,
    AuditRow.earned,
    AuditRow.possible,
    AuditRow.critical,
    AuditRow.critical_in_review,
    AuditRow.in_review,
).where(AuditRow.current)
_SPELLS = select(
    SpellRow.audit_id,
    SpellRow.number,
    SpellRow.agent_id,
    SpellRow.team_id,
    SpellRow.earned,
    SpellRow.possible,
).order_by(SpellRow.audit_id, SpellRow.number)
_FINDINGS = select(
    FindingRow.audit_id,
    FindingRow.rule_id,
    FindingRow.verdict,
    FindingRow.weight,
    FindingRow.critical,
    FindingRow.spell,
).where(FindingRow.verdict.in_(_COUNTED))
_MEASURES = select(MeasureRow.id, MeasureRow.party, MeasureRow.name).where(
    MeasureRow.name.in_([name for party, name in FIGURES if party is not None])
)
_MEASUREMENTS = select(MeasurementRow.evidence_id, MeasurementRow.measure_id, MeasurementRow.value)
_BY_KEY = DayKey._fields


class _Kept(NamedTuple):
    """How the rows of one table are kept."""

    row: type[DaySumRow | MonthSumRow]
    columns: Callable[[DaySum], dict[str, object]]
    one: Select[*tuple[Any, ...]]
    changed: Update
    gone: Delete


def _kept(
    row: type[DaySumRow | MonthSumRow], *packed: str, columns: Callable[[DaySum], dict[str, object]]
) -> _Kept:
    table = table_of(row)
    return _Kept(
        row=row,
        columns=columns,
        one=select(*(table.c[name] for name in ("id", *COUNTS, *packed)))
        .where(*(table.c[name] == bindparam(f"of_{name}") for name in _BY_KEY))
        .with_for_update(),
        changed=update(table).where(table.c.id == bindparam("of_id")),
        gone=delete(table).where(table.c.id == bindparam("of_id")),
    )


_DAYS = _kept(DaySumRow, "clauses", "values", columns=DaySum.columns)
_MONTHS = _kept(MonthSumRow, "clauses", columns=DaySum.columns_of_month)


class _Part(NamedTuple):
    """Whose sums one audit adds to: its own as a whole, or those of an agent by his spells."""

    sum: DaySum
    spells: frozenset[int]
    whole: bool
    scored: bool
    alone: bool
    critical: set[str]  # the verdicts that his critical items have in this call


@contextmanager
def changing(session: Session, *, recordings: Iterable[int], known: bool = True) -> Iterator[None]:
    """Keep the sums right while the audits of some recordings are written or deleted inside.

    Args:
        session: in the transaction that writes.
        recordings: whose rows it holds.
        known: whether they have any audits yet.
    """
    mine = AuditRow.recording_id.in_(list(recordings))
    before = sums_of(session, mine) if known else {}
    yield
    changes = sums_of(session, mine)
    for key, part in before.items():
        if changes.get(key) == part:
            del changes[key]
        else:
            changes.setdefault(key, DaySum()).add(part, sign=-1)
    _apply(session, _DAYS, changes)
    _apply(session, _MONTHS, by_month(changes.items()))


def rebuild(session: Session) -> None:
    """Make the sums by day anew from the findings, a day at a time."""
    session.execute(delete(DaySumRow))
    query = select(AuditRow.id, AuditRow.started_at).where(AuditRow.current).order_by(AuditRow.started_at)
    calls = session.execute(query).all()
    for _, day in groupby(calls, key=lambda call: day_of(call.started_at)):
        found: dict[DayKey, DaySum] = {}
        for chunk in chunked(call.id for call in day):
            _count_calls(session, AuditRow.id.in_(chunk), to=found)
        rows = [{**key._asdict(), **part.columns()} for key, part in found.items()]
        session.execute(insert(table_of(DaySumRow)), rows)


def rebuild_months(session: Session) -> None:
    """Make the sums by month anew from those by day, a month of an agent at a time."""
    session.execute(delete(MonthSumRow))
    table = table_of(DaySumRow)
    columns = [table.c[name] for name in (*_BY_KEY, *COUNTS, "clauses")]
    rows = session.execute(select(*columns).order_by(*(table.c[name] for name in _BY_KEY)))
    months = groupby(rows, key=lambda row: (row.rulebook_id, row.agent_id, month_of(row.day)))
    made: list[dict[str, object]] = []
    for _, days in months:
        sums = by_month((DayKey(*row[: len(_BY_KEY)]), DaySum.of_row(row)) for row in days)
        made += ({**key._asdict(), **part.columns_of_month()} for key, part in sums.items())
    for chunk in chunked(made):
        session.execute(insert(table_of(MonthSumRow)), chunk)


def by_month(days: Iterable[tuple[DayKey, DaySum]]) -> dict[DayKey, DaySum]:
    """What sums of days add up to by month, whose rows keep no values of figures."""
    found: dict[DayKey, DaySum] = {}
    for key, part in days:
        found.setdefault(key._replace(day=month_of(key.day)), DaySum()).add(replace(part, values={}))
    return found


def sums_of(session: Session, wanted: ColumnElement[bool]) -> dict[DayKey, DaySum]:
    """The sums of the audits that count and meet a condition, read from their findings."""
    found: dict[DayKey, DaySum] = {}
    _count_calls(session, wanted, to=found)
    return found


def _count_calls(session: Session, wanted: ColumnElement[bool], *, to: dict[DayKey, DaySum]) -> None:
    """Only columns of the store's first version are read, since a migration uses this, too."""
    query = _AUDITS.where(wanted)
    for audits in chunked(session.execute(query).all()):
        _add_calls(session, audits, to=to)


def _add_calls(session: Session, audits: Sequence[Any], *, to: dict[DayKey, DaySum]) -> None:
    spells: dict[int, list[Any]] = {}
    for row in session.execute(_SPELLS.where(SpellRow.audit_id.in_([audit.id for audit in audits]))):
        spells.setdefault(row.audit_id, []).append(row)
    parts: dict[int, list[_Part]] = {}
    voices: dict[int, list[_Part]] = {}
    for audit in audits:
        parts[audit.id] = _parts(audit, spells=spells.get(audit.id, []), to=to)
        voices.setdefault(audit.evidence_id, []).extend(part for part in parts[audit.id] if part.alone)
    _add_findings(session, parts)
    _add_voices(session, {evidence: those for evidence, those in voices.items() if those})


def _parts(audit: Any, *, spells: Sequence[Any], to: dict[DayKey, DaySum]) -> list[_Part]:
    """Count one audit as a call, for the whole and for each agent of it."""
    key = DayKey(
        rulebook_id=audit.rulebook_id,
        agent_id=NONE,
        day=day_of(audit.started_at),
        team_id=audit.team_id or NONE,
        line=audit.line,
        model_id=audit.model_id or NONE,
    )
    scored = audit.result != "not_scored"
    whole = _Part(
        to.setdefault(key, DaySum()), frozenset(), whole=True, scored=scored, alone=scored, critical=set()
    )
    whole.sum.critical += audit.critical > 0
    whole.sum.critical_in_review += audit.critical_in_review > 0
    whole.sum.in_review += audit.in_review if scored else 0
    _add_score(whole, Points(audit.earned, audit.possible), audit=audit)
    made = [whole]
    agents = dict.fromkeys(spell.agent_id for spell in spells)
    for agent in agents:
        his = [spell for spell in spells if spell.agent_id == agent]
        team = next((spell.team_id for spell in his if spell.team_id is not None), NONE)
        part = _Part(
            to.setdefault(key._replace(agent_id=agent, team_id=team), DaySum()),
            frozenset(spell.number for spell in his),
            whole=False,
            scored=scored,
            alone=scored and len(agents) == 1,
            critical=set(),
        )
        points = sum((Points(spell.earned, spell.possible) for spell in his), Points(0.0, 0.0))
        _add_score(part, points, audit=audit)
        made.append(part)
    return made


def _add_score(part: _Part, points: Points, *, audit: Any) -> None:
    sum_ = part.sum
    sum_.calls += 1
    if not part.scored:
        return
    sum_.scored += 1
    sum_.earned += _millionths(points.earned)
    sum_.possible += _millionths(points.possible)
    if points.percent is not None:
        sum_.count(PERCENT, points.percent)
    if part.alone:
        pending = audit.result == "needs_review" or (audit.result == "fail" and audit.critical > 0)
        sum_.alone += 1
        sum_.pending += pending
        sum_.passed += audit.result == "pass"
        sum_.failed += audit.result == "fail" and not pending


def _add_findings(session: Session, parts: Mapping[int, list[_Part]]) -> None:
    """The verdicts of some audits; ninety million pass here when a store is upgraded."""
    query = _FINDINGS.where(FindingRow.audit_id.in_(list(parts)))
    for audit_id, rule, verdict, weight, critical, spell in session.execute(query).all():
        place = _COUNTED.index(verdict)
        points = _millionths(weight) if verdict != "needs_review" else 0
        for part in parts[audit_id]:
            if part.whole or spell in part.spells:
                if part.scored:
                    counts = part.sum.clauses.get(rule)
                    if counts is None:
                        counts = part.sum.clauses[rule] = [0] * 5
                    counts[place] += 1
                    counts[4] += points
                    if place == 0:
                        counts[3] += points
                if not part.whole:  # of whole calls the audit's own columns say the rest
                    part.sum.in_review += part.scored and verdict == "needs_review" and weight > 0
                    if critical and verdict not in part.critical:  # once a call, however many its items
                        part.critical.add(verdict)
                        part.sum.critical += verdict == "fail"
                        part.sum.critical_in_review += verdict == "needs_review"


def _add_voices(session: Session, parts: Mapping[int, list[_Part]]) -> None:
    if not parts:
        return
    measures = {id_: name for id_, party, name in session.execute(_MEASURES) if (party, name) in FIGURES}
    values = _MEASUREMENTS.where(
        MeasurementRow.evidence_id.in_(list(parts)), MeasurementRow.measure_id.in_(list(measures))
    )
    for evidence, measure, value in session.execute(values):
        for part in parts[evidence]:
            part.sum.count(measures[measure], value)


def _millionths(points: float) -> int:
    return round(points * MILLION)


def _apply(session: Session, kept: _Kept, changes: Mapping[DayKey, DaySum]) -> None:
    """Add to the rows; in one order, so that two writers never wait for each other."""
    connection = session.connection()  # plain statements: the mapping has nothing to add
    for key in sorted(changes):
        names = {f"of_{name}": value for name, value in key._asdict().items()}
        row = session.execute(kept.one, names).one_or_none()
        if row is None:
            fresh = upsert(session, kept.row).on_conflict_do_nothing(index_elements=list(_BY_KEY))
            session.execute(fresh, {**key._asdict(), **kept.columns(DaySum())})
            row = session.execute(kept.one, names).one()
        total = DaySum.of_row(row, values=row.values if kept is _DAYS else b"")
        total.add(changes[key])
        if total.calls:
            connection.execute(kept.changed, {"of_id": row.id, **kept.columns(total)})
        else:
            connection.execute(kept.gone, {"of_id": row.id})
