"""Who may see and do what: the one place where it is decided.

======================  =====  =========  ==========  =====
                        admin  inspector  supervisor  agent
======================  =====  =========  ==========  =====
calls, search, audio    all    all        own teams   own
teams, agents           all    all        own teams   himself
review                  yes    yes        own teams   –
appeal                  –      –          –           own
decide appeals          yes*   –          own teams*  –
runs and failures       yes    yes        –           –
accounts, log           yes    –          –           –
======================  =====  =========  ==========  =====

* An appeal is judged by somebody who did not review its finding, if there is anybody (`store.judges`).

A supervisor's calls are those whose call record names his team; an agent's are those in which he held the
line for a part, heard whole. What is not let through does not exist for the viewer: unknown and forbidden
rows have the same answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sqlalchemy import ColumnElement, exists, false, select, true

from auditor.store.tables import AgentRow, AuditRow, SpellRow, TeamRow

if TYPE_CHECKING:
    from auditor.store import SignedIn

Act = Literal[
    "see_overview",
    "see_teams",
    "see_agents",
    "see_calls",
    "search",
    "review",
    "appeal",
    "judge",
    "see_rules",
    "see_runs",
    "administer",
]

_EVERYONE: frozenset[Act] = frozenset({"see_overview", "see_agents", "see_calls", "search", "see_rules"})
_ACTS: dict[str, frozenset[Act]] = {
    "admin": _EVERYONE | {"see_teams", "review", "judge", "see_runs", "administer"},
    "inspector": _EVERYONE | {"see_teams", "review", "see_runs"},
    "supervisor": _EVERYONE | {"see_teams", "review", "judge"},
    "agent": _EVERYONE | {"appeal"},
}


def may(viewer: SignedIn, act: Act) -> bool:
    """Whether the viewer's role has this act at all; which rows it reaches say the functions below."""
    return act in _ACTS[viewer.role]


def sees_everything(viewer: SignedIn) -> bool:
    """Whether no row is kept from the viewer."""
    return viewer.role in ("admin", "inspector")


def audits_for(viewer: SignedIn) -> ColumnElement[bool]:
    """The condition of `AuditRow` that lets through what the viewer may see and hear."""
    if sees_everything(viewer):
        return true()
    if viewer.role == "supervisor":
        return AuditRow.team_id.in_(sorted(viewer.team_ids)) if viewer.team_ids else false()
    if viewer.agent_id is None:
        return false()
    return exists().where(SpellRow.audit_id == AuditRow.id, SpellRow.agent_id == viewer.agent_id)


def teams_for(viewer: SignedIn) -> ColumnElement[bool]:
    """The condition of `TeamRow`; an agent sees no team."""
    if sees_everything(viewer):
        return true()
    return TeamRow.id.in_(sorted(viewer.team_ids)) if viewer.team_ids else false()


def agents_for(viewer: SignedIn) -> ColumnElement[bool]:
    """The condition of `AgentRow`: for a supervisor, whoever has held the line for one of his teams."""
    if sees_everything(viewer):
        return true()
    if viewer.role == "agent":
        return AgentRow.id == viewer.agent_id if viewer.agent_id is not None else false()
    if not viewer.team_ids:
        return false()
    return AgentRow.id.in_(
        select(SpellRow.agent_id).where(SpellRow.team_id.in_(sorted(viewer.team_ids))).distinct()
    )
