"""Appeals: the agent's own, and for supervisors those that wait for a judgement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, cast

from fastapi import APIRouter, Form, Path, Query
from sqlalchemy import exists, select
from starlette.responses import Response

from auditor.errors import DecisionError
from auditor.store import judge_appeal, latest_edition
from auditor.store.appeals import finding_behind
from auditor.store.judges import judge_of
from auditor.store.queues import appeals
from auditor.store.review_tables import DecisionRow
from auditor.store.standing import steps_of
from auditor.store.tables import AuditRow
from auditor.web.access import audits_for, may
from auditor.web.errors import NotThereError
from auditor.web.reviewing import ACTIONS, VERDICTS, refusal_of
from auditor.web.visits import Visit, Visiting

if TYPE_CHECKING:
    from auditor.records import Verdict
    from auditor.web.reviewing import Refusal

router = APIRouter()

State = Literal["appealed", "closed"]
_EACH = 30


@router.get("/appeals")
def appeals_page(
    visit: Visiting, state: State = "appealed", page: Annotated[int, Query(ge=1, le=10_000)] = 1
) -> Response:
    """Appeals that the viewer may see."""
    visit.require("see_calls")
    visit.note("look")
    return _show(visit, state=state, number=page)


@router.post("/appeals/{decision_id}/judge")
def judge(
    visit: Visiting,
    decision_id: Annotated[int, Path(ge=1, le=2**53)],
    verdict: Annotated[str, Form(max_length=32)],
    seen: Annotated[int, Form(ge=0, le=10**9)],
    reason: Annotated[str, Form(max_length=8000)] = "",
) -> Response:
    """Answer an appeal for good."""
    visit.require("judge")
    with visit.store.reading() as session:
        visible = exists().where(AuditRow.recording_id == DecisionRow.recording_id, audits_for(visit.viewer))
        rule = session.scalar(select(DecisionRow.rule).where(DecisionRow.id == decision_id, visible))
    if rule is None:
        raise NotThereError(f"appeal {decision_id}")
    try:
        judge_appeal(
            visit.store,
            decision_id,
            verdict=cast("Verdict", verdict),
            reason=reason,
            actor=visit.viewer.name,
            role=visit.viewer.role,
            seen=seen,
        )
    except DecisionError as error:
        return _show(visit, state="appealed", number=1, refusal=refusal_of(error, rule=rule, reason=reason))
    visit.note("change", detail=f"appeal {decision_id} ({rule}): {verdict}")
    return visit.back("/appeals")


def _show(visit: Visit, *, state: State, number: int, refusal: Refusal | None = None) -> Response:
    edition = latest_edition(visit.store)
    own = visit.viewer.agent if visit.viewer.role == "agent" else None
    found = (
        appeals(
            visit.store,
            edition=edition,
            state=state,
            wanted=audits_for(visit.viewer),
            agent=own,
            limit=_EACH + 1,
            offset=(number - 1) * _EACH,
        )
        if edition is not None
        else ()
    )
    judges = may(visit.viewer, "judge")
    with visit.store.reading() as session:
        rows = [session.get_one(DecisionRow, each.decision_id) for each in found[:_EACH]]
        findings = {row.id: finding_behind(session, row) for row in rows}
        as_judge = {
            row.id: judge_of(session, row, name=visit.viewer.name)
            for row in rows
            if judges and row.state == "appealed"
        }
        steps = steps_of(session, [each.decision_id for each in found[:_EACH]])
    return visit.page(
        "appeals.html",
        status=409 if refusal else 200,
        appeals=found[:_EACH],
        findings=findings,
        steps=steps,
        state=state,
        number=number,
        more=len(found) > _EACH,
        as_judge=as_judge,
        refusal=refusal,
        verdicts=VERDICTS,
        actions=ACTIONS,
    )
