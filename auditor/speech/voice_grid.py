"""The speech of a leg in steps of time, and the windows that lie over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from auditor.records import Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

Floats = npt.NDArray[np.float64]
STEP_S = 0.1
"""Resolution of a change of speaker inside a segment."""


def windows_of(
    segments: Sequence[Segment], *, window_s: float, hop_s: float
) -> Iterator[tuple[float, float]]:
    """Spans of the windows, in time order; a short segment is one window."""
    for segment in segments:
        spare_s = segment.end_s - segment.start_s - window_s
        count = max(0, int(np.ceil(spare_s / hop_s)))
        if not count:
            yield segment.start_s, segment.end_s
            continue
        for k in range(count + 1):
            start_s = segment.start_s + spare_s * k / count
            yield start_s, start_s + window_s


class Grid:
    """The speech in steps of `STEP_S`, and which windows lie over which step."""

    def __init__(
        self,
        segments: Sequence[Segment],
        spans: Sequence[tuple[float, float]],
        *,
        stay: float,
        stay_over_pause: float,
    ) -> None:
        bounds = [_steps(s.start_s, s.end_s) for s in segments]
        self.first: list[int] = np.cumsum([0, *(last - first for first, last in bounds)]).tolist()
        self.starts_s = np.concatenate([np.arange(first, last) * STEP_S for first, last in bounds])
        self.stay = [stay] * len(self.starts_s)
        for first in self.first[1:-1]:
            self.stay[first] = stay_over_pause
        self._over: list[tuple[slice, Floats]] = []
        place = 0
        for start_s, end_s in spans:
            while place + 1 < len(segments) and start_s >= segments[place].end_s:
                place += 1
            first, last = _steps(start_s, end_s)
            base = self.first[place] - bounds[place][0]
            begin = min(max(base + first, self.first[place]), self.first[place + 1] - 1)
            end = max(begin + 1, min(base + last, self.first[place + 1]))
            middle = (end - begin - 1) / 2
            weight = 1 - np.abs(np.arange(end - begin) - middle) / ((end - begin) / 2 + 0.5)
            self._over.append((slice(begin, end), np.maximum(weight, 0.05)))

    def over_steps(self, of_windows: Floats) -> Floats:
        """Per step the mean of the windows over it, those weighing most whose middle it is."""
        total, weights = np.zeros(len(self.starts_s)), np.full(len(self.starts_s), 1e-9)
        for (steps, weight), value in zip(self._over, of_windows, strict=True):
            total[steps] += weight * value
            weights[steps] += weight
        return np.asarray(total / weights)

    def over_windows(self, of_steps: Floats) -> Floats:
        """Per window the mean of the steps under it."""
        return np.array([of_steps[steps].mean() for steps, _ in self._over])


def _steps(start_s: float, end_s: float) -> tuple[int, int]:
    first = round(start_s / STEP_S)
    return first, max(first + 1, round(end_s / STEP_S))
