"""Keys pressed on a leg (DTMF): two sines at once, one of four low and one of four high frequencies.

A frame belongs to a key when two sines of the grid hold nearly all of its power,

    ``share = 2 * (|X(low)|**2 + |X(high)|**2) / (N * sum x[n]**2)``,

neither much stronger than the other. A burst is a run of frames of one key that is two steady sines from
end to end: the same share, over the whole burst and at the best frequencies within 1.8 % of the grid. That
is what a voice never is; the harmonics of a held vowel glide. One event per key; which one is not kept.
Joint stereo and crosstalk leak a key into the other leg: the fainter of two equal ones at a time is a copy.

Sources: ITU-T Q.23 (frequencies, ±1.8 %), Q.24 (at least 40 ms, twist).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from auditor.records import Event
from auditor.signal import SILENCE_DBOV, Channel, power_to_dbov

Floats = npt.NDArray[np.float64]
LOW_HZ = (697.0, 770.0, 852.0, 941.0)
HIGH_HZ = (1209.0, 1336.0, 1477.0, 1633.0)
BLOCK_S = 60


@dataclass(frozen=True, slots=True)
class DtmfSettings:
    """What counts as a key. [P] ITU-T Q.24, [O] measured on codecs.

    Attributes:
        frame_s: length of a frame ([O]: two frames lie within the shortest key).
        hop_s: distance of frames.
        frame_share: least share of a frame's power in its two sines ([O]).
        burst_share: the same of the whole burst ([O]).
        twist_db: greatest difference between the two sines ([P] 8 dB; [O] 4 dB more for codecs).
        shortest_s: shorter bursts are nothing ([P]).
        tolerance: how far a sine may lie from the grid ([P]).
        level_dbov: fainter bursts are nothing ([O]).
        tail_db: frames this far below the burst's loudest at its ends are a codec's ringing ([O]).
        rejoin_s: the same key again after a shorter pause is the same press ([P]: a pause is 40 ms and more).
        leak_db: a burst this far below the same key on the other leg is its copy ([O], as of tones).
    """

    frame_s: float = 0.02
    hop_s: float = 0.01
    frame_share: float = 0.7
    burst_share: float = 0.8
    twist_db: float = 12.0
    shortest_s: float = 0.04
    tolerance: float = 0.018
    level_dbov: float = -50.0
    tail_db: float = 15.0
    rejoin_s: float = 0.04
    leak_db: float = 3.0


DEFAULTS = DtmfSettings()


@dataclass(frozen=True, slots=True)
class _Burst:
    """One key on one leg: 0..15 (row * 4 + column), and how loud."""

    key: int
    event: Event
    level_dbov: float


def find_keys(channels: Sequence[Channel], *, settings: DtmfSettings = DEFAULTS) -> tuple[Event, ...]:
    """Key presses on all legs, by leg and time: events of kind ``dtmf``.

    Args:
        channels: the legs of one call, each at 8000 or 16000 Hz; read in blocks of 60 s.
        settings: limits.
    """
    bursts = [burst for leg in channels for burst in _bursts(leg, settings)]
    return tuple(burst.event for burst in bursts if not _is_leak(burst, bursts, settings))


def _is_leak(burst: _Burst, bursts: Sequence[_Burst], settings: DtmfSettings) -> bool:
    return any(
        other.key == burst.key
        and other.event.channel != burst.event.channel
        and other.event.span.overlap_s(burst.event.span) > 0
        and other.level_dbov - burst.level_dbov >= settings.leak_db
        for other in bursts
    )


def _bursts(channel: Channel, settings: DtmfSettings) -> Iterator[_Burst]:
    key, level = _keys(channel, settings)
    size, hop = settings.frame_s, settings.hop_s
    edges = np.flatnonzero(np.diff(np.concatenate([[-1], key, [-1]])))
    last: _Burst | None = None
    for first, after in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if key[first] < 0:
            continue
        loudest = float(level[first:after].max())
        (loud,) = np.nonzero(level[first:after] >= loudest - settings.tail_db)
        start_s, end_s = (first + int(loud[0])) * hop, (first + int(loud[-1])) * hop + size
        again = last is not None and last.key == key[first] and start_s - last.event.end_s < settings.rejoin_s
        if again or end_s - start_s < settings.shortest_s - 1e-9:
            continue
        if _share(channel, int(key[first]), start_s, end_s, settings) >= settings.burst_share:
            event = Event("dtmf", start_s, min(end_s, channel.duration_s), channel.index)
            last = _Burst(int(key[first]), event, loudest)
            yield last


def _keys(channel: Channel, settings: DtmfSettings) -> tuple[npt.NDArray[np.int64], Floats]:
    """Per frame the key 0..15 (row * 4 + column), -1 for none; and its level in dBov."""
    rate = channel.sample_rate_hz
    size, hop = round(settings.frame_s * rate), round(settings.hop_s * rate)
    hz = np.asarray(LOW_HZ + HIGH_HZ)
    phase = 2 * np.pi * np.arange(size)[:, None] * hz / rate
    basis = np.concatenate([np.cos(phase), np.sin(phase)], axis=1).astype(np.float32)
    total = max(0, (len(channel.samples) - size) // hop + 1)
    keys = np.full(total, -1, dtype=np.int64)
    levels = np.full(total, SILENCE_DBOV)
    step = round(BLOCK_S / settings.hop_s)
    for start in range(0, total, step):
        count = min(step, total - start)
        samples = np.asarray(channel.samples[start * hop : (start + count - 1) * hop + size])
        frames = np.lib.stride_tricks.sliding_window_view(samples, size)[::hop]
        both = (frames @ basis).astype(np.float64) ** 2
        power = both[:, :8] + both[:, 8:]
        energy = np.einsum("ij,ij->i", frames, frames, dtype=np.float64)
        low, high = power[:, :4].max(axis=1), power[:, 4:].max(axis=1)
        share = 2 * (low + high) / (size * np.maximum(energy, 1e-12))
        twist_db = np.abs(10 * np.log10((low + 1e-12) / (high + 1e-12)))
        level = power_to_dbov(energy / size)
        is_key = (share >= settings.frame_share) & (twist_db <= settings.twist_db)
        is_key &= level >= settings.level_dbov
        key = power[:, :4].argmax(axis=1) * 4 + power[:, 4:].argmax(axis=1)
        keys[start : start + count] = np.where(is_key, key, -1)
        levels[start : start + count] = level
    return keys, levels


def _share(channel: Channel, key: int, start_s: float, end_s: float, settings: DtmfSettings) -> float:
    """Share of a burst's power in the two best sines near the key's frequencies."""
    samples = channel.slice(start_s, end_s).astype(np.float64)
    samples -= samples.mean()
    energy = float(np.sum(samples**2))
    points = 1 << (4 * len(samples) - 1).bit_length()
    power = np.abs(np.fft.rfft(samples, points)) ** 2
    hz = np.fft.rfftfreq(points, 1 / channel.sample_rate_hz)
    found = 0.0
    for nominal in (LOW_HZ[key // 4], HIGH_HZ[key % 4]):
        near = np.abs(hz - nominal) <= max(settings.tolerance * nominal, hz[1])
        found += float(power[near].max())
    return 2 * found / (len(samples) * energy) if energy > 0 else 0.0
