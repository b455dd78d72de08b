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

from auditor.records.audit import CallAudit, Finding, Outcome, Points, Provenance, Scorecard
from auditor.records.evidence import Evidence, MaskedNumber, Measurement, Probe, SegmentStats, Track
from auditor.records.heard import (
    Event,
    ProbeSpec,
    Roles,
    Segment,
    SuspectSpan,
    Transcript,
    TranscriptTurn,
    Turn,
    TurnPart,
    Utterance,
)
from auditor.records.model import MeasuredShare, ModelFacts, ProbeThreshold
from auditor.records.recorder import RecorderProfile
from auditor.records.recording import AgentSpell, CallRecord, Recording, Span
from auditor.records.share import Share
from auditor.records.terms import (
    EVIDENCE_VERSION,
    LINE_NAMES,
    TONE_KINDS,
    Direction,
    EventKind,
    Layout,
    Party,
    Result,
    Role,
    TranscriptSource,
    Verdict,
)

__all__ = [
    "EVIDENCE_VERSION",
    "LINE_NAMES",
    "TONE_KINDS",
    "AgentSpell",
    "CallAudit",
    "CallRecord",
    "Direction",
    "Event",
    "EventKind",
    "Evidence",
    "Finding",
    "Layout",
    "MaskedNumber",
    "MeasuredShare",
    "Measurement",
    "ModelFacts",
    "Outcome",
    "Party",
    "Points",
    "Probe",
    "ProbeSpec",
    "ProbeThreshold",
    "Provenance",
    "RecorderProfile",
    "Recording",
    "Result",
    "Role",
    "Roles",
    "Scorecard",
    "Segment",
    "SegmentStats",
    "Share",
    "Span",
    "SuspectSpan",
    "Track",
    "Transcript",
    "TranscriptSource",
    "TranscriptTurn",
    "Turn",
    "TurnPart",
    "Utterance",
    "Verdict",
]
