"""Announcements: the same recording at the start of many calls, found by its sound.

Two people who say the same words, or one person who says them twice, do not sound alike frame by frame; a
recording that is played again does, whatever the codec and the gain. For every leg the first ``looked_at_s``
of speech are described by band levels, and two calls share an announcement where, at the best of all lags,

    r = sum(a * b) / sqrt(sum(a^2) * sum(b^2))    over bands and frames, each band's mean taken off

reaches ``alike``. Music at the start that is no speech is not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.batch.doctor_call import CallFacts
    from auditor.signal import Channel

Bands = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AnnouncementSettings:
    """When two starts are one recording.

    Attributes:
        looked_at_s: how much speech is compared; shorter first speech is no announcement [O].
        lag_s: how far two starts may be apart: boundaries of speech differ with the noise [O].
        alike: r from which they are one recording [O]. Measured on 12 phrases of human takes 12 dB apart:
            0.97 and more through A-law, GSM and AMR, 0.92 and more through MP3 at 16 kbit/s. Other voices
            on the same takes, shifted in pitch, stay under 0.88; the same takes put together anew with other
            pauses, which is nearer than any person comes, reach 0.93 (3 of 8 over 0.9).
        bands: how many bands, evenly in mel from 300 to 3400 Hz.
    """

    looked_at_s: float = 1.5
    lag_s: float = 0.3
    alike: float = 0.9
    bands: int = 16


DEFAULTS = AnnouncementSettings()
HOP_S = 0.01


@dataclass(frozen=True, slots=True)
class Announcement:
    """One recording that several calls begin with: which calls (indices), and on which legs."""

    calls: tuple[int, ...]
    legs: tuple[int, ...]


def find_announcements(
    calls: Sequence[CallFacts], *, least_calls: int, settings: AnnouncementSettings = DEFAULTS
) -> tuple[Announcement, ...]:
    """Groups of at least ``least_calls`` calls that begin with the same recording, the largest first.

    A call may begin with one on either leg; it counts once a group.
    """
    starts = [
        (index, leg.leg, _describe(channel, leg.speech[0].start_s, settings=settings))
        for index, call in enumerate(calls)
        for leg, channel in zip(call.legs, call.channels, strict=True)
        if leg.speech and leg.speech[0].start_s + settings.looked_at_s <= channel.duration_s
        if sum(s.span.duration_s for s in leg.speech if s.start_s < leg.speech[0].start_s + 2)
        >= settings.looked_at_s / 2
    ]
    # Each start joins the first group whose first member it is a copy of: chains of near copies are none.
    groups: list[list[tuple[int, int, Bands]]] = []
    for start in starts:
        alike = (g for g in groups if likeness(g[0][2], start[2], settings=settings) >= settings.alike)
        group = next(alike, None)
        if group is None:
            groups.append([start])
        else:
            group.append(start)
    found = []
    for group in groups:
        inside = tuple(sorted({index for index, _, _ in group}))
        if len(inside) >= least_calls:
            found.append(Announcement(inside, tuple(sorted({leg for _, leg, _ in group}))))
    return tuple(sorted(found, key=lambda each: (-len(each.calls), each.calls)))


def _describe(channel: Channel, start_s: float, *, settings: AnnouncementSettings) -> Bands:
    """Band levels in dB from ``lag_s`` before the start, shape ``(frames, bands)``."""
    rate = channel.sample_rate_hz
    size, hop = round(0.032 * rate), round(HOP_S * rate)
    seconds = settings.looked_at_s + 2 * settings.lag_s
    wanted = round(seconds * rate) + size
    first = round((start_s - settings.lag_s) * rate)
    samples = np.zeros(wanted)
    part = np.asarray(channel.samples[max(0, first) : max(0, first + wanted)], dtype=np.float64)
    samples[max(0, -first) : max(0, -first) + len(part)] = part[: wanted - max(0, -first)]
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[::hop][: round(seconds / HOP_S)]
    power = np.abs(np.fft.rfft(frames * np.hanning(size), axis=1)) ** 2
    hz = np.fft.rfftfreq(size, 1 / rate)
    low, high = (2595 * np.log10(1 + edge / 700) for edge in (300.0, 3400.0))
    edges = 700 * (10 ** (np.linspace(low, high, settings.bands + 1) / 2595) - 1)
    bands = np.stack([power[:, (hz >= a) & (hz < b)].sum(axis=1) for a, b in pairwise(edges)]).T
    level = 10 * np.log10(bands + 1e-12)
    # Below 40 dB under the loudest it is the line's noise that would be compared.
    return np.asarray(np.maximum(level, level.max() - 40))


def likeness(one: Bands, other: Bands, *, settings: AnnouncementSettings = DEFAULTS) -> float:
    """The module's r at the best lag, -1..1."""
    lag = round(settings.lag_s / HOP_S)
    frames = round(settings.looked_at_s / HOP_S)
    middle = _centred(one[lag : lag + frames])
    views = np.lib.stride_tricks.sliding_window_view(other, frames, axis=0).transpose(0, 2, 1)
    best = -1.0
    for view in views[: 2 * lag + 1]:
        best = max(best, float(np.sum(middle * _centred(view))))
    return best


def _centred(bands: Bands) -> Bands:
    """Each band's mean taken off, norm 1."""
    level = bands - bands.mean(axis=0)
    return np.asarray(level / max(float(np.sqrt(np.sum(level**2))), 1e-9))
