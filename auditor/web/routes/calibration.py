"""Calibration: how far the machine agrees with reviewers, over the calls that the viewer may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from sqlalchemy import func, select
from starlette.responses import Response

from auditor.calibrate.agreement import calibrate
from auditor.calibrate.gathering import from_reviews
from auditor.calibrate.ratings import Gathered
from auditor.calibrate.report import Report, page_values
from auditor.calibrate.thresholds import suggest
from auditor.store import latest_edition, stored_rulebook
from auditor.store.review_tables import StepRow
from auditor.store.tables import AuditRow
from auditor.web.access import audits_for, sees_everything
from auditor.web.visits import Visit, Visiting

if TYPE_CHECKING:
    from auditor.calibrate.thresholds import Suggestion
    from auditor.store import Edition

router = APIRouter()

# Calls that were decided about last: enough for every clause, and read in a second or two.
_MOST_CALLS = 1000
_MOST_KEPT = 8


@router.get("/calibration")
def calibration_page(
    visit: Visiting, precision: Annotated[float | None, Query(ge=0.5, le=1)] = None
) -> Response:
    """The agreement, and on request which limits would meet a precision."""
    visit.require("review")
    visit.note("look")
    edition = latest_edition(visit.store)
    gathered = Gathered("复核记录", ())
    suggestions: tuple[Suggestion, ...] = ()
    if edition is not None:
        gathered = _gathered(visit, edition)
        book = stored_rulebook(visit.store, edition.rulebook_id)
        if precision is not None and book is not None:
            suggestions = suggest(gathered.ratings, book=book, precision=precision)
    report = Report(calibrate(gathered), precision=precision, suggestions=suggestions)
    return visit.page(
        "calibration_page.html",
        edition=edition,
        wanted_precision=precision,
        call_url=lambda audit_id, rule: f"{visit.site.pages.url(f'/calls/{audit_id}')}#finding-{rule}",
        **page_values(report),
    )


def _gathered(visit: Visit, edition: Edition) -> Gathered:
    """What was read for the same calls before, as long as nothing was decided or audited since."""
    with visit.store.reading() as session:
        newest = (session.scalar(select(func.max(StepRow.id))), session.scalar(select(func.max(AuditRow.id))))
    scope = None if sees_everything(visit.viewer) else visit.viewer.team_ids
    key = (edition.rulebook_id, edition.model_id, scope, newest)
    known = visit.site.gathered
    if key not in known:
        if len(known) >= _MOST_KEPT:
            known.clear()
        known[key] = from_reviews(
            visit.store, edition=edition, wanted=audits_for(visit.viewer), most_calls=_MOST_CALLS
        )
    return known[key]
