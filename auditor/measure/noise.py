"""Noise on a leg, and how far speech stands above it (P3.5b).

Definition
    ``noise_dbov``: mean power of the leg's noise frames: frames at least 100 ms away from any speech of
    either leg, without idle code, tones, hold music and other events, and without bangs: frames more than
    10 dB over the median of the rest (one slammed door is not sustained noise).
    ``snr_db``: the party's speech power, less the noise, over that noise.

Formula
    ``noise = mean(P[noise frames])``, ``snr_db = 10 log10((mean(P[speech]) - noise) / noise)``, each with
    what the recording's codec takes off it (``codec_loss_db``: AMR makes steady noise 2 dB fainter).
    Error (95 %): 2 dB (what companding adds) and ``1.96 * sd / sqrt(n)`` of the noise in blocks of 0.25 s,
    added in squares.

Silent when
    * too_short: less than 0.5 s of noise frames;
    * gated: of the frames between the party's first and last speech that could show noise, 20 % or
      more are idle (the codec's idle code, or below -90 dBov): a gate or DTX hides the noise that
      lies under the speech. The lead-in before the leg was connected and what follows its release
      do not count;
    * too_noisy: the speech stands less than -10 dB over the noise: voice activity is not to be believed.

Tolerance: ±2 dB for stationary noise at 0–30 dB.
Source: measurements.md, Noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from auditor.measure.frames import LegFrames, Mask, span_mask
from auditor.measure.settings import DEFAULTS, MeasureSettings
from auditor.records import Event, Segment
from auditor.signal import power_to_dbov

_NOT_NOISE = frozenset(
    {
        *("ringback", "busy", "congestion", "waiting", "dtmf"),
        *("hold", "music", "announcement"),
        "click",
        "idle",
    }
)


@dataclass(frozen=True, slots=True)
class NoiseFloor:
    """Mean noise power of a leg (0..1), None with the ``reason`` code; ``error_db`` its 95 % half-width."""

    power: float | None
    error_db: float = 0.0
    reason: str | None = None

    @property
    def known_power(self) -> float:
        """The noise to subtract: 0 where it is not known."""
        return self.power or 0.0


def measure_noise(
    frames: LegFrames,
    *,
    segments: Sequence[Segment],
    events: Sequence[Event] = (),
    settings: MeasureSettings = DEFAULTS,
) -> NoiseFloor:
    """The noise floor of a leg.

    Args:
        frames: band powers of the leg.
        segments: the speech of all legs.
        events: tones, idle stretches and other events of the call.
        settings: guard, shortest noise, gate limits.
    """
    count, hop = len(frames.power), settings.hop_s
    quiet = ~span_mask(
        (segment.span for segment in segments), count, hop_s=hop, guard_s=settings.noise_guard_s
    )
    here = [event for event in events if event.channel in (None, frames.channel)]
    idle = span_mask((event.span for event in here if event.kind == "idle"), count, hop_s=hop)
    idle |= frames.power < 10 ** (settings.idle_dbov / 10)
    sounds = span_mask(
        (event.span for event in here if event.kind in _NOT_NOISE - {"idle"}),
        count,
        hop_s=hop,
        guard_s=settings.noise_guard_s,
    )
    candidates = quiet & ~sounds
    if _is_gated(candidates, idle, frames=frames, segments=segments, settings=settings):
        return NoiseFloor(power=None, reason="gated")
    noise = frames.power[candidates & ~idle].astype(np.float64)
    if len(noise) * hop < settings.min_noise_s:
        return NoiseFloor(power=None, reason="too_short")
    noise = noise[noise <= np.median(noise) * 10 ** (settings.noise_outlier_db / 10)]
    return NoiseFloor(power=float(noise.mean()), error_db=_error_db(noise, settings=settings))


def _is_gated(
    candidates: Mask,
    idle: Mask,
    *,
    frames: LegFrames,
    segments: Sequence[Segment],
    settings: MeasureSettings,
) -> bool:
    own = [segment for segment in segments if segment.channel == frames.channel]
    between = candidates.copy()
    if len(own) > 1:
        inside = np.zeros(len(candidates), dtype=np.bool_)
        first = int(min(segment.start_s for segment in own) / settings.hop_s)
        last = int(max(segment.end_s for segment in own) / settings.hop_s)
        inside[first:last] = True
        between &= inside
    total = int(between.sum())
    return total > 0 and int((between & idle).sum()) >= settings.gated_share * total


def _error_db(noise: np.ndarray[tuple[int], np.dtype[np.float64]], *, settings: MeasureSettings) -> float:
    """95 % half-width of the mean in dB, from the spread between blocks."""
    per_block = max(1, round(settings.noise_block_s / settings.hop_s))
    blocks = len(noise) // per_block
    if blocks < 2:
        return 2 * settings.snr_error_db
    levels = power_to_dbov(noise[: blocks * per_block].reshape(blocks, per_block).mean(axis=1))
    return float(np.hypot(settings.snr_error_db, 1.96 * levels.std(ddof=1) / np.sqrt(blocks)))
