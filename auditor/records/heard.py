"""What was heard: segments, utterances, turns, events, and who is who."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from auditor.records.model import ModelFacts
from auditor.records.recording import Span
from auditor.records.terms import EventKind, Role, TranscriptSource


@dataclass(frozen=True, slots=True)
class Segment:
    """One party's speech with gaps under 0.3 s closed, from voice activity.

    ``voice`` (0 or 1) is the voice that speaks where a leg carries both parties and their voices were told
    apart; None where that is not clear, and on every other leg.
    """

    channel: int
    start_s: float
    end_s: float
    voice: int | None = None

    @property
    def span(self) -> Span:
        """Its place in time."""
        return Span(self.start_s, self.end_s)


@dataclass(frozen=True, slots=True)
class SuspectSpan:
    """Characters ``start:end`` of a text that prove nothing, and why.

    Reasons: no_speech, boilerplate, repetition, impossible_rate, low_confidence.
    """

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the engine heard in one segment.

    ``confidence`` = exp(mean token log-probability), 0..1; ``temperature`` is the one the accepted
    decoding used. The text is simplified Chinese as the engine wrote it; nothing is deleted from it.
    """

    segment: Segment
    text: str
    confidence: float | None
    temperature: float | None = None
    no_speech_probability: float | None = None
    suspect_spans: tuple[SuspectSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class TurnPart:
    """One segment inside a turn: when it was spoken and which characters of the turn it carries."""

    start_s: float
    end_s: float
    text_start: int
    text_end: int


@dataclass(frozen=True, slots=True)
class Turn:
    """One party's consecutive segments until the other party takes the floor.

    ``confidence`` is the character-weighted geometric mean of its utterances' (None: unknown);
    ``temperature`` the highest of theirs. ``parts`` cover ``text`` in order.
    """

    role: Role
    channel: int
    start_s: float
    end_s: float
    text: str
    parts: tuple[TurnPart, ...]
    confidence: float | None = None
    temperature: float | None = None
    suspect_spans: tuple[SuspectSpan, ...] = ()

    @property
    def span(self) -> Span:
        """Its place in time, pauses included."""
        return Span(self.start_s, self.end_s)

    def span_of(self, start: int, end: int) -> Span:
        """When characters ``start:end`` were spoken: linear inside each part, never the engine's clock."""
        if not self.parts or end <= start:
            return self.span
        hits: list[Span] = []
        for part in self.parts:
            count = part.text_end - part.text_start
            first, last = max(start, part.text_start), min(end, part.text_end)
            if count <= 0 or last <= first:
                continue
            per_char_s = (part.end_s - part.start_s) / count
            hits.append(
                Span(
                    part.start_s + (first - part.text_start) * per_char_s,
                    part.start_s + (last - part.text_start) * per_char_s,
                )
            )
        return hits[0].cover(hits[-1]) if hits else self.span

    def is_suspect(self, start: int, end: int) -> bool:
        """Whether any of the characters ``start:end`` is marked as proving nothing."""
        return any(s.start < end and start < s.end for s in self.suspect_spans)


@dataclass(frozen=True, slots=True)
class Event:
    """Something audible that is not speech; ``channel`` None means the call as a whole."""

    kind: EventKind
    start_s: float
    end_s: float
    channel: int | None = None

    @property
    def span(self) -> Span:
        """Its place in time."""
        return Span(self.start_s, self.end_s)


@dataclass(frozen=True, slots=True)
class Roles:
    """Who is the agent: the leg (None when nobody can tell), how sure, and what said so.

    ``source``: flag, record, recorder (the settings' profile), tones, speech, voice, none. ``voice``: the leg
    carries both parties, whose voices were told apart, and ``agent_voice`` is the agent's (`Segment.voice`).
    """

    agent_channel: int | None
    confidence: float
    source: Literal["flag", "record", "recorder", "tones", "speech", "voice", "none"]
    reason: str
    agent_voice: int | None = None

    @property
    def known(self) -> bool:
        """Whether the agent has a leg or a voice."""
        return self.agent_channel is not None or self.agent_voice is not None


@dataclass(frozen=True, slots=True)
class TranscriptTurn:
    """One turn of a transcript that was brought along (``--transcript``)."""

    role: Role
    start_s: float
    end_s: float
    text: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript from elsewhere: ``human`` text is settled, ``imported_asr`` text is weighed.

    ``recogniser``: what was measured of the machine that wrote it, None when nothing was.
    """

    source: TranscriptSource
    turns: tuple[TranscriptTurn, ...]
    recogniser: ModelFacts | None = None


@dataclass(frozen=True, slots=True)
class ProbeSpec:
    """A question for the engine: which of these wordings was said at that place.

    ``where``: agent_first_turn (a prefix of the agent's first turn), agent_turn_start (a prefix of
    every agent turn), agent_first_turns and agent_last_turns (anywhere in the turns that open or close
    the call; asked only where the text holds none of the phrases), each_occurrence (wherever a phrase or
    a foil stands in an agent turn), each_phrase (wherever a phrase stands: that one against the foils).
    The foil "" means "nothing was said there". ``lexicons``: names of lexicons whose phrases count, too.
    """

    name: str
    where: Literal[
        "agent_first_turn",
        "agent_turn_start",
        "agent_first_turns",
        "agent_last_turns",
        "each_occurrence",
        "each_phrase",
    ]
    phrases: tuple[str, ...] = ()
    foils: tuple[str, ...] = ()
    lexicons: tuple[str, ...] = ()
