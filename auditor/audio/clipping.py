"""Flat tops: whether a recording hit a ceiling.

Conventions: the ceiling is the signal's own largest magnitude. A-law ends at 0.984, an MP3 of
clipped speech anywhere, so full scale proves nothing. Statistics are taken from the samples as the
file has them, before resampling, which would round the corners.

Two signs are needed together. A *run* of neighbours near the ceiling also comes from a low tone;
a *pile* of samples in the top band also comes from a steady tone. A sine has at most 2.41 times as
many samples in its top band as in the band below (``1 / (sqrt(2) - 1)``), speech has fewer than one;
clipping makes it many times. Speech that is not clipped reaches its ceiling in one or two places of a
whole call.

Limits: a tone of few distinct values (G.711 at a divisor of the rate) may look clipped. A codec that
rounds or overshoots the corners (MP3, AAC, ADPCM) hides flat tops; there only what was clipped again on
decoding is found. Under about 0.1 % of clipped samples nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# Everything here is only a warning; measure/ judges clipping per segment.
BAND = 0.03  # width of the top band and of the one below, as a share of the ceiling
PILE = 4.0  # top band against the band below; a sine reaches 2.41
RUN_S = 0.000375  # 3 samples at 8 kHz
MIN_RUNS = 10
MIN_CEILING = 0.03  # -30 dB: below it idle codes and quantisation look flat


@dataclass(frozen=True, slots=True)
class Tops:
    """One block of one leg: its ceiling, samples in the top band and below it, runs in the top band."""

    ceiling: float
    top: int
    below: int
    runs: int


def count_tops(leg: npt.NDArray[np.float32], *, rate_hz: int) -> Tops:
    """Statistics of one block, shape ``(n,)``."""
    size = np.abs(leg)
    ceiling = float(size.max(initial=0.0))
    if ceiling < MIN_CEILING:
        return Tops(ceiling, 0, 0, 0)
    high = np.flatnonzero(size >= (1 - 2 * BAND) * ceiling)
    is_top = size[high] >= (1 - BAND) * ceiling
    where = high[is_top]
    # A run is at least k neighbours of one sign; `breaks` are where a run ends and the next begins.
    k = max(3, round(RUN_S * rate_hz))
    breaks = (
        np.flatnonzero((np.diff(where) != 1) | (np.diff(np.signbit(leg[where]).astype(np.int8)) != 0)) + 1
    )
    lengths = np.diff(np.concatenate([[0], breaks, [len(where)]]))
    runs = int(np.count_nonzero(lengths >= k))
    return Tops(ceiling, len(where), len(high) - len(where), runs)


def is_clipped(blocks: list[Tops]) -> bool:
    """Whether a leg, given block by block, has flat tops at its own ceiling."""
    ceiling = max((block.ceiling for block in blocks), default=0.0)
    reached = [block for block in blocks if block.ceiling >= max((1 - BAND) * ceiling, MIN_CEILING)]
    runs = sum(block.runs for block in reached)
    top, below = sum(block.top for block in reached), sum(block.below for block in reached)
    return runs >= MIN_RUNS and top >= PILE * max(1, below)
