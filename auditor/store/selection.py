"""Which calls a question is about, and whom names mean."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, true

from auditor.store.tables import AgentRow, AuditRow, RecordingRow, SpellRow, TeamRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from auditor.store.database import Store
    from auditor.store.editions import Edition

_NOBODY = -1


@dataclass(frozen=True, slots=True)
class Selection:
    """Which calls: everything that is given must hold.

    Attributes:
        since: only calls that started then or later; where a time is given, calls without a start are out.
        until: only calls that started before.
        team: the team's name.
        agent: the agent's agent_id (工号): calls that he had a part in.
        line: the line, by canonical name.
    """

    since: datetime | None = None
    until: datetime | None = None
    team: str | None = None
    agent: str | None = None
    line: str | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent as reports name him."""

    code: str
    name: str | None


def find_agent(store: Store, code: str) -> Agent | None:
    """The agent of that agent_id; None: no call names him."""
    with store.reading() as session:
        row = session.execute(select(AgentRow.code, AgentRow.name).where(AgentRow.code == code)).one_or_none()
    return None if row is None else Agent(*row)


def find_team(store: Store, name: str) -> bool:
    """Whether any call names that team."""
    with store.reading() as session:
        return session.scalar(select(TeamRow.id).where(TeamRow.name == name)) is not None


def agents(store: Store) -> tuple[Agent, ...]:
    """Every agent that a call names, by agent_id."""
    with store.reading() as session:
        rows = session.execute(select(AgentRow.code, AgentRow.name).order_by(AgentRow.code))
        return tuple(Agent(*row) for row in rows)


def teams(store: Store) -> tuple[str, ...]:
    """Every team that a call names."""
    with store.reading() as session:
        return tuple(session.scalars(select(TeamRow.name).order_by(TeamRow.name)))


def close_agents(store: Store, given: str) -> tuple[Agent, ...]:
    """At most three agents whose agent_id or name is near to what was given."""
    known = {text: agent for agent in agents(store) for text in (agent.name, agent.code) if text}
    return tuple(dict.fromkeys(known[text] for text in get_close_matches(given, known, n=3, cutoff=0.5)))


def close_teams(store: Store, given: str) -> tuple[str, ...]:
    """At most three teams whose name is near to what was given."""
    return tuple(get_close_matches(given, teams(store), n=3, cutoff=0.3))


def close_calls(store: Store, given: str) -> tuple[str, ...]:
    """At most three call_ids that begin as what was given does."""
    head = given[: max(1, len(given) - 2)]
    query = select(RecordingRow.call_id).where(RecordingRow.call_id.startswith(head, autoescape=True))
    with store.reading() as session:
        return tuple(session.scalars(query.order_by(RecordingRow.call_id).limit(3)))


def agent_row(session: Session, code: str) -> int:
    """The agent's row; one that no call has where nobody knows him."""
    return session.scalar(select(AgentRow.id).where(AgentRow.code == code)) or _NOBODY


def team_row(session: Session, name: str) -> int:
    """The team's row; one that no call has where nobody knows it."""
    return session.scalar(select(TeamRow.id).where(TeamRow.name == name)) or _NOBODY


def audits_of(session: Session, selection: Selection, *, edition: Edition) -> ColumnElement[bool]:
    """The condition of the audits that a selection means, of those that count in an edition."""
    return edition.holds(by_call=selection.agent is not None) & selected(session, selection)


def selected(session: Session, selection: Selection) -> ColumnElement[bool]:
    """The condition of the audits that a selection means, in whatever edition."""
    if selection.agent is None:
        wanted = started_in(AuditRow.started_at, selection)
    else:
        his = (SpellRow.agent_id == agent_row(session, selection.agent)) & started_in(
            SpellRow.started_at, selection
        )
        wanted = AuditRow.id.in_(select(SpellRow.audit_id).where(his))
    if selection.team is not None:
        # An agent's calls are found by his spells: no index on audits may seem better.
        team = AuditRow.team_id if selection.agent is None else AuditRow.team_id + 0
        wanted &= team == team_row(session, selection.team)
    if selection.line is not None:
        wanted &= AuditRow.line == selection.line
    return wanted


def started_in(column: Any, selection: Selection) -> ColumnElement[bool]:
    """Whether a start lies in the selection's time."""
    wanted: ColumnElement[bool] = true()
    if selection.since is not None:
        wanted &= column >= selection.since
    if selection.until is not None:
        wanted &= column < selection.until
    return wanted
