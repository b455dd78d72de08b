"""Cutting a leg into what the engine hears at once.

A *stretch* is one or more neighbouring segments of a leg that stay together with the sound between them; a
*window* is one stretch, or several with silence between them when the engine's card packs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.asr.engine import SAMPLE_RATE_HZ, WINDOW_S
from auditor.records import Segment
from auditor.signal import resample

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from auditor.asr.engine import Packing
    from auditor.signal import Channel, Samples

FIRST_TURN_GAP_S = 2.0
"""A pause that ends a leg's first turn [P: measurements.md, a gap > 2 s splits turns]."""
_QUIET_FRAME_S = 0.1


@dataclass(frozen=True, slots=True)
class Placed:
    """A stretch inside a window: it starts ``offset_s`` into the window, at ``start_s`` of the leg."""

    segments: tuple[Segment, ...]
    offset_s: float
    start_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """What the engine hears at once: samples at 16 kHz and where they come from."""

    samples: Samples
    placed: tuple[Placed, ...]

    @property
    def segments(self) -> tuple[Segment, ...]:
        """All its segments, in order."""
        return tuple(segment for one in self.placed for segment in one.segments)


def plan_windows(
    channel: Channel, *, segments: Sequence[Segment], others: Sequence[Segment], packing: Packing
) -> Iterator[Window]:
    """The windows of one leg, cut as they are asked for, so that a long call never lies in memory whole.

    The leg's first turn, on which the opening clauses hang, always has windows of its own.
    """
    if not segments:
        return
    first = _first_turn(segments, others=others)
    for stretch in join(segments[:first], packing=packing):
        yield alone(channel, stretch, packing=packing)
    rest = join(segments[first:], packing=packing)
    yield from windows_of(channel, rest, packing=packing)


def windows_of(
    channel: Channel, stretches: Sequence[tuple[Segment, ...]], *, packing: Packing
) -> Iterator[Window]:
    """Windows that hold these stretches: one after another where the card packs, else each alone."""
    if packing.packed:
        yield from _packed(channel, stretches, packing=packing)
    else:
        for stretch in stretches:
            yield alone(channel, stretch, packing=packing)


def join(segments: Sequence[Segment], *, packing: Packing) -> list[tuple[Segment, ...]]:
    """Neighbours with a pause shorter than ``join_gap_s`` together, up to ``max_window_s``."""
    stretches: list[list[Segment]] = []
    for segment in segments:
        near = stretches and segment.start_s - stretches[-1][-1].end_s < packing.join_gap_s
        if near and segment.end_s - stretches[-1][0].start_s <= packing.max_window_s:
            stretches[-1].append(segment)
        else:
            stretches.append([segment])
    return [tuple(stretch) for stretch in stretches]


def cut(channel: Channel, start_s: float, end_s: float, *, packing: Packing) -> tuple[Samples, float]:
    """The leg's sound at 16 kHz with ``lead_s`` on both sides, and when it starts; at most 30 s."""
    start_s = max(0.0, start_s - packing.lead_s)
    samples = channel.slice(start_s, end_s + packing.lead_s)
    sound = resample(samples, channel.sample_rate_hz, SAMPLE_RATE_HZ)
    return np.ascontiguousarray(sound[: round(WINDOW_S * SAMPLE_RATE_HZ)]), start_s


def split_long(channel: Channel, segment: Segment, *, longest_s: float) -> tuple[Segment, ...]:
    """A segment in fragments of at most ``longest_s``, cut where the second half of each is quietest."""
    fragments: list[Segment] = []
    start_s = segment.start_s
    while segment.end_s - start_s > longest_s:
        middle_s = start_s + longest_s / 2
        sound = channel.slice(middle_s, start_s + longest_s)
        frame = max(1, round(_QUIET_FRAME_S * channel.sample_rate_hz))
        power = np.square(sound[: len(sound) // frame * frame]).reshape(-1, frame).mean(axis=1)
        cut_s = middle_s + (int(power.argmin()) + 0.5) * _QUIET_FRAME_S
        fragments.append(Segment(channel=segment.channel, start_s=start_s, end_s=cut_s))
        start_s = cut_s
    return (*fragments, Segment(channel=segment.channel, start_s=start_s, end_s=segment.end_s))


def _first_turn(segments: Sequence[Segment], *, others: Sequence[Segment]) -> int:
    """How many segments the leg's first turn has: until a long gap, or until the other leg speaks."""
    for count in range(1, len(segments)):
        before, after = segments[count - 1], segments[count]
        taken = any(before.start_s < other.start_s < after.start_s for other in others)
        if taken or after.start_s - before.end_s > FIRST_TURN_GAP_S:
            return count
    return len(segments)


def alone(channel: Channel, stretch: tuple[Segment, ...], *, packing: Packing) -> Window:
    """A window that holds one stretch."""
    samples, start_s = cut(channel, stretch[0].start_s, stretch[-1].end_s, packing=packing)
    return Window(samples=samples, placed=(Placed(segments=stretch, offset_s=0.0, start_s=start_s),))


def _packed(
    channel: Channel, stretches: Sequence[tuple[Segment, ...]], *, packing: Packing
) -> Iterator[Window]:
    """Stretches one after another, ``separation_s`` between the speech of two, while they fit."""
    silence = np.zeros(
        round(max(0.0, packing.separation_s - 2 * packing.lead_s) * SAMPLE_RATE_HZ), np.float32
    )
    parts: list[Samples] = []
    placed: list[Placed] = []
    length = 0
    for stretch in stretches:
        samples, start_s = cut(channel, stretch[0].start_s, stretch[-1].end_s, packing=packing)
        if parts and length + len(silence) + len(samples) > packing.max_window_s * SAMPLE_RATE_HZ:
            yield Window(samples=np.concatenate(parts), placed=tuple(placed))
            parts, placed, length = [], [], 0
        if parts:
            parts.append(silence)
            length += len(silence)
        placed.append(Placed(segments=stretch, offset_s=length / SAMPLE_RATE_HZ, start_s=start_s))
        parts.append(samples)
        length += len(samples)
    if parts:
        yield Window(samples=np.concatenate(parts), placed=tuple(placed))
