"""What a page is about: edition, time, team, agent and line, as its address says and the viewer may see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Query

from auditor.report.periods import Period as ReportPeriod
from auditor.store import Edition, editions, fullest_edition, left_out, newest_start
from auditor.store.selection import Selection
from auditor.web.errors import NotThereError
from auditor.web.periods import Period, read_period
from auditor.web.visits import Visiting

if TYPE_CHECKING:
    from auditor.web.visits import Visit

Text = Annotated[str, Query(max_length=80)]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a page is about.

    Attributes:
        edition: the one that holds most calls of the period; None: nothing was audited yet.
        period: as the address says it.
        selection: the same as times, with team, agent and line.
        left_out: selected calls that only other editions hold.
    """

    edition: Edition | None
    period: Period
    selection: Selection
    left_out: int = 0

    def query(self) -> dict[str, str]:
        """What an address needs to say the same."""
        chosen = {"team": self.selection.team, "agent": self.selection.agent, "line": self.selection.line}
        return {**{key: value for key, value in chosen.items() if value}, **self.period.query()}

    def report_period(self) -> ReportPeriod | None:
        """The time as reports over many calls take it; None without a beginning or an end."""
        first, last = self.period.first, self.period.last
        if first is None or last is None:
            return None
        zone = self.selection.since.tzinfo if self.selection.since else None
        return ReportPeriod("range", first, last, zone) if isinstance(zone, ZoneInfo) else None

    def of(self, *, team: str | None = None, agent: str | None = None) -> Scope:
        """The same of one team or agent."""
        return replace(self, selection=replace(self.selection, team=team, agent=agent))


@dataclass(frozen=True, slots=True)
class Asked:
    """What every address with a time may say: the days, or the first and the last, and the line."""

    days: str
    first: str
    last: str
    line: str


def asked(
    *,
    line: Text = "",
    days: Text = "",
    first: Annotated[str, Query(alias="from", max_length=10)] = "",
    last: Annotated[str, Query(alias="to", max_length=10)] = "",
) -> Asked:
    """The time and line of a request."""
    return Asked(days, first, last, line)


Asking = Annotated[Asked, Depends(asked)]


def scoping(visit: Visiting, asking: Asking, *, team: Text = "", agent: Text = "") -> Scope:
    """The scope of a request whose address may name a team and an agent, too."""
    return scope_of(visit, asking, team=team, agent=agent)


Scoping = Annotated[Scope, Depends(scoping)]


def scope_of(visit: Visit, asking: Asked, *, team: str = "", agent: str = "") -> Scope:
    """The scope of a request.

    Raises:
        NotThereError: the team or the agent is not the viewer's.
    """
    newest = newest_start(visit.store)
    period = read_period(asking.days, asking.first, asking.last, zone=visit.site.options.zone, newest=newest)
    team, agent = _allowed(visit, team=team, agent=agent)
    selection = Selection(
        since=period.since,
        until=period.until,
        team=team or None,
        agent=agent or None,
        line=asking.line or None,
    )
    edition = _edition(visit, period)
    lost = 0 if edition is None else _left_out(visit, edition, selection)
    return Scope(edition=edition, period=period, selection=selection, left_out=lost)


def _edition(visit: Visit, period: Period) -> Edition | None:
    """The rulebook and model that are added up: of complete runs those with most calls, else of the last run.

    Everybody has the same for the same days, whichever calls are his.
    """
    found = fullest_edition(visit.store, since=period.since, until=period.until)
    return found or next(iter(editions(visit.store)), None)


def _left_out(visit: Visit, edition: Edition, selection: Selection) -> int:
    """The calls that the viewer sees nothing of, kept for a moment: there may be many to go through."""
    parts = [selection]
    if visit.viewer.role == "supervisor" and not selection.team:
        parts = [replace(selection, team=team) for team in visit.viewer.teams]
    return sum(
        visit.site.reports.get(
            ("left out", edition, part), partial(left_out, visit.store, edition=edition, selection=part)
        )
        for part in parts
    )


def _allowed(visit: Visit, *, team: str, agent: str) -> tuple[str, str]:
    """Team and agent as the viewer may ask for them: an agent always means himself."""
    viewer = visit.viewer
    if viewer.role == "agent":
        if agent not in ("", viewer.agent) or team:
            raise NotThereError("another agent's calls")
        return "", viewer.agent or "\0"
    if viewer.role == "supervisor":
        if team and team not in viewer.teams:
            raise NotThereError("another team's calls")
        if not team and len(viewer.teams) == 1:
            return viewer.teams[0], agent
    return team, agent
