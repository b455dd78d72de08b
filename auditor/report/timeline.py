"""The picture of a call: lanes with waveforms, marks for turns and events, pins for findings.

Everything here is geometry in percent of the call's length, so that the page can stretch it; the
template only prints it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.records import CallAudit, Event, Finding, Span
from auditor.report import labels
from auditor.report.typeset import chinese, clean, clock

# Lane drawing units: the SVG stretches, so only the ratios matter.
LANE_HEIGHT = 100
# Pins carry a clause id of about 50 px; the timeline is never narrower than 720 px.
_PIN_PERCENT = 7.0
_TICK_STEPS_S = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
_MOST_TICKS = 12


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the call on a lane: a turn, an event or a finding's evidence."""

    kind: str
    left: float
    width: float
    title: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One leg: its name, who it is (CSS class), its waveform as an SVG path and what stands on it."""

    name: str
    role: str
    path: str
    turns: tuple[Mark, ...]
    events: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Pin:
    """A finding's place on the timeline; pins that would collide stand in different rows."""

    anchor: str
    text: str
    kind: str
    left: float
    row: int
    title: str
    start_s: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A time on the axis."""

    left: float
    text: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that the page draws over time; ``legend`` are (kind, name) of the events that occur."""

    duration_s: float
    lanes: tuple[Lane, ...]
    bands: tuple[Mark, ...]
    pins: tuple[Pin, ...]
    pin_rows: int
    ticks: tuple[Tick, ...]
    legend: tuple[tuple[str, str], ...]


def lay_out_timeline(
    audit: CallAudit, *, peaks: Sequence[Sequence[float]], anchors: Sequence[tuple[str, Finding]]
) -> Timeline:
    """Lay out one call.

    Args:
        audit: The audited call.
        peaks: Per leg the highest absolute sample of each bin, in 0..1; legs without peaks stay flat.
        anchors: (element id, finding) of every finding to mark, in telling order.

    Returns:
        Lanes with the agent's first, and one pin per finding that has a place in the call.
    """
    evidence = audit.evidence
    duration_s = max(evidence.recording.duration_s, max((t.end_s for t in evidence.turns), default=0.0), 0.1)
    ceiling = _ceiling(peaks)
    order = _lane_order(audit, legs=len(peaks))
    placed = [(anchor, finding, span) for anchor, finding in anchors for span in finding.at]
    pins, rows = _pins(anchors, duration_s=duration_s)
    kinds = {event.kind for event in evidence.events}
    return Timeline(
        duration_s=duration_s,
        lanes=tuple(
            _lane(
                audit,
                channel=c,
                peaks=peaks[c] if c < len(peaks) else (),
                ceiling=ceiling,
                duration_s=duration_s,
            )
            for c in order
        ),
        bands=tuple(
            _mark(_kind(finding), span, duration_s=duration_s, title=chinese(finding.title))
            for _, finding, span in placed
        ),
        pins=pins,
        pin_rows=rows,
        ticks=_ticks(duration_s),
        legend=tuple((kind, name) for kind, name in labels.EVENTS.items() if kind in kinds),
    )


def _lane_order(audit: CallAudit, *, legs: int) -> list[int]:
    """The agent's leg first, then the others as recorded."""
    evidence = audit.evidence
    seen = max((turn.channel + 1 for turn in evidence.turns), default=0)
    count = max(legs, seen, 1)
    agent = evidence.roles.agent_channel
    return sorted(range(count), key=lambda channel: (channel != agent, channel))


def _lane(
    audit: CallAudit, *, channel: int, peaks: Sequence[float], ceiling: float, duration_s: float
) -> Lane:
    evidence = audit.evidence
    name, role = _lane_name(audit, channel=channel)
    return Lane(
        name=name,
        role=role,
        path=waveform_path(peaks, ceiling=ceiling),
        turns=tuple(
            _mark(turn.role, turn.span, duration_s=duration_s, title=clean(turn.text))
            for turn in evidence.turns
            if turn.channel == channel
        ),
        events=tuple(
            _mark(
                event.kind,
                event.span,
                duration_s=duration_s,
                title=_event_title(event),
            )
            for event in evidence.events
            if event.channel in (None, channel)
        ),
    )


def _event_title(event: Event) -> str:
    name = labels.word(labels.EVENTS, event.kind)
    return f"{name} {clock(event.start_s)}，{event.span.duration_s:.1f} 秒"


def _lane_name(audit: CallAudit, *, channel: int) -> tuple[str, str]:
    evidence = audit.evidence
    agent = evidence.roles.agent_channel
    if evidence.recording.layout in ("mono", "duplicated"):
        return "混合", "unknown"
    if agent is None:
        return f"声道 {channel + 1}", "unknown"
    return ("客服", "agent") if channel == agent else ("客户", "customer")


def waveform_path(peaks: Sequence[float], *, ceiling: float) -> str:
    """A closed SVG path, mirrored about the middle of a lane; x counts bins.

    Formula: y = 50 ± 48 * min(1, peak / ceiling).
    """
    if not peaks:
        return ""
    middle = LANE_HEIGHT / 2
    heights = [(middle - 2) * min(1.0, abs(peak) / ceiling) if math.isfinite(peak) else 0.0 for peak in peaks]
    upper = [f"{x},{middle - height:.1f}" for x, height in enumerate(heights)]
    lower = [f"{x},{middle + height:.1f}" for x, height in reversed(list(enumerate(heights)))]
    return "M" + "L".join(upper + lower) + "Z"


def _ceiling(peaks: Sequence[Sequence[float]]) -> float:
    """The peak that fills a lane: the 99.5 % quantile over all legs, so that one click flattens nothing."""
    values = sorted(abs(peak) for leg in peaks for peak in leg if math.isfinite(peak))
    highest = values[min(len(values) - 1, int(0.995 * len(values)))] if values else 0.0
    return max(highest, 1e-3)


def _percent(seconds: float, *, duration_s: float) -> float:
    return round(min(100.0, max(0.0, 100 * seconds / duration_s)), 3)


def _mark(kind: str, span: Span, *, duration_s: float, title: str) -> Mark:
    left = _percent(span.start_s, duration_s=duration_s)
    right = _percent(span.end_s, duration_s=duration_s)
    return Mark(kind, left, round(right - left, 3), title)


def _kind(finding: Finding) -> str:
    return "critical" if finding.critical and finding.verdict == "fail" else finding.verdict


def _pins(anchors: Sequence[tuple[str, Finding]], *, duration_s: float) -> tuple[tuple[Pin, ...], int]:
    """One pin at each finding's first evidence, in the first row where it fits."""
    starts = [(min(s.start_s for s in f.at), anchor, f) for anchor, f in anchors if f.at]
    ends: list[float] = []
    pins: list[Pin] = []
    for start_s, anchor, finding in sorted(starts, key=lambda entry: (entry[0], entry[1])):
        # The last pins lean left, so that none hangs over the right edge.
        left = min(_percent(start_s, duration_s=duration_s), 100 - _PIN_PERCENT)
        row = next((r for r, end in enumerate(ends) if end <= left), len(ends))
        if row == len(ends):
            ends.append(0.0)
        ends[row] = left + _PIN_PERCENT
        title = f"{clock(start_s)} {clean(finding.rule)} {chinese(finding.title)}"
        pins.append(Pin(anchor, clean(finding.rule), _kind(finding), left, row, title, round(start_s, 3)))
    return tuple(pins), len(ends)


def _ticks(duration_s: float) -> tuple[Tick, ...]:
    step = next((s for s in _TICK_STEPS_S if duration_s / s <= _MOST_TICKS), _TICK_STEPS_S[-1])
    times = range(0, int(duration_s) + 1, step)
    # The last tick needs room for its text.
    return tuple(
        Tick(_percent(t, duration_s=duration_s), clock(t)) for t in times if 100 * t / duration_s <= 96
    )
