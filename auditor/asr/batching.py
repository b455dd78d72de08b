"""From segments to windows, and from heard windows back to one text per segment.

A *stretch* is one or more neighbouring segments of a leg that stay together with the sound between them; a
*window* is what the engine hears at once: one stretch, or several with silence between them when the
engine's card packs. Characters return to the segment in which attention places them; where that gives an
impossible picture, the segments are decoded alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.asr.engine import SAMPLE_RATE_HZ, Engine, Heard, Packing, Piece
from auditor.asr.guard import GuardSettings, count_sounds, find_suspects
from auditor.records import Segment, Utterance
from auditor.signal import resample

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from auditor.signal import Channel, Samples


_QUIET_FRAME_S = 0.1


@dataclass(frozen=True, slots=True)
class MappingSettings:
    """When a mapped text is doubted.

    Attributes:
        empty_after_s: a segment of this length without a character, in a window that has some [O].
        first_turn_gap_s: a pause that ends a leg's first turn [P: a gap > 2 s splits turns].
    """

    empty_after_s: float = 0.6
    first_turn_gap_s: float = 2.0


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


def transcribe_call(
    engine: Engine,
    *,
    channels: Sequence[Channel],
    segments: Sequence[tuple[Segment, ...]],
    progress: Callable[[float], None] | None = None,
) -> tuple[Utterance, ...]:
    """One utterance per segment, ordered by start; an empty text where nothing was heard.

    Args:
        engine: who hears.
        channels: the legs.
        segments: per leg, in order of time.
        progress: called with the share that is done, 0..1.
    """
    utterances: list[Utterance] = []
    for done, channel in enumerate(channels):
        if progress:
            progress(done / len(channels))
        others = [one for leg, every in enumerate(segments) if leg != done for one in every]
        fragments = {
            segment: split_long(channel, segment, longest_s=engine.packing.max_window_s)
            for segment in segments[done]
        }
        every = [fragment for split in fragments.values() for fragment in split]
        windows = plan_windows(channel, segments=every, others=others, packing=engine.packing)
        heard = _hear(engine, channel=channel, windows=windows)
        utterances += [
            _utterance(segment, heard=[heard[fragment] for fragment in split])
            for segment, split in fragments.items()
        ]
    return tuple(sorted(utterances, key=lambda one: (one.segment.start_s, one.segment.channel)))


def plan_windows(
    channel: Channel, *, segments: Sequence[Segment], others: Sequence[Segment], packing: Packing
) -> list[Window]:
    """The windows of one leg; its first turn, on which the opening clauses hang, always has its own."""
    if not segments:
        return []
    first = _first_turn(segments, others=others)
    opening = [
        _alone(channel, stretch, packing=packing) for stretch in join(segments[:first], packing=packing)
    ]
    rest = join(segments[first:], packing=packing)
    if not packing.packed:
        return opening + [_alone(channel, stretch, packing=packing) for stretch in rest]
    return opening + _packed(channel, rest, packing=packing)


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
    return np.ascontiguousarray(sound[: 30 * SAMPLE_RATE_HZ]), start_s


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
    gap_s = MappingSettings().first_turn_gap_s
    for count in range(1, len(segments)):
        before, after = segments[count - 1], segments[count]
        taken = any(before.start_s < other.start_s < after.start_s for other in others)
        if taken or after.start_s - before.end_s > gap_s:
            return count
    return len(segments)


def _alone(channel: Channel, stretch: tuple[Segment, ...], *, packing: Packing) -> Window:
    samples, start_s = cut(channel, stretch[0].start_s, stretch[-1].end_s, packing=packing)
    return Window(samples=samples, placed=(Placed(segments=stretch, offset_s=0.0, start_s=start_s),))


def _packed(channel: Channel, stretches: list[tuple[Segment, ...]], *, packing: Packing) -> list[Window]:
    """Stretches one after another, ``separation_s`` between the speech of two, while they fit."""
    silence = np.zeros(
        round(max(0.0, packing.separation_s - 2 * packing.lead_s) * SAMPLE_RATE_HZ), np.float32
    )
    windows: list[Window] = []
    parts: list[Samples] = []
    placed: list[Placed] = []
    length = 0
    for stretch in stretches:
        samples, start_s = cut(channel, stretch[0].start_s, stretch[-1].end_s, packing=packing)
        if parts and length + len(silence) + len(samples) > packing.max_window_s * SAMPLE_RATE_HZ:
            windows.append(Window(samples=np.concatenate(parts), placed=tuple(placed)))
            parts, placed, length = [], [], 0
        if parts:
            parts.append(silence)
            length += len(silence)
        placed.append(Placed(segments=stretch, offset_s=length / SAMPLE_RATE_HZ, start_s=start_s))
        parts.append(samples)
        length += len(samples)
    if parts:
        windows.append(Window(samples=np.concatenate(parts), placed=tuple(placed)))
    return windows


def _hear(
    engine: Engine, *, channel: Channel, windows: Sequence[Window]
) -> dict[Segment, tuple[tuple[Piece, ...], Heard]]:
    """What was heard in each fragment, with the window it was heard in."""
    found: dict[Segment, tuple[tuple[Piece, ...], Heard]] = {}
    doubted: list[Window] = []
    for window, heard in zip(windows, engine.transcribe([w.samples for w in windows]), strict=True):
        shared = share_out(heard, window=window)
        if len(window.segments) > 1 and _is_doubtful(shared, heard=heard, window=window):
            doubted += [_alone(channel, (segment,), packing=engine.packing) for segment in window.segments]
        else:
            found.update((one, (pieces, heard)) for one, pieces in zip(window.segments, shared, strict=True))
    for window, heard in zip(doubted, engine.transcribe([w.samples for w in doubted]), strict=True):
        found[window.segments[0]] = (heard.pieces, heard)
    return found


def share_out(heard: Heard, *, window: Window) -> list[tuple[Piece, ...]]:
    """The pieces of each segment, by time; never backwards, and punctuation stays with what it follows."""
    spans = [
        (one.offset_s + segment.start_s - one.start_s, one.offset_s + segment.end_s - one.start_s)
        for one in window.placed
        for segment in one.segments
    ]
    shared: list[list[Piece]] = [[] for _ in spans]
    current = 0
    for piece in heard.pieces:
        if count_sounds(piece.text):
            middle = (piece.start_s + piece.end_s) / 2
            nearest = min(
                range(len(spans)), key=lambda i: max(spans[i][0] - middle, middle - spans[i][1], 0.0)
            )
            current = max(current, nearest)
        shared[current].append(piece)
    return [tuple(pieces) for pieces in shared]


def _is_doubtful(shared: list[tuple[Piece, ...]], *, heard: Heard, window: Window) -> bool:
    guard, mapping = GuardSettings(), MappingSettings()
    if heard.mean_log_probability < guard.min_log_probability:
        return True
    for segment, pieces in zip(window.segments, shared, strict=True):
        sounds = sum(count_sounds(piece.text) for piece in pieces)
        duration_s = segment.end_s - segment.start_s
        if sounds > guard.max_syllables_per_s * (duration_s + guard.slack_s):
            return True
        if heard.pieces and not sounds and duration_s >= mapping.empty_after_s:
            return True
    return False


def _utterance(segment: Segment, *, heard: Sequence[tuple[tuple[Piece, ...], Heard]]) -> Utterance:
    """One segment's utterance from its fragments (nearly always one)."""
    from auditor.text.normalise import simplify  # noqa: PLC0415

    pieces = [piece for some, _ in heard for piece in some]
    text = simplify("".join(piece.text for piece in pieces))
    tokens = sum(piece.tokens for piece in pieces)
    silence = max(window.no_speech_probability for _, window in heard)
    mean = sum(piece.log_probability for piece in pieces) / max(1, tokens)
    return Utterance(
        segment=segment,
        text=text,
        confidence=round(float(np.exp(mean)), 4) if tokens else None,
        temperature=max(window.temperature for _, window in heard),
        no_speech_probability=silence,
        suspect_spans=find_suspects(
            text,
            duration_s=segment.end_s - segment.start_s,
            mean_log_probability=mean,
            no_speech_probability=silence,
        ),
    )
