"""From segments to windows, and from heard windows back to one text per segment.

Characters return to the segment in which attention places them; where that gives an impossible picture,
the segments are decoded alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from auditor.asr.guard import GuardSettings, count_sounds, find_suspects
from auditor.asr.windows import Window, alone, plan_windows, split_long
from auditor.records import Segment, Utterance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from auditor.asr.engine import Engine, Heard, Piece
    from auditor.signal import Channel


_WINDOWS_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class MappingSettings:
    """When a mapped text is doubted.

    Attributes:
        empty_after_s: a segment of this length without a character, in a window that has some [O].
    """

    empty_after_s: float = 0.6


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


def _hear(
    engine: Engine, *, channel: Channel, windows: Iterator[Window]
) -> dict[Segment, tuple[tuple[Piece, ...], Heard]]:
    """What was heard in each fragment, with the window it was heard in."""
    found: dict[Segment, tuple[tuple[Piece, ...], Heard]] = {}
    while some := list(islice(windows, _WINDOWS_AT_ONCE)):
        doubted: list[Window] = []
        for window, heard in zip(some, engine.transcribe([w.samples for w in some]), strict=True):
            shared = share_out(heard, window=window)
            if len(window.segments) > 1 and _is_doubtful(shared, heard=heard, window=window):
                doubted += [alone(channel, (segment,), packing=engine.packing) for segment in window.segments]
            else:
                found.update(
                    (one, (pieces, heard)) for one, pieces in zip(window.segments, shared, strict=True)
                )
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
