"""Runs of the batch, and calls that could not be audited."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from auditor.store.browsing import failures_of, runs
from auditor.web.visits import Visiting

router = APIRouter()

Place = Annotated[int | None, Query(ge=1, le=2**53)]
_EACH = 30


@router.get("/runs")
def runs_page(visit: Visiting, before: Place = None) -> Response:
    """Runs, the last first."""
    visit.require("see_runs")
    visit.note("look")
    found = runs(visit.store, before=before, limit=_EACH + 1)
    older = found[_EACH - 1].id if len(found) > _EACH else None
    return visit.page("runs.html", runs=found[:_EACH], older=older)


@router.get("/failures")
def failures_page(visit: Visiting, run: Place = None, before: Place = None) -> Response:
    """Calls that could not be audited, the last first."""
    visit.require("see_runs")
    visit.note("look")
    found = failures_of(visit.store, run_id=run, before=before, limit=_EACH + 1)
    older = found[_EACH - 1].id if len(found) > _EACH else None
    return visit.page("failures.html", failures=found[:_EACH], older=older, run=run)
