"""Crosstalk: speech of one leg that leaks into the other is not the other party speaking.

The other leg leaks at -20 to -40 dB and up to 0.1 s late. A stretch of leg A is masked where leg B
explains it: A lies well below B and is nearly a delayed copy of it. Two people talking at once are not
copies of each other, so double talk survives, however unequal the levels.

Method: windows of 0.2 s, first difference against the slope of speech, normalised cross-correlation
by FFT over all delays; the delay that most windows of a segment vote for; then, window by window,

    rho = |sum a[n] b[n-d]| / sqrt(sum a[n]^2 * sum b[n-d]^2)      near the segment's delay d
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from auditor.records import Segment
from auditor.signal import Channel, runs_of
from auditor.speech.levels import read

_Floats = npt.NDArray[np.float64]
_Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CrosstalkSettings:
    """When one leg explains the other. Sources: [P] published, [O] our own default.

    Attributes:
        window_s: Length of a window ([O]: several syllables' worth of pitch movement, so that two
            voices do not agree by chance).
        hop_s: Distance of windows: the resolution of the mask ([O]).
        earliest_s: Smallest delay of the leak; below 0 because recorders align legs loosely ([O]).
        latest_s: Greatest delay of the leak ([P] measurements.md has small delays; 0.1 s covers an
            echo through a mobile network).
        jitter_s: How far the delay may wander within a segment ([O]).
        min_gap_db: The leak lies at least this far below its source ([O]; it leaks at -20 to -40 dB
            [P] measurements.md, and noise on top narrows the gap).
        explained: rho from which a window is a copy ([O]; measured, two voices at once stay under
            0.21, 95 % of their windows under 0.15).
        alike: rho that is enough beside a window that is a copy ([O]).
        least_share: Share of a leg's windows below its source that must be copies before anything is
            masked ([O]: chance gives 2 %, a leak 50 % and more).
        min_rest_s: What is left of a segment beside a masked stretch counts from this length ([O]).
    """

    window_s: float = 0.2
    hop_s: float = 0.05
    earliest_s: float = -0.01
    latest_s: float = 0.12
    jitter_s: float = 0.002
    min_gap_db: float = 10.0
    explained: float = 0.3
    alike: float = 0.15
    least_share: float = 0.25
    min_rest_s: float = 0.2


DEFAULTS = CrosstalkSettings()

_MAX_WINDOWS = 300  # a segment is looked at in pieces of 15 s, which bounds the memory


def mask_crosstalk(
    channels: Sequence[Channel],
    segments: Sequence[tuple[Segment, ...]],
    *,
    settings: CrosstalkSettings = DEFAULTS,
) -> list[tuple[Segment, ...]]:
    """The segments of every leg without what is the other leg's voice.

    Args:
        channels: The legs of one call; a single leg comes back as it is, and so do two legs of
            different sample rates.
        segments: For every leg, its segments in time order.
        settings: When one leg explains the other.

    Returns:
        For every leg the segments that are its own: unchanged, trimmed, split or dropped.
    """
    kept: list[tuple[Segment, ...]] = []
    for k, (channel, found) in enumerate(zip(channels, segments, strict=True)):
        own = found
        for j, other in enumerate(channels):
            if j != k and other.sample_rate_hz == channel.sample_rate_hz:
                own = _own(own, leg=channel, other=other, active=segments[j], settings=settings)
        kept.append(own)
    return kept


def _own(
    found: tuple[Segment, ...],
    *,
    leg: Channel,
    other: Channel,
    active: Sequence[Segment],
    settings: CrosstalkSettings,
) -> tuple[Segment, ...]:
    """What of a leg's segments the other leg, active in ``active``, does not explain."""
    looks = {
        k: _look(segment, leg=leg, other=other, settings=settings)
        for k, segment in enumerate(found)
        if any(
            s.start_s + settings.earliest_s < segment.end_s and segment.start_s < s.end_s + settings.latest_s
            for s in active
        )
    }
    quiet = sum(int(look.quiet.sum()) for look in looks.values())
    copies = sum(int(look.copies.sum()) for look in looks.values())
    # A line leaks or it does not: here and there a window agrees by chance.
    if copies == 0 or copies < settings.least_share * quiet:
        return found
    return tuple(
        piece
        for k, segment in enumerate(found)
        for piece in (_cut(segment, looks[k], settings=settings) if k in looks else [segment])
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """Windows of one segment: well below the other leg; copies of it; to be masked."""

    quiet: _Flags
    copies: _Flags
    masked: _Flags


def _cut(segment: Segment, look: _Look, *, settings: CrosstalkSettings) -> list[Segment]:
    """The pieces of a segment between its masked windows."""
    masked = look.masked
    if not masked.any():
        return [segment]
    # The step around a window's middle belongs to it; the first and last reach to the segment's ends.
    half = min(settings.window_s, segment.span.duration_s) / 2
    middles = segment.start_s + half + settings.hop_s * np.arange(len(masked))
    edges = [segment.start_s, *(middles[1:] - settings.hop_s / 2).tolist(), segment.end_s]
    pieces: list[Segment] = []
    first = 0
    for k in range(1, len(masked) + 1):
        if k < len(masked) and masked[k] == masked[first]:
            continue
        if not masked[first] and edges[k] - edges[first] >= settings.min_rest_s:
            pieces.append(Segment(segment.channel, round(edges[first], 2), round(edges[k], 2)))
        first = k
    return pieces


def _look(segment: Segment, *, leg: Channel, other: Channel, settings: CrosstalkSettings) -> _Look:
    """Compares every window of a segment with the other leg."""
    rate = leg.sample_rate_hz
    total = max(round(segment.span.duration_s * rate), 2)
    size, hop = min(round(settings.window_s * rate), total), round(settings.hop_s * rate)
    count = 1 + max(0, total - size) // hop
    first = round(segment.start_s * rate)
    quiet_parts, rho_parts = [], []
    for begin in range(0, count, _MAX_WINDOWS):
        some = min(_MAX_WINDOWS, count - begin)
        rho, gap_db = _compare(
            leg, other, first=first + begin * hop, size=size, hop=hop, count=some, settings=settings
        )
        quiet = gap_db >= settings.min_gap_db
        votes = rho[quiet].sum(axis=0) if quiet.any() else rho.sum(axis=0)
        at, reach = int(votes.argmax()), max(1, round(settings.jitter_s * rate))
        rho_parts.append(rho[:, max(0, at - reach) : at + reach + 1].max(axis=1))
        quiet_parts.append(quiet)
    quiet, likeness = np.concatenate(quiet_parts), np.concatenate(rho_parts)
    copies = quiet & (likeness >= settings.explained)
    return _Look(quiet, copies, _grow(copies, into=quiet & (likeness >= settings.alike)))


def _grow(seeds: _Flags, *, into: _Flags) -> _Flags:
    """Runs of ``into`` that hold at least one seed."""
    grown = np.zeros_like(seeds)
    for start, end in runs_of(into):
        grown[start:end] = seeds[start:end].any()
    return grown


def _compare(
    leg: Channel,
    other: Channel,
    *,
    first: int,
    size: int,
    hop: int,
    count: int,
    settings: CrosstalkSettings,
) -> tuple[_Floats, _Floats]:
    """Likeness at every delay, shape ``(count, delays)``, and how far the leg lies below, shape ``(count,)``.

    Column ``k`` is the delay ``latest - k`` in samples.
    """
    rate = leg.sample_rate_hz
    latest, earliest = round(settings.latest_s * rate), round(settings.earliest_s * rate)
    delays = latest - earliest + 1
    span = (count - 1) * hop + size
    own = np.diff(read(leg, first=first - 1, count=span + 1).astype(np.float64))
    source = np.diff(read(other, first=first - latest - 1, count=span + delays).astype(np.float64))
    a = np.lib.stride_tricks.sliding_window_view(own, size)[::hop]
    b = np.lib.stride_tricks.sliding_window_view(source, size + delays - 1)[::hop]
    points = 1 << (size + delays - 2).bit_length()
    product = np.fft.rfft(b, n=points, axis=1) * np.conj(np.fft.rfft(a, n=points, axis=1))
    correlation = np.abs(np.fft.irfft(product, n=points, axis=1)[:, :delays])
    running = np.concatenate([np.zeros((count, 1)), np.cumsum(b**2, axis=1)], axis=1)
    energy_b = running[:, size : size + delays] - running[:, :delays]
    energy_a = np.sum(a**2, axis=1)
    rho = correlation / np.sqrt(np.maximum(energy_a[:, None] * energy_b, 1e-20))
    gap_db = 10 * np.log10((energy_b.max(axis=1) + 1e-12) / (energy_a + 1e-12))
    return rho, gap_db
