"""Lists of calls: what to look at first, and what to listen to.

Everything is of one `Edition`. In a call that several agents shared, an agent's lists hold the findings of
his own spells and no other's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import case, func, select, union_all
from sqlalchemy.orm import aliased

from auditor.records import Points
from auditor.store.review_tables import ReviewedCardRow
from auditor.store.selection import Selection, agent_row, audits_of, started_in, team_row
from auditor.store.tables import (
    AgentRow,
    AuditRow,
    FindingRow,
    RecordingRow,
    RuleRow,
    SpellRow,
    TeamRow,
)
from auditor.store.upserts import chunked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from auditor.records import Verdict
    from auditor.store.database import Store
    from auditor.store.editions import Edition


@dataclass(frozen=True, slots=True)
class CallLine:
    """One call as lists show it.

    Attributes:
        risk: how urgently somebody should listen (`tables.AuditRow`).
        reviewed_result: after people have ruled; None: nobody has.
        reviewed_percent: the same.
        open_critical: critical items that nobody confirmed or took away yet.
    """

    audit_id: int
    call_id: str
    agent: str | None
    agent_name: str | None
    team: str | None
    line: str
    direction: str | None
    started_at: datetime | None
    duration_s: float
    result: str
    points: Points
    percent: float | None
    worst_percent: float | None
    best_percent: float | None
    critical: int
    critical_in_review: int
    in_review: int
    risk: float
    reviewed_result: str | None
    reviewed_percent: float | None
    open_critical: int


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One verdict as lists show it; ``agent`` is whose it is, None: nobody's in particular."""

    audit_id: int
    rule: str
    title: str
    section: str
    verdict: Verdict
    weight: float
    critical: bool
    confidence: float
    agent: str | None


# After people's decisions where there are any.
_OPEN_CRITICAL = func.coalesce(
    ReviewedCardRow.critical_in_review, AuditRow.critical + AuditRow.critical_in_review
)
_OPEN = (_OPEN_CRITICAL > 0) | (func.coalesce(ReviewedCardRow.in_review, AuditRow.in_review) > 0)
# What `call_line` reads; conditions and order are added to it.
CALLS = (
    select(
        AuditRow.id,
        RecordingRow.call_id,
        AgentRow.code,
        AgentRow.name,
        TeamRow.name,
        AuditRow.line,
        AuditRow.direction,
        AuditRow.started_at,
        AuditRow.duration_s,
        AuditRow.result,
        AuditRow.earned,
        AuditRow.possible,
        AuditRow.percent,
        AuditRow.worst_percent,
        AuditRow.best_percent,
        AuditRow.critical,
        AuditRow.critical_in_review,
        AuditRow.in_review,
        AuditRow.risk,
        ReviewedCardRow.result,
        ReviewedCardRow.percent,
        _OPEN_CRITICAL,
    )
    .outerjoin(ReviewedCardRow, ReviewedCardRow.audit_id == AuditRow.id)
    .join(RecordingRow, RecordingRow.id == AuditRow.recording_id)
    .outerjoin(AgentRow, AgentRow.id == AuditRow.agent_id)
    .outerjoin(TeamRow, TeamRow.id == AuditRow.team_id)
)


def calls(
    store: Store, *, edition: Edition, selection: Selection, limit: int | None = None
) -> tuple[CallLine, ...]:
    """The selected calls, the latest first; those without a start at the end."""
    with store.reading() as session:
        wanted = audits_of(session, selection, edition=edition)
        order = (AuditRow.started_at.desc().nulls_last(), AuditRow.id)
        return tuple(map(call_line, session.execute(CALLS.where(wanted).order_by(*order).limit(limit))))


def critical_calls(
    store: Store, *, edition: Edition, selection: Selection, limit: int | None = None
) -> tuple[CallLine, ...]:
    """Calls with a failed critical item, the latest first."""
    with store.reading() as session:
        order = (AuditRow.started_at.desc().nulls_last(), AuditRow.id)
        if selection.agent is None:
            query = CALLS.where(audits_of(session, selection, edition=edition), AuditRow.critical > 0)
            return tuple(map(call_line, session.execute(query.order_by(*order).limit(limit))))
        fails = FindingRow.critical & (FindingRow.verdict == "fail")
        his = _is_his(session, selection.agent, fails) & (AuditRow.critical > 0)
        calls = of_agent(
            session, edition, selection, NAMED.critical > 0, NAMED.started_at.desc().nulls_last()
        )
        query = CALLS.where(his).order_by(*order)
        rows = first_of_agent(session, query, calls, agent=selection.agent, limit=limit)
        return tuple(map(call_line, rows))


def review_queue(
    store: Store, *, edition: Edition, selection: Selection, limit: int = 50
) -> tuple[CallLine, ...]:
    """Calls that somebody should listen to, the most urgent first.

    The order: failed critical items, critical items in review, results that hang on the review, the rest;
    within each the least certain finding first, then the latest call, as the index has them.
    """
    with store.reading() as session:
        order = (AuditRow.risk.desc(), AuditRow.started_at.desc(), AuditRow.id.desc())
        query = CALLS.where(AuditRow.risk > 0, _OPEN).order_by(*order)
        if selection.agent is None:
            # By the index of risks until the list is full, not every call of the time sorted by its risk.
            whenever = replace(selection, since=None, until=None, team=None)
            mine = audits_of(session, whenever, edition=edition) & started_in(
                func.coalesce(AuditRow.started_at, AuditRow.started_at), selection
            )
            if selection.team is not None:
                mine &= AuditRow.team_id + 0 == team_row(session, selection.team)
            return tuple(map(call_line, session.execute(query.where(mine).limit(limit))))
        unsure = FindingRow.verdict == "needs_review"
        his = _is_his(
            session, selection.agent, unsure | (FindingRow.critical & (FindingRow.verdict == "fail"))
        )
        urgent = (NAMED.risk.desc(), NAMED.started_at.desc())
        calls = of_agent(session, edition, selection, NAMED.risk + 0 > 0, *urgent)
        rows = first_of_agent(session, query.where(his), calls, agent=selection.agent, limit=limit)
        return tuple(map(call_line, rows))


NAMED = aliased(AuditRow)
_WIDER = 3  # so many times a list's length is looked through before all are


def of_agent(
    session: Session,
    edition: Edition,
    selection: Selection,
    wanted: ColumnElement[bool],
    *order: ColumnElement[Any],
) -> Callable[[int | None], ColumnElement[bool]]:
    """The condition of an agent's calls: the first so many that name him, and all that he shared.

    Most calls name one agent, and an index (`ix_audits_agent`) holds what ``wanted`` and ``order`` may ask of
    them: few of the calls themselves have to be read. Those that he took over from somebody are found by his
    spells.
    """
    assert selection.agent is not None
    agent = agent_row(session, selection.agent)
    named = select(NAMED.id).where(
        NAMED.rulebook_id == edition.rulebook_id,
        NAMED.agent_id == agent,
        started_in(NAMED.started_at, selection),
        wanted,
    )
    shared = select(SpellRow.audit_id).where(
        SpellRow.agent_id == agent, SpellRow.number > 0, started_in(SpellRow.started_at, selection)
    )
    whole = audits_of(session, replace(selection, agent=None, team=None), edition=edition)
    if selection.team is not None:
        whole &= AuditRow.team_id == team_row(session, selection.team)
    # In a CASE no index on other columns may seem better than that of the ids.
    counted = case((whole, 1), else_=0) == 1

    def first(most: int | None) -> ColumnElement[bool]:
        some = named.order_by(*order).limit(most).subquery()
        return counted & AuditRow.id.in_(union_all(select(some.c.id), shared))

    return first


def first_of_agent(
    session: Session,
    query: Select[*tuple[Any, ...]],
    calls: Callable[[int | None], ColumnElement[bool]],
    *,
    agent: str,
    limit: int | None,
) -> Sequence[Any]:
    """The first rows of a list of `CALLS`; of few calls if they fill it, else of all.

    Where the last row is a call that he took over, one that names him may have been left out before it.
    """
    for most in (None,) if limit is None else (_WIDER * limit, None):
        found = session.execute(query.where(calls(most)).limit(limit)).all()
        if len(found) == limit and found[-1][2] == agent:
            break
    return found


def findings_of(
    store: Store, audit_ids: Iterable[int], *, verdicts: Sequence[Verdict]
) -> dict[int, tuple[FindingLine, ...]]:
    """The findings of some calls with these verdicts: critical ones first, then by weight."""
    found: dict[int, list[FindingLine]] = {}
    query = (
        select(
            FindingRow.audit_id,
            RuleRow.rule,
            RuleRow.title,
            RuleRow.section,
            FindingRow.verdict,
            FindingRow.weight,
            FindingRow.critical,
            FindingRow.confidence,
            AgentRow.code,
        )
        .join(RuleRow, RuleRow.id == FindingRow.rule_id)
        .outerjoin(
            SpellRow, (SpellRow.audit_id == FindingRow.audit_id) & (SpellRow.number == FindingRow.spell)
        )
        .outerjoin(AgentRow, AgentRow.id == SpellRow.agent_id)
        .where(FindingRow.verdict.in_(verdicts))
        .order_by(FindingRow.audit_id, FindingRow.critical.desc(), FindingRow.weight.desc(), RuleRow.rule)
    )
    with store.reading() as session:
        for chunk in chunked(audit_ids):
            for row in session.execute(query.where(FindingRow.audit_id.in_(chunk))):
                found.setdefault(row[0], []).append(FindingLine(*tuple[Any, ...](row)))
    return {audit_id: tuple(lines) for audit_id, lines in found.items()}


def verdicts_of(
    store: Store, audit_ids: Iterable[int], *, agent: str | None = None
) -> dict[int, dict[str, tuple[Verdict, float]]]:
    """Rule -> verdict and weight of some calls, without what does not apply; of an agent: in his spells."""
    found: dict[int, dict[str, tuple[Verdict, float]]] = {}
    columns = (FindingRow.audit_id, FindingRow.rule_id, FindingRow.verdict, FindingRow.weight)
    query = select(*columns).where(FindingRow.verdict != "not_applicable")
    with store.reading() as session:
        rules = {id_: rule for id_, rule in session.execute(select(RuleRow.id, RuleRow.rule))}  # noqa: C416
        if agent is not None:
            query = query.join(
                SpellRow, (SpellRow.audit_id == FindingRow.audit_id) & (SpellRow.number == FindingRow.spell)
            ).where(SpellRow.agent_id == agent_row(session, agent))
        for chunk in chunked(audit_ids):
            for audit_id, rule, verdict, weight in session.execute(
                query.where(FindingRow.audit_id.in_(chunk))
            ).all():
                found.setdefault(audit_id, {})[rules[rule]] = (cast("Verdict", verdict), weight)
    return found


def _is_his(session: Session, agent: str, wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    """That one of the audit's findings is in a spell of the agent."""
    return (
        select(FindingRow.audit_id)
        .join(SpellRow, (SpellRow.audit_id == FindingRow.audit_id) & (SpellRow.number == FindingRow.spell))
        .where(FindingRow.audit_id == AuditRow.id, SpellRow.agent_id == agent_row(session, agent), wanted)
        .exists()
    )


def call_line(row: Any) -> CallLine:
    """A row of `CALLS`."""
    values = list(row)
    values[10:12] = [Points(*values[10:12])]
    return CallLine(*values)
