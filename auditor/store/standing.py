"""How the findings of an audit stand: the machine's verdict, what people made of it, and both scorecards.

A decision belongs to a finding of a call, known by its rule and its *proof*: the machine's verdict, the times
and the quote. Whatever judges the call again, another rulebook or corrected words, a finding with the same
proof has the decision and its history; one with another proof is undecided again, and the old decision waits
should the old proof come back. Nothing has to be copied for that, so nothing can be forgotten: readers look
the proofs up, and `project` writes what queries over many calls need whenever an audit is saved or a decision
taken.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, cast

from sqlalchemy import delete, exists, insert, select

from auditor.judge import reviewed_score, rule_on, unconfirmed
from auditor.store.packing import stored_evidence, unpack_evidence, unpack_judged, whole_audit
from auditor.store.review_tables import DecisionRow, ReviewedCardRow, RulingRow, StepRow
from auditor.store.rulebooks import rulebook_of
from auditor.store.tables import AuditRow, EvidenceRow, FindingRow, PayloadRow, RecordingRow, RuleRow
from auditor.store.upserts import table_of
from auditor.text.masked import is_masked
from auditor.text.quantities import TO_DIGIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from auditor.records import CallAudit, Evidence, Finding, Scorecard, Verdict
    from auditor.rulebook.schema import Rulebook
    from auditor.store.account_tables import AccountRole
    from auditor.store.database import Store

State = Literal["open", "reviewed", "appealed", "closed"]
Action = Literal["review", "appeal", "judge"]

_DIGITS = frozenset({*TO_DIGIT, *"0123456789"})


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody did about a finding: who, when, what, the verdict before and after, and why."""

    number: int
    happened_at: datetime
    actor: str
    role: AccountRole
    action: Action
    verdict_before: Verdict
    verdict_after: Verdict
    state: State
    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """One finding as it stands.

    Attributes:
        finding: the machine's.
        verdict: after people have ruled.
        weight: what it counts then.
        ruled: what people said of this very finding; None: nobody said anything.
        state: ``open`` before anybody did anything.
        version: how many steps there were; what an action must have seen.
        unconfirmed: a critical item that fails by the machine alone (待复核).
        alias: the rule whose verdict this one only shows; that one is ruled on.
    """

    finding: Finding
    verdict: Verdict
    weight: float
    ruled: Verdict | None
    state: State
    version: int
    decision_id: int | None
    unconfirmed: bool
    alias: str | None
    appealed_by: str | None
    appealed_at: datetime | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ReviewedCall:
    """One audit with what people made of it.

    Attributes:
        current: whether it counts for its call, rulebook and model.
        judged_at: when its scorecard was first there to be seen.
        paths: where its files lie; the audit's own may be masked.
        standings: by rule, in the order of the findings.
        card: the scorecard after people have ruled; None: nobody has, or the rulebook was not kept.
        book: what it was judged by; None: a store of an older auditor did not keep it.
    """

    audit_id: int
    recording_id: int
    current: bool
    judged_at: datetime
    audit: CallAudit
    paths: tuple[str, ...]
    standings: Mapping[str, Standing]
    card: Scorecard | None
    book: Rulebook | None


def proof_of(finding: Finding) -> str:
    """What a decision about a finding rests on, as a SHA-256: its verdict, its times and its quote.

    Digits of the quote do not count: a number that was masked since is the same quote.
    """
    quote = "".join("#" if char in _DIGITS or is_masked(char) else char for char in finding.quote or "")
    times = [[round(span.start_s, 2), round(span.end_s, 2)] for span in finding.at]
    shown = json.dumps([finding.rule, finding.verdict, times, quote], ensure_ascii=False)
    return hashlib.sha256(shown.encode("utf-8", "surrogatepass")).hexdigest()


def reviewed_call(store: Store, audit_id: int) -> ReviewedCall | None:
    """An audit and how its findings stand; None: there is none of that id.

    Raises:
        StoreError: the store cannot be read.
    """
    with store.reading() as session:
        return call_in(session, audit_id)


def call_in(session: Session, audit_id: int) -> ReviewedCall | None:
    """The same within a transaction."""
    query = (
        select(AuditRow, PayloadRow, EvidenceRow, RecordingRow)
        .join(PayloadRow, PayloadRow.audit_id == AuditRow.id)
        .join(EvidenceRow, EvidenceRow.id == AuditRow.evidence_id)
        .join(RecordingRow, RecordingRow.id == AuditRow.recording_id)
        .where(AuditRow.id == audit_id)
        .execution_options(populate_existing=True)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    row, payload, heard, recording = found
    paths = (
        (recording.path,) if recording.customer_path is None else (recording.path, recording.customer_path)
    )
    audit = whole_audit(unpack_judged(payload.payload), evidence=stored_evidence(heard))
    decisions = decisions_about(session, row.recording_id, audit.findings)
    book = rulebook_of(session, row.rulebook_id)
    return ReviewedCall(
        audit_id=row.id,
        recording_id=row.recording_id,
        current=row.current,
        judged_at=row.judged_at or heard.heard_at,
        audit=audit,
        paths=paths,
        standings=_standings(
            audit.findings,
            decisions=decisions,
            steps=steps_of(session, [decision.id for decision in decisions.values()]),
            line=audit.evidence.line,
            book=book,
        ),
        card=_card(audit.findings, decisions=decisions, evidence=audit.evidence, book=book),
        book=book,
    )


def decisions_about(
    session: Session, recording_id: int, findings: Iterable[Finding]
) -> dict[str, DecisionRow]:
    """Rule -> the decision that holds for that finding of a call."""
    query = select(DecisionRow).where(DecisionRow.recording_id == recording_id)
    known = {
        (row.rule, row.proof): row for row in session.scalars(query.execution_options(populate_existing=True))
    }
    if not known:
        return {}
    found = {finding.rule: known.get((finding.rule, proof_of(finding))) for finding in findings}
    return {rule: decision for rule, decision in found.items() if decision is not None}


def steps_of(session: Session, decision_ids: Sequence[int]) -> dict[int, tuple[Step, ...]]:
    """The history of decisions, oldest first."""
    rows = session.scalars(
        select(StepRow).where(StepRow.decision_id.in_(decision_ids)).order_by(StepRow.id)
    ).all()
    return {
        decision: tuple(_step(row) for row in rows if row.decision_id == decision)
        for decision in decision_ids
    }


def project(session: Session, audit_id: int, *, findings: Sequence[Finding], evidence: Evidence) -> None:
    """Write where decisions hold in an audit, and its scorecard after them, for queries over many calls.

    Args:
        session: in a transaction that saves the audit or takes a decision about its call.
        audit_id: of the audit, whose findings are there.
        findings: as the machine judged.
        evidence: with the audit's line.
    """
    for table in (RulingRow, ReviewedCardRow):
        session.execute(delete(table).where(table.audit_id == audit_id))
    rulings, card = projected(session, audit_id, findings=findings, evidence=evidence)
    if rulings:
        session.execute(insert(table_of(RulingRow)), rulings)
    if card is not None:
        session.execute(insert(table_of(ReviewedCardRow)).values(**card))


def projected(
    session: Session, audit_id: int, *, findings: Sequence[Finding], evidence: Evidence
) -> tuple[list[dict[str, object]], dict[str, object] | None]:
    """The rows of rulings and of the reviewed card (None: none) that belong to an audit; see `project`."""
    recording_id, rulebook_id = session.execute(
        select(AuditRow.recording_id, AuditRow.rulebook_id).where(AuditRow.id == audit_id)
    ).one()
    decisions = decisions_about(session, recording_id, findings)
    if not decisions:
        return [], None
    book = rulebook_of(session, rulebook_id)
    standings = _standings(findings, decisions=decisions, steps={}, line=evidence.line, book=book)
    ids = select(RuleRow.rule, FindingRow.rule_id).join_from(FindingRow, RuleRow)
    rows: list[dict[str, object]] = [
        {
            "audit_id": audit_id,
            "rule_id": rule_id,
            "decision_id": standings[rule].decision_id,
            "verdict": standings[rule].verdict,
        }
        for rule, rule_id in session.execute(ids.where(FindingRow.audit_id == audit_id))
        if standings[rule].decision_id is not None
        or standings[rule].verdict != standings[rule].finding.verdict
    ]
    card = _card(findings, decisions=decisions, evidence=evidence, book=book)
    if card is None:
        return rows, None
    return rows, {
        "audit_id": audit_id,
        "result": card.result,
        "earned": card.points.earned,
        "possible": card.points.possible,
        "percent": card.points.percent,
        "best_percent": card.best_percent,
        "worst_percent": card.worst_percent,
        "critical": len(card.critical),
        "critical_in_review": len(card.critical_in_review),
        "in_review": sum(each.verdict == "needs_review" and each.weight > 0 for each in standings.values()),
        "decided": sum(each.ruled is not None for each in standings.values()),
    }


def project_call(session: Session, recording_id: int) -> None:
    """`project` every audit of a call that counts."""
    query = (
        select(AuditRow.id, PayloadRow.payload, EvidenceRow.payload)
        .join(PayloadRow, PayloadRow.audit_id == AuditRow.id)
        .join(EvidenceRow, EvidenceRow.id == AuditRow.evidence_id)
        .where(AuditRow.recording_id == recording_id, AuditRow.current)
        .order_by(AuditRow.id)
    )
    for audit_id, payload, heard in session.execute(query).all():
        judged = unpack_judged(payload)
        evidence = replace(unpack_evidence(heard), line=judged.line, line_confidence=judged.line_confidence)
        project(session, audit_id, findings=judged.findings, evidence=evidence)


def has_decisions(session: Session, recording_id: int) -> bool:
    """Whether anybody ever decided anything about a call."""
    return bool(session.scalar(select(exists().where(DecisionRow.recording_id == recording_id))))


def _standings(
    findings: Sequence[Finding],
    *,
    decisions: Mapping[str, DecisionRow],
    steps: Mapping[int, tuple[Step, ...]],
    line: str,
    book: Rulebook | None,
) -> dict[str, Standing]:
    rulings = _rulings(decisions)
    if book is None:
        final = tuple(replace(f, verdict=rulings.get(f.rule, f.verdict)) for f in findings)
        doubtful = frozenset(
            f.rule for f in final if f.critical and f.verdict == "fail" and f.rule not in rulings
        )
        aliases: dict[str, str] = {}
    else:
        final = rule_on(findings, rulings=rulings, line=line, book=book)
        doubtful = unconfirmed(final, rulings=rulings, book=book)
        aliases = {rule.id: rule.same_as for rule in book.rules if rule.same_as is not None}
    return {
        finding.rule: _standing(
            finding,
            after=after,
            decision=decisions.get(finding.rule),
            steps=steps,
            unconfirmed=finding.rule in doubtful,
            alias=aliases.get(finding.rule),
        )
        for finding, after in zip(findings, final, strict=True)
    }


def _standing(
    finding: Finding,
    *,
    after: Finding,
    decision: DecisionRow | None,
    steps: Mapping[int, tuple[Step, ...]],
    unconfirmed: bool,
    alias: str | None,
) -> Standing:
    undecided = Standing(
        finding=finding,
        verdict=after.verdict,
        weight=after.weight,
        ruled=None,
        state="open",
        version=0,
        decision_id=None,
        unconfirmed=unconfirmed,
        alias=alias,
        appealed_by=None,
        appealed_at=None,
        steps=(),
    )
    if decision is None:
        return undecided
    return replace(
        undecided,
        ruled=cast("Verdict | None", decision.verdict),
        state=cast("State", decision.state),
        version=decision.version,
        decision_id=decision.id,
        appealed_by=decision.appealed_by,
        appealed_at=decision.appealed_at,
        steps=steps.get(decision.id, ()),
    )


def _card(
    findings: Sequence[Finding],
    *,
    decisions: Mapping[str, DecisionRow],
    evidence: Evidence,
    book: Rulebook | None,
) -> Scorecard | None:
    rulings = _rulings(decisions)
    if book is None or not rulings:
        return None
    return reviewed_score(findings, rulings=rulings, evidence=evidence, book=book)


def _rulings(decisions: Mapping[str, DecisionRow]) -> dict[str, Verdict]:
    return {rule: cast("Verdict", row.verdict) for rule, row in decisions.items() if row.verdict is not None}


def _step(row: StepRow) -> Step:
    return Step(
        number=row.number,
        happened_at=row.happened_at,
        actor=row.actor,
        role=cast("AccountRole", row.role),
        action=cast("Action", row.action),
        verdict_before=cast("Verdict", row.verdict_before),
        verdict_after=cast("Verdict", row.verdict_after),
        state=cast("State", row.state),
        reason=row.reason,
    )
