"""Rows of the accuracy table, and the 95 % intervals of shares and quantiles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from auditor.records.share import Share


@dataclass(frozen=True, slots=True)
class Row:
    """One target and what was measured.

    Attributes:
        section: release, rings, vad, pace, pitch, level, clarity, noise, mono, language or speed.
        what: What was measured, on what.
        target: The bound, in ``unit``; None for a figure without a target.
        direction: Whether the figure must be at most or at least the target.
        value: What was achieved.
        unit: ms, %, st, dB, "x real time" …; shares are given as fractions with unit "".
        n: Sample count: what ``value`` is a share, quantile or mean of.
        low, high: 95 % interval of ``value``; None where there is none to give (a speed).
        note: What the reader must know.
        sample: The values that ``value`` is a quantile or mean of; empty for counts.
    """

    section: str
    what: str
    value: float
    n: int
    target: float | None = None
    direction: Literal["at most", "at least"] = "at most"
    unit: str = ""
    low: float | None = None
    high: float | None = None
    note: str = ""
    sample: tuple[float, ...] = field(default=(), repr=False)

    @property
    def met(self) -> bool | None:
        """Whether the value meets the target; None without one."""
        if self.target is None or math.isnan(self.value):
            return None
        return self.value <= self.target if self.direction == "at most" else self.value >= self.target


def share_row(section: str, what: str, hits: int, n: int, **more: object) -> Row:
    """A share with Wilson's interval: ``share_row("rings", "count exact", 996, 1000, target=0.995, …)``."""
    low, high = Share(hits, n).interval or (0.0, 1.0)
    return Row(section, what, hits / n if n else math.nan, n, low=low, high=high, **more)  # type: ignore[arg-type]


def quantile_row(section: str, what: str, values: Sequence[float], q: float, **more: object) -> Row:
    """A quantile with the distribution-free interval of order statistics."""
    ordered = np.sort(np.asarray(values, dtype=float))
    n = len(ordered)
    if not n:
        return Row(section, what, math.nan, 0, **more)  # type: ignore[arg-type]
    reach = 1.96 * math.sqrt(n * q * (1 - q))
    low, high = (ordered[min(n - 1, max(0, round(k)))] for k in (n * q - reach - 1, n * q + reach))
    value = float(np.quantile(ordered, q))
    span = {"low": float(low), "high": float(high), "sample": tuple(map(float, ordered))}
    return Row(section, what, value, n, **span, **more)  # type: ignore[arg-type]


def mean_row(section: str, what: str, values: Sequence[float], *, seed: int = 0, **more: object) -> Row:
    """A mean over calls with the bootstrap interval over calls (2,000 draws)."""
    data = np.asarray(values, dtype=float)
    if not len(data):
        return Row(section, what, math.nan, 0, **more)  # type: ignore[arg-type]
    drawn = np.random.default_rng(seed).integers(0, len(data), size=(2000, len(data)))
    low, high = np.quantile(data[drawn].mean(axis=1), (0.025, 0.975))
    span = {"low": float(low), "high": float(high), "sample": tuple(map(float, data))}
    return Row(section, what, float(data.mean()), len(data), **span, **more)  # type: ignore[arg-type]
