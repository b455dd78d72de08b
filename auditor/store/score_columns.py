"""An audit's own columns: its score, and how urgently somebody should listen."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.records import CallAudit, Finding, Scorecard
    from auditor.rulebook.schema import Rulebook


def score_columns(audit: CallAudit, *, book: Rulebook) -> dict[str, object]:
    """The columns of `tables.AuditRow` that say what came out."""
    evidence = audit.evidence
    return {
        "line": evidence.line,
        "direction": evidence.call_record.direction,
        "started_at": evidence.call_record.started_at,
        "duration_s": evidence.recording.duration_s,
        "too_short": evidence.recording.duration_s < book.not_scored.duration_s,
        **card_columns(audit.scorecard, findings=audit.findings),
    }


def card_columns(card: Scorecard, *, findings: Sequence[Finding]) -> dict[str, object]:
    """Those of them that follow from findings and scorecard alone."""
    return {
        "result": card.result,
        "earned": card.points.earned,
        "possible": card.points.possible,
        "percent": card.points.percent,
        "best_percent": card.best_percent,
        "worst_percent": card.worst_percent,
        "judged_share": card.judged_share,
        "critical": len(card.critical),
        "critical_in_review": len(card.critical_in_review),
        "in_review": sum(f.verdict == "needs_review" and f.weight > 0 for f in findings),
        "risk": _risk(card, findings=findings),
    }


# From here on a call's risk is that of a critical item.
CRITICAL_RISK = 2.0


def _risk(card: Scorecard, *, findings: Sequence[Finding]) -> float:
    """How urgently somebody should listen (`tables.AuditRow.risk`).

    A failed critical item 3, one in review 2, a result that hangs on the review 1, other findings for review
    0; and 1 - confidence of the least certain of those findings.
    """
    asked = [
        f.confidence
        for f in findings
        if (f.critical and f.verdict in ("fail", "needs_review"))
        or (f.verdict == "needs_review" and f.weight > 0)
    ]
    if not asked or (card.result == "not_scored" and not card.critical_in_review):
        return 0.0
    step = 3 if card.critical else CRITICAL_RISK if card.critical_in_review else card.result == "needs_review"
    return step + min(0.999, max(0.001, 1 - min(asked)))
