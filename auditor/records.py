"""The data that flows between the stages: frozen, JSON-able, without samples.

Conventions
    * Times are seconds from the start of the recording (``_s``); levels are dB relative to a
      full-scale square wave (``_dbov``); frequencies are hertz (``_hz``); pitch intervals are
      semitones (``_st``).
    * ``channel`` is the 0-based leg of the recording. A mono recording has leg 0 only.
    * Collections are tuples and mappings are plain dicts that nobody writes to after construction.
    * "No value" never stands alone: a `Measurement` without a value has a reason.

``pydantic.TypeAdapter(Evidence)`` turns every record into JSON and back without loss, which is how
evidence is stored and re-judged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

EVIDENCE_VERSION = 1

Role = Literal["agent", "customer", "system", "unknown"]
Party = Literal["agent", "customer", "call"]
Layout = Literal["mono", "duplicated", "two_legs", "pair"]
Direction = Literal["inbound", "outbound"]
Verdict = Literal["pass", "fail", "not_applicable", "needs_review"]
Result = Literal["pass", "fail", "needs_review", "not_scored"]
TranscriptSource = Literal["asr", "human", "imported_asr"]
EventKind = Literal["ringback", "busy", "hold", "silence", "overlap", "dtmf", "music", "click", "idle"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of time, half open: ``start_s <= t < end_s``."""

    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        if not self.start_s <= self.end_s:
            raise ValueError(f"a span must not end before it starts: {self.start_s} … {self.end_s}")

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s

    def overlap_s(self, other: Span) -> float:
        """Seconds that both spans share; 0 when they do not touch."""
        return max(0.0, min(self.end_s, other.end_s) - max(self.start_s, other.start_s))

    def gap_s(self, other: Span) -> float:
        """Seconds between the two spans; 0 when they touch or overlap."""
        return max(0.0, other.start_s - self.end_s, self.start_s - other.end_s)

    def cover(self, other: Span) -> Span:
        """The shortest span that holds both."""
        return Span(min(self.start_s, other.start_s), max(self.end_s, other.end_s))


# --- what was recorded -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recording:
    """What the file says about itself, and what decoding noticed.

    ``warnings`` holds codes: truncated, unfinished_header, starts_mid_speech, ends_mid_speech,
    same_audio_on_both_legs, silent_leg, clipped, not_finite, extra_channels, damaged, padded_leg.
    """

    paths: tuple[str, ...]
    sha256: tuple[str, ...]
    duration_s: float
    sample_rate_hz: int
    channels: int
    layout: Layout
    codec: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentSpell:
    """Which agent held the line from when to when (a transferred call has several)."""

    agent_id: str
    from_s: float
    to_s: float | None = None


@dataclass(frozen=True, slots=True)
class CallRecord:
    """The call record (话单) of one call. Every field may be unknown; times carry a zone."""

    call_id: str | None = None
    agent_channel: Literal["left", "right", "mono"] | None = None
    agent_id: str | None = None
    agent_name: str | None = None
    team: str | None = None
    direction: Direction | None = None
    line: str | None = None
    started_at: datetime | None = None
    queued_at: datetime | None = None
    ring_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    release_party: Role | None = None
    survey_offered: bool | None = None
    transferred_to: str | None = None
    agents: tuple[AgentSpell, ...] = ()
    customer_number: str | None = None


# --- what was heard ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Segment:
    """One party's speech with gaps under 0.3 s closed, from voice activity."""

    channel: int
    start_s: float
    end_s: float

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

    ``source``: flag, record, tones, speech, none.
    """

    agent_channel: int | None
    confidence: float
    source: Literal["flag", "record", "tones", "speech", "none"]
    reason: str


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
    """A transcript from elsewhere: ``human`` text is settled, ``imported_asr`` text is weighed."""

    source: TranscriptSource
    turns: tuple[TranscriptTurn, ...]


@dataclass(frozen=True, slots=True)
class ProbeSpec:
    """A question for the engine: which of these wordings was said at that place.

    ``where``: agent_first_turn (a prefix of the agent's first turn), agent_turn_start (a prefix of
    every agent turn), each_occurrence (wherever a phrase or a foil stands in an agent turn). The
    foil "" means "nothing was said there".
    """

    name: str
    where: Literal["agent_first_turn", "agent_turn_start", "each_occurrence"]
    phrases: tuple[str, ...]
    foils: tuple[str, ...]


# --- what was measured -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measurement:
    """One figure with its unit; without a value, the reason why there is none.

    ``error`` is the half-width of a 95 % interval in the same unit; None when unknown.
    ``reason`` codes: no_data, too_short, too_noisy, gated, no_roles, not_recorded, not_trusted.
    """

    name: str
    value: float | None
    unit: str
    error: float | None = None
    reason: str | None = None
    span: Span | None = None
    method: str = ""

    def __post_init__(self) -> None:
        if (self.value is None) == (self.reason is None):
            raise ValueError(f"{self.name}: a measurement has either a value or a reason")


@dataclass(frozen=True, slots=True)
class SegmentStats:
    """Statistics of one segment of speech; None where the segment is too short or unvoiced."""

    role: Role
    channel: int
    start_s: float
    end_s: float
    level_dbov: float | None
    voiced_s: float
    f0_median_hz: float | None
    f0_p75_hz: float | None
    f0_p95_hz: float | None
    alpha_ratio_db: float | None
    syllables: int | None
    clipped_share: float

    @property
    def span(self) -> Span:
        """Its place in time."""
        return Span(self.start_s, self.end_s)


@dataclass(frozen=True, slots=True)
class Track:
    """10 Hz curves of one party: sample k covers ``k*step_s … (k+1)*step_s``.

    ``level_dbov`` and ``f0_hz`` are None outside that party's speech (F0 also where unvoiced).
    """

    step_s: float
    level_dbov: tuple[float | None, ...]
    f0_hz: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Probe:
    """How likely a phrase was against its best foil, on the aligned span of one turn.

    ``margin_nats`` = log P(phrase) - log P(best foil), both forced through the decoder on the same
    audio with the same rest of the text. ``turn`` indexes `Evidence.turns`; ``start:end`` are the
    characters in question (empty range: the phrase is not in the text at that place).
    """

    name: str
    turn: int
    start: int
    end: int
    at: Span
    phrase: str
    foil: str
    margin_nats: float


@dataclass(frozen=True, slots=True)
class ProbeThreshold:
    """A model card's decision limits: margin >= present_nats says "said", <= absent_nats "not said"."""

    present_nats: float
    absent_nats: float


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What judging may know about the model that heard the call (from its card).

    ``confidence_norm`` = (median, spread) of asr_confidence for that model, None without a norm.
    ``probes`` maps probe name to limits; without a card it is empty and probes settle nothing.
    """

    name: str
    sha256: str
    demonstration: bool = False
    carded: bool = False
    confidence_norm: tuple[float, float] | None = None
    probes: dict[str, ProbeThreshold] = field(default_factory=dict)
    knows_languages: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that judging may use about one call: no samples, JSON-able, stored."""

    recording: Recording
    call_record: CallRecord
    roles: Roles
    turns: tuple[Turn, ...]
    events: tuple[Event, ...]
    measurements: dict[Party, dict[str, Measurement]]
    segments: tuple[SegmentStats, ...]
    tracks: dict[Party, Track]
    probes: tuple[Probe, ...]
    transcript_source: TranscriptSource
    model: ModelFacts | None = None
    line: str = "1860"
    line_confidence: float = 1.0
    language: str | None = None
    language_probability: float | None = None
    probed: tuple[str, ...] = ()
    evidence_version: int = EVIDENCE_VERSION

    def turns_of(self, role: Role) -> tuple[Turn, ...]:
        """The turns of one role, in time order."""
        return tuple(turn for turn in self.turns if turn.role == role)

    def measurement(self, party: Party, name: str) -> Measurement:
        """The named measurement, or one that says ``no_data``."""
        found = self.measurements.get(party, {}).get(name)
        return found or Measurement(name=name, value=None, unit="", reason="no_data")


# --- what was judged ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a kind says about one rule on one call, before weights and causes.

    ``confidence`` is the estimated probability that the verdict is right. ``causes`` names the faults
    behind a fail or a doubt (rules that fail for the same cause and span cost once); empty: the
    rule's own.
    """

    verdict: Verdict
    reason_code: str
    reason: str
    at: tuple[Span, ...] = ()
    quote: str | None = None
    measured: dict[str, float] = field(default_factory=dict)
    confidence: float = 1.0
    causes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the scorecard: what was decided about one rule, and the proof."""

    rule: str
    clause: str
    title: str
    section: str
    verdict: Verdict
    reason_code: str
    reason: str
    weight: float
    critical: bool
    same_as: str | None
    quote: str | None
    at: tuple[Span, ...]
    measured: dict[str, float]
    confidence: float


@dataclass(frozen=True, slots=True)
class Points:
    """Points earned out of points possible; add them, never average their percents."""

    earned: float
    possible: float

    def __add__(self, other: Points) -> Points:
        return Points(self.earned + other.earned, self.possible + other.possible)

    @property
    def percent(self) -> float | None:
        """100 * earned / possible to one decimal; None when nothing was judged; 100 only if truly 100."""
        if self.possible <= 0:
            return None
        if self.earned >= self.possible:
            return 100.0
        return min(round(100 * self.earned / self.possible, 1), 99.9)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The sum of the findings. ``critical`` lists failed critical rules."""

    points: Points
    best_percent: float | None
    worst_percent: float | None
    judged_share: float
    critical: tuple[str, ...]
    critical_in_review: tuple[str, ...]
    result: Result
    reason: str
    sections: dict[str, Points]


@dataclass(frozen=True, slots=True)
class Provenance:
    """What produced an audit: enough to repeat it."""

    auditor: str
    rulebook: str
    rulebook_sha256: str
    model: str | None
    model_sha256: str | None
    engine: str | None
    options: dict[str, str]
    measuring_sha256: str


@dataclass(frozen=True, slots=True)
class CallAudit:
    """One audited call: what was heard, what was decided, and by what."""

    call_id: str
    evidence: Evidence
    findings: tuple[Finding, ...]
    scorecard: Scorecard
    provenance: Provenance
    not_audible: tuple[str, ...]
