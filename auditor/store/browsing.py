"""Lists that people page through: calls by what they are looking for, agents and teams with their counts.

Pages begin after the last call of the page before (start and id), never by counting what was skipped, and
nothing is counted over the whole store.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import and_, case, func, or_, select, text, true, union_all

from auditor.records import Points, Share
from auditor.store.selection import Selection, audits_of, team_row
from auditor.store.sum_spans import EVER, Days, in_months
from auditor.store.sum_tables import LISTED, MILLION, NONE, UNKNOWN_DAY, DaySumRow, MonthSumRow, day_of
from auditor.store.tables import AgentRow, AuditRow, FailureRow, FindingRow, RuleRow, RunRow, TeamRow
from auditor.store.upserts import table_of
from auditor.store.worklists import CALLS, NAMED, CallLine, call_line, first_of_agent, of_agent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Select, Subquery, Table
    from sqlalchemy.orm import Session

    from auditor.records import Verdict
    from auditor.store.database import Store
    from auditor.store.editions import Edition

# Fewer findings than this are looked up one by one; more are met soon enough going back in time.
_FEW = 3_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of calls shall hold, beside its selection; None: anything.

    Attributes:
        result: of the card, by the machine.
        rule: a rule that was judged …
        verdict: … with this verdict.
        low, high: the machine's score in percent, both ends included.
        critical: only calls with a failed critical item.
    """

    result: str | None = None
    rule: str | None = None
    verdict: Verdict | None = None
    low: float | None = None
    high: float | None = None
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last call of a page."""

    started_at: datetime | None
    audit_id: int

    def told(self) -> str:
        """As text for an address."""
        return f"{self.started_at.isoformat() if self.started_at else ''}~{self.audit_id}"

    @classmethod
    def read(cls, told: str) -> Cursor | None:
        """What `told` wrote; None: something else."""
        moment, _, number = told.partition("~")
        if not (number.isascii() and number.isdigit() and len(number) < 16):
            return None
        try:
            started_at = datetime.fromisoformat(moment) if moment else None
        except ValueError:
            return None
        if started_at is not None and started_at.tzinfo is None:
            return None
        return cls(started_at, int(number))


@dataclass(frozen=True, slots=True)
class Tally:
    """What somebody's calls add up to, without clauses: as `sums.Sums` counts."""

    key: str
    name: str | None
    team: str | None
    calls: int
    scored: int
    passed: int
    failed: int
    pending: int
    critical: int
    in_review: int
    points: Points

    @property
    def percent(self) -> float | None:
        """The score of all calls together."""
        return self.points.percent

    @property
    def pass_share(self) -> Share:
        """Passed calls of those whose result stands."""
        return Share(self.passed, self.passed + self.failed)


def browse(
    store: Store,
    *,
    edition: Edition,
    selection: Selection,
    wanted: Wanted,
    visible: ColumnElement[bool],
    after: Cursor | None = None,
    limit: int = 50,
) -> tuple[tuple[CallLine, ...], Cursor | None]:
    """One page of calls, the latest first; those without a start at the end.

    Returns:
        The calls, and where the next page begins; None: there is none.
    """
    with store.reading() as session:
        few = _few(session, wanted)
        query = CALLS.order_by(AuditRow.started_at.desc().nulls_last(), AuditRow.id.desc())
        rows: list[Any] = []
        if selection.agent is not None:
            # In an order that no index has, or SQLite may go through everybody's starts.
            start = func.coalesce(NAMED.started_at, NAMED.started_at)
            latest = (start.desc().nulls_last(), NAMED.id.desc())
            calls = of_agent(session, edition, selection, true(), *latest)
            chosen = query.where(visible, *_conditions(wanted), or_(*_parts(after)))
            if after is not None:  # the first calls are not those of this page
                rows = [*session.execute(chosen.where(calls(None)).limit(limit + 1))]
            else:
                rows = [*first_of_agent(session, chosen, calls, agent=selection.agent, limit=limit + 1)]
            lines = tuple(map(call_line, rows))
            return _page(lines, limit=limit)
        conditions = and_(audits_of(session, selection, edition=edition), visible, *_conditions(wanted))
        for part in _parts(after):  # one stretch of the index each
            holds = and_(conditions, part)
            if few is not None:  # gone to one by one: in a CASE no index on other columns may seem better
                holds = AuditRow.id.in_(few) & (case((holds, 1), else_=0) == 1)
            rows += session.execute(query.where(holds).limit(limit + 1 - len(rows)))
            if len(rows) > limit:
                break
        return _page(tuple(map(call_line, rows)), limit=limit)


def _page(lines: tuple[CallLine, ...], *, limit: int) -> tuple[tuple[CallLine, ...], Cursor | None]:
    if len(lines) <= limit:
        return lines, None
    last = lines[limit - 1]
    return lines[:limit], Cursor(last.started_at, last.audit_id)


def tallies(
    store: Store,
    by: Literal["agent", "team"],
    *,
    edition: Edition,
    selection: Selection,
    visible: ColumnElement[bool],
) -> tuple[Tally, ...]:
    """Every agent (of a team) or team with calls in whole days of a time, by key.

    Args:
        store: an open store.
        by: whose.
        edition: see `runs.latest_edition`.
        selection: its team, line and time, cut to days of UTC+8.
        visible: the condition of `AgentRow`, or of `TeamRow`.
    """
    names = AgentRow if by == "agent" else TeamRow
    code, name = (AgentRow.code, AgentRow.name) if by == "agent" else (TeamRow.name, TeamRow.name)
    with store.reading() as session:
        teams: Mapping[int, str] = dict(session.execute(select(TeamRow.id, TeamRow.name)).all())
        sums = _sums_of_time(by, session, edition=edition, selection=selection)
        query = (
            select(code, name, func.max(sums.c.team_id), *(func.sum(sums.c[each]) for each in LISTED))
            .join(names, names.id == sums.c.key)
            .where(visible)
            .group_by(code, name)
            .order_by(code)
        )
        return tuple(
            Tally(
                key=row[0],
                name=row[1],
                team=teams.get(row[2]),
                **{each: int(number) for each, number in zip(LISTED[:-2], row[3:10], strict=True)},
                points=Points(int(row[10]) / MILLION, int(row[11]) / MILLION),
            )
            for row in session.execute(query)
        )


def runs(store: Store, *, before: int | None = None, limit: int = 30) -> tuple[RunRow, ...]:
    """Runs, the last first."""
    query = select(RunRow).order_by(RunRow.id.desc()).limit(limit)
    with store.reading() as session:
        found = session.scalars(query if before is None else query.where(RunRow.id < before)).all()
        session.expunge_all()
        return tuple(found)


def failures_of(
    store: Store, *, run_id: int | None = None, before: int | None = None, limit: int = 50
) -> tuple[FailureRow, ...]:
    """Calls that could not be audited, the last first; of one run, or of all."""
    query = select(FailureRow).order_by(FailureRow.id.desc()).limit(limit)
    if run_id is not None:
        query = query.where(FailureRow.run_id == run_id)
    if before is not None:
        query = query.where(FailureRow.id < before)
    with store.reading() as session:
        found = session.scalars(query).all()
        session.expunge_all()
        return tuple(found)


def lines_of(store: Store, *, edition: Edition) -> tuple[str, ...]:
    """The lines that calls of an edition were on."""
    query = select(DaySumRow.line).where(
        DaySumRow.rulebook_id == edition.rulebook_id, DaySumRow.agent_id == NONE
    )
    with store.reading() as session:
        return tuple(sorted(session.scalars(query.distinct())))


def _conditions(wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.result is not None:
        found.append(AuditRow.result == wanted.result)
    if wanted.critical:
        found.append(AuditRow.critical > 0)
    if wanted.low is not None:
        found.append(AuditRow.percent >= wanted.low)
    if wanted.high is not None:
        found.append(AuditRow.percent <= wanted.high)
    if wanted.rule is not None:
        mine: ColumnElement[bool] = FindingRow.rule_id.in_(
            select(RuleRow.id).where(RuleRow.rule == wanted.rule)
        )
        if wanted.verdict is not None:
            mine &= FindingRow.verdict == wanted.verdict
        else:
            mine &= FindingRow.verdict != "not_applicable"
        found.append(select(FindingRow.audit_id).where(FindingRow.audit_id == AuditRow.id, mine).exists())
    return found


def _few(session: Session, wanted: Wanted) -> Sequence[int] | None:
    """The audits of a wanted fault, if there are few: others are met soon enough going back in time."""
    if wanted.rule is None or wanted.verdict not in ("fail", "needs_review"):
        return None
    rules = session.scalars(select(RuleRow.id).where(RuleRow.rule == wanted.rule)).all()
    # Word for word the condition of the index of faults: SQLite takes it only where it stands like that.
    faults = text("findings.verdict IN (1, 3)")
    mine = select(FindingRow.audit_id).where(
        FindingRow.rule_id.in_(rules), FindingRow.verdict == wanted.verdict, faults
    )
    found = session.scalars(mine.limit(_FEW)).all()
    return found if len(found) < _FEW else None


def _parts(after: Cursor | None) -> Iterator[ColumnElement[bool]]:
    """What comes after a call, in the order of the list."""
    later = AuditRow.id < (after.audit_id if after else 0)
    if after is None:
        yield true()
    elif after.started_at is None:
        yield and_(AuditRow.started_at.is_(None), later)
    else:
        start: Any = AuditRow.started_at
        yield and_(start <= after.started_at, or_(start < after.started_at, later))
        yield start.is_(None)


def _sums_of_time(
    by: Literal["agent", "team"], session: Session, *, edition: Edition, selection: Selection
) -> Subquery:
    """The sums of everybody's whole months and days within a time."""
    timeless = selection.since is None and selection.until is None
    first = UNKNOWN_DAY + 1 if selection.since is None else max(0, day_of(selection.since))
    end = EVER.end if selection.until is None else day_of(selection.until)
    months, days = in_months(EVER if timeless else Days(first, end))
    team = None if selection.team is None else team_row(session, selection.team)

    def part(table: Table, within: Days) -> Select[*tuple[Any, ...]]:
        columns = table.c
        # Not the bare column: to group by it SQLite would read an index of its order to the end.
        key = func.coalesce(columns[f"{by}_id"], columns[f"{by}_id"])
        return (
            select(
                key.label("key"),
                func.max(columns.team_id).label("team_id"),
                *(func.sum(columns[name]).label(name) for name in LISTED),
            )
            .where(
                columns.rulebook_id == edition.rulebook_id,
                columns.model_id.in_((NONE, edition.model_id or NONE)),
                columns.agent_id != NONE if by == "agent" else columns.agent_id == NONE,
                columns.day >= within.first,
                columns.day < within.end,
                columns.line == selection.line if selection.line is not None else true(),
                columns.team_id == team if team is not None else true(),
            )
            .group_by(key)
        )

    parts = ((MonthSumRow, months), (DaySumRow, days))
    return union_all(*(part(table_of(row), each) for row, ranges in parts for each in ranges)).subquery()
