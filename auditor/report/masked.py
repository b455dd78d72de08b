"""An audit as people read it: tokens such as 〈PHONE_1〉 for the masked digits of stored evidence."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.report import labels
from auditor.text.masked import has_masked, readable, readable_places

if TYPE_CHECKING:
    from auditor.records import CallAudit, Evidence, Finding, Probe, Turn

_TOKEN = re.compile(r"〈([A-Z]+)_(\d+)(?::(\d+)-(\d+))?〉")


def with_tokens(audit: CallAudit) -> CallAudit:
    """The audit with tokens in all its texts, and all places moved along; unmasked audits as they are."""
    evidence = audit.evidence
    record = evidence.call_record
    texts = [turn.text for turn in evidence.turns]
    texts += [*evidence.recording.paths, audit.call_id]
    texts += filter(None, (record.call_id, record.customer_number, record.transferred_to))
    if not any(map(has_masked, texts)):
        return audit
    return replace(
        audit,
        call_id=readable(audit.call_id),
        evidence=_evidence(evidence),
        findings=tuple(map(_finding, audit.findings)),
    )


def named_tokens(text: str) -> str:
    """``〈PHONE_1〉`` as ``〈电话号码1〉``, a piece of it as ``〈电话号码1的第8–11位〉``: for pages."""
    return _TOKEN.sub(_named, text)


def _named(token: re.Match[str]) -> str:
    kind, number, first, last = token.groups()
    digits = f"的第{first}–{last}位" if first else ""
    return f"〈{labels.word(labels.TOKENS, kind)}{number}{digits}〉"


def _evidence(evidence: Evidence) -> Evidence:
    record, recording = evidence.call_record, evidence.recording
    places = [readable_places(turn.text)[1] for turn in evidence.turns]
    return replace(
        evidence,
        recording=replace(recording, paths=tuple(map(readable, recording.paths))),
        call_record=replace(
            record,
            call_id=record.call_id and readable(record.call_id),
            customer_number=record.customer_number and readable(record.customer_number),
            transferred_to=record.transferred_to and readable(record.transferred_to),
        ),
        turns=tuple(map(_turn, evidence.turns)),
        probes=tuple(_probe(probe, places=places[probe.turn]) for probe in evidence.probes),
    )


def _turn(turn: Turn) -> Turn:
    if not has_masked(turn.text):
        return turn
    text, places = readable_places(turn.text)
    return replace(
        turn,
        text=text,
        parts=tuple(
            replace(part, text_start=_moved(part.text_start, places), text_end=_moved(part.text_end, places))
            for part in turn.parts
        ),
        suspect_spans=tuple(
            replace(span, start=_moved(span.start, places), end=_moved(span.end, places))
            for span in turn.suspect_spans
        ),
    )


def _probe(probe: Probe, *, places: tuple[int, ...]) -> Probe:
    return replace(
        probe,
        start=_moved(probe.start, places),
        end=_moved(probe.end, places),
        phrase=readable(probe.phrase),
        foil=readable(probe.foil),
    )


def _finding(finding: Finding) -> Finding:
    return replace(finding, reason=readable(finding.reason), quote=finding.quote and readable(finding.quote))


def _moved(index: int, places: tuple[int, ...]) -> int:
    return places[min(index, len(places) - 1)]
