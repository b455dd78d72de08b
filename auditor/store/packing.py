"""Records to bytes and back, to the letter: JSON (pydantic's), compressed with zlib.

Evidence is packed without what belongs to the call and not to its sound: call record, paths, and the line,
which judging settles anew. So one evidence serves every call record and every place the file is moved to.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from auditor.records import CallAudit, CallRecord, Evidence, Finding, Provenance, Scorecard
from auditor.store.columns import escaped, unescaped
from auditor.store.masking import masked_of_call

if TYPE_CHECKING:
    from auditor.store.tables import EvidenceRow

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
        """The evidence of one call, as hearing it would give it: masked where this is."""
        if self.masked:
            return masked_of_call(self.evidence, record=record, paths=paths)
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
    """What an audit holds beside its evidence; ``call_id`` and ``paths`` as they are shown, maybe masked."""

    call_record: CallRecord
    line: str
    line_confidence: float
    findings: tuple[Finding, ...]
    scorecard: Scorecard
    provenance: Provenance
    not_audible: tuple[str, ...]
    call_id: str
    paths: tuple[str, ...]


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


def stored_evidence(row: EvidenceRow) -> StoredEvidence:
    """A row of the store, unpacked."""
    return StoredEvidence(
        evidence=unpack_evidence(row.payload),
        heard_by=HeardBy(row.engine, row.options, row.measuring_sha256),
        masked=row.masked,
    )


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
        call_id=escaped(audit.call_id),
        paths=tuple(map(escaped, evidence.recording.paths)),
    )
    return _pack(_JUDGED, judged)


def unpack_judged(payload: bytes) -> Judged:
    """What `pack_audit` packed."""
    judged = _JUDGED.validate_json(zlib.decompress(payload))
    return replace(judged, call_id=unescaped(judged.call_id), paths=tuple(map(unescaped, judged.paths)))


def whole_audit(judged: Judged, *, evidence: StoredEvidence) -> CallAudit:
    """The audit as it was before it was stored."""
    heard = judged_evidence(judged, evidence=evidence)
    return CallAudit(
        call_id=judged.call_id,
        evidence=replace(heard, line=judged.line, line_confidence=judged.line_confidence),
        findings=judged.findings,
        scorecard=judged.scorecard,
        provenance=judged.provenance,
        not_audible=judged.not_audible,
    )


def judged_evidence(judged: Judged, *, evidence: StoredEvidence) -> Evidence:
    """The evidence of a call that was judged, with its record and paths, masked as they were then."""
    recording = replace(evidence.evidence.recording, paths=judged.paths)
    return replace(evidence.evidence, recording=recording, call_record=judged.call_record)


def _pack(adapter: TypeAdapter[Any], record: object) -> bytes:
    """Through `json`, which keeps infinities and not-a-number, where pydantic would write null."""
    text = json.dumps(adapter.dump_python(record, mode="json"), ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode("utf-8"), _COMPRESSION)
