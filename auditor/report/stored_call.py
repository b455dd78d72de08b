"""The report on one stored call, with what people decided about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.report.reviewed import Decision, Reviewed

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from auditor.store import ReviewedCall, Standing

_STATES = {"appealed": "申诉待裁决", "closed": "申诉已裁决"}


def reviewed_of(call: ReviewedCall, *, zone: ZoneInfo) -> Reviewed:
    """The decisions about a call and the score with them, as call reports show them."""
    decided = {
        rule: decision
        for rule, standing in call.standings.items()
        if (decision := _decision(standing, zone=zone)) is not None
    }
    if call.card is None or not decided:
        return Reviewed(decisions=decided)
    return Reviewed(call.card.points.percent, call.card.result, decided)


def _decision(standing: Standing, *, zone: ZoneInfo) -> Decision | None:
    steps = [step for step in standing.steps if step.action != "appeal"]
    if standing.ruled is None or not steps:
        return None
    last = steps[-1]
    return Decision(
        verdict=standing.ruled,
        by=last.actor,
        when=f"{last.happened_at.astimezone(zone):%Y-%m-%d %H:%M}",
        reason=last.reason,
        state=_STATES.get(standing.state, ""),
    )
