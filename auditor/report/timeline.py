"""The picture of a call: lanes with waveforms, marks for turns and events, curves, pins for findings.

Everything here is geometry in percent of the call's length, so that the page can stretch it; the
template only prints it. The agent's lane is the upper one; a leg that carries both parties is drawn once
for each of them, with the moments of his own turns in his colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.records import CallAudit, Event, Finding, Role, Span, Turn
from auditor.report import labels
from auditor.report.curves import CURVE_SIZE, Curve, draw_curves
from auditor.report.masked import named_tokens
from auditor.report.pins import Pin, kind_of, lay_out_pins
from auditor.report.standard import Standard
from auditor.report.typeset import chinese, clean
from auditor.report.waveform import LANE_HEIGHT, Leg, ceiling_of, legs_of, waveform_path
from auditor.text.clock import clock

_TICK_STEPS_S = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
_MOST_TICKS = 12
_BANDS = {"critical": "一票否决", "fail": "不合格", "needs_review": "待复核"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the call: a turn, an event or a finding's evidence."""

    kind: str
    left: float
    width: float
    title: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Lane:
    """One party: its name, who it is (CSS class), its waveform as SVG paths and what stands on it.

    ``path`` is the whole leg; where it carries both parties, ``own_path`` is what this one says.
    """

    name: str
    role: str
    bins: int
    path: str
    own_path: str
    turns: tuple[Mark, ...]
    events: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A time on the axis."""

    left: float
    text: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that the page draws over time.

    ``marks`` cross all lanes (hanging up); legends are (kind, name) of what occurs.
    """

    duration_s: float
    lanes: tuple[Lane, ...]
    bands: tuple[Mark, ...]
    marks: tuple[Mark, ...]
    pins: tuple[Pin, ...]
    pin_rows: int
    ticks: tuple[Tick, ...]
    curves: tuple[Curve, ...]
    legend: tuple[tuple[str, str], ...]
    band_legend: tuple[tuple[str, str], ...]
    lane_height: int = LANE_HEIGHT
    curve_size: int = CURVE_SIZE


def lay_out_timeline(
    audit: CallAudit, *, peaks: Sequence[Sequence[float]], marked: Sequence[Finding], standard: Standard
) -> Timeline:
    """Lay out one call.

    Args:
        audit: The audited call.
        peaks: Per leg the highest absolute sample of each bin, in 0..1; none: levels of the evidence.
        marked: Every finding to mark, in telling order.
        standard: Limits for the curves and for shouting, and which rule is about hanging up.

    Returns:
        Lanes with the agent's first, and one pin per finding that has a place in the call.
    """
    evidence = audit.evidence
    duration_s = max(evidence.recording.duration_s, max((t.end_s for t in evidence.turns), default=0.0), 0.1)
    lay = _Lay(duration_s)
    legs = legs_of(evidence, peaks=peaks, duration_s=duration_s)
    ceiling = ceiling_of(legs)
    shouts = tuple(
        lay.mark("shout", phrase.span, f"喊叫 {_heard(phrase.span)}") for phrase in standard.shouted(evidence)
    )
    hang_up = _hang_up(audit, lay=lay, standard=standard)
    lanes = tuple(_lane(audit, leg, ceiling=ceiling, lay=lay, shouts=shouts) for leg in legs)
    pins, rows = lay_out_pins(marked, percent=lay.percent)
    kinds = [mark.kind for lane in lanes for mark in lane.events] + [mark.kind for mark in hang_up]
    return Timeline(
        duration_s=duration_s,
        lanes=lanes,
        bands=tuple(
            lay.mark(kind_of(finding), span, f"{clean(finding.rule)} {chinese(finding.title)}")
            for finding in marked
            for span in finding.at
        ),
        marks=hang_up,
        pins=pins,
        pin_rows=rows,
        ticks=_ticks(duration_s),
        curves=draw_curves(evidence, standard=standard, duration_s=duration_s),
        legend=tuple((kind, name) for kind, name in labels.MARKS.items() if kind in kinds),
        band_legend=tuple((kind, name) for kind, name in _BANDS.items() if kind in map(kind_of, marked)),
    )


@dataclass(frozen=True, slots=True)
class _Lay:
    """Seconds into percent of a call."""

    duration_s: float

    def percent(self, seconds: float) -> float:
        return round(min(100.0, max(0.0, 100 * seconds / self.duration_s)), 3)

    def mark(self, kind: str, span: Span, title: str) -> Mark:
        left, right = self.percent(span.start_s), self.percent(span.end_s)
        return Mark(kind, left, round(right - left, 3), title, round(span.start_s, 3), round(span.end_s, 3))


def _lane(audit: CallAudit, leg: Leg, *, ceiling: float, lay: _Lay, shouts: tuple[Mark, ...]) -> Lane:
    evidence = audit.evidence
    own = [turn for turn in evidence.turns if _is_on(turn, leg)]
    events = tuple(
        lay.mark(event.kind, event.span, _event_title(event))
        for event in evidence.events
        if event.channel in (None, leg.channel)
    )
    return Lane(
        name=leg.name,
        role=leg.role,
        bins=len(leg.peaks),
        path=waveform_path(leg.peaks, ceiling=ceiling),
        own_path=_own_path(leg, own, ceiling=ceiling, lay=lay) if leg.shared else "",
        turns=tuple(
            lay.mark(turn.role, turn.span, f"{clock(turn.start_s)} {named_tokens(clean(turn.text))}")
            for turn in own
        ),
        events=events + (shouts if leg.role == "agent" else ()),
    )


def _is_on(turn: Turn, leg: Leg) -> bool:
    """A shared leg has a lane for each party; what is neither's stands on the first of them, the agent's."""
    if turn.channel != leg.channel:
        return False
    shown: Role = turn.role if turn.role in ("agent", "customer") else "agent"
    return not leg.shared or shown == leg.role


def _own_path(leg: Leg, turns: Sequence[Turn], *, ceiling: float, lay: _Lay) -> str:
    """The waveform where this party speaks, flat elsewhere."""
    peaks = [0.0] * len(leg.peaks)
    for turn in turns:
        first = int(turn.start_s / lay.duration_s * len(peaks))
        last = int(turn.end_s / lay.duration_s * len(peaks)) + 1
        peaks[first:last] = leg.peaks[first:last]
    return waveform_path(peaks, ceiling=ceiling)


def _event_title(event: Event) -> str:
    return f"{labels.word(labels.EVENTS, event.kind)} {_heard(event.span)}"


def _heard(span: Span) -> str:
    return f"{clock(span.start_s)}，{span.duration_s:.1f} 秒"


def _hang_up(audit: CallAudit, *, lay: _Lay, standard: Standard) -> tuple[Mark, ...]:
    """The moment of hanging up, where a rule about it found one."""
    for finding in audit.findings:
        if finding.rule in standard.hang_up_rules and finding.at:
            at_s = finding.at[0].start_s
            who = {"pass": "客户先挂机", "fail": "客服先挂机"}.get(finding.verdict, "挂机")
            return (lay.mark("hang_up", Span(at_s, at_s), f"{who} {clock(at_s)}"),)
    return ()


def _ticks(duration_s: float) -> tuple[Tick, ...]:
    step = next((s for s in _TICK_STEPS_S if duration_s / s <= _MOST_TICKS), _TICK_STEPS_S[-1])
    lay = _Lay(duration_s)
    # The last tick needs room for its text.
    return tuple(
        Tick(lay.percent(t), clock(t))
        for t in range(0, int(duration_s) + 1, step)
        if 100 * t / duration_s <= 96
    )
