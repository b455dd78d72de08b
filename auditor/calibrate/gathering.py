"""Ratings from the store: reviews as they stand, or labels beside the verdicts of stored audits."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, cast

from sqlalchemy import and_, func, or_, select

from auditor.calibrate.labels import raise_faults
from auditor.calibrate.ratings import Gathered, Rating, ScoredCall
from auditor.judge import reviewed_score
from auditor.store.names import called
from auditor.store.packing import unpack_judged
from auditor.store.review_tables import AssignmentRow, DecisionRow, ReviewedCardRow
from auditor.store.standing import call_in
from auditor.store.tables import AuditRow, PayloadRow, RecordingRow
from auditor.store.upserts import chunked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from auditor.calibrate.ratings import Label
    from auditor.records import Finding, Verdict
    from auditor.store import Store
    from auditor.store.editions import Edition
    from auditor.store.standing import ReviewedCall

_STRIDE = 200


def from_reviews(
    store: Store,
    *,
    edition: Edition,
    wanted: ColumnElement[bool] | None = None,
    most_calls: int | None = None,
) -> Gathered:
    """What people said of the calls of an edition, beside what the machine says of them now.

    The verdict of people is that of the latest review or judgement of the rule on that call, whatever the
    machine said then: people judged the call, not the machine.

    Args:
        store: an open store.
        edition: whose verdicts are measured.
        wanted: which audits; None: all.
        most_calls: only the calls that were decided about last; None: all.

    Raises:
        StoreError: the store cannot be read.
    """
    ratings: list[Rating] = []
    chosen: list[Rating] = []
    scored: list[ScoredCall] = []
    with store.reading() as session:
        last = (
            select(DecisionRow.recording_id, func.max(DecisionRow.changed_at).label("at"))
            .where(DecisionRow.verdict.is_not(None))
            .group_by(DecisionRow.recording_id)
            .subquery()
        )
        query = (
            select(AuditRow.id)
            .join(last, last.c.recording_id == AuditRow.recording_id)
            .where(edition.holds(by_call=True))
            .order_by(last.c.at.desc(), AuditRow.id)
        )
        if wanted is not None:
            query = query.where(wanted)
        ids = session.scalars(query if most_calls is None else query.limit(most_calls)).all()
        for chunk in chunked(sorted(ids), size=_STRIDE):
            _add_reviewed(session, chunk, ratings=ratings, chosen=chosen, scored=scored)
    return Gathered("复核记录", tuple(ratings), tuple(chosen), tuple(scored))


def from_labels(store: Store, labels: Sequence[Label], *, edition: Edition, path: Path) -> Gathered:
    """Labels of a table beside the verdicts of an edition.

    Raises:
        UsageError: a call or a rule is not there, or a name means two calls; all rows are named.
        StoreError: the store cannot be read.
    """
    faults: list[str] = []
    ratings: list[Rating] = []
    scored: list[ScoredCall] = []
    by_call: dict[str, list[Label]] = defaultdict(list)
    for label in labels:
        by_call[label.call].append(label)
    with store.reading() as session:
        for call, those in by_call.items():
            ids = _audits_named(session, call, edition=edition)
            rows = ", ".join(str(label.row) for label in those[:5])
            if len(ids) != 1:
                what = (
                    "is no call of the edition" if not ids else f"means {len(ids)} calls; write the call_id"
                )
                faults.append(f"row {rows}, call: {call!r} {what}")
                continue
            found = call_in(session, ids[0])
            assert found is not None
            for label in those:
                if label.rule not in found.standings:
                    faults.append(f"row {label.row}, rule: the rulebook has no rule {label.rule!r}")
                    continue
                finding = found.standings[label.rule].finding
                ratings.append(
                    _rating(
                        finding,
                        call=found.audit.call_id,
                        audit_id=found.audit_id,
                        human=label.verdict,
                        probability=label.probability,
                        reason=label.reason,
                    )
                )
            score = _scored(found, {label.rule: label for label in those})
            scored += [score] if score is not None else []
    raise_faults(path, faults)
    return Gathered(path.name, tuple(ratings), scored=tuple(scored))


def alone(labels: Sequence[Label], *, path: Path) -> Gathered:
    """Labels that bring the machine's verdicts along: no store, no places to listen to.

    Raises:
        UsageError: some do not.
    """
    raise_faults(
        path, [f"row {each.row}: the machine's verdict is empty" for each in labels if not each.machine]
    )
    return Gathered(
        path.name,
        tuple(
            Rating(
                call=each.call,
                rule=each.rule,
                title="",
                machine=cast("Verdict", each.machine),
                human=each.verdict,
                probability=each.probability,
                reason=each.reason,
            )
            for each in labels
        ),
    )


def _add_reviewed(
    session: Session,
    audit_ids: Sequence[int],
    *,
    ratings: list[Rating],
    chosen: list[Rating],
    scored: list[ScoredCall],
) -> None:
    rows = session.execute(
        select(AuditRow, PayloadRow.payload, RecordingRow.call_id, AssignmentRow, ReviewedCardRow)
        .join(PayloadRow, PayloadRow.audit_id == AuditRow.id)
        .join(RecordingRow, RecordingRow.id == AuditRow.recording_id)
        .outerjoin(
            AssignmentRow,
            and_(AssignmentRow.recording_id == AuditRow.recording_id, AssignmentRow.done_at.is_not(None)),
        )
        .outerjoin(ReviewedCardRow, ReviewedCardRow.audit_id == AuditRow.id)
        .where(AuditRow.id.in_(audit_ids))
        .order_by(AuditRow.id)
    ).all()
    people = _latest_verdicts(session, [audit.recording_id for audit, *_ in rows])
    for audit, payload, call_id, drawn, card in rows:
        ruled = people[audit.recording_id]
        probability = drawn.probability if drawn is not None else None
        for finding in unpack_judged(payload).findings:
            if finding.rule not in ruled:
                continue
            rating = _rating(
                finding,
                call=call_id,
                audit_id=audit.id,
                human=ruled[finding.rule],
                probability=probability,
            )
            (ratings if drawn is not None else chosen).append(rating)
        settled = card is not None and card.in_review == 0 and card.critical_in_review == 0
        if drawn is None or not settled or card is None:
            continue
        if audit.percent is not None and card.percent is not None:
            scored.append(
                ScoredCall(
                    call=call_id,
                    audit_id=audit.id,
                    machine_percent=audit.percent,
                    human_percent=card.percent,
                    machine_result=audit.result,
                    human_result=card.result,
                    weight=1.0 / drawn.probability,
                )
            )


def _latest_verdicts(session: Session, recording_ids: Sequence[int]) -> dict[int, dict[str, Verdict]]:
    found: dict[int, dict[str, Verdict]] = defaultdict(dict)
    query = (
        select(DecisionRow.recording_id, DecisionRow.rule, DecisionRow.verdict)
        .where(DecisionRow.recording_id.in_(recording_ids), DecisionRow.verdict.is_not(None))
        .order_by(DecisionRow.changed_at, DecisionRow.id)
    )
    for recording_id, rule, verdict in session.execute(query):
        found[recording_id][rule] = cast("Verdict", verdict)
    return found


def _audits_named(session: Session, call: str, *, edition: Edition) -> Sequence[int]:
    """The audits that a name means: the call's id, else a path, else a file's name."""
    query = select(AuditRow.id).join(RecordingRow, RecordingRow.id == AuditRow.recording_id)
    literal = call.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    for condition in (
        called(call),
        RecordingRow.path == call,
        or_(
            RecordingRow.path.like(f"%/{literal}", escape="\\"),
            RecordingRow.path.like(f"%\\\\{literal}", escape="\\"),
        ),
    ):
        ids = session.scalars(query.where(condition, edition.holds(by_call=True))).all()
        if ids:
            return ids
    return ()


def _rating(
    finding: Finding,
    *,
    call: str,
    audit_id: int,
    human: Verdict,
    probability: float | None,
    reason: str = "",
) -> Rating:
    return Rating(
        call=call,
        rule=finding.rule,
        title=finding.title,
        machine=finding.verdict,
        human=human,
        audit_id=audit_id,
        at_s=finding.at[0].start_s if finding.at else None,
        quote=finding.quote or "",
        measured=finding.measured,
        confidence=finding.confidence,
        probability=probability,
        reason=reason,
    )


def _scored(call: ReviewedCall, labels: Mapping[str, Label]) -> ScoredCall | None:
    """The call with its score by the labels, if they decide everything that counts."""
    if call.book is None:
        return None
    counting = [
        each.finding.rule
        for each in call.standings.values()
        if each.alias is None and each.finding.weight > 0 and each.finding.verdict != "not_applicable"
    ]
    if not all(rule in labels for rule in counting):
        return None
    card = reviewed_score(
        call.audit.findings,
        rulings={rule: label.verdict for rule, label in labels.items()},
        evidence=call.audit.evidence,
        book=call.book,
    )
    before = call.audit.scorecard
    if card.points.percent is None or before.points.percent is None:
        return None
    probability = min(label.probability or 1.0 for label in labels.values())
    return ScoredCall(
        call=call.audit.call_id,
        audit_id=call.audit_id,
        machine_percent=before.points.percent,
        human_percent=card.points.percent,
        machine_result=before.result,
        human_result=card.result,
        weight=1.0 / probability,
    )
