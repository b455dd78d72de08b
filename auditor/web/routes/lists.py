"""The list of calls, filtered as its address says."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from auditor.store.browsing import Cursor, Wanted, browse, lines_of
from auditor.store.selection import teams
from auditor.web.access import audits_for, sees_everything
from auditor.web.scope import Scope, Scoping
from auditor.web.visits import Visit, Visiting

router = APIRouter()

Percent = Annotated[str, Query(max_length=6)]
_RESULTS = ("pass", "fail", "needs_review", "not_scored")
_VERDICTS = ("pass", "fail", "needs_review")


@router.get("/calls")
def calls_page(
    visit: Visiting,
    scope: Scoping,
    *,
    result: str = "",
    rule: Annotated[str, Query(max_length=20)] = "",
    verdict: str = "",
    low: Percent = "",
    high: Percent = "",
    critical: Literal["", "1"] = "",
    after: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """Calls, the latest first."""
    visit.require("see_calls")
    visit.note("look", detail=visit.request.url.query)
    if scope.edition is None:
        return visit.page("nothing.html", title="通话")
    wanted = Wanted(
        result=result if result in _RESULTS else None,
        rule=rule.strip() or None,
        verdict=verdict if verdict in _VERDICTS else None,  # type: ignore[arg-type]
        low=_number(low),
        high=_number(high),
        critical=bool(critical),
    )
    lines, following = browse(
        visit.store,
        edition=scope.edition,
        selection=scope.selection,
        wanted=wanted,
        visible=audits_for(visit.viewer),
        after=Cursor.read(after) if after else None,
    )
    return visit.page(
        "calls.html",
        scope=scope,
        wanted=wanted,
        lines=lines,
        after=after,
        following=following.told() if following else None,
        query=_query(scope, wanted),
        choices=_choices(visit, scope),
        rules=visit.site.book.rules,
    )


def _choices(visit: Visit, scope: Scope) -> dict[str, tuple[str, ...]]:
    """What can be filtered by."""
    assert scope.edition is not None
    mine = teams(visit.store) if sees_everything(visit.viewer) else visit.viewer.teams
    return {"teams": mine, "lines": lines_of(visit.store, edition=scope.edition)}


def _query(scope: Scope, wanted: Wanted) -> dict[str, str]:
    """The address's words for what is filtered, for links to the next page."""
    told = {
        "result": wanted.result,
        "rule": wanted.rule,
        "verdict": wanted.verdict,
        "low": None if wanted.low is None else f"{wanted.low:g}",
        "high": None if wanted.high is None else f"{wanted.high:g}",
        "critical": "1" if wanted.critical else None,
    }
    return {**scope.query(), **{key: value for key, value in told.items() if value}}


def _number(told: str) -> float | None:
    try:
        found = float(told)
    except ValueError:
        return None
    return found if 0 <= found <= 100 else None
