"""Signalling tones of one leg (idle stretches: `idle.find_idle`, offered here too).

Conventions: one `Event` per burst of tone, ``channel`` = the leg it was heard on. China's tones are
450 +- 25 Hz: ringback 1 s on / 4 s off, busy 0.35 / 0.35, congestion 0.7 / 0.7 (reported as busy)
[Asterisk indications.conf, zone cn; GB/T 3380]. A continuous 450 Hz tone (dial tone) is no event.
Limits: tones under -40 dBov through AMR, whose level wanders, may be missed; a bare sine of an
electronic melody near 450 Hz that lasts 1 s between rests cannot be told from one burst of ringback.

A frame is tone when one frequency holds nearly all of its power:
``purity = 2 * |sum x[n] exp(-2j pi f n / fs)|**2 / (N * sum x[n]**2)``, 1 for a sine at f, about 2/N for
noise. Speech and music have such frames too, so a burst must also be level, of one pitch, begin after
quiet, and fit the cadence. Timing is good to one frame (20 ms).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from auditor.audio.idle import IdleSettings, find_idle
from auditor.records import Event
from auditor.signal import Channel, power_to_dbov

__all__ = ["IdleSettings", "ToneSettings", "find_idle", "find_tones"]

Floats = npt.NDArray[np.float64]
BLOCK_S = 60


@dataclass(frozen=True, slots=True)
class ToneSettings:
    """What counts as a burst of signalling tone, and which bursts make a cadence.

    Ranges are (least, most) seconds. Real exchanges keep +-10 %, frames add 20 ms at each end, and
    a codec's attack may hide as much.

    Attributes:
        frequencies_hz: where the tone is looked for.
        frame_s: length of a frame; 20 ms tells 450 Hz from its neighbours in one burst of 0.35 s.
        edge_purity: share of a frame's power in the tone for it to belong to a burst; a frame that is
            half tone has 0.5, so bursts end within half a frame of the truth.
        tail_db: frames this far below the burst's median at its ends are a codec's ringing, not the tone.
        min_purity: median purity of a burst; AMR 4.75, G.723.1 and GSM leave 0.94 or more.
        level_dbov: weakest and strongest burst, median (a full-scale sine has -3, AMR adds 1 dB).
        max_level_sd_db: spread of the frames' levels inside a burst; AMR lets a tone sag by 5 dB.
        lone_level_sd_db: the same for a burst without a cadence, where a note must not pass.
        max_pitch_sd_hz: spread of the frames' best frequencies inside a burst.
        quiet_db: how far below the burst the sound just before (and after a lone burst) must lie.
        quiet_s: how long before and after quiet is asked for, by its median frame: MP3 rings ahead of an
            attack for up to 70 ms.
        shortest_s: shorter bursts are nothing.
        ring_on_s, ring_off_s: ringback.
        lone_ring_s: a single burst without a cadence; a burst that the file's start cuts off may be shorter.
        busy_on_s, busy_off_s, busy_bursts: busy, and how many bursts in a row prove it.
        congestion_on_s, congestion_off_s, congestion_bursts: the same for congestion.
    """

    frequencies_hz: tuple[float, ...] = (425.0, 437.5, 450.0, 462.5, 475.0)
    frame_s: float = 0.02
    edge_purity: float = 0.55
    tail_db: float = 8.0
    min_purity: float = 0.9
    level_dbov: tuple[float, float] = (-47.0, -2.0)
    max_level_sd_db: float = 3.0
    lone_level_sd_db: float = 1.5
    max_pitch_sd_hz: float = 9.0
    quiet_db: float = 12.0
    quiet_s: float = 0.2
    shortest_s: float = 0.2
    ring_on_s: tuple[float, float] = (0.8, 1.2)
    ring_off_s: tuple[float, float] = (3.4, 4.6)
    lone_ring_s: tuple[float, float] = (0.7, 1.3)
    busy_on_s: tuple[float, float] = (0.27, 0.43)
    busy_off_s: tuple[float, float] = (0.27, 0.43)
    busy_bursts: int = 3
    congestion_on_s: tuple[float, float] = (0.6, 0.8)
    congestion_off_s: tuple[float, float] = (0.6, 0.8)
    congestion_bursts: int = 2


@dataclass(frozen=True, slots=True)
class _Burst:
    """One stretch of tone.

    ``cut``: the file's edge may have shortened it. ``fresh``: it begins after quiet or with the file.
    ``lone``: fresh, steady and followed by quiet, so that it may count without a cadence.
    """

    start_s: float
    end_s: float
    cut: bool
    fresh: bool
    lone: bool

    @property
    def on_s(self) -> float:
        return self.end_s - self.start_s


def find_tones(channel: Channel, *, settings: ToneSettings = ToneSettings()) -> tuple[Event, ...]:
    """Ringback and busy bursts of one leg in time order.

    Args:
        channel: one leg at 8000 or 16000 Hz; read in blocks of 60 s.
        settings: limits.

    Returns:
        One event of kind ``ringback`` or ``busy`` per burst.
    """
    bursts = _find_bursts(channel, settings)
    kinds: list[str | None] = [None] * len(bursts)
    for on_s, off_s, least in (
        (settings.busy_on_s, settings.busy_off_s, settings.busy_bursts),
        (settings.congestion_on_s, settings.congestion_off_s, settings.congestion_bursts),
    ):
        for first, last in _cadences(bursts, on_s=on_s, off_s=off_s, least=least):
            kinds[first:last] = ["busy"] * (last - first)
    for first, last in _cadences(bursts, on_s=settings.ring_on_s, off_s=settings.ring_off_s, least=2):
        kinds[first:last] = [kind or "ringback" for kind in kinds[first:last]]
    for k, burst in enumerate(bursts):
        alone = all(
            other is burst
            or max(other.start_s - burst.end_s, burst.start_s - other.end_s) >= settings.ring_off_s[0]
            for other in bursts[max(0, k - 1) : k + 2]
        )
        if kinds[k] is None and alone and burst.lone and _within(burst.on_s, settings.lone_ring_s):
            kinds[k] = "ringback"
    return tuple(
        Event("busy" if kind == "busy" else "ringback", burst.start_s, burst.end_s, channel.index)
        for burst, kind in zip(bursts, kinds, strict=True)
        if kind
    )


def _cadences(
    bursts: list[_Burst], *, on_s: tuple[float, float], off_s: tuple[float, float], least: int
) -> Iterator[tuple[int, int]]:
    """Index ranges of at least ``least`` bursts in a row with that cadence.

    The last burst may be shorter (the call was answered, the recording stopped), and so may the
    first where the file begins; none may be longer. Only the first may follow other sound (an
    announcement).
    """
    first = 0
    while first < len(bursts):
        last = first + 1
        if _fits(bursts[first], on_s):
            while last < len(bursts) and _within(bursts[last].start_s - bursts[last - 1].end_s, off_s):
                if bursts[last].on_s > on_s[1] or not bursts[last].fresh:
                    break
                last += 1
                if bursts[last - 1].on_s < on_s[0]:
                    break
            if last - first >= least:
                yield first, last
        first = last


def _fits(burst: _Burst, on_s: tuple[float, float]) -> bool:
    return burst.on_s <= on_s[1] and (burst.cut or burst.on_s >= on_s[0])


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


def _find_bursts(channel: Channel, settings: ToneSettings) -> list[_Burst]:
    """Every burst of steady tone, in time order."""
    power, purity, best = _frames(channel, settings)
    level = power_to_dbov(power)
    quiet = round(settings.quiet_s / settings.frame_s)
    found: list[_Burst] = []
    for run in _runs(purity >= settings.edge_purity):
        first, last = _without_tail(level, run, settings)
        if (last - first) * settings.frame_s < settings.shortest_s:
            continue
        inner = slice(first + 1, last - 1)  # without attack and release
        middle_dbov, spread_db = float(np.median(level[inner])), float(np.std(level[inner]))
        is_tone = (
            float(np.median(purity[inner])) >= settings.min_purity
            and _within(middle_dbov, settings.level_dbov)
            and spread_db <= settings.max_level_sd_db
            and float(np.std(best[inner])) <= settings.max_pitch_sd_hz
        )
        # The frame next to a burst still holds a part of it.
        before = level[max(0, first - 1 - quiet) : max(0, first - 1)]
        after = level[last + 1 : last + 1 + quiet]
        limit_dbov = middle_dbov - settings.quiet_db
        if not is_tone:
            continue
        is_fresh = not before.size or float(np.median(before)) <= limit_dbov
        is_quiet_after = not after.size or float(np.median(after)) <= limit_dbov
        found.append(
            _Burst(
                start_s=first * settings.frame_s,
                end_s=min(last * settings.frame_s, channel.duration_s),
                cut=first <= 1 or last >= len(level) - 1,
                fresh=is_fresh,
                lone=is_fresh and is_quiet_after and spread_db <= settings.lone_level_sd_db,
            )
        )
    return found


def _without_tail(level: Floats, run: tuple[int, int], settings: ToneSettings) -> tuple[int, int]:
    """The run from its first to behind its last frame that is near the run's median level."""
    loud = np.flatnonzero(level[slice(*run)] >= np.median(level[slice(*run)]) - settings.tail_db)
    return run[0] + int(loud[0]), run[0] + int(loud[-1]) + 1


def _frames(channel: Channel, settings: ToneSettings) -> tuple[Floats, Floats, Floats]:
    """Per frame: mean power without the mean, purity, and the frequency that fits best (hertz)."""
    size = round(settings.frame_s * channel.sample_rate_hz)
    phase = np.arange(size)[:, None] * np.asarray(settings.frequencies_hz) / channel.sample_rate_hz
    basis = np.concatenate([np.cos(2 * np.pi * phase), np.sin(2 * np.pi * phase)], axis=1).astype(np.float32)
    tones = len(settings.frequencies_hz)
    rows: list[tuple[Floats, Floats, Floats]] = []
    step = BLOCK_S * channel.sample_rate_hz
    for start in range(0, len(channel.samples), step):
        block = channel.samples[start : start + step]
        frames = block[: len(block) // size * size].reshape(-1, size)
        frames = frames - frames.mean(axis=1, keepdims=True)
        power = np.einsum("ij,ij->i", frames, frames).astype(np.float64) / size
        both = (frames @ basis).astype(np.float64) ** 2
        fit = both[:, :tones] + both[:, tones:]
        purity = 2 * fit.max(axis=1) / (size**2 * np.maximum(power, 1e-12))
        rows.append((power, purity, np.take(settings.frequencies_hz, fit.argmax(axis=1))))
    if not rows:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    power, purity, best = (np.concatenate(column) for column in zip(*rows, strict=True))
    return power, purity, best


def _runs(mask: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """``(first, behind last)`` of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]
