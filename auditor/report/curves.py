"""The agent's voice over the call, against its limits: pace, pitch and volume.

Pace is a bar for each stretch of speech: its syllables over its length. Pitch and volume are the 10 Hz
tracks of the evidence; their limits are rises over what is usual for this agent in this call, which is
what the rules compare with.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from auditor.records import Evidence
from auditor.report.standard import PaceLimits, Standard
from auditor.text.clock import clock

# Drawing units, as wide as high: the SVG stretches.
CURVE_SIZE = 1000
# More points than a wide screen has pixels only make the page heavy.
_MOST_POINTS = 2400
# Shorter stretches hold too few syllables for a rate.
_PACE_SEGMENT_S = 1.0
# What a panel shows: 字/分, semitones and dB about the median.
_PACE_RANGE = (80.0, 500.0)
_PITCH_RANGE_ST = (-8.0, 12.0)
_LEVEL_RANGE_DB = (-18.0, 16.0)


@dataclass(frozen=True, slots=True)
class Line:
    """A limit: a level line with its text; ``kind`` is usual, warn or limit; ``top`` in percent."""

    top: float
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of speech: percent of the call and of the panel; ``kind`` is ok, near or out."""

    left: float
    width: float
    top: float
    kind: str
    title: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Curve:
    """One panel: bars or a path, limits, and a sentence for those who cannot see it."""

    name: str
    unit: str
    lines: tuple[Line, ...]
    good: tuple[float, float] | None
    bars: tuple[Bar, ...]
    path: str
    summary: str


def draw_curves(evidence: Evidence, *, standard: Standard, duration_s: float) -> tuple[Curve, ...]:
    """The panels for which there is data; none without a known agent."""
    drawn = (
        _pace(evidence, limits=standard.pace, duration_s=duration_s),
        _pitch(evidence, standard=standard, duration_s=duration_s),
        _level(evidence, standard=standard, duration_s=duration_s),
    )
    return tuple(curve for curve in drawn if curve is not None)


def _top(value: float, shown: tuple[float, float]) -> float:
    """Percent from the top of a panel; values beyond it stand on its edge."""
    low, high = shown
    return round(100 * (1 - (min(max(value, low), high) - low) / (high - low)), 2)


def _pace(evidence: Evidence, *, limits: PaceLimits | None, duration_s: float) -> Curve | None:
    bars: list[Bar] = []
    rates: list[float] = []
    for segment in evidence.segments:
        spoken_s = segment.span.duration_s
        if segment.role != "agent" or not segment.syllables or spoken_s < _PACE_SEGMENT_S:
            continue
        rate = 60 * segment.syllables / spoken_s
        rates.append(rate)
        bars.append(
            Bar(
                left=round(100 * segment.start_s / duration_s, 3),
                width=round(100 * spoken_s / duration_s, 3),
                top=_top(rate, _PACE_RANGE),
                kind=_pace_kind(rate, limits),
                title=f"{clock(segment.start_s)} 语速约 {rate:.0f} 字/分",
                start_s=round(segment.start_s, 3),
                end_s=round(segment.end_s, 3),
            )
        )
    if not bars:
        return None
    lines: tuple[Line, ...] = ()
    good = None
    if limits:
        lines = (
            Line(_top(limits.fail_max, _PACE_RANGE), f"过快 {limits.fail_max:g}", "limit"),
            Line(_top(limits.fail_min, _PACE_RANGE), f"过慢 {limits.fail_min:g}", "limit"),
        )
        good = (_top(limits.pass_max, _PACE_RANGE), _top(limits.pass_min, _PACE_RANGE))
    told = f"各句语速 {min(rates):.0f} 到 {max(rates):.0f} 字/分"
    if limits:
        told += f"，整通在 {limits.pass_min:g} 到 {limits.pass_max:g} 之间为合格"
    return Curve("语速", "字/分", lines, good, tuple(bars), "", told)


def _pace_kind(rate: float, limits: PaceLimits | None) -> str:
    if limits is None or limits.pass_min <= rate <= limits.pass_max:
        return "ok"
    return "near" if limits.fail_min <= rate <= limits.fail_max else "out"


def _pitch(evidence: Evidence, *, standard: Standard, duration_s: float) -> Curve | None:
    track = evidence.tracks.get("agent")
    values = [hz for hz in track.f0_hz if hz and math.isfinite(hz)] if track else []
    if not track or not values:
        return None
    usual_hz = statistics.median(values)
    lines = [Line(_top(0, _PITCH_RANGE_ST), f"{usual_hz:.0f} Hz", "usual")]
    told = f"音高平时 {usual_hz:.0f} Hz"
    if standard.softness:
        rise = standard.softness.pitch_st
        lines.append(Line(_top(rise, _PITCH_RANGE_ST), f"+{rise:g} 半音", "limit"))
        told += f"；整句高出 {rise:g} 个半音、同时响出 {standard.softness.level_db:g} dB 才算喊叫"

    def semitones(hz: float) -> float:
        return 12 * math.log2(hz / usual_hz) if hz > 0 else math.nan

    path = _path(track.f0_hz, step_s=track.step_s, duration_s=duration_s, shown=_PITCH_RANGE_ST, of=semitones)
    return Curve("音高", "Hz", tuple(lines), None, (), path, told)


def _level(evidence: Evidence, *, standard: Standard, duration_s: float) -> Curve | None:
    track = evidence.tracks.get("agent")
    values = [db for db in track.level_dbov if db is not None and math.isfinite(db)] if track else []
    if not track or not values:
        return None
    usual_db = statistics.median(values)
    lines = [Line(_top(0, _LEVEL_RANGE_DB), f"{usual_db:.0f} dB", "usual")]
    told = f"音量平时 {usual_db:.0f} dB"
    if standard.burst_db is not None:
        rise = standard.burst_db
        lines.append(Line(_top(rise, _LEVEL_RANGE_DB), f"+{rise:g} dB", "limit"))
        told += f"，突然响出 {rise:g} dB 以上为忽大"
    path = _path(
        track.level_dbov,
        step_s=track.step_s,
        duration_s=duration_s,
        shown=_LEVEL_RANGE_DB,
        of=lambda db: db - usual_db,
    )
    return Curve("音量", "dB", tuple(lines), None, (), path, told)


def _path(
    values: Sequence[float | None],
    *,
    step_s: float,
    duration_s: float,
    shown: tuple[float, float],
    of: Callable[[float], float],
) -> str:
    """A line through the values in units of `CURVE_SIZE`, broken where there is none.

    Of long calls it goes through the medians of as many values as leave `_MOST_POINTS`.
    """
    every = -(-len(values) // _MOST_POINTS)
    if every > 1:
        values, step_s = _medians(values, every=every), step_s * every
    told: list[str] = []
    width = CURVE_SIZE * step_s / duration_s
    drawing = False
    for index, value in enumerate(values):
        if value is None or not math.isfinite(shifted := of(value)):
            # A lone point would not be seen: it becomes a dash of one step.
            told += [f"h{width:.1f}"] if drawing and told[-1].startswith("M") else []
            drawing = False
            continue
        told.append(f"{'L' if drawing else 'M'}{index * width:.1f} {10 * _top(shifted, shown):.0f}")
        drawing = True
    if drawing and told[-1].startswith("M"):
        told.append(f"h{width:.1f}")
    return "".join(told)


def _medians(values: Sequence[float | None], *, every: int) -> list[float | None]:
    """The median of each run of ``every`` values; None where it has none."""
    thinned: list[float | None] = []
    for start in range(0, len(values), every):
        known = [v for v in values[start : start + every] if v is not None and math.isfinite(v)]
        thinned.append(statistics.median(known) if known else None)
    return thinned
