"""Music on a leg: hold music, colour ringback, a radio behind the speaker.

Notes stand still in frequency for a while; the harmonics of a voice glide, those of Mandarin with every
tone, and noise has none. Continuous frequency activation measures just that, whatever the level:

    per frame, bin k is active when its level lies ``emphasis_db`` over the mean of its surroundings
    ``a[k]`` = share of a block's frames in which bin k is active
    ``activation`` = sum of the highest ``peaks`` of a[k], each over the shallower of its two valleys

Lines that stand through the whole neighbourhood (mains hum, a whining fan, a dial tone) are taken out.
Voices with instruments behind them count as music once the instruments do.

Source: K. Seyerlehner, T. Pohle, M. Schedl, G. Widmer, "Automatic music detection in television
productions", DAFx 2007; adapted to the telephone band.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from auditor.records import Event, Span
from auditor.signal import Channel, power_to_dbov

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MusicSettings:
    """What counts as music. [P] the paper, [O] measured here.

    Attributes:
        window_s: length of a spectrum.
        hop_s: distance of spectra.
        band_hz: where notes are looked for; hum's strong harmonics lie below.
        surroundings_hz: width of the mean that a bin is compared with ([P] 21 bins of 11 Hz).
        emphasis_db: how far an active bin stands over it.
        block_s: length of a block ([P] 2.6 s).
        block_hop_s: distance of blocks.
        peaks: how many peaks count ([P]).
        peak_bins: a peak is the highest so many bins (8 Hz) around: one note is one peak.
        valley_bins: how far from a peak its valleys are looked for.
        least: activation from which a block is music.
        standing: activation of a bin ...
        standing_s: ... that is hum when it lasts this long before or after.
        shortest_s: shorter music is nothing.
        join_s: shorter gaps are closed.
        level_dbov: fainter blocks hold nothing ...
        rest_s: ... and so do fainter frames that last this long: no music, but the pause between two.
        edge_db: the ends are where the level last lies so far below the music's median.
    """

    window_s: float = 0.1
    hop_s: float = 0.04
    band_hz: tuple[float, float] = (250.0, 3400.0)
    surroundings_hz: float = 230.0
    emphasis_db: float = 6.0
    block_s: float = 2.5
    block_hop_s: float = 0.5
    peaks: int = 5
    peak_bins: int = 4
    valley_bins: int = 8
    least: float = 2.4
    standing: float = 0.95
    standing_s: float = 6.0
    shortest_s: float = 3.0
    join_s: float = 2.0
    level_dbov: float = -55.0
    rest_s: float = 1.0
    edge_db: float = 15.0


DEFAULTS = MusicSettings()


def find_music(
    channel: Channel, *, tones: Sequence[Event] = (), settings: MusicSettings = DEFAULTS
) -> tuple[Event, ...]:
    """Stretches of music on one leg, by time: events of kind ``music``.

    Args:
        channel: one leg at 8000 or 16000 Hz; read in blocks of a minute.
        tones: signalling tones and keys, which are no music.
        settings: limits.
    """
    active, level = _activity(channel, settings)
    for tone in tones:
        if tone.channel in (None, channel.index):
            first = max(0, int((tone.start_s - settings.window_s) / settings.hop_s))
            active[first : int(tone.end_s / settings.hop_s) + 1] = False
    scores, starts = activation(active, settings=settings)
    size = round(settings.block_s / settings.hop_s)
    spans: list[Span] = []
    for score, start in zip(scores.tolist(), starts.tolist(), strict=True):
        loud = float(np.quantile(level[start : start + size], 0.75))
        if score < settings.least or loud < settings.level_dbov:
            continue
        span = Span(start * settings.hop_s, start * settings.hop_s + settings.block_s)
        if spans and span.start_s - spans[-1].end_s <= settings.join_s:
            spans[-1] = spans[-1].cover(span)
        else:
            spans.append(span)
    sounding = (piece for span in spans for piece in _sounding(span, level, settings))
    trimmed = (_trimmed(piece, level, settings) for piece in sounding)
    return tuple(
        Event("music", span.start_s, min(span.end_s, channel.duration_s), channel.index)
        for span in trimmed
        if span.duration_s >= settings.shortest_s
    )


def activation(
    active: npt.NDArray[np.bool_], *, settings: MusicSettings = DEFAULTS
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Activation of every block and the frame at which it starts.

    Args:
        active: shape ``(frames, bins)``.
        settings: block, peaks and what stands still too long.
    """
    size, hop = round(settings.block_s / settings.hop_s), round(settings.block_hop_s / settings.hop_s)
    starts = np.arange(0, max(1, len(active) - size + 1), hop)
    if len(active) < size:
        return np.zeros(0), np.zeros(0, dtype=np.int64)
    total = np.concatenate([np.zeros((1, active.shape[1])), np.cumsum(active, axis=0, dtype=np.float32)])
    share = (total[starts + size] - total[starts]) / size
    reach = round(settings.standing_s / settings.block_hop_s)
    standing = share >= settings.standing
    for row in range(len(share)):
        before, after = standing[max(0, row - reach) : row + 1], standing[row : row + reach + 1]
        hum = standing[row] & (
            (before.all(axis=0) & (len(before) > reach)) | (after.all(axis=0) & (len(after) > reach))
        )
        share[row, hum] = 0.0
    return _peak_sums(share, settings), starts


def _peak_sums(share: Floats, settings: MusicSettings) -> Floats:
    """Per block the sum of the highest peaks, each over the shallower of the valleys on its sides."""
    reach, alone = settings.valley_bins, settings.peak_bins
    count = share.shape[1]
    wide = np.pad(share, ((0, 0), (reach, reach)), mode="edge")
    lows = np.lib.stride_tricks.sliding_window_view(wide, reach + 1, axis=1).min(axis=2)
    valley = np.maximum(lows[:, :count], lows[:, reach:])
    near = np.pad(share, ((0, 0), (alone, alone)), mode="edge")
    highest = np.lib.stride_tricks.sliding_window_view(near, 2 * alone + 1, axis=1).max(axis=2)
    heights = np.where(share >= highest, share - valley, 0.0)
    return np.asarray(np.sort(heights, axis=1)[:, -settings.peaks :].sum(axis=1))


def _activity(channel: Channel, settings: MusicSettings) -> tuple[npt.NDArray[np.bool_], Floats]:
    """Per frame which bins are active, shape ``(frames, bins)``, and the band's level in dBov."""
    rate = channel.sample_rate_hz
    size, hop = round(settings.window_s * rate), round(settings.hop_s * rate)
    points = 1 << (size - 1).bit_length()
    hz = np.fft.rfftfreq(points, 1 / rate)
    low, high = np.searchsorted(hz, settings.band_hz)
    half = round(settings.surroundings_hz / hz[1] / 2)
    window = np.hanning(size).astype(np.float32)
    count = max(0, (len(channel.samples) - size) // hop + 1)
    active = np.zeros((count, high - low), dtype=np.bool_)
    level = np.zeros(count)
    width = np.minimum(np.arange(high - low) + half + 1, high - low) - np.maximum(
        np.arange(high - low) - half, 0
    )
    step = round(60 / settings.hop_s)
    for start in range(0, count, step):
        some = min(step, count - start)
        samples = np.asarray(channel.samples[start * hop : (start + some - 1) * hop + size], dtype=np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(samples, size)[::hop] * window
        power = np.abs(np.fft.rfft(frames, points, axis=1)[:, low:high]) ** 2
        level[start : start + some] = power_to_dbov(2 * power.sum(axis=1) / (points * np.sum(window**2)))
        decibels = 10 * np.log10(power + 1e-12)
        total = np.cumsum(np.pad(decibels, ((0, 0), (half + 1, half))), axis=1)
        around = (total[:, 2 * half + 1 :] - total[:, : -2 * half - 1]) / width
        active[start : start + some] = decibels - around > settings.emphasis_db
    return active, level


def _sounding(span: Span, level: Floats, settings: MusicSettings) -> list[Span]:
    """The span without its long faint stretches."""
    first, last = round(span.start_s / settings.hop_s), round(span.end_s / settings.hop_s)
    loud = first + np.flatnonzero(level[first:last] >= settings.level_dbov)
    if loud.size == 0:
        return []
    cuts = np.flatnonzero(np.diff(loud) * settings.hop_s > settings.rest_s)
    starts, ends = [loud[0], *loud[cuts + 1]], [*loud[cuts], loud[-1]]
    return [
        Span(float(a) * settings.hop_s, float(b + 1) * settings.hop_s)
        for a, b in zip(starts, ends, strict=True)
    ]


def _trimmed(span: Span, level: Floats, settings: MusicSettings) -> Span:
    """The span from its first to its last frame that is about as loud as the music is."""
    first, last = round(span.start_s / settings.hop_s), round(span.end_s / settings.hop_s)
    inside = level[first:last]
    loud = np.flatnonzero(inside >= np.median(inside) - settings.edge_db)
    return Span(
        (first + int(loud[0])) * settings.hop_s,
        (first + int(loud[-1])) * settings.hop_s + settings.window_s,
    )
