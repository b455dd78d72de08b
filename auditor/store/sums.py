"""What many calls add up to: points, results, clauses, sections, voices; by agent, team, line or time.

Conventions
    * Points are added, percents never averaged: percent = 100 · earned ÷ possible over scored calls.
    * ``pass_share`` counts calls whose result stands: failed critical items that nobody confirmed, and
      results in review, are ``pending`` and on neither side.
    * An agent's sums are those of his own part of each call; calls that another agent had a part in give
      him points and verdicts, but no result and no voice (`day_sums`).
    * Everything is of one `Edition`: one rulebook and one model.

Whole days come from the table of sums (`sum_tables`); days that a boundary of the question cuts, as
midnights outside UTC+8 do, from their findings.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import func, select

from auditor.store.adding import Sums, added
from auditor.store.day_sums import sums_of
from auditor.store.selection import Selection, agent_row, audits_of, team_row
from auditor.store.sum_tables import (
    COUNTS,
    NONE,
    UNKNOWN_DAY,
    DayKey,
    DaySumRow,
    beginning_of,
    day_of,
    days_within,
)
from auditor.store.tables import AgentRow, RulebookRow, RuleRow, TeamRow
from auditor.store.upserts import table_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from auditor.store.database import Store
    from auditor.store.editions import Edition

_COLUMNS = (*DayKey._fields, *COUNTS, "clauses", "values")
_TABLE = table_of(DaySumRow)
_ROWS = select(*(_TABLE.c[name] for name in _COLUMNS))


def sums(store: Store, *, edition: Edition, selection: Selection) -> Sums:
    """What the selected calls add up to; of an agent: his part of them.

    Raises:
        StoreError: the store cannot be read.
    """
    with store.reading() as session:
        rows = [row for _, row in _rows(session, edition, selection, agents=selection.agent is not None)]
        return added(rows, rules=_rules(session))


def sums_by(
    store: Store, by: Literal["agent", "team", "line"], *, edition: Edition, selection: Selection
) -> dict[str, Sums]:
    """The sums of every agent (by agent_id), team (``""``: none named) or line of the selected calls.

    Agents of a team are those whom the team's call records name.
    """
    with store.reading() as session:
        agents = by == "agent" or selection.agent is not None
        groups: dict[object, list[Any]] = defaultdict(list)
        for _, row in _rows(session, edition, selection, agents=agents):
            groups[row.line if by == "line" else getattr(row, f"{by}_id")].append(row)
        names: dict[object, str] = {each: str(each) for each in groups}
        if by != "line":
            table = AgentRow.code if by == "agent" else TeamRow.name
            rows = session.execute(select(table.class_.id, table))
            names = {NONE: "", **{row[0]: row[1] for row in rows}}
        rules = _rules(session)
        found = {names[each]: added(rows, rules=rules) for each, rows in groups.items()}
        return dict(sorted(found.items()))


def sums_over_time(
    store: Store, *, edition: Edition, selection: Selection, cuts: Sequence[datetime]
) -> tuple[Sums, ...]:
    """The sums of each stretch between two neighbouring cuts; the selection's own times do not matter."""
    within = Selection(cuts[0], cuts[-1], selection.team, selection.agent, selection.line)
    with store.reading() as session:
        groups: list[list[Any]] = [[] for _ in cuts[1:]]
        rows = _rows(session, edition, within, agents=selection.agent is not None, cuts=cuts)
        for place, row in rows:
            groups[place].append(row)
        rules = _rules(session)
        return tuple(added(group, rules=rules) for group in groups)


def _rows(
    session: Session,
    edition: Edition,
    selection: Selection,
    *,
    agents: bool,
    cuts: Sequence[datetime] = (),
) -> Iterator[tuple[int, Any]]:
    """Rows of sums, each with the number of the stretch that it lies in."""
    agent = None if selection.agent is None else agent_row(session, selection.agent)
    team = None if selection.team is None else team_row(session, selection.team)

    def wanted(row: Any) -> bool:
        of_model = row.model_id in (NONE, edition.model_id or NONE) and row.rulebook_id == edition.rulebook_id
        right_agent = row.agent_id == agent if agent is not None else (row.agent_id != NONE) == agents
        right_team = team is None or row.team_id == team
        return of_model and right_agent and right_team and selection.line in (None, row.line)

    borders = [moment for moment in (selection.since, selection.until, *cuts) if moment is not None]
    cut_days = sorted({day_of(moment) for moment in borders if beginning_of(day_of(moment)) != moment})
    query = _ROWS.where(
        _TABLE.c.rulebook_id == edition.rulebook_id, days_within(selection.since, selection.until)
    )
    if cut_days:
        query = query.where(_TABLE.c.day.not_in(cut_days))
    if agent is not None or not agents:
        query = query.where(_TABLE.c.agent_id == (agent or NONE))
    if team is not None:
        query = query.where(_TABLE.c.team_id == team)
    for row in session.execute(query):
        if wanted(row):
            yield _place(beginning_of(row.day), cuts), row
    for day in cut_days:
        for since, until in _stretches(day, borders=borders, selection=selection):
            part = Selection(since, until, selection.team, selection.agent, selection.line)
            for key, sum_ in sums_of(session, audits_of(session, part, edition=edition)).items():
                if wanted(key):
                    yield _place(since, cuts), _Loose(key, sum_.columns())


class _Loose:
    """Sums that are no row, with a row's names."""

    def __init__(self, key: DayKey, columns: Mapping[str, object]) -> None:
        vars(self).update(key._asdict(), **columns)


def _place(moment: datetime, cuts: Sequence[datetime]) -> int:
    return bisect_right(cuts, moment) - 1 if cuts else 0


def _stretches(
    day: int, *, borders: Sequence[datetime], selection: Selection
) -> Iterator[tuple[datetime, datetime]]:
    """The parts of a cut day that lie in the selection."""
    first, last = beginning_of(day), beginning_of(day + 1)
    first = max(first, selection.since or first)
    last = min(last, selection.until or last)
    inside = sorted({first, last, *(each for each in borders if first < each < last)})
    yield from ((a, b) for a, b in pairwise(inside) if a < b)


def _rules(session: Session) -> dict[int, Any]:
    columns = (RuleRow.id, RuleRow.rule, RuleRow.clause, RuleRow.title, RuleRow.section)
    return {row.id: row for row in session.execute(select(*columns))}


def time_of_calls(store: Store, *, selection: Selection) -> tuple[datetime, datetime] | None:
    """The beginning of the first day and the end of the last day with selected calls, in whatever edition.

    The selection's own times do not matter. None: there is no call whose start is known. The days are those
    of UTC+8.
    """
    with store.reading() as session:
        query = select(func.min(_TABLE.c.day), func.max(_TABLE.c.day)).where(_TABLE.c.day > UNKNOWN_DAY)
        agent = NONE if selection.agent is None else agent_row(session, selection.agent)
        query = query.where(
            _TABLE.c.rulebook_id.in_(session.scalars(select(RulebookRow.id)).all()),
            _TABLE.c.agent_id == agent,
        )
        if selection.team is not None:
            query = query.where(_TABLE.c.team_id == team_row(session, selection.team))
        if selection.line is not None:
            query = query.where(_TABLE.c.line == selection.line)
        first, last = session.execute(query).one()
    return None if first is None else (beginning_of(first), beginning_of(last + 1))
