"""When who speaks: response gaps, silences, overlaps, rings and the greeting (P3.1, C8b, C9, C12).

Definitions
    Response gap: from the end of the customer's turn to the start of the agent's that follows it, where
    nobody else (agent, system voice) spoke later than the customer. An agent who starts while the
    customer still speaks and goes on after him has a gap of 0; one who falls silent first (a backchannel)
    has not responded.
    Silence: a stretch of at least 2 s in which nobody speaks on any leg. Those before the first and after the
    last speech are events too (they touch 0 s or the end of the recording); ``silence_s`` adds only those
    between speech.
    Overlap: a stretch of at least 0.2 s in which agent and customer speak; system voices are left out.
    While nobody knows who is who, any two legs.
    ``rings``: ringback bursts that begin before the first agent speech (anyone's, while roles are unknown);
    the same burst on two legs counts once.
    ``greeting_delay_s``: from the answer to the first agent speech. The answer is given from outside, or
    it is the end of the last ringback burst: exact if the burst was cut short, else up to one pause (4 s)
    too early, which the error says.

Formulas: median, 95th percentile and maximum of the gaps; ``agent_speech_share = agent / (agent + customer)``
seconds of segments.
Error (95 %): 0.2 s at each boundary of voice activity, ``0.2 * sqrt(2 n)`` for sums over n stretches.
Sources: measurements.md, Answering; cadence of China's ringback from Asterisk's indications [cn].
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from auditor.measure.figures import measured, missing
from auditor.measure.settings import DEFAULTS, MeasureSettings
from auditor.records import Event, Measurement, Segment, Span, Turn

_GAP = "{} of agent start - customer end over the customer's turns that the agent answers"
_SILENCE = "sum of stretches >= 2 s without speech on any leg, between first and last speech"
_OVERLAP = "sum of stretches >= 0.2 s with speech of both parties"
_SHARE = "agent seconds / (agent seconds + customer seconds) of segments"
_RINGS = "ringback bursts before the first agent speech"
_GREETING = "first agent speech - {}"


def response_gaps(turns: Sequence[Turn]) -> list[tuple[float, Span]]:
    """Each response gap in seconds with its span, in time order."""
    gaps = []
    latest: Turn | None = None
    for turn in sorted(turns, key=lambda turn: (turn.start_s, turn.end_s)):
        if turn.role == "unknown":
            continue
        answers = latest is not None and latest.role == "customer" and turn.role == "agent"
        if answers and latest is not None and turn.end_s > latest.end_s:
            start_s = min(latest.end_s, turn.start_s)
            gaps.append((turn.start_s - start_s, Span(start_s, turn.start_s)))
        if latest is None or turn.end_s > latest.end_s:
            latest = turn
    return gaps


def gap_figures(turns: Sequence[Turn], *, settings: MeasureSettings = DEFAULTS) -> list[Measurement]:
    """response_gap_median_s, response_gap_p95_s and response_gap_max_s."""
    gaps = response_gaps(turns)
    figures = []
    for name, word, level in (
        ("response_gap_median_s", "median", 0.5),
        ("response_gap_p95_s", "95th percentile", 0.95),
        ("response_gap_max_s", "maximum", 1.0),
    ):
        method = _GAP.format(word)
        if not gaps:
            figures.append(missing(name, "s", "no_data", method=method))
            continue
        span = max(gaps)[1] if level == 1.0 else gaps[0][1].cover(gaps[-1][1])
        value = float(np.quantile([gap for gap, _ in gaps], level))
        error = settings.boundary_error_s
        figures.append(measured(name, value, "s", error=error, span=span, method=method))
    return figures


def find_silences(
    segments: Sequence[Segment], *, duration_s: float, settings: MeasureSettings = DEFAULTS
) -> tuple[Event, ...]:
    """Silences of the whole call, leading and trailing ones included (channel None)."""
    found = []
    silent_since = 0.0
    for span in [*_union(segment.span for segment in segments), Span(duration_s, duration_s)]:
        if span.start_s - silent_since >= settings.silence_s:
            found.append(Event("silence", silent_since, span.start_s))
        silent_since = max(silent_since, span.end_s)
    return tuple(found)


def find_overlaps(
    one: Iterable[Segment], other: Iterable[Segment], *, settings: MeasureSettings = DEFAULTS
) -> tuple[Event, ...]:
    """Stretches in which both speak (channel None)."""
    first, second = _union(s.span for s in one), _union(s.span for s in other)
    found, i, j = [], 0, 0
    while i < len(first) and j < len(second):
        start_s = max(first[i].start_s, second[j].start_s)
        end_s = min(first[i].end_s, second[j].end_s)
        # 1 µs for the rounding of times that were written as decimals.
        if end_s - start_s >= settings.overlap_s - 1e-6:
            found.append(Event("overlap", start_s, end_s))
        if first[i].end_s < second[j].end_s:
            i += 1
        else:
            j += 1
    return tuple(found)


def silence_figure(
    silences: Sequence[Event], *, segments: Sequence[Segment], settings: MeasureSettings = DEFAULTS
) -> Measurement:
    """silence_s: the silences between first and last speech."""
    if not segments:
        return missing("silence_s", "s", "no_data", method=_SILENCE)
    spoken = Span(min(s.start_s for s in segments), max(s.end_s for s in segments))
    inside = [e for e in silences if e.start_s >= spoken.start_s and e.end_s <= spoken.end_s]
    total = sum(event.span.duration_s for event in inside)
    error = settings.boundary_error_s * math.sqrt(2 * len(inside))
    return measured("silence_s", total, "s", error=error, span=spoken, method=_SILENCE)


def overlap_figure(
    overlaps: Sequence[Event], *, legs: int, settings: MeasureSettings = DEFAULTS
) -> Measurement:
    """overlap_s; on a single leg it cannot be heard."""
    if legs < 2:
        return missing("overlap_s", "s", "not_recorded", method=_OVERLAP)
    total = sum(event.span.duration_s for event in overlaps)
    error = settings.boundary_error_s * math.sqrt(2 * len(overlaps))
    return measured("overlap_s", total, "s", error=error, method=_OVERLAP)


def share_figure(agent: Sequence[Segment], customer: Sequence[Segment]) -> Measurement:
    """agent_speech_share."""
    agent_s = sum(segment.span.duration_s for segment in agent)
    customer_s = sum(segment.span.duration_s for segment in customer)
    if agent_s + customer_s <= 0:
        return missing("agent_speech_share", "share", "no_data", method=_SHARE)
    return measured("agent_speech_share", agent_s / (agent_s + customer_s), "share", method=_SHARE)


def opening_figures(
    *,
    first_speech_s: float | None,
    first_agent_s: float | None,
    events: Sequence[Event],
    answered_at_s: float | None = None,
    settings: MeasureSettings = DEFAULTS,
) -> list[Measurement]:
    """Rings and greeting_delay_s.

    Args:
        first_speech_s: where the counting of rings ends (None: nobody speaks).
        first_agent_s: start of the agent's first speech (None: unknown or none).
        events: the call's events, ringback bursts among them.
        answered_at_s: the answer on the recording's clock, where something outside tells it.
        settings: cadence and errors.
    """
    bursts = [
        span
        for span in _union(event.span for event in events if event.kind == "ringback")
        if first_speech_s is None or span.start_s < first_speech_s
    ]
    rings = missing("rings", "rings", "not_recorded", method=_RINGS)
    if bursts:
        rings = measured(
            "rings", len(bursts), "rings", error=0, span=bursts[0].cover(bursts[-1]), method=_RINGS
        )
    return [rings, _greeting(bursts, first_agent_s, answered_at_s, settings=settings)]


def _greeting(
    bursts: Sequence[Span],
    first_agent_s: float | None,
    answered_at_s: float | None,
    *,
    settings: MeasureSettings,
) -> Measurement:
    error_s = settings.boundary_error_s
    method = _GREETING.format("the answer")
    if first_agent_s is None:
        return missing("greeting_delay_s", "s", "no_data", method=method)
    if answered_at_s is None:
        if not bursts:
            return missing("greeting_delay_s", "s", "not_recorded", method=method)
        method = _GREETING.format("end of the last ringback burst")
        answered_at_s = bursts[-1].end_s
        if bursts[-1].duration_s > 0.9 * settings.ring_burst_s:
            error_s += settings.ring_pause_s
    delay_s = max(0.0, first_agent_s - answered_at_s)
    span = Span(min(answered_at_s, first_agent_s), first_agent_s)
    return measured("greeting_delay_s", delay_s, "s", error=error_s, span=span, method=method)


def _union(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, overlapping ones as one."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start_s <= joined[-1].end_s:
            joined[-1] = joined[-1].cover(span)
        else:
            joined.append(span)
    return joined
