"""Records to bytes and back, to the letter: JSON (pydantic's), compressed with zlib.

Evidence is packed without what belongs to the call and not to its sound: call record, paths, and the line,
which judging settles anew. So one evidence serves every call record and every place the file is moved to.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter

from auditor.records import CallAudit, CallRecord, Evidence, Finding, Provenance, Scorecard

_COMPRESSION = 6
_NO_LINE = ""


@dataclass(frozen=True, slots=True)
class HeardBy:
    """What heard stored evidence: the part of an audit's provenance that judging again must not change."""

    engine: str | None
    options: dict[str, str]
    measuring_sha256: str


@dataclass(frozen=True, slots=True)
class StoredEvidence:
    """Evidence of a recording that is not yet any call's: blank record, no paths."""

    evidence: Evidence
    heard_by: HeardBy
    masked: bool

    def of_call(self, *, record: CallRecord, paths: tuple[str, ...]) -> Evidence:
        """The evidence of one call, as hearing it would give it."""
        recording = replace(self.evidence.recording, paths=paths)
        return replace(self.evidence, recording=recording, call_record=record)

    def credited(self, audit: CallAudit) -> CallAudit:
        """An audit of this evidence whose provenance says what heard it, not what is installed today."""
        heard = self.heard_by
        provenance = replace(
            audit.provenance,
            engine=heard.engine,
            options=heard.options,
            measuring_sha256=heard.measuring_sha256,
        )
        return replace(audit, provenance=provenance)


@dataclass(frozen=True, slots=True)
class Judged:
    """What an audit holds beside its evidence."""

    call_record: CallRecord
    line: str
    line_confidence: float
    findings: tuple[Finding, ...]
    scorecard: Scorecard
    provenance: Provenance
    not_audible: tuple[str, ...]


_EVIDENCE = TypeAdapter(Evidence)
_JUDGED = TypeAdapter(Judged)


def bare(evidence: Evidence) -> Evidence:
    """The evidence without call record, paths and line."""
    return replace(
        evidence,
        recording=replace(evidence.recording, paths=()),
        call_record=CallRecord(),
        line=_NO_LINE,
        line_confidence=1.0,
    )


def pack_evidence(evidence: Evidence) -> bytes:
    """The bare evidence as bytes."""
    return _pack(_EVIDENCE, bare(evidence))


def unpack_evidence(payload: bytes) -> Evidence:
    """What `pack_evidence` packed."""
    return _EVIDENCE.validate_json(zlib.decompress(payload))


def pack_audit(audit: CallAudit) -> bytes:
    """Everything of an audit but its evidence, as bytes."""
    evidence = audit.evidence
    judged = Judged(
        call_record=evidence.call_record,
        line=evidence.line,
        line_confidence=evidence.line_confidence,
        findings=audit.findings,
        scorecard=audit.scorecard,
        provenance=audit.provenance,
        not_audible=audit.not_audible,
    )
    return _pack(_JUDGED, judged)


def unpack_judged(payload: bytes) -> Judged:
    """What `pack_audit` packed."""
    return _JUDGED.validate_json(zlib.decompress(payload))


def whole_audit(
    judged: Judged, *, call_id: str, evidence: StoredEvidence, paths: tuple[str, ...]
) -> CallAudit:
    """The audit as it was before it was stored."""
    heard = evidence.of_call(record=judged.call_record, paths=paths)
    return CallAudit(
        call_id=call_id,
        evidence=replace(heard, line=judged.line, line_confidence=judged.line_confidence),
        findings=judged.findings,
        scorecard=judged.scorecard,
        provenance=judged.provenance,
        not_audible=judged.not_audible,
    )


def _pack(adapter: TypeAdapter[Any], record: object) -> bytes:
    """Through `json`, which keeps infinities and not-a-number, where pydantic would write null."""
    text = json.dumps(adapter.dump_python(record, mode="json"), ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode("utf-8"), _COMPRESSION)
