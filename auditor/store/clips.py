"""Clips: the findings that show best what a clause cost, or what was done well, to listen to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from auditor.store.packing import unpack_judged
from auditor.store.selection import Selection, agent_row, audits_of, started_in
from auditor.store.tables import AgentRow, AuditRow, FindingRow, PayloadRow, RecordingRow, RuleRow, SpellRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from auditor.records import Span, Verdict
    from auditor.store.database import Store
    from auditor.store.editions import Edition


_LATEST = 2000  # calls that a question about a team or all looks through
_HIS_LATEST = 100  # calls that a question about an agent looks through first


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch to listen to: one finding with its places and words; numbers in them may be masked."""

    audit_id: int
    call_id: str
    agent: str | None
    started_at: datetime | None
    rule: str
    title: str
    verdict: Verdict
    critical: bool
    confidence: float
    at: tuple[Span, ...]
    quote: str | None
    reason: str


def clips(
    store: Store,
    rules: Sequence[str],
    *,
    edition: Edition,
    selection: Selection,
    verdict: Verdict,
    per_rule: int = 3,
) -> dict[str, tuple[Clip, ...]]:
    """For each rule the findings of that verdict to listen to: the surest, then the latest.

    Only findings that have a place in the call are clips. The latest calls are looked through first, and an
    agent's others only for a rule that too few of them show; where no agent is selected, no others at all.
    """
    found: dict[str, tuple[Clip, ...]] = {}
    with store.reading() as session:
        ids = dict(session.execute(select(RuleRow.id, RuleRow.rule).where(RuleRow.rule.in_(rules))).all())
        judged = cache(partial(_judged, session))

        def look(rule_ids: Sequence[int], *, latest: int | None) -> None:
            picked: dict[str, list[int]] = {}
            for rule_id, audit_id in _surest(
                session, rule_ids, edition, selection, verdict=verdict, limit=2 * per_rule, latest=latest
            ):
                picked.setdefault(ids[rule_id], []).append(audit_id)
            for rule in {ids[rule_id] for rule_id in rule_ids}:
                told = (_clip(judged(audit), audit, rule) for audit in picked.get(rule, ()))
                found[rule] = tuple(islice((clip for clip in told if clip is not None), per_rule))

        if selection.agent is None:
            look(list(ids), latest=_LATEST)
            return found
        look(list(ids), latest=_HIS_LATEST)
        lacking = [rule_id for rule_id, rule in ids.items() if len(found[rule]) < per_rule]
        if lacking:
            look(lacking, latest=None)
    return found


def _surest(
    session: Session,
    rule_ids: Sequence[int],
    edition: Edition,
    selection: Selection,
    *,
    verdict: Verdict,
    limit: int,
    latest: int | None,
) -> Sequence[Any]:
    """Rule and audit of that verdict, of each rule the surest; of an agent: in his own spells.

    ``latest``: of so many calls, the last ones; None: of all.
    """
    order = (FindingRow.confidence.desc(), AuditRow.started_at.desc().nulls_last(), AuditRow.id)
    place = func.row_number().over(partition_by=FindingRow.rule_id, order_by=order).label("place")
    query = select(FindingRow.rule_id, FindingRow.audit_id, place).join(
        AuditRow, AuditRow.id == FindingRow.audit_id
    )
    scored = audits_of(session, selection, edition=edition) & (AuditRow.result != "not_scored")
    if selection.agent is not None:
        his = SpellRow.agent_id == agent_row(session, selection.agent)
        query = query.join(
            SpellRow, (SpellRow.audit_id == FindingRow.audit_id) & (SpellRow.number == FindingRow.spell)
        ).where(his, scored)
        if latest is not None:
            last = select(SpellRow.audit_id).where(his, started_in(SpellRow.started_at, selection))
            last = last.order_by(SpellRow.started_at.desc()).limit(latest)
            query = query.where(FindingRow.audit_id.in_(last.scalar_subquery()))
    else:
        last = select(AuditRow.id).where(scored).order_by(AuditRow.started_at.desc()).limit(latest)
        query = query.where(FindingRow.audit_id.in_(last.scalar_subquery()))
    wanted = FindingRow.rule_id.in_(rule_ids) & (FindingRow.verdict == verdict)
    ranked = query.where(wanted).subquery()
    first = select(ranked.c.rule_id, ranked.c.audit_id).where(ranked.c.place <= limit)
    return session.execute(first.order_by(ranked.c.rule_id, ranked.c.place)).all()


def _judged(session: Session, audit_id: int) -> Any:
    query = (
        select(RecordingRow.call_id, AgentRow.code, AuditRow.started_at, PayloadRow.payload)
        .join_from(AuditRow, RecordingRow, RecordingRow.id == AuditRow.recording_id)
        .join(PayloadRow, PayloadRow.audit_id == AuditRow.id)
        .outerjoin(AgentRow, AgentRow.id == AuditRow.agent_id)
        .where(AuditRow.id == audit_id)
    )
    call_id, agent, started_at, payload = session.execute(query).one()
    return call_id, agent, started_at, {f.rule: f for f in unpack_judged(payload).findings}


def _clip(told: Any, audit_id: int, rule: str) -> Clip | None:
    call_id, agent, started_at, findings = told
    found = findings.get(rule)
    if found is None or not found.at:
        return None
    return Clip(
        audit_id=audit_id,
        call_id=call_id,
        agent=agent,
        started_at=started_at,
        rule=rule,
        title=found.title,
        verdict=found.verdict,
        critical=found.critical,
        confidence=found.confidence,
        at=found.at,
        quote=found.quote,
        reason=found.reason,
    )
