"""A figure within limits: pace (V3), noise (P3.5b).

Needs
    The agent's figure ``measurement`` and the figures named in ``at_least``, each with its minimum.

Passes
    ``pass_min`` ≤ value ≤ ``pass_max`` (a limit left out is no limit), and no limit for failing lies within
    the value's error.

    ::

        客服 (每分钟 260 字) 请问您还有其他问题吗?

Fails
    The value lies below ``fail_min`` or above ``fail_max`` by more than its error.

    ::

        客服 (每分钟 460 字) 请问您还有其他问题吗?

Silent when
    The figure has a reason instead of a value, or there was too little speech (not_applicable).
    needs_review: between the limits for passing and failing; a limit for failing lies within the value's
    error (95 %); the second opinion ``cross_check`` is more
    than ``cross_check_share`` apart and the text is not a human's (unless both pass); an event of
    ``review_events`` (music) covers the agent's speech.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.listening import is_settled
from auditor.kinds.measured import agent_segments, certainty, no_value
from auditor.records import EventKind, Evidence, Measurement, Outcome, Span
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock


class Params(BaseModel):
    """The figure, its limits in its own unit, and what it needs.

    Attributes:
        measurement: name of an agent figure.
        label: the figure as the report names it.
        unit_label: its unit as the report names it.
        low_label: what a value below the limits is called.
        high_label: what a value above them is called.
        pass_min: lower limit for passing.
        pass_max: upper limit for passing.
        fail_min: a value below it fails.
        fail_max: a value above it fails.
        at_least: other agent figures and their minimum.
        cross_check: an agent figure of the same unit that should agree.
        cross_check_share: by how much of the value it may differ.
        review_events: events that make the figure a matter of listening.
        quote_segments_s: single segments of at least this length are named in a finding about pace.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    measurement: str
    label: str
    unit_label: str
    low_label: str = "偏低"
    high_label: str = "偏高"
    pass_min: float | None = None
    pass_max: float | None = None
    fail_min: float | None = None
    fail_max: float | None = None
    at_least: dict[str, float] = Field(default_factory=dict)
    cross_check: str | None = None
    cross_check_share: float = Field(default=0.3, gt=0)
    review_events: tuple[EventKind, ...] = ()
    quote_segments_s: float | None = None


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the figure lies within its limits."""
    found = evidence.measurement("agent", params.measurement)
    if found.value is None:
        return no_value(found)
    for name, minimum in params.at_least.items():
        have = evidence.measurement("agent", name)
        if have.value is None or have.value < minimum:
            return Outcome("not_applicable", "too_short", "客服说话太少,不足以测量")
    measured = {params.measurement: found.value}
    low, side = _side(found.value, params=params)
    shown = f"{params.label} {found.value:.0f} {params.unit_label}"
    at_limit = _is_at_limit(found, params=params)
    if not side and not at_limit:
        distance = min(
            abs(found.value - limit) for limit in (params.pass_min, params.pass_max) if limit is not None
        )
        sure = certainty(distance, error=found.error, book=book)
        return Outcome("pass", "within", shown, measured=measured, confidence=sure)
    at = _worst_segments(evidence, low=low, params=params) or ((found.span,) if found.span else ())
    if side:
        shown += f",{params.low_label if low else params.high_label}"
    sure = certainty(_beyond_passing(found.value, low=low, params=params), error=found.error, book=book)
    doubt = _doubt(evidence, value=found.value, params=params)
    if doubt or at_limit or not _fails(found.value, low=low, params=params):
        near = ("near_limit", f"误差 ±{found.error or 0:.0f},接近不合格的界限,请听录音确认")
        between = ("between", "处于合格与不合格之间,请听录音确认")
        code, why = doubt or (near if at_limit else between)
        return Outcome("needs_review", code, f"{shown},{why}", at=at, measured=measured, confidence=0.5)
    return Outcome("fail", side, shown + _where(at), at=at, measured=measured, confidence=sure)


def _side(value: float, *, params: Params) -> tuple[bool, str]:
    """Whether the value is too low, and the code of the side it leaves the passing band on."""
    if params.pass_min is not None and value < params.pass_min:
        return True, "too_low"
    if params.pass_max is not None and value > params.pass_max:
        return False, "too_high"
    return False, ""


def _is_at_limit(found: Measurement, *, params: Params) -> bool:
    """Whether a limit for failing lies within the value's error."""
    assert found.value is not None
    limits = [limit for limit in (params.fail_min, params.fail_max) if limit is not None]
    return any(abs(found.value - limit) <= (found.error or 0.0) for limit in limits)


def _fails(value: float, *, low: bool, params: Params) -> bool:
    """Whether the value lies beyond the limit for failing."""
    limit = params.fail_min if low else params.fail_max
    return limit is not None and (value < limit if low else value > limit)


def _beyond_passing(value: float, *, low: bool, params: Params) -> float:
    """How far the value lies outside the band that passes."""
    limit = params.pass_min if low else params.pass_max
    return abs(value - limit) if limit is not None else 0.0


def _doubt(evidence: Evidence, *, value: float, params: Params) -> tuple[str, str] | None:
    if params.cross_check and not is_settled(evidence):
        other = evidence.measurement("agent", params.cross_check).value
        if other is None or abs(other - value) > params.cross_check_share * value:
            return "not_trusted", "但转写与声音数出的字数不一致,请听录音确认"
    speech = agent_segments(evidence)
    for event in evidence.events:
        if event.kind in params.review_events and any(event.span.overlap_s(s.span) > 0 for s in speech):
            return "not_stationary", f"{clock(event.start_s)} 有音乐等其他声音,请听录音确认"
    return None


def _worst_segments(evidence: Evidence, *, low: bool, params: Params) -> tuple[Span, ...]:
    """The up to three longest-lasting departures in pace, for the supervisor to hear."""
    if params.quote_segments_s is None:
        return ()
    paces = [
        (s.syllables / s.span.duration_s, s.span)
        for s in agent_segments(evidence)
        if s.syllables and s.span.duration_s >= params.quote_segments_s
    ]
    paces.sort(key=lambda pace: pace[0], reverse=not low)
    return tuple(sorted(span for _, span in paces[:3]))


def _where(at: tuple[Span, ...]) -> str:
    return f",例如 {'、'.join(clock(span.start_s) for span in at)}" if at else ""
