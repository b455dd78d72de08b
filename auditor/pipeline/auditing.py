"""Evidence judged, heard now or stored long ago, with what produced the result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from auditor import __version__
from auditor.judge import judge, settle_line
from auditor.records import CallAudit, Evidence, Provenance

if TYPE_CHECKING:
    from auditor.asr.engine import Engine
    from auditor.rulebook.schema import Rulebook


def audit(evidence: Evidence, *, book: Rulebook, engine: Engine | None = None) -> CallAudit:
    """Judge evidence, heard now or stored long ago, and say what produced the result."""
    from auditor.measure.call import measuring_sha256  # noqa: PLC0415

    evidence = settle_line(evidence, book=book)
    findings, scorecard = judge(evidence, book=book)
    record = evidence.call_record
    model = evidence.model if evidence.transcript_source == "asr" else None
    return CallAudit(
        call_id=record.call_id or Path(evidence.recording.paths[0]).stem,
        evidence=evidence,
        findings=findings,
        scorecard=scorecard,
        provenance=Provenance(
            auditor=__version__,
            rulebook=book.version,
            rulebook_sha256=book.sha256,
            model=model.name if model else None,
            model_sha256=model.sha256 if model else None,
            engine=engine.name if engine else None,
            options=dict(engine.options) if engine else {},
            measuring_sha256=measuring_sha256(),
        ),
        not_audible=book.not_audible,
    )
