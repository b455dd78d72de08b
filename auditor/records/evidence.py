"""What was measured, and everything together that judging may use."""

from __future__ import annotations

from dataclasses import dataclass, field

from auditor.records.heard import Event, Roles, Turn
from auditor.records.model import ModelFacts
from auditor.records.recorder import RecorderProfile
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
class MaskedNumber:
    """A telephone number that is masked in the words: its characters, and a check.

    ``check`` tells whether a call record that comes later has this number (`auditor.text.telephones`).
    """

    masked: str
    check: int


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
    recorder: RecorderProfile = field(default_factory=RecorderProfile)
    masked_numbers: tuple[MaskedNumber, ...] = ()
    evidence_version: int = EVIDENCE_VERSION

    def turns_of(self, role: Role) -> tuple[Turn, ...]:
        """The turns of one role, in time order."""
        return tuple(turn for turn in self.turns if turn.role == role)

    def measurement(self, party: Party, name: str) -> Measurement:
        """The named measurement, or one that says ``no_data``."""
        found = self.measurements.get(party, {}).get(name)
        return found or Measurement(name=name, value=None, unit="", reason="no_data")
