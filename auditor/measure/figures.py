"""How a figure becomes a `Measurement`, and the sound of one party that most figures share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auditor.measure.frames import Floats, LegFrames, Mask
from auditor.measure.noise import NoiseFloor
from auditor.records import Measurement, Segment, Span


@dataclass(frozen=True, slots=True, eq=False)
class PartySound:
    """What was heard of one party on its own leg.

    Attributes:
        frames: band powers of the leg.
        f0_hz: pitch per frame, NaN where unvoiced, shape ``(n,)``.
        segments: that party's segments (never a system voice's), in time order.
        speech: which frames lie in them, shape ``(n,)``.
        noise: the leg's noise floor.
    """

    frames: LegFrames
    f0_hz: Floats
    segments: tuple[Segment, ...]
    speech: Mask
    noise: NoiseFloor

    @property
    def voiced(self) -> Mask:
        """Which frames are voiced speech."""
        return np.asarray(self.speech & np.isfinite(self.f0_hz))

    @property
    def span(self) -> Span | None:
        """From the first to the last segment; None without speech."""
        if not self.segments:
            return None
        return Span(self.segments[0].start_s, max(segment.end_s for segment in self.segments))


def measured(
    name: str,
    value: float,
    unit: str,
    *,
    method: str,
    error: float | None = None,
    span: Span | None = None,
) -> Measurement:
    """A figure with a value; rounded to six decimals, so that a rerun equals the first run."""
    return Measurement(
        name=name,
        value=round(float(value), 6),
        unit=unit,
        error=None if error is None else round(float(error), 6),
        span=span,
        method=method,
    )


def missing(name: str, unit: str, reason: str, *, method: str = "", span: Span | None = None) -> Measurement:
    """A figure without a value, and the code of the reason."""
    return Measurement(name=name, value=None, unit=unit, reason=reason, span=span, method=method)
