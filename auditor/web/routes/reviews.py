"""Review: findings confirmed and overruled on the call's page, the queue, and the week's plan."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal, cast

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from auditor.errors import DecisionError, UsageError
from auditor.store import accounts, appeal, fullest_edition, latest_edition, review
from auditor.store.drawing import Plan, week_of
from auditor.store.queues import assigned_calls, finish_call, waiting_calls
from auditor.store.sampling import plan_week
from auditor.web.access import audits_for, may
from auditor.web.errors import NotThereError
from auditor.web.reviewing import RISKS, refusal_of
from auditor.web.routes.calls import AuditId, show_call, visible_call
from auditor.web.visits import Visiting

if TYPE_CHECKING:
    from auditor.records import Verdict
    from auditor.store.queues import QueuedCall

router = APIRouter()

Tab = Literal["mine", "assigned", "critical", "review", "done"]
TABS: dict[Tab, str] = {
    "mine": "分给我的",
    "assigned": "全部抽样",
    "critical": "一票否决待复核",
    "review": "其他待复核",
    "done": "已完成",
}
_EACH = 50

RuleId = Annotated[str, Form(max_length=64)]
Words = Annotated[str, Form(max_length=8000)]
Seen = Annotated[int, Form(ge=0, le=10**9)]


@router.post("/calls/{audit_id}/review")
def review_finding(  # noqa: PLR0917 - the fields of its form
    visit: Visiting,
    audit_id: AuditId,
    rule: RuleId,
    verdict: Annotated[str, Form(max_length=32)],
    seen: Seen,
    reason: Words = "",
) -> Response:
    """Confirm or overrule one finding."""
    visit.require("review")
    call = visible_call(visit, audit_id)
    try:
        review(
            visit.store,
            audit_id,
            rule=rule,
            verdict=cast("Verdict", verdict),
            reason=reason,
            actor=visit.viewer.name,
            role=visit.viewer.role,
            seen=seen,
        )
    except DecisionError as error:
        return show_call(visit, call, refusal=refusal_of(error, rule=rule, reason=reason))
    visit.note("change", detail=f"{call.call_id}: review {rule} {verdict}")
    return visit.back(f"/calls/{audit_id}", fragment=f"finding-{rule}")


@router.post("/calls/{audit_id}/finish")
def finish(visit: Visiting, audit_id: AuditId) -> Response:
    """Confirm what is left of a call that was heard whole."""
    visit.require("review")
    call = visible_call(visit, audit_id)
    try:
        count = finish_call(visit.store, audit_id, actor=visit.viewer.name, role=visit.viewer.role)
    except DecisionError as error:
        return show_call(visit, call, refusal=refusal_of(error, rule=""))
    visit.note("change", detail=f"{call.call_id}: review finished, {count} confirmed")
    return visit.back("/reviews")


@router.post("/calls/{audit_id}/appeal")
def appeal_against(
    visit: Visiting, audit_id: AuditId, rule: RuleId, seen: Seen, reason: Words = ""
) -> Response:
    """Appeal against one finding."""
    visit.require("appeal")
    call = visible_call(visit, audit_id)
    if visit.viewer.agent is None:
        raise NotThereError("no agent")
    try:
        appeal(
            visit.store,
            audit_id,
            rule=rule,
            reason=reason,
            agent_id=visit.viewer.agent,
            actor=visit.viewer.name,
            seen=seen,
            days=visit.site.options.appeal_days,
        )
    except DecisionError as error:
        return show_call(visit, call, refusal=refusal_of(error, rule=rule, reason=reason))
    visit.note("change", detail=f"{call.call_id}: appeal {rule}")
    return visit.back(f"/calls/{audit_id}", fragment=f"finding-{rule}")


@router.get("/reviews")
def reviews_page(
    visit: Visiting,
    tab: Tab | None = None,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    fault: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """What waits for review."""
    visit.require("review")
    visit.note("look")
    edition = latest_edition(visit.store)
    shown = tab or ("mine" if visit.viewer.role == "inspector" else "assigned")
    wanted = audits_for(visit.viewer)
    found: tuple[QueuedCall, ...] = ()
    if edition is not None:
        start = (page - 1) * _EACH
        if shown in ("critical", "review"):
            found = waiting_calls(
                visit.store,
                editions=dict.fromkeys((edition, fullest_edition(visit.store) or edition)),
                what=shown,
                wanted=wanted,
                limit=_EACH + 1,
                offset=start,
            )
        else:
            found = assigned_calls(
                visit.store,
                edition=edition,
                inspector=visit.viewer.name if shown == "mine" else None,
                done=shown == "done",
                wanted=wanted,
                limit=_EACH + 1,
                offset=start,
            )
    zone = visit.site.options.zone
    return visit.page(
        "reviews.html",
        tabs=TABS,
        tab=shown,
        calls=found[:_EACH],
        number=page,
        more=len(found) > _EACH,
        risks=RISKS,
        plans=may(visit.viewer, "judge"),
        monday=week_of(datetime.now(zone), zone=zone),
        calls_each=visit.site.options.review_calls,
        fault=fault,
    )


@router.post("/reviews/plan")
def plan(
    visit: Visiting,
    week: Annotated[str, Form(max_length=10)],
    calls: Annotated[int, Form(ge=1, le=100)],
) -> Response:
    """Draw a week's calls and hand them out; a supervisor's plan draws from his own teams."""
    visit.require("judge")
    visit.require("review")
    zone = visit.site.options.zone
    try:
        day = date.fromisoformat(week)
    except ValueError:
        return visit.back("/reviews", fault="请填写日期，如 2026-11-23。")
    begin = datetime.combine(day, datetime.min.time(), zone)
    monday = week_of(begin, zone=zone)
    edition = fullest_edition(
        visit.store,
        since=datetime.combine(monday, datetime.min.time(), zone),
        until=datetime.combine(monday + timedelta(days=7), datetime.min.time(), zone),
    )
    if edition is None:
        return visit.back("/reviews", fault="还没有完成的批次。")
    inspectors = [
        each.name for each in accounts(visit.store) if each.role == "inspector" and not each.disabled_at
    ]
    try:
        drawn = plan_week(
            visit.store,
            Plan(monday, calls=calls, random_share=visit.site.options.review_random_share),
            edition=edition,
            inspectors=inspectors,
            zone=zone,
            wanted=audits_for(visit.viewer),
        )
    except UsageError:
        return visit.back("/reviews", fault="没有可用的质检员账号，请先用 auditor users add 建立。")
    visit.note("change", detail=f"week of {monday}: {len(drawn)} calls drawn")
    if not drawn:
        fault = f"{monday} 这一周没有新的通话可抽：已经抽过，或没有可评分的通话。"
        return visit.back("/reviews", tab="assigned", fault=fault)
    return visit.back("/reviews", tab="assigned")
