"""One audit as JSON, format 1: the contract that other programs read (audit.schema.json holds it).

Conventions
    * Key order is fixed; names inside open mappings are sorted. So equal audits give equal bytes.
    * Times have 3 decimals, other figures 4 significant digits (whole numbers stay whole): a rerun
      that differs in the last bits of a float gives the same text.
    * Not-a-number and infinity never appear: such a figure is null with reason ``not_finite``.
    * ``call.path`` and ``call.sha256`` are strings for one file and lists of two for a pair.
    * ``suspect_spans`` are character ranges without the reason; ``idle`` events (evidence for the
      release clause) and ``unheard`` ones (doubt about an opening) are not part of format 1.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from importlib import resources

from auditor.records import CallAudit, Event, Finding, Measurement, Points, Probe, Span, Track, Turn
from auditor.report.labels import section_order
from auditor.report.masked import with_tokens
from auditor.report.reviewed import NOT_REVIEWED, Reviewed

FORMAT = 1

Json = dict[str, object]


def to_json(audit: CallAudit, *, reviewed: Reviewed = NOT_REVIEWED) -> dict[str, object]:
    """The audit as plain dicts, lists, strings, numbers and None.

    Args:
        audit: The audited call.
        reviewed: The score after review, which stands beside the machine's.

    Returns:
        A new dict that ``json.dumps(..., allow_nan=False)`` accepts and audit.schema.json describes.
    """
    audit = with_tokens(audit)
    evidence = audit.evidence
    return {
        "format": FORMAT,
        "evidence_version": evidence.evidence_version,
        "call": _call(audit),
        "provenance": _provenance(audit),
        "score": _score(audit, reviewed=reviewed),
        "findings": [_finding(finding) for finding in audit.findings],
        "measurements": {
            party: {
                name: _measurement(measured)
                for name, measured in sorted(evidence.measurements.get(party, {}).items())
            }
            for party in ("agent", "customer", "call")
        },
        "turns": [_turn(turn) for turn in evidence.turns],
        "events": [_event(event) for event in evidence.events if event.kind not in ("idle", "unheard")],
        "probes": [_probe(probe) for probe in evidence.probes],
        "tracks": {party: _track(track) for party, track in sorted(evidence.tracks.items())},
        "not_audible": list(audit.not_audible),
    }


def dumps(audit: CallAudit, *, reviewed: Reviewed = NOT_REVIEWED) -> str:
    """`to_json` as text: UTF-8 characters as they are, indented by two, ending in a newline."""
    return json.dumps(to_json(audit, reviewed=reviewed), ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def load_schema() -> dict[str, object]:
    """The JSON Schema (2020-12) of format 1, as it ships in the package."""
    text = resources.files("auditor.report").joinpath("audit.schema.json").read_text(encoding="utf-8")
    schema: dict[str, object] = json.loads(text)
    return schema


def _call(audit: CallAudit) -> Json:
    evidence = audit.evidence
    recording, record = evidence.recording, evidence.call_record
    return {
        "id": audit.call_id,
        "path": _one_or_pair(recording.paths),
        "sha256": _one_or_pair(recording.sha256),
        "duration_s": _time(recording.duration_s),
        "sample_rate_hz": recording.sample_rate_hz,
        "channels": recording.channels,
        "layout": recording.layout,
        "codec": recording.codec,
        "agent_id": record.agent_id,
        "team": record.team,
        "direction": record.direction,
        "line": evidence.line,
        "line_confidence": _figure(evidence.line_confidence),
        "role_confidence": _figure(evidence.roles.confidence),
        "language": evidence.language,
        "language_probability": _figure(evidence.language_probability),
        "started_at": record.started_at.isoformat() if record.started_at else None,
        "warnings": list(recording.warnings),
    }


def _provenance(audit: CallAudit) -> Json:
    made = audit.provenance
    return {
        "auditor": made.auditor,
        "rulebook": made.rulebook,
        "rulebook_sha256": made.rulebook_sha256,
        "model": made.model,
        "model_sha256": made.model_sha256,
        "engine": made.engine,
        "options": dict(sorted(made.options.items())),
        "measuring_sha256": made.measuring_sha256,
    }


def _score(audit: CallAudit, *, reviewed: Reviewed) -> Json:
    card = audit.scorecard
    after = {"percent": _figure(reviewed.percent), "result": reviewed.result} if reviewed.result else None
    return {
        "percent": card.points.percent,
        "best_percent": _figure(card.best_percent),
        "worst_percent": _figure(card.worst_percent),
        "judged_share": _figure(card.judged_share),
        "earned": _figure(card.points.earned),
        "possible": _figure(card.points.possible),
        "critical": list(card.critical),
        "result": card.result,
        "sections": {name: _points(card.sections[name]) for name in sorted(card.sections, key=section_order)},
        "reviewed": after,
    }


def _points(points: Points) -> Json:
    return {
        "percent": points.percent,
        "earned": _figure(points.earned),
        "possible": _figure(points.possible),
    }


def _finding(finding: Finding) -> Json:
    return {
        "rule": finding.rule,
        "clause": finding.clause,
        "title": finding.title,
        "verdict": finding.verdict,
        "reason_code": finding.reason_code,
        "reason": finding.reason,
        "weight": _figure(finding.weight),
        "critical": finding.critical,
        "same_as": finding.same_as,
        "quote": finding.quote,
        "at": [_span(span) for span in finding.at],
        "measured": {
            name: _named(name, value)
            for name, value in sorted(finding.measured.items())
            if math.isfinite(value)
        },
        "confidence": _figure(finding.confidence),
    }


def _measurement(measured: Measurement) -> Json:
    value = None if measured.value is None else _named(measured.name, measured.value)
    reason = measured.reason
    if measured.value is not None and value is None:
        reason = "not_finite"
    return {
        "value": value,
        "unit": measured.unit,
        "error": _figure(measured.error),
        "reason": reason,
        "span": _span(measured.span) if measured.span else None,
        "method": measured.method,
    }


def _turn(turn: Turn) -> Json:
    return {
        "role": turn.role,
        "start_s": _time(turn.start_s),
        "end_s": _time(turn.end_s),
        "text": turn.text,
        "confidence": _figure(turn.confidence),
        "suspect_spans": [[span.start, span.end] for span in turn.suspect_spans],
    }


def _event(event: Event) -> Json:
    return {
        "kind": event.kind,
        "start_s": _time(event.start_s),
        "end_s": _time(event.end_s),
        "channel": event.channel,
    }


def _probe(probe: Probe) -> Json:
    return {
        "name": probe.name,
        "turn": probe.turn,
        "start": probe.start,
        "end": probe.end,
        "at": _span(probe.at),
        "phrase": probe.phrase,
        "foil": probe.foil,
        "margin_nats": _figure(probe.margin_nats),
    }


def _track(track: Track) -> Json:
    return {
        "step_s": _figure(track.step_s),
        "level_dbov": [_figure(value) for value in track.level_dbov],
        "f0_hz": [_figure(value) for value in track.f0_hz],
    }


def _one_or_pair(texts: Sequence[str]) -> str | list[str]:
    return texts[0] if len(texts) == 1 else list(texts)


def _span(span: Span) -> list[float]:
    return [_time(span.start_s), _time(span.end_s)]


def _time(seconds: float) -> float:
    """Seconds with 3 decimals; adding 0.0 turns -0.0 into 0.0."""
    return round(seconds, 3) + 0.0


def _named(name: str, value: float) -> float | None:
    """A figure by its name: ``…_s`` is a time, everything else has 4 significant digits."""
    if not math.isfinite(value):
        return None
    return _time(value) if name.endswith("_s") else _figure(value)


def _figure(value: float | None) -> float | None:
    """4 significant digits, whole numbers whole; None for None and for what is not finite."""
    if value is None or not math.isfinite(value):
        return None
    if value == int(value):
        return value + 0.0
    return float(f"{value:.4g}") + 0.0
