"""Teams: all of them side by side, and one with its agents and clauses."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from auditor.report.gather import gather_team
from auditor.report.many import Basis
from auditor.report.team import TeamReport, make_team_report
from auditor.store.browsing import tallies
from auditor.store.reviewed_sums import reviewed_sums
from auditor.store.selection import find_team
from auditor.store.sums import sums
from auditor.store.worklists import critical_calls, review_queue
from auditor.web.access import agents_for, teams_for
from auditor.web.errors import NotThereError
from auditor.web.figures import costliest, trend
from auditor.web.scope import Asking, Scoping, scope_of
from auditor.web.visits import Visit, Visiting

router = APIRouter()

_SHOWN = 10


@router.get("/teams")
def teams_page(visit: Visiting, scope: Scoping) -> Response:
    """The viewer's teams side by side."""
    visit.require("see_teams")
    visit.note("look")
    if scope.edition is None:
        return visit.page("nothing.html", title="班组")
    found = tallies(
        visit.store, "team", edition=scope.edition, selection=scope.selection, visible=teams_for(visit.viewer)
    )
    return visit.page("teams.html", scope=scope, teams=found)


@router.get("/teams/{team}")
def team_page(visit: Visiting, team: str, asking: Asking) -> Response:
    """One team."""
    visit.require("see_teams")
    scope = scope_of(visit, asking, team=team[:80])
    everything = visit.viewer.role != "supervisor"
    if scope.edition is None:
        return visit.page("nothing.html", title=team)
    selection = scope.selection
    if not everything and team not in visit.viewer.teams:
        raise NotThereError(f"team {team}")
    found = sums(visit.store, edition=scope.edition, selection=selection, clauses=False, figures=False)
    if not found.calls and not find_team(visit.store, team):
        raise NotThereError(f"team {team}")
    visit.note("look")
    period = scope.report_period()
    if period is not None and found.calls:
        basis = Basis(period, scope.edition)
        return visit.page(
            "team_report.html",
            scope=scope,
            team=team,
            report=visit.site.reports.get(
                ("team", team, basis, selection.line),
                lambda: _report(visit, team, basis=basis, line=selection.line),
            ),
        )
    found = sums(visit.store, edition=scope.edition, selection=selection, figures=False)
    agents = tallies(
        visit.store, "agent", edition=scope.edition, selection=selection, visible=agents_for(visit.viewer)
    )
    return visit.page(
        "team.html",
        scope=scope,
        team=team,
        sums=found,
        reviewed=reviewed_sums(visit.store, edition=scope.edition, selection=selection),
        agents=agents,
        clauses=costliest(found.clauses, most=_SHOWN),
        trend=trend(visit.store, edition=scope.edition, scope=scope),
        critical=critical_calls(visit.store, edition=scope.edition, selection=selection, limit=_SHOWN),
        queue=review_queue(visit.store, edition=scope.edition, selection=selection, limit=_SHOWN),
    )


def _report(visit: Visit, team: str, *, basis: Basis, line: str | None) -> TeamReport:
    facts = gather_team(visit.store, team, basis=basis, line=line, every_call=False, every_figure=False)
    return make_team_report(facts, coaching=visit.site.coaching)
