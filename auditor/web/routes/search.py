"""Searching what was said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from auditor.store.indexing import backlog
from auditor.store.search_query import SearchScope
from auditor.store.searching import Found, SaidPlace, search_calls
from auditor.store.selection import agent_row, team_row, teams
from auditor.web.access import audits_for, sees_everything
from auditor.web.scope import Scope, Scoping
from auditor.web.visits import Visit, Visiting

router = APIRouter()

LONGEST = 60


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a turn; marked where it is what was looked for."""

    text: str
    marked: bool


@router.get("/search")
def search_page(
    visit: Visiting,
    scope: Scoping,
    *,
    q: Annotated[str, Query(max_length=LONGEST)] = "",
    speaker: Literal["", "agent", "customer"] = "",
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
) -> Response:
    """Calls in which something was said."""
    visit.require("search")
    visit.note("search", detail=q)
    found = Found((), None)
    if q.strip():
        where = _where(visit, scope, speaker=speaker)
        found = search_calls(visit.store, q, scope=where, before=before)
    return visit.page(
        "search.html",
        scope=scope,
        q=q,
        speaker=speaker,
        found=found,
        pieces=pieces,
        teams=teams(visit.store) if sees_everything(visit.viewer) else visit.viewer.teams,
        backlog=backlog(visit.store),
    )


def pieces(place: SaidPlace) -> list[Piece]:
    """A turn cut where its marks begin and end."""
    found: list[Piece] = []
    at = 0
    for start, end in place.marks:
        found += [Piece(place.text[at:start], marked=False), Piece(place.text[start:end], marked=True)]
        at = end
    return [each for each in (*found, Piece(place.text[at:], marked=False)) if each.text]


def _where(visit: Visit, scope: Scope, *, speaker: str) -> SearchScope:
    viewer, selection = visit.viewer, scope.selection
    team_ids = viewer.team_ids if viewer.role == "supervisor" else None
    agent_ids = None
    with visit.store.reading() as session:
        if selection.team is not None:
            team_ids = frozenset({team_row(session, selection.team)})
        if selection.agent is not None:
            agent_ids = frozenset({agent_row(session, selection.agent)})
    return SearchScope(
        visible=audits_for(viewer),
        teams=team_ids,
        agents=agent_ids,
        since=selection.since,
        until=selection.until,
        line=selection.line,
        speaker=speaker or None,  # type: ignore[arg-type]
    )
