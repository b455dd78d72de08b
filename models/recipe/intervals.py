"""How sure a counted figure is: 95 % intervals for shares, error rates and medians."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from auditor.records.share import wilson

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

RESAMPLES = 1000
SEED = 2026


def share_of(outcomes: Sequence[bool]) -> dict[str, Any]:
    """The share of true ones with its interval, rounded outwards; nothing where there are none."""
    if not outcomes:
        return {}
    hits, samples = sum(outcomes), len(outcomes)
    low, high = wilson(hits / samples, samples)
    return {
        "share": round(hits / samples, 4),
        "lower_95": math.floor(10000 * low) / 10000,
        "upper_95": math.ceil(10000 * high) / 10000,
        "samples": samples,
    }


def error_rate(counts: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Errors over characters of (errors, characters) per clip; the interval resamples whole clips."""
    if not counts:
        return {}
    table = np.array(counts, float)

    def rate(rows: NDArray[np.float64]) -> float:
        return float(rows[:, 0].sum() / max(1.0, rows[:, 1].sum()))

    low, high = _resampled(table, rate)
    characters = int(table[:, 1].sum())
    return {**_rounded(rate(table), low, high), "clips": len(counts), "characters": characters}


def median_of(values: Sequence[float]) -> dict[str, Any]:
    """The median with an interval from resampling; nothing where there are no values."""
    if not values:
        return {}
    table = np.array(values, float)[:, None]
    low, high = _resampled(table, lambda rows: float(np.median(rows)))
    return {**_rounded(float(np.median(table)), low, high), "samples": len(values)}


def _resampled(
    table: NDArray[np.float64], figure: Callable[[NDArray[np.float64]], float]
) -> tuple[float, float]:
    """The percentile bootstrap's 95 % interval over the rows (Efron, 1979), seeded."""
    dice = np.random.default_rng(SEED)
    drawn = [figure(table[dice.integers(len(table), size=len(table))]) for _ in range(RESAMPLES)]
    low, high = np.percentile(drawn, (2.5, 97.5))
    return float(low), float(high)


def _rounded(value: float, low: float, high: float) -> dict[str, float]:
    return {"value": round(value, 4), "lower_95": round(low, 4), "upper_95": round(high, 4)}
