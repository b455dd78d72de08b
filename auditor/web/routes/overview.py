"""The first page: how the calls go, and what wants attention."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from auditor.store import Edition
from auditor.store.browsing import tallies
from auditor.store.reviewed_sums import added_up, reviewed_sums
from auditor.store.sums import sums
from auditor.store.worklists import CallLine, critical_calls, review_queue
from auditor.web.access import teams_for
from auditor.web.figures import add_up, costliest, trend
from auditor.web.scope import Scope, Scoping
from auditor.web.visits import Visit, Visiting

router = APIRouter()

_SHOWN = 8


@router.get("/")
def overview_page(visit: Visiting, scope: Scoping) -> Response:
    """The overview of what the viewer may see; an agent's is his own page."""
    visit.require("see_overview")
    if visit.viewer.role == "agent":
        return RedirectResponse(visit.site.pages.url(f"/agents/{visit.viewer.agent}"), status_code=303)
    visit.note("look")
    if scope.edition is None:
        return visit.page("nothing.html", title="概览")
    return visit.page("overview.html", scope=scope, **_values(visit, scope, scope.edition))


def _values(visit: Visit, scope: Scope, edition: Edition) -> dict[str, Any]:
    teams = tallies(
        visit.store, "team", edition=edition, selection=scope.selection, visible=teams_for(visit.viewer)
    )
    everything = visit.viewer.role != "supervisor"
    parts = [scope.selection]
    waiting: dict[str, tuple[CallLine, ...]]
    if everything or scope.selection.team:
        found, bars = visit.site.reports.get(
            ("overview", edition, scope.selection),
            lambda: (
                sums(visit.store, edition=edition, selection=scope.selection, figures=False),
                trend(visit.store, edition=edition, scope=scope),
            ),
        )
        waiting = {
            "critical": critical_calls(visit.store, edition=edition, selection=scope.selection, limit=_SHOWN),
            "queue": review_queue(visit.store, edition=edition, selection=scope.selection, limit=_SHOWN),
        }
    else:  # a supervisor of several teams: each is asked on its own
        parts = [scope.of(team=team).selection for team in visit.viewer.teams]
        found, bars = None, ()
        waiting = {
            "critical": _merge(
                critical_calls(visit.store, edition=edition, selection=part, limit=_SHOWN) for part in parts
            ),
            "queue": _merge(
                review_queue(visit.store, edition=edition, selection=part, limit=_SHOWN) for part in parts
            ),
        }
    return {
        "sums": found or add_up(teams),
        "reviewed": added_up(reviewed_sums(visit.store, edition=edition, selection=part) for part in parts),
        "clauses": costliest(found.clauses, most=_SHOWN) if found else (),
        "trend": bars,
        "teams": teams,
        **waiting,
    }


def _merge(lists: Iterable[tuple[CallLine, ...]]) -> tuple[CallLine, ...]:
    found = [line for part in lists for line in part]
    return tuple(sorted(found, key=lambda line: -line.risk)[:_SHOWN])
