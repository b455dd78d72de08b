"""The first page: how the calls go, and what wants attention."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from auditor.web.visits import Visiting

router = APIRouter()


@router.get("/")
def overview_page(visit: Visiting) -> Response:
    """The overview of what the viewer may see."""
    visit.require("see_overview")
    visit.note("look")
    return visit.page("overview.html")
