"""What many calls add up to: points, results, clauses, sections, voices; by agent, team, line or time.

Conventions
    * Points are added, percents never averaged: percent = 100 · earned ÷ possible over scored calls.
    * ``pass_share`` counts calls whose result stands: failed critical items that nobody confirmed, and
      results in review, are ``pending`` and on neither side.
    * An agent's sums are those of his own part of each call; calls that another agent had a part in give
      him points and verdicts, but no result and no voice (`day_sums`).
    * Everything is of one `Edition`: one rulebook and one model.

Whole months and days come from the tables of sums (`sum_tables`), as few rows as there are (`sum_spans`);
days that a boundary of the question cuts, as midnights outside UTC+8 do, from their findings. Whoever shows
no clauses or no figures says so: they are most of what is read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import func, literal_column, select

from auditor.store.adding import Sums, added
from auditor.store.day_sums import sums_of
from auditor.store.selection import Selection, agent_row, audits_of, team_row
from auditor.store.sum_spans import spans_of, stretches_between
from auditor.store.sum_tables import (
    COUNTS,
    NONE,
    UNKNOWN_DAY,
    DaySumRow,
    MonthSumRow,
    beginning_of,
)
from auditor.store.tables import AgentRow, RulebookRow, RuleRow, TeamRow
from auditor.store.upserts import table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.orm import Session

    from auditor.store.database import Store
    from auditor.store.editions import Edition
    from auditor.store.sum_spans import Days, Stretch
    from auditor.store.sum_tables import DayKey, DaySum

_DAYS, _MONTHS = table_of(DaySumRow), table_of(MonthSumRow)


def sums(
    store: Store, *, edition: Edition, selection: Selection, clauses: bool = True, figures: bool = True
) -> Sums:
    """What the selected calls add up to; of an agent: his part of them.

    Args:
        store: an open store.
        edition: see `editions.fullest_edition`.
        selection: which calls.
        clauses: whether the clauses are wanted, and with them the sections.
        figures: whether the figures and bands are wanted.

    Raises:
        StoreError: the store cannot be read.
    """
    with store.reading() as session:
        question = _Question(session, edition, selection, clauses=clauses, figures=figures)
        return question.sums(question.read([(selection.since, selection.until)]).values())


def sums_by(
    store: Store,
    by: Literal["agent", "team", "line"],
    *,
    edition: Edition,
    selection: Selection,
    clauses: bool = True,
    figures: bool = True,
) -> dict[str, Sums]:
    """The sums of every agent (by agent_id), team (``""``: none named) or line of the selected calls.

    Agents of a team are those whom the team's call records name. Arguments as of `sums`.
    """
    with store.reading() as session:
        column = "line" if by == "line" else f"{by}_id"
        question = _Question(session, edition, selection, by=column, clauses=clauses, figures=figures)
        groups = {key: part for (_, key), part in question.read([(selection.since, selection.until)]).items()}
        names: dict[object, str] = {each: str(each) for each in groups}
        if by != "line":
            table = AgentRow.code if by == "agent" else TeamRow.name
            mine = table.class_.id.in_(each for each in groups if each != NONE)
            rows = session.execute(select(table.class_.id, table).where(mine))
            names = {NONE: "", **{row[0]: row[1] for row in rows}}
        found = {names[each]: question.sums([part]) for each, part in groups.items()}
        return dict(sorted(found.items()))


def sums_over_time(
    store: Store,
    *,
    edition: Edition,
    selection: Selection,
    cuts: Sequence[datetime],
    clauses: bool = True,
    figures: bool = True,
) -> tuple[Sums, ...]:
    """The sums of each stretch between two neighbouring cuts; the selection's own times do not matter.

    Arguments as of `sums`.
    """
    with store.reading() as session:
        question = _Question(session, edition, selection, clauses=clauses, figures=figures)
        groups = question.read(stretches_between(cuts))
        return tuple(
            question.sums(part for (at, _), part in groups.items() if at == place)
            for place in range(len(cuts) - 1)
        )


@dataclass(slots=True)
class _Part:
    """What is to be added up."""

    counts: list[Sequence[int]] = field(default_factory=list)  # in the order of `COUNTS`
    clauses: list[bytes] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)


class _Question:
    """Which rows, what of them, and the column that they are grouped by; None: none.

    Rows of agents are added up where one is asked for, or each; else those of whole calls.
    """

    def __init__(
        self,
        session: Session,
        edition: Edition,
        selection: Selection,
        *,
        by: str | None = None,
        clauses: bool,
        figures: bool,
    ) -> None:
        self._session, self._edition, self._selection = session, edition, selection
        self._by, self._clauses, self._figures = by, clauses, figures
        self._agent = None if selection.agent is None else agent_row(session, selection.agent)
        self._team = None if selection.team is None else team_row(session, selection.team)
        self._rules = _rules(session) if clauses else {}

    def read(self, stretches: Sequence[Stretch]) -> dict[tuple[int, object], _Part]:
        """The parts by the number of their stretch and by the column that they are grouped by."""
        found: dict[tuple[int, object], _Part] = defaultdict(_Part)
        spans = spans_of(stretches)
        starts = [since for since, _ in stretches[1:] if since is not None]

        def part(day: int, key: object) -> _Part:
            return found[bisect_right(starts, beginning_of(day)) if starts else 0, key]

        for table, ranges in ((_MONTHS, spans.months), (_DAYS, spans.days)):
            for days in ranges:
                for day, key, *counts in self._counts(table, days, by_day=bool(starts)):
                    place = part(day, key)
                    place.counts.append(counts[: len(COUNTS)])
                    place.clauses += counts[len(COUNTS) :]
        if self._figures:
            for days in spans.whole:
                query = select(_DAYS.c.day, self._key(_DAYS), _DAYS.c["values"])
                for day, key, values in self._session.execute(query.where(*self._wanted(_DAYS, days))):
                    part(day, key).values.append(values)
        for since, until in spans.cut:
            for key, each in self._cut(since, until):
                place = found[bisect_right(starts, since), self._key_of(key)]
                place.counts.append([getattr(each, name) for name in COUNTS])
                place.clauses.append(each.packed_clauses())
                place.values.append(each.packed_values())
        return found

    def sums(self, parts: Iterable[_Part]) -> Sums:
        """Parts added up."""
        parts = list(parts)
        return added(
            [row for part in parts for row in part.counts],
            clauses=[packed for part in parts for packed in part.clauses] if self._clauses else (),
            values=[packed for part in parts for packed in part.values] if self._figures else (),
            rules=self._rules,
        )

    def _counts(self, table: Table, days: Days, *, by_day: bool) -> Iterable[Any]:
        """Day, key, counts and clauses of rows; what needs neither key nor clauses is added up there."""
        wanted, day, key = self._wanted(table, days), table.c.day, self._key(table)
        counts: list[Any] = [table.c[name] for name in COUNTS]
        if self._clauses:
            return self._session.execute(select(day, key, *counts, table.c.clauses).where(*wanted))
        if self._by is not None:  # grouped by it SQLite would read an index of its order to the end
            return self._session.execute(select(day, key, *counts).where(*wanted))
        query = select(day if by_day else func.min(day), key, *(func.sum(each) for each in counts))
        rows = self._session.execute(query.where(*wanted).group_by(*([day] if by_day else [])))
        return (row for row in rows if row[0] is not None)  # nothing adds up to one row of nothing

    def _wanted(self, table: Table, days: Days) -> list[ColumnElement[bool]]:
        """The condition of the rows of some days."""
        columns, model = table.c, self._edition.model_id
        wanted = [
            columns.rulebook_id == self._edition.rulebook_id,
            columns.model_id == NONE if model is None else columns.model_id.in_((NONE, model)),
            columns.day >= days.first,
            columns.day < days.end,
        ]
        if self._agent is not None:
            wanted.append(columns.agent_id == self._agent)
        else:
            wanted.append(columns.agent_id != NONE if self._by == "agent_id" else columns.agent_id == NONE)
        if self._team is not None:
            wanted.append(columns.team_id == self._team)
        if self._selection.line is not None:
            wanted.append(columns.line == self._selection.line)
        return wanted

    def _cut(self, since: datetime, until: datetime) -> Iterator[tuple[DayKey, DaySum]]:
        """The sums of a part of a day, read from its calls."""
        chosen, model = self._selection, self._edition.model_id
        within = replace(chosen, since=since, until=until)
        for key, part in sums_of(
            self._session, audits_of(self._session, within, edition=self._edition)
        ).items():
            of_agents = self._agent is not None or self._by == "agent_id"
            right_agent = key.agent_id == self._agent if self._agent else (key.agent_id != NONE) == of_agents
            right_team = self._team is None or key.team_id == self._team
            if right_agent and right_team and key.model_id in (NONE, model or NONE):
                yield key, part

    def _key(self, table: Table) -> ColumnElement[Any]:
        return literal_column("0") if self._by is None else table.c[self._by]

    def _key_of(self, key: DayKey) -> object:
        return 0 if self._by is None else getattr(key, self._by)


def _rules(session: Session) -> dict[int, Any]:
    columns = (RuleRow.id, RuleRow.rule, RuleRow.clause, RuleRow.title, RuleRow.section)
    return {row.id: row for row in session.execute(select(*columns))}


def time_of_calls(store: Store, *, selection: Selection) -> tuple[datetime, datetime] | None:
    """The beginning of the first day and the end of the last day with selected calls, in whatever edition.

    The selection's own times do not matter. None: there is no call whose start is known. The days are those
    of UTC+8.
    """
    with store.reading() as session:
        query = select(func.min(_DAYS.c.day), func.max(_DAYS.c.day)).where(_DAYS.c.day > UNKNOWN_DAY)
        agent = NONE if selection.agent is None else agent_row(session, selection.agent)
        query = query.where(
            _DAYS.c.rulebook_id.in_(session.scalars(select(RulebookRow.id)).all()),
            _DAYS.c.agent_id == agent,
        )
        if selection.team is not None:
            query = query.where(_DAYS.c.team_id == team_row(session, selection.team))
        if selection.line is not None:
            query = query.where(_DAYS.c.line == selection.line)
        first, last = session.execute(query).one()
    return None if first is None else (beginning_of(first), beginning_of(last + 1))
