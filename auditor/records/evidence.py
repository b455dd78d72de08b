"""What was measured, and everything together that judging may use."""

from __future__ import annotations

from dataclasses import dataclass, field

from auditor.records.heard import Event, Roles, Turn
from auditor.records.recording import CallRecord, Recording, Span
from auditor.records.terms import EVIDENCE_VERSION, Party, Role, TranscriptSource


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
class MeasuredShare:
    """A share that was counted: ``share`` of ``samples``, ``upper_95`` the upper end of Wilson's interval."""

    share: float
    upper_95: float
    samples: int

    def __post_init__(self) -> None:
        if not 0 <= self.share <= self.upper_95 <= 1 or self.samples < 1:
            raise ValueError("a measured share is 0 <= share <= upper_95 <= 1 of at least one sample")


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What judging may know about the model that heard the call (from its card).

    ``confidence_norm`` = (median, spread) of asr_confidence for that model, None without a norm.
    ``probes`` maps probe name to limits; without a card it is empty and probes settle nothing.
    ``missed_phrases``: of mandated phrases said in turns that were well heard, the share that the text
    does not hold. ``false_phrases``: of phrases that the text holds to the letter, the share that nobody
    said. None: never measured, so that neither silence nor words are proof. ``demonstration`` is a label.
    """

    name: str
    sha256: str
    demonstration: bool = False
    carded: bool = False
    confidence_norm: tuple[float, float] | None = None
    probes: dict[str, ProbeThreshold] = field(default_factory=dict)
    knows_languages: bool = False
    missed_phrases: MeasuredShare | None = None
    false_phrases: MeasuredShare | None = None


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
