"""Turns: who holds the floor when, and with which words.

A turn is one party's consecutive segments until the other party takes the floor. A backchannel of the
other party does not take it; a pause of more than 2 s ends a turn all the same. A party is a role on a
leg: a system voice on the agent's leg is another party than the agent.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from auditor.records import Role, Roles, Segment, Span, SuspectSpan, Turn, TurnPart, Utterance
from auditor.speech.imported import turns_from_transcript
from auditor.speech.system_voice import find_system_voices
from auditor.text.normalise import normalise

__all__ = ["TurnSettings", "build_turns", "edge_warnings", "turns_from_transcript"]


_LISTENING = (
    *("嗯", "哦", "噢", "喔", "啊", "呃", "额", "唔", "诶", "哎"),
    *("对", "是", "好", "是的", "对的", "好的", "行"),
)


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """What makes a turn. Sources: [P] published, [O] our own default.

    Attributes:
        max_gap_s: A longer pause ends a turn ([P] measurements.md, Segments and turns).
        max_gap_unknown_s: The same on a leg that may carry both parties (role ``unknown``), where a
            change of speaker shows as no more than a pause ([O]).
        backchannel_s: A backchannel is shorter than this ([P] measurements.md).
        backchannels: Words that make up backchannels, alone or repeated ([P] measurements.md for
            嗯, 哦, 对; the rest [O]).
        floor_s: The other party takes the floor by speaking at least so long in the pause ([O]).
        starts_mid_s: Speech this near to the start was cut off ([P] standard.md, openings).
        ends_mid_s: Speech this near to the end was cut off ([O]; twice the error of a boundary).
    """

    max_gap_s: float = 2.0
    max_gap_unknown_s: float = 0.8
    backchannel_s: float = 0.7
    backchannels: tuple[str, ...] = _LISTENING
    floor_s: float = 0.1
    starts_mid_s: float = 0.2
    ends_mid_s: float = 0.1


DEFAULTS = TurnSettings()


def build_turns(
    utterances: Sequence[Utterance],
    *,
    roles: Roles,
    system_phrases: Sequence[str] = (),
    settings: TurnSettings = DEFAULTS,
) -> tuple[Turn, ...]:
    """Turns from what was heard.

    An utterance without text is speech all the same: it gives a part with no characters.

    Args:
        utterances: One per segment, any order.
        roles: Who is the agent; with nobody known, and where a voice is not clear, the role is ``unknown``.
        system_phrases: Announcements in the phrase grammar (`auditor.speech.system_voice`).
        settings: What makes a turn.

    Returns:
        Turns by start time. Backchannels are turns of their own.
    """
    ordered = sorted(utterances, key=lambda u: (u.segment.start_s, u.segment.channel))
    system = find_system_voices(ordered, system_phrases=system_phrases)
    said = [
        (utterance, "system" if flag else _role_of(utterance.segment, roles=roles))
        for utterance, flag in zip(ordered, system, strict=True)
    ]
    parties: dict[tuple[int, Role], list[Utterance]] = {}
    for utterance, role in said:
        parties.setdefault((utterance.segment.channel, role), []).append(utterance)
    turns: list[Turn] = []
    for (channel, role), own in parties.items():
        takers = [
            u.segment
            for u, other_role in said
            if (u.segment.channel, other_role) != (channel, role)
            and not _is_backchannel(u, settings=settings)
        ]
        floor = _Floor(takers)
        longest_s = settings.max_gap_unknown_s if role == "unknown" else settings.max_gap_s
        held = [own[0]]
        for utterance in own[1:]:
            pause = Span(held[-1].segment.end_s, max(held[-1].segment.end_s, utterance.segment.start_s))
            if pause.duration_s > longest_s or floor.is_taken(pause, settings=settings):
                turns.append(_turn(held, channel=channel, role=role))
                held = []
            held.append(utterance)
        turns.append(_turn(held, channel=channel, role=role))
    return tuple(sorted(turns, key=lambda t: (t.start_s, t.channel, t.end_s)))


def edge_warnings(
    segments: Sequence[Segment], *, duration_s: float, settings: TurnSettings = DEFAULTS
) -> tuple[str, ...]:
    """Codes for speech that runs into an edge of the file: ``starts_mid_speech``, ``ends_mid_speech``.

    Args:
        segments: The segments of all legs.
        duration_s: Length of the recording.
        settings: How near is cut off.
    """
    found: list[str] = []
    if any(segment.start_s < settings.starts_mid_s for segment in segments):
        found.append("starts_mid_speech")
    if any(segment.end_s > duration_s - settings.ends_mid_s for segment in segments):
        found.append("ends_mid_speech")
    return tuple(found)


class _Floor:
    """The segments that take the floor, ready to be asked about a pause."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = sorted(segments, key=lambda s: s.start_s)
        self._starts = [s.start_s for s in self._segments]
        self._longest_s = max((s.span.duration_s for s in segments), default=0.0)

    def is_taken(self, pause: Span, *, settings: TurnSettings) -> bool:
        """Whether anybody speaks in the pause for ``floor_s``, or for the whole of a shorter one."""
        first = bisect_left(self._starts, pause.start_s - self._longest_s)
        last = bisect_right(self._starts, pause.end_s)
        enough_s = min(settings.floor_s, pause.duration_s) - 1e-9
        return any(
            enough_s > 0 and pause.overlap_s(segment.span) >= enough_s
            for segment in self._segments[first:last]
        )


def _role_of(segment: Segment, *, roles: Roles) -> Role:
    by_voice = roles.agent_voice is not None
    own = segment.voice if by_voice else segment.channel
    agents = roles.agent_voice if by_voice else roles.agent_channel
    if own is None or agents is None:
        return "unknown"
    return "agent" if own == agents else "customer"


def _is_backchannel(utterance: Utterance, *, settings: TurnSettings) -> bool:
    """Short, and only words of listening; engines drop these words, so no text counts as one."""
    if utterance.segment.span.duration_s >= settings.backchannel_s:
        return False
    words = "|".join(map(re.escape, settings.backchannels))
    return re.fullmatch(f"(?:{words})*", normalise(utterance.text).text) is not None


def _turn(utterances: Sequence[Utterance], *, channel: int, role: Role) -> Turn:
    """One turn of consecutive utterances: texts joined, parts mapped, suspect spans moved along."""
    text = ""
    parts: list[TurnPart] = []
    suspects: list[SuspectSpan] = []
    for utterance in utterances:
        # Chinese needs nothing between segments; two Latin words would run together.
        joint = " " if _is_latin(text[-1:]) and _is_latin(utterance.text[:1]) else ""
        start = len(text)
        offset = start + len(joint)
        text += joint + utterance.text
        segment = utterance.segment
        parts.append(TurnPart(segment.start_s, segment.end_s, start, len(text)))
        suspects += [replace(s, start=s.start + offset, end=s.end + offset) for s in utterance.suspect_spans]
    temperatures = [u.temperature for u in utterances if u.temperature is not None]
    return Turn(
        role=role,
        channel=channel,
        start_s=utterances[0].segment.start_s,
        end_s=max(u.segment.end_s for u in utterances),
        text=text,
        parts=tuple(parts),
        confidence=_confidence(utterances),
        temperature=max(temperatures, default=None),
        suspect_spans=tuple(suspects),
    )


def _confidence(utterances: Sequence[Utterance]) -> float | None:
    """exp(sum n_i * log(c_i) / sum n_i) over utterances with n_i characters and a known confidence c_i.

    None when no text has a known confidence. A confidence of 0 counts as 1e-6.
    """
    known = [(len(u.text), u.confidence) for u in utterances if u.text and u.confidence is not None]
    total = sum(count for count, _ in known)
    if not total:
        return None
    return math.exp(sum(count * math.log(max(c, 1e-6)) for count, c in known) / total)


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()
