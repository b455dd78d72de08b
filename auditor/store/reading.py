"""Asking the store: what is there already, and long rows of calls that are streamed, never held at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVarTuple, cast

from sqlalchemy import exists, func, select, true
from sqlalchemy.orm import aliased

from auditor.store.database import inquire
from auditor.store.packing import stored_evidence, unpack_judged, whole_audit
from auditor.store.review_tables import ReviewedCardRow, RulingRow
from auditor.store.tables import AuditRow, EvidenceRow, PayloadRow, RuleRow
from auditor.store.upserts import chunked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row, Select
    from sqlalchemy.orm import InstrumentedAttribute

    from auditor.records import CallAudit, Result, Verdict
    from auditor.store.database import Store
    from auditor.store.editions import Edition
    from auditor.store.packing import StoredEvidence

_Columns = TypeVarTuple("_Columns")
# Calls that are unpacked at once while streaming.
_STRIDE = 64


@dataclass(frozen=True, slots=True)
class ReviewedAudit:
    """An audit, and its score after people have ruled.

    Attributes:
        reviewed_result: None: nobody has.
        rulings: what people hold to be right, by rule.
    """

    audit_id: int
    audit: CallAudit
    reviewed_percent: float | None
    reviewed_result: Result | None
    rulings: Mapping[str, Verdict]


def evidence_of(store: Store, key: str) -> StoredEvidence | None:
    """What was heard under that key; None: nothing yet."""
    row = inquire(store, lambda session: session.scalar(select(EvidenceRow).where(EvidenceRow.key == key)))
    return None if row is None else stored_evidence(row)


def has_scorecard(store: Store, key: str) -> bool:
    """Whether the scorecard of that key is there and counts."""
    return key in scorecards_among(store, [key])


def scorecards_among(store: Store, keys: Iterable[str]) -> set[str]:
    """Which of these scorecards are there and count (see `keys.scorecard_key`).

    One that a later correction replaced is not among them, even where the correction was judged by another
    rulebook: judge its evidence again and save it.
    """
    newest = aliased(AuditRow)
    unchanged = exists().where(
        newest.recording_id == AuditRow.recording_id,
        newest.latest,
        newest.evidence_id == AuditRow.evidence_id,
        newest.record_sha256 == AuditRow.record_sha256,
    )
    return _among(store, AuditRow.key, keys, AuditRow.current & unchanged)


def results_of(store: Store, keys: Iterable[str]) -> dict[str, str]:
    """Key -> result of those of these scorecards that are there and count (`scorecards_among`)."""
    there = scorecards_among(store, keys)
    found: dict[str, str] = {}
    for chunk in chunked(sorted(there)):
        query = select(AuditRow.key, AuditRow.result).where(AuditRow.key.in_(chunk))
        found.update((key, result) for key, result in _rows(store, query))
    return found


def evidence_among(store: Store, keys: Iterable[str]) -> set[str]:
    """Which of these evidence keys are there: those calls need not be heard."""
    return _among(store, EvidenceRow.key, keys, true())


def iter_audits(
    store: Store,
    *,
    edition: Edition,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[CallAudit]:
    """The audits that count in an edition, in the order in which they were first saved.

    Args:
        store: an open store.
        edition: see `runs.latest_edition`.
        since: only calls that started then or later; calls without a start are left out.
        until: only calls that started before.

    Raises:
        StoreError: the store cannot be read.
    """
    for card in iter_cards(store, edition=edition, since=since, until=until):
        yield card.audit


def iter_cards(
    store: Store,
    *,
    edition: Edition,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[ReviewedAudit]:
    """`iter_audits`, each with its score after people have ruled."""
    wanted = edition.holds()
    if since is not None:
        wanted &= AuditRow.started_at >= since
    if until is not None:
        wanted &= AuditRow.started_at < until
    for row, judged, evidence, percent, reviewed in _stream(store, wanted):
        result = cast("Result | None", reviewed)
        audit = whole_audit(unpack_judged(judged.payload), evidence=stored_evidence(evidence))
        rulings = _rulings(store, row.id) if result is not None else {}
        yield ReviewedAudit(row.id, audit, percent, result, rulings)


def audit_of(store: Store, audit_id: int) -> CallAudit | None:
    """One audit by its id; None: there is none."""
    for _, judged, evidence, _, _ in _stream(store, AuditRow.id == audit_id):
        return whole_audit(unpack_judged(judged.payload), evidence=stored_evidence(evidence))
    return None


def _rulings(store: Store, audit_id: int) -> dict[str, Verdict]:
    query = select(RuleRow.rule, RulingRow.verdict).join_from(RulingRow, RuleRow)
    rows = _rows(store, query.where(RulingRow.audit_id == audit_id, RulingRow.decision_id.is_not(None)))
    return {rule: cast("Verdict", verdict) for rule, verdict in rows}


def _among(
    store: Store, column: InstrumentedAttribute[str], keys: Iterable[str], condition: ColumnElement[bool]
) -> set[str]:
    found: set[str] = set()
    for chunk in chunked(keys):
        found.update(key for (key,) in _rows(store, select(column).where(column.in_(chunk), condition)))
    return found


def _rows(store: Store, query: Select[*_Columns]) -> Sequence[Row[*_Columns]]:
    return inquire(store, lambda session: session.execute(query).all())


def _stream(
    store: Store, wanted: ColumnElement[bool]
) -> Iterator[Row[AuditRow, PayloadRow, EvidenceRow, float | None, str]]:
    """Audits and what belongs to them, a stride at a time: no transaction outlives a stride."""
    ((last,),) = _rows(store, select(func.coalesce(func.max(AuditRow.id), 0)))
    after = 0
    while True:
        query = (
            select(AuditRow, PayloadRow, EvidenceRow, ReviewedCardRow.percent, ReviewedCardRow.result)
            .join(PayloadRow, PayloadRow.audit_id == AuditRow.id)
            .join(EvidenceRow, EvidenceRow.id == AuditRow.evidence_id)
            .outerjoin(ReviewedCardRow, ReviewedCardRow.audit_id == AuditRow.id)
            .where(wanted, AuditRow.id > after, AuditRow.id <= last)
            .order_by(AuditRow.id)
            .limit(_STRIDE)
        )
        rows = _rows(store, query)
        if not rows:
            return
        yield from rows
        after = rows[-1][0].id
