"""Bursts of one steady tone near 450 Hz on a leg, whatever they signal (`audio.tones` names them).

A frame is tone when one frequency holds nearly all of its power:
``purity = 2 * |sum x[n] exp(-2j pi f n / fs)|**2 / (N * sum x[n]**2)``, 1 for a sine at f, about 2/N for
noise. Speech and music have such frames too, so a burst must also be level and of one pitch. What an
exchange sends is moreover one sine from end to end, so the same ratio over the whole burst,

    ``coherence = max over f of 2 * |sum x[n] exp(-2j pi f n / fs)|**2 / (N * sum x[n]**2)``,

stays near 1, while a voice's harmonic glides and swells. Timing is good to one frame (20 ms).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from auditor.signal import Channel, power_to_dbov, runs_of

Floats = npt.NDArray[np.float64]
BLOCK_S = 60


@dataclass(frozen=True, slots=True)
class BurstSettings:
    """What counts as a burst of steady tone. All [O], measured; codecs named where one set the value.

    Attributes:
        frequencies_hz: where the tone is looked for: 450 +- 25 Hz.
        frame_s: length of a frame; 20 ms tells 450 Hz from its neighbours in one burst of 0.35 s.
        edge_purity: share of a frame's power in the tone for it to belong to a burst; a frame that is
            half tone has 0.5, so bursts end within half a frame of the truth.
        tail_db: frames this far below the burst's median at its ends are a codec's ringing, not the tone.
        min_purity: median purity of a burst; AMR 4.75, G.723.1 and GSM leave 0.94 or more.
        level_dbov: weakest and strongest burst, median (a full-scale sine has -3, AMR adds 1 dB).
        max_level_sd_db: spread of the frames' levels inside a burst; AMR lets a tone sag by 5 dB.
        max_pitch_sd_hz: spread of the frames' best frequencies inside a burst.
        quiet_db: how far below the burst the sound just before (and after a lone burst) must lie.
        quiet_s: how long before and after quiet is asked for, by its median frame: MP3 rings ahead of an
            attack for up to 70 ms.
        shortest_s: shorter bursts are nothing.
        bridge_s: somebody talking over a burst may hide it for so long ...
        bridge_db: ... as long as its own power stays that near.
    """

    frequencies_hz: tuple[float, ...] = (425.0, 437.5, 450.0, 462.5, 475.0)
    frame_s: float = 0.02
    edge_purity: float = 0.55
    tail_db: float = 8.0
    min_purity: float = 0.9
    level_dbov: tuple[float, float] = (-48.0, -2.0)
    max_level_sd_db: float = 3.0
    max_pitch_sd_hz: float = 9.0
    quiet_db: float = 12.0
    quiet_s: float = 0.2
    shortest_s: float = 0.1
    bridge_s: float = 0.24
    bridge_db: float = 3.0


@dataclass(frozen=True, slots=True)
class Burst:
    """One stretch of tone.

    Attributes:
        start_s: where it begins.
        end_s: where it ends.
        level_dbov: median of its frames.
        spread_db: how unsteady its level is.
        coherence: how nearly the whole burst is one sine; see the module.
        hz: its frequency.
        at_start: it begins with the file, which may have cut it.
        at_end: it ends with the file.
        fresh: it begins after quiet or with the file.
        quiet_after: quiet follows, or the file's end.
        first_sound: nothing but quiet came before it on its leg.
    """

    start_s: float
    end_s: float
    level_dbov: float
    spread_db: float
    coherence: float
    hz: float
    at_start: bool
    at_end: bool
    fresh: bool
    quiet_after: bool
    first_sound: bool

    @property
    def on_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s


def find_bursts(channel: Channel, *, settings: BurstSettings = BurstSettings()) -> list[Burst]:
    """Every burst of steady tone, in time order.

    Args:
        channel: one leg at 8000 or 16000 Hz; read in blocks of 60 s.
        settings: limits.
    """
    power, purity, best = _frames(channel, settings)
    level = power_to_dbov(power)
    quiet = round(settings.quiet_s / settings.frame_s)
    found: list[Burst] = []
    tone = power_to_dbov(power * purity)
    for run in _bridged(runs_of(purity >= settings.edge_purity).tolist(), tone, settings):
        first, last = _without_tail(level, run, settings)
        if (last - first) * settings.frame_s < settings.shortest_s - 1e-9:
            continue
        inner = slice(first + 1, last - 1)  # without attack and release
        middle_dbov, spread_db = float(np.median(tone[inner])), float(np.std(tone[inner]))
        is_tone = (
            float(np.median(purity[inner])) >= settings.min_purity
            and settings.level_dbov[0] <= middle_dbov <= settings.level_dbov[1]
            and spread_db <= settings.max_level_sd_db
            and float(np.std(best[inner])) <= settings.max_pitch_sd_hz
        )
        if not is_tone:
            continue
        # The frame next to a burst still holds a part of it.
        before = level[max(0, first - 1 - quiet) : max(0, first - 1)]
        after = level[last + 1 : last + 1 + quiet]
        limit_dbov = middle_dbov - settings.quiet_db
        coherence, hz = _coherence(channel, inner, settings)
        found.append(
            Burst(
                start_s=first * settings.frame_s,
                end_s=min(last * settings.frame_s, channel.duration_s),
                level_dbov=middle_dbov,
                spread_db=spread_db,
                coherence=coherence,
                hz=hz,
                at_start=first <= 1,
                at_end=last >= len(level) - 1,
                fresh=not before.size or float(np.median(before)) <= limit_dbov,
                quiet_after=not after.size or float(np.median(after)) <= limit_dbov,
                first_sound=not np.any(level[: max(0, first - 1)] > limit_dbov),
            )
        )
    return found


def _coherence(channel: Channel, frames: slice, settings: BurstSettings) -> tuple[float, float]:
    """Share of a stretch's power in its best single sine near 450 Hz, and that sine's frequency."""
    size = round(settings.frame_s * channel.sample_rate_hz)
    samples = np.asarray(channel.samples[frames.start * size : frames.stop * size], dtype=np.float64)
    samples = samples - samples.mean()
    total = float(np.sum(samples**2))
    if total <= 0:
        return 0.0, 0.0
    points = 1 << (8 * len(samples) - 1).bit_length()
    hz = np.fft.rfftfreq(points, 1 / channel.sample_rate_hz)
    low, high = np.searchsorted(hz, (settings.frequencies_hz[0] - 10, settings.frequencies_hz[-1] + 10))
    power = np.abs(np.fft.rfft(samples, points)[low:high]) ** 2
    strongest = int(np.argmax(power))
    return 2 * float(power[strongest]) / (len(samples) * total), float(hz[low + strongest])


def _bridged(runs: list[tuple[int, int]], tone: Floats, settings: BurstSettings) -> list[tuple[int, int]]:
    """Runs joined over gaps in which the tone goes on under other sound."""
    joined: list[tuple[int, int]] = []
    for first, last in runs:
        if joined:
            begin, end = joined[-1]
            sides = np.median(tone[begin:end]), np.median(tone[first:last])
            goes_on = np.all(np.abs(tone[end:first] - sides[0]) <= settings.bridge_db)
            short = (first - end) * settings.frame_s <= settings.bridge_s
            if short and goes_on and abs(sides[0] - sides[1]) <= settings.bridge_db:
                joined[-1] = (begin, last)
                continue
        joined.append((first, last))
    return joined


def _without_tail(level: Floats, run: tuple[int, int], settings: BurstSettings) -> tuple[int, int]:
    """The run from its first to behind its last frame that is near the run's median level."""
    loud = np.flatnonzero(level[slice(*run)] >= np.median(level[slice(*run)]) - settings.tail_db)
    return run[0] + int(loud[0]), run[0] + int(loud[-1]) + 1


def _frames(channel: Channel, settings: BurstSettings) -> tuple[Floats, Floats, Floats]:
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
