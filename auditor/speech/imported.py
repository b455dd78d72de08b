"""Transcripts from elsewhere: their words and roles, our times.

All timing comes from voice activity, so a turn's parts are the segments under it and its text is
shared out over them by duration. Where no speech lies under a turn its own times stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    ordered = sorted(transcript.turns, key=lambda t: (t.start_s, t.end_s))
    placed = [(turn, _leg_of(turn, segments=segments, roles=roles)) for turn in ordered]
    turns: list[Turn] = []
    for turn, channel in placed:
        same_leg = [other for other, leg in placed if leg == channel and other is not turn]
        reach = _reach(turn, neighbours=same_leg, settings=settings)
        spans = _speech_under(reach, channel=channel, segments=segments, settings=settings)
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


def _leg_of(turn: TranscriptTurn, *, segments: Sequence[Segment], roles: Roles) -> int:
    """The leg a turn is spoken on: by role, else the one that speaks most under it, else the first."""
    legs = sorted({segment.channel for segment in segments} | {roles.agent_channel or 0})
    if roles.agent_channel is not None and turn.role == "agent":
        return roles.agent_channel
    if roles.agent_channel is not None and turn.role == "customer":
        # Two legs are 0 and 1 even when the customer's has no speech.
        return 1 - roles.agent_channel if roles.agent_channel in {0, 1} else 0
    said = Span(turn.start_s, turn.end_s)
    return max(
        legs,
        key=lambda leg: (sum(s.span.overlap_s(said) for s in segments if s.channel == leg), -leg),
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


def _speech_under(
    reach: Span, *, channel: int, segments: Sequence[Segment], settings: ImportSettings
) -> list[Span]:
    """The pieces of a leg's segments inside a span, in time order."""
    pieces = [
        Span(max(s.start_s, reach.start_s), min(s.end_s, reach.end_s))
        for s in sorted(segments, key=lambda s: s.start_s)
        if s.channel == channel and s.span.overlap_s(reach) > 0
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
