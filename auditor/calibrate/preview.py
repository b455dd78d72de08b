"""What changed limits would change, from stored evidence, before anybody accepts them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from auditor.calibrate.thresholds import with_params
from auditor.judge import judge
from auditor.store.reading import audit_of
from auditor.store.tables import AuditRow, FindingRow, RuleRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.records import CallAudit
    from auditor.rulebook.schema import Rulebook
    from auditor.store import Store
    from auditor.store.editions import Edition

# Only these can be changed by a limit that accuses fewer.
_AFFECTED = ("fail", "needs_review")
MOST_CALLS = 2000
_MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class ChangedCall:
    """A call whose findings would change.

    Attributes:
        findings: (rule, verdict before, verdict after).
    """

    call: str
    audit_id: int
    findings: tuple[tuple[str, str, str], ...]
    result_before: str
    result_after: str
    percent_before: float | None
    percent_after: float | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What would change.

    Attributes:
        judged: calls that were judged again: those that could change, the latest first.
        affected: how many there are; more than ``judged`` when there are too many for a preview.
        moves: (rule, verdict before, verdict after) -> findings.
        results: (result before, result after) -> calls.
        calls: the first of them.
        changed: how many calls have any change.
        drifted: calls that this auditor judges otherwise even without the change: left out.
    """

    judged: int
    affected: int
    moves: Mapping[tuple[str, str, str], int]
    results: Mapping[tuple[str, str], int]
    calls: tuple[ChangedCall, ...]
    changed: int
    drifted: int


def preview(
    store: Store,
    *,
    edition: Edition,
    book: Rulebook,
    changes: dict[str, dict[str, float]],
    most_calls: int = MOST_CALLS,
) -> Preview:
    """Judge the calls that could change again, with and without the changes.

    Args:
        store: an open store.
        edition: whose audits.
        book: what they were judged by.
        changes: rule -> parameters (`thresholds.changed_params`).
        most_calls: how many are judged at most.

    Raises:
        StoreError: the store cannot be read.
    """
    new_book = with_params(book, changes)
    with store.reading() as session:
        hit = (
            select(FindingRow.audit_id)
            .join(RuleRow, RuleRow.id == FindingRow.rule_id)
            .where(RuleRow.rule.in_(sorted(changes)), FindingRow.verdict.in_(_AFFECTED))
        )
        wanted = edition.holds() & AuditRow.id.in_(hit)
        affected = session.scalar(select(func.count()).select_from(AuditRow).where(wanted)) or 0
        ids = session.scalars(
            select(AuditRow.id)
            .where(wanted)
            .order_by(AuditRow.started_at.desc(), AuditRow.id.desc())
            .limit(most_calls)
        ).all()
    moves: Counter[tuple[str, str, str]] = Counter()
    results: Counter[tuple[str, str]] = Counter()
    calls: list[ChangedCall] = []
    changed = drifted = 0
    for audit_id in ids:
        audit = audit_of(store, audit_id)
        if audit is None:
            continue
        found = _changed(audit, audit_id, book=book, new_book=new_book)
        if found is None:
            drifted += 1
        elif found.findings:
            changed += 1
            moves.update(found.findings)
            results[found.result_before, found.result_after] += found.result_before != found.result_after
            if len(calls) < _MOST_NAMED:
                calls.append(found)
    return Preview(
        judged=len(ids),
        affected=affected,
        moves=dict(moves),
        results={key: count for key, count in results.items() if count},
        calls=tuple(calls),
        changed=changed,
        drifted=drifted,
    )


def _changed(audit: CallAudit, audit_id: int, *, book: Rulebook, new_book: Rulebook) -> ChangedCall | None:
    """What changes of a call; None: it is not the changes that change it."""
    findings, card = judge(audit.evidence, book=new_book)
    before = {f.rule: f.verdict for f in audit.findings}
    after = {f.rule: f.verdict for f in findings}
    if before != after:
        again, _ = judge(audit.evidence, book=book)
        if before != {f.rule: f.verdict for f in again}:
            return None
    return ChangedCall(
        call=audit.call_id,
        audit_id=audit_id,
        findings=tuple(
            (rule, before[rule], after[rule]) for rule in before if before[rule] != after.get(rule, "")
        ),
        result_before=audit.scorecard.result,
        result_after=card.result,
        percent_before=audit.scorecard.points.percent,
        percent_after=card.points.percent,
    )
