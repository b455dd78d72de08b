"""Transcripts from elsewhere: their words and roles, our times.

All timing comes from voice activity, so a turn's parts are the segments under it and its text is
shared out over them by duration. Where no speech lies under a turn its own times stand.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, TypeVar

from auditor.records import Roles, Segment, Span, Transcript, TranscriptTurn, Turn, TurnPart


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """How loosely a transcript's times are taken. All [O].

    Attributes:
        slack_s: Speech up to so far outside a turn's stated times is still its own, but never past
            the middle towards the same leg's neighbouring turn.
        min_part_s: Shorter pieces of segments are the rounding of stated times.
    """

    slack_s: float = 0.5
    min_part_s: float = 0.08


DEFAULTS = ImportSettings()


def turns_from_transcript(
    transcript: Transcript,
    *,
    segments: Sequence[Segment],
    roles: Roles,
    settings: ImportSettings = DEFAULTS,
) -> tuple[Turn, ...]:
    """A transcript's turns on the legs and times of the recording.

    Args:
        transcript: Turns with a role each; the role is taken as given.
        segments: Voice activity of all legs.
        roles: Which leg is the agent's; None puts every turn on the leg that speaks most under it.
        settings: How loosely the stated times are taken.

    Returns:
        One turn per turn of the transcript, by start time; ``parts`` cover the text in order.
    """
    speech = {
        channel: _InTime([s for s in segments if s.channel == channel])
        for channel in {s.channel for s in segments} | {roles.agent_channel or 0}
    }
    placed = [(turn, _leg_of(turn, speech=speech, roles=roles)) for turn in transcript.turns]
    used = {leg for _, leg in placed}
    legs = {leg: _InTime([turn for turn, own in placed if own == leg]) for leg in used}
    turns: list[Turn] = []
    for turn, channel in placed:
        # Whoever is further off cannot narrow the slack.
        near = legs[channel].about(turn.start_s - 2 * settings.slack_s, turn.end_s + 2 * settings.slack_s)
        reach = _reach(turn, neighbours=[t for t in near if t is not turn], settings=settings)
        spans = _speech_under(reach, speech=speech.get(channel), settings=settings)
        spans = spans or [Span(turn.start_s, turn.end_s)]
        turns.append(
            Turn(
                role=turn.role,
                channel=channel,
                start_s=spans[0].start_s,
                end_s=spans[-1].end_s,
                text=turn.text,
                parts=_share_out(len(turn.text), spans=spans),
                confidence=turn.confidence,
            )
        )
    return tuple(sorted(turns, key=lambda t: (t.start_s, t.channel, t.end_s)))


_Stretch = TypeVar("_Stretch", Segment, TranscriptTurn)


class _InTime(Generic[_Stretch]):
    """Stretches of one leg in order of time, and those of them that touch a span."""

    def __init__(self, stretches: Sequence[_Stretch]) -> None:
        self.stretches: list[_Stretch] = sorted(stretches, key=lambda s: (s.start_s, s.end_s))
        self.starts: list[float] = [s.start_s for s in self.stretches]
        self.latest_ends: list[float] = list(accumulate((s.end_s for s in self.stretches), max))

    def about(self, start_s: float, end_s: float) -> list[_Stretch]:
        """Those that start by ``end_s`` and end at ``start_s`` or later, in order of time."""
        first = bisect_left(self.latest_ends, start_s)
        last = bisect_right(self.starts, end_s)
        return [s for s in self.stretches[first:last] if s.end_s >= start_s]


def _leg_of(turn: TranscriptTurn, *, speech: dict[int, _InTime[Segment]], roles: Roles) -> int:
    """The leg a turn is spoken on: by role, else the one that speaks most under it, else the first."""
    if roles.agent_channel is not None and turn.role == "agent":
        return roles.agent_channel
    if roles.agent_channel is not None and turn.role == "customer":
        # Two legs are 0 and 1 even when the customer's has no speech.
        return 1 - roles.agent_channel if roles.agent_channel in {0, 1} else 0
    said = Span(turn.start_s, turn.end_s)
    return max(
        sorted(speech),
        key=lambda leg: (
            sum(s.span.overlap_s(said) for s in speech[leg].about(said.start_s, said.end_s)),
            -leg,
        ),
    )


def _reach(turn: TranscriptTurn, *, neighbours: Sequence[TranscriptTurn], settings: ImportSettings) -> Span:
    """A turn's stated times, widened by the slack but not into its neighbours."""
    start_s, end_s = turn.start_s - settings.slack_s, turn.end_s + settings.slack_s
    for other in neighbours:
        if other.end_s <= turn.start_s:
            start_s = max(start_s, (other.end_s + turn.start_s) / 2)
        elif other.start_s < turn.start_s:
            start_s = max(start_s, turn.start_s)
        if other.start_s >= turn.end_s:
            end_s = min(end_s, (turn.end_s + other.start_s) / 2)
        elif other.end_s > turn.end_s:
            end_s = min(end_s, turn.end_s)
    return Span(max(0.0, start_s), max(0.0, start_s, end_s))


def _speech_under(reach: Span, *, speech: _InTime[Segment] | None, settings: ImportSettings) -> list[Span]:
    """The pieces of a leg's segments inside a span, in time order."""
    pieces = [
        Span(max(s.start_s, reach.start_s), min(s.end_s, reach.end_s))
        for s in (speech.about(reach.start_s, reach.end_s) if speech else ())
        if s.span.overlap_s(reach) > 0
    ]
    return [piece for piece in pieces if piece.duration_s >= settings.min_part_s]


def _share_out(characters: int, *, spans: Sequence[Span]) -> tuple[TurnPart, ...]:
    """Characters over spans in proportion to duration: cumulative rounding, all of them given out."""
    total_s = sum(span.duration_s for span in spans)
    parts: list[TurnPart] = []
    passed_s, first = 0.0, 0
    for k, span in enumerate(spans):
        passed_s += span.duration_s
        last = characters if k == len(spans) - 1 or total_s <= 0 else round(characters * passed_s / total_s)
        parts.append(TurnPart(span.start_s, span.end_s, first, last))
        first = last
    return tuple(parts)
