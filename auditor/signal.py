"""Sound in memory: one leg of a recording as samples, and the few operations every stage shares.

Conventions: samples are float32 in -1..1, shape ``(n,)``, at 8000 or 16000 Hz (`audio.decode` sees to
that). 0 dBov is a full-scale square wave, so ``level = 10*log10(mean(x**2))``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

SILENCE_DBOV = -100.0


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """One leg of a recording.

    Attributes:
        index: 0-based leg.
        samples: shape ``(n,)``, float32, -1..1; may be a memory map for long calls.
        sample_rate_hz: 8000 or 16000.
    """

    index: int
    samples: Samples
    sample_rate_hz: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate_hz

    def slice(self, start_s: float, end_s: float) -> Samples:
        """The samples between two times, clamped to the recording, as an array in memory."""
        first = max(0, round(start_s * self.sample_rate_hz))
        last = min(len(self.samples), round(end_s * self.sample_rate_hz))
        return np.array(self.samples[first : max(first, last)], dtype=np.float32)


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """Band-limited resampling through soxr; returns the input itself when the rates agree."""
    if from_hz == to_hz:
        return samples
    import soxr  # noqa: PLC0415

    return np.asarray(soxr.resample(samples, from_hz, to_hz), dtype=np.float32)


def runs_of(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """First and behind-last index of every run of True, shape ``(runs, 2)``."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return edges.reshape(-1, 2)


def power_to_dbov(power: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """10*log10(power), floored at `SILENCE_DBOV`."""
    return np.asarray(10 * np.log10(np.maximum(np.asarray(power, dtype=np.float64), 1e-10)))
