"""When a leg fell silent for good, and how the receiver was put down (P3.6a, P3.6b).

Definitions
    ``live_until_s``: the start of the idle stretch that reaches to the leg's own end; that end when there
    is none, 0 for a leg that was never live.
    ``longest_earlier_idle_s``: the longest idle stretch before that. A mute, DTX or a noise gate shows
    itself here, so anything but 0 weakens what the end says. An idle lead-in is a leg that was not
    yet connected and is left out, provided the leg later carried at least 2 s of live sound outside
    speech: only then has it shown that its pauses are not idle.
    ``put_down_rise_db``: the loudest 5 ms of the band-passed leg in the last second before
    ``live_until_s``, outside speech ± 100 ms and outside tones, over the party's speech level.
    ``put_down_at_s``: the middle of those 5 ms.

Formulas: ``rise = 10 log10(max mean(x²) over 40 samples) - level_dbov``. Errors: 20 ms for idle edges, the
level's own for the rise, 3 ms for its time.
Tolerance: ±0.5 dB for a burst in the band longer than 5 ms, ±3 ms in time.
Source: measurements.md, Who hung up.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from auditor.measure.figures import measured, missing
from auditor.measure.frames import read_8k
from auditor.measure.settings import DEFAULTS, MeasureSettings
from auditor.records import TONE_KINDS, Event, Measurement, Segment, Span
from auditor.signal import Channel

_IDLE_EDGE_ERROR_S = 0.02
_LIVE = "start of the idle stretch that reaches to the leg's end; the leg's end when there is none"
_EARLIER = "longest idle stretch before live_until_s; an idle lead-in counts unless pauses were live later"
_RISE = "10*log10(greatest mean square of 5 ms, 300-3400 Hz) - level_dbov, last 1 s, outside speech and tones"
_AT = "middle of the loudest 5 ms in the last 1 s of the leg, outside speech and tones"


def release_figures(
    channel: Channel,
    *,
    segments: Sequence[Segment],
    events: Sequence[Event],
    level: Measurement,
    settings: MeasureSettings = DEFAULTS,
) -> list[Measurement]:
    """live_until_s, longest_earlier_idle_s, put_down_rise_db and put_down_at_s of one leg.

    Args:
        channel: the party's leg.
        segments: all the speech on that leg, system voices included.
        events: the call's events; idle and tones on this leg are used.
        level: the party's ``level_dbov``.
        settings: windows and joins.
    """
    idle = _joined(
        [event.span for event in events if event.kind == "idle" and event.channel == channel.index],
        join_s=settings.idle_join_s,
    )
    live_until_s = channel.duration_s
    earlier = idle
    if idle and idle[-1].end_s >= channel.duration_s - settings.idle_at_edge_s:
        live_until_s, earlier = min(idle[-1].start_s, live_until_s), idle[:-1]
    if earlier and earlier[0].start_s <= settings.idle_at_edge_s:
        live_s = _live_pause_s(Span(min(earlier[0].end_s, live_until_s), live_until_s), segments, earlier[1:])
        if live_s >= settings.live_pause_s:
            earlier = earlier[1:]
    longest_s = max((span.duration_s for span in earlier), default=0.0)
    return [
        measured("live_until_s", live_until_s, "s", error=_IDLE_EDGE_ERROR_S, method=_LIVE),
        measured("longest_earlier_idle_s", longest_s, "s", error=_IDLE_EDGE_ERROR_S, method=_EARLIER),
        *_put_down(
            channel,
            live_until_s=live_until_s,
            segments=segments,
            events=events,
            level=level,
            settings=settings,
        ),
    ]


def band_limited(
    samples: npt.NDArray[np.float32], *, settings: MeasureSettings = DEFAULTS
) -> npt.NDArray[np.float32]:
    """A short stretch of 8 kHz sound through a 300–3400 Hz band-pass without delay (FFT)."""
    # Mirrored edges: a cut through the line's hum or offset is not a click.
    pad = min(len(samples) - 1, settings.rate_hz // 10)
    padded = np.pad(samples, pad, mode="reflect")
    spectrum = np.fft.rfft(padded)
    hz = np.fft.rfftfreq(len(padded), 1 / settings.rate_hz)
    spectrum[(hz < settings.band_low_hz) | (hz > settings.band_high_hz)] = 0
    return np.asarray(np.fft.irfft(spectrum, n=len(padded))[pad : pad + len(samples)], dtype=np.float32)


def _joined(spans: Sequence[Span], *, join_s: float) -> list[Span]:
    """Spans in order, those closer than ``join_s`` as one."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start_s - joined[-1].end_s <= join_s:
            joined[-1] = joined[-1].cover(span)
        else:
            joined.append(span)
    return joined


def _live_pause_s(within: Span, segments: Sequence[Segment], idle: Sequence[Span]) -> float:
    """Seconds inside ``within`` that are neither speech nor idle."""
    covered = _joined([*(segment.span for segment in segments), *idle], join_s=0)
    return within.duration_s - sum(within.overlap_s(span) for span in covered)


def _put_down(
    channel: Channel,
    *,
    live_until_s: float,
    segments: Sequence[Segment],
    events: Sequence[Event],
    level: Measurement,
    settings: MeasureSettings,
) -> list[Measurement]:
    rate, length = settings.rate_hz, round(settings.put_down_frame_s * settings.rate_hz)
    first = max(0, round((live_until_s - settings.put_down_window_s) * rate))
    last = round(live_until_s * rate)
    span = Span(first / rate, max(first, last) / rate)
    if level.value is None or last - first <= length:
        return _no_put_down(span)
    samples = band_limited(read_8k(channel, first, last, settings=settings), settings=settings)
    energy = np.concatenate(([0.0], np.cumsum(np.square(samples, dtype=np.float64))))
    power = (energy[length:] - energy[:-length]) / length
    centre_s = (first + np.arange(len(power)) + length / 2) / rate
    allowed = np.ones(len(power), dtype=np.bool_)
    guard = settings.noise_guard_s + settings.put_down_frame_s / 2
    tones = [event for event in events if event.kind in TONE_KINDS and event.channel in (None, channel.index)]
    for busy in [*(segment.span for segment in segments), *(event.span for event in tones)]:
        allowed &= (centre_s < busy.start_s - guard) | (centre_s > busy.end_s + guard)
    if not allowed.any():
        return _no_put_down(span)
    loudest = int(np.argmax(np.where(allowed, power, -1.0)))
    rise_db = 10 * np.log10(max(float(power[loudest]), 1e-10)) - level.value
    return [
        measured("put_down_rise_db", rise_db, "dB", error=level.error, span=span, method=_RISE),
        measured("put_down_at_s", centre_s[loudest], "s", error=0.003, span=span, method=_AT),
    ]


def _no_put_down(span: Span) -> list[Measurement]:
    return [
        missing("put_down_rise_db", "dB", "no_data", method=_RISE, span=span),
        missing("put_down_at_s", "s", "no_data", method=_AT, span=span),
    ]
