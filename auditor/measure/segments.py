"""What is stored of every segment, and the 10 Hz tracks that reports draw and kinds compute shares from.

Conventions
    * A segment's level is ``10 log10(mean(P) - noise)`` over its frames; None where nothing stands out of the
      noise. Its pitch needs 0.1 s voiced. ``syllables`` is None without text or with suspect text.
    * A track's sample k covers ``k*0.1 … (k+1)*0.1`` s: the level where at least half of it is that party's
      speech, the median F0 of its voiced frames where it has any.
    * Levels are rounded to 0.1 dB and pitch to 0.1 Hz: finer digits are noise, and a stored call stays small.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

import numpy as np

from auditor.measure.f0 import finite
from auditor.measure.figures import PartySound
from auditor.measure.frames import span_frames
from auditor.measure.pace import part_text
from auditor.measure.settings import DEFAULTS, MeasureSettings
from auditor.measure.volume import alpha_ratio_db, block_levels, net_power
from auditor.records import Role, Segment, SegmentStats, Track, Turn
from auditor.text.numerals import count_syllables


def segment_stats(
    sound: PartySound,
    *,
    role: Role,
    clipped: Sequence[float],
    syllables: dict[Segment, int | None],
    settings: MeasureSettings = DEFAULTS,
) -> list[SegmentStats]:
    """The statistics of each of a party's segments; ``clipped`` has one share per segment."""
    return [
        _stats(sound, segment, role=role, clipped=share, syllables=syllables.get(segment), settings=settings)
        for segment, share in zip(sound.segments, clipped, strict=True)
    ]


def syllables_by_segment(turns: Sequence[Turn], segments: Sequence[Segment]) -> dict[Segment, int | None]:
    """Spoken syllables per segment: a part of a turn belongs to the segment that holds its middle."""
    by_channel: dict[int, list[Segment]] = {}
    for segment in sorted(segments, key=lambda segment: segment.start_s):
        by_channel.setdefault(segment.channel, []).append(segment)
    found: dict[Segment, int | None] = {}
    for turn in turns:
        row = by_channel.get(turn.channel, [])
        starts = [segment.start_s for segment in row]
        for part in turn.parts:
            middle = (part.start_s + part.end_s) / 2
            place = bisect_right(starts, middle) - 1
            if place < 0 or middle >= row[place].end_s:
                continue
            known = found.get(row[place], 0)
            suspect = turn.is_suspect(part.text_start, part.text_end)
            found[row[place]] = (
                None if suspect or known is None else known + count_syllables(part_text(turn, part))
            )
    return found


def party_track(sound: PartySound, *, duration_s: float, settings: MeasureSettings = DEFAULTS) -> Track:
    """The 10 Hz level and pitch of one party over the whole call."""
    per_step = round(settings.track_step_s / settings.hop_s)
    steps = int(np.ceil(duration_s / settings.track_step_s - 1e-6))
    level = block_levels(sound.frames, speech=sound.speech, noise=sound.noise, per_block=per_step)
    f0 = np.where(sound.voiced, sound.f0_hz, np.nan)
    f0 = np.pad(f0, (0, len(level) * per_step - len(f0)), constant_values=np.nan).reshape(-1, per_step)
    pitch = np.full(len(level), np.nan)
    voiced = np.isfinite(f0).any(axis=1)
    if voiced.any():
        pitch[voiced] = np.nanmedian(f0[voiced], axis=1)
    return Track(
        step_s=settings.track_step_s,
        level_dbov=_column(level, steps),
        f0_hz=_column(pitch, steps),
    )


def _column(values: np.ndarray[tuple[int], np.dtype[np.float64]], steps: int) -> tuple[float | None, ...]:
    known = [None if math.isnan(value) else round(value, 1) for value in values[:steps].tolist()]
    return tuple(known) + (None,) * (steps - len(known))


def _stats(
    sound: PartySound,
    segment: Segment,
    *,
    role: Role,
    clipped: float,
    syllables: int | None,
    settings: MeasureSettings,
) -> SegmentStats:
    first, last = span_frames(segment.span, len(sound.frames.power), hop_s=settings.hop_s)
    power = sound.frames.power[first:last]
    net = net_power(float(power.mean(dtype=np.float64)), sound.noise) if last > first else None
    voiced_hz = finite(sound.f0_hz[first:last])
    voiced_s = len(voiced_hz) * settings.hop_s
    pitch: list[float | None] = [None, None, None]
    if voiced_s >= settings.min_voiced_segment_s:
        pitch = [round(float(value), 1) for value in np.quantile(voiced_hz, (0.5, 0.75, 0.95))]
    voiced = np.isfinite(sound.f0_hz[first:last])
    alpha = alpha_ratio_db(sound.frames.low[first:last][voiced], sound.frames.high[first:last][voiced])
    return SegmentStats(
        role=role,
        channel=segment.channel,
        start_s=segment.start_s,
        end_s=segment.end_s,
        level_dbov=None if net is None else round(float(10 * np.log10(net)), 2),
        voiced_s=round(voiced_s, 3),
        f0_median_hz=pitch[0],
        f0_p75_hz=pitch[1],
        f0_p95_hz=pitch[2],
        alpha_ratio_db=None if alpha is None else round(alpha, 2),
        syllables=syllables,
        clipped_share=round(clipped, 6),
    )
