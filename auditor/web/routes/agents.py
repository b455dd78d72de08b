"""Agents: a list with their counts, and one with his clauses, trend and calls."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import select
from starlette.responses import Response

from auditor.report.agent import AgentReport, make_agent_report
from auditor.report.gather import gather_agent
from auditor.report.many import Basis
from auditor.store.browsing import Wanted, browse, tallies
from auditor.store.reviewed_sums import reviewed_sums
from auditor.store.selection import Agent, find_agent
from auditor.store.sums import sums
from auditor.store.tables import AgentRow, AuditRow, SpellRow
from auditor.web.access import agents_for, audits_for, sees_everything
from auditor.web.errors import NotThereError
from auditor.web.figures import costliest, trend
from auditor.web.scope import Asking, Scoping, scope_of
from auditor.web.visits import Visit, Visiting

router = APIRouter()

# Below this many calls nobody is compared with anybody (design: rankings).
FEWEST = 10
_SHOWN = 10


@router.get("/agents")
def agents_page(visit: Visiting, scope: Scoping) -> Response:
    """The viewer's agents."""
    visit.require("see_agents")
    visit.note("look")
    if scope.edition is None:
        return visit.page("nothing.html", title="客服")
    found = tallies(
        visit.store,
        "agent",
        edition=scope.edition,
        selection=scope.selection,
        visible=agents_for(visit.viewer),
    )
    return visit.page("agents.html", scope=scope, agents=found, fewest=FEWEST)


@router.get("/agents/{code}")
def agent_page(visit: Visiting, code: str, asking: Asking) -> Response:
    """One agent."""
    visit.require("see_agents")
    agent = _visible_agent(visit, code[:80])
    scope = scope_of(visit, asking, agent=code[:80])
    visit.note("look")
    if scope.edition is None:
        return visit.page("nothing.html", title=agent[1] or agent[0])
    period = scope.report_period()
    if period is not None and _wholly_visible(visit, agent[0]):
        basis = Basis(period, scope.edition)
        return visit.page(
            "agent_report.html",
            scope=scope,
            code=agent[0],
            report=visit.site.reports.get(
                ("agent", code, basis, scope.selection.line),
                lambda: _report(visit, agent, basis=basis, line=scope.selection.line),
            ),
        )
    # Otherwise: the part of the agent's calls that was the viewer's teams'.
    found = sums(visit.store, edition=scope.edition, selection=scope.selection, figures=False)
    lines, _ = browse(
        visit.store,
        edition=scope.edition,
        selection=scope.selection,
        wanted=Wanted(),
        visible=audits_for(visit.viewer),
        limit=_SHOWN,
    )
    return visit.page(
        "agent.html",
        scope=scope,
        code=agent[0],
        name=agent[1],
        sums=found,
        reviewed=reviewed_sums(visit.store, edition=scope.edition, selection=scope.selection),
        clauses=costliest(found.clauses, most=_SHOWN),
        praised=[each for each in found.clauses if not each.failed and each.passed >= FEWEST][:_SHOWN],
        trend=trend(visit.store, edition=scope.edition, scope=scope),
        lines=lines,
        fewest=FEWEST,
    )


def _report(visit: Visit, agent: tuple[str, str | None], *, basis: Basis, line: str | None) -> AgentReport:
    facts = gather_agent(
        visit.store, Agent(*agent), basis=basis, line=line, every_call=False, every_figure=False
    )
    return make_agent_report(facts, coaching=visit.site.coaching)


def _wholly_visible(visit: Visit, code: str) -> bool:
    """Whether the viewer may see every call of an agent; a report adds up all of them."""
    if sees_everything(visit.viewer) or visit.viewer.role == "agent":
        return True
    elsewhere = (
        select(AuditRow.id)
        .join(SpellRow, SpellRow.audit_id == AuditRow.id)
        .join(AgentRow, AgentRow.id == SpellRow.agent_id)
        .where(AgentRow.code == code, ~audits_for(visit.viewer) | AuditRow.team_id.is_(None))
        .limit(1)
    )
    with visit.store.reading() as session:
        return session.scalar(elsewhere) is None


def _visible_agent(visit: Visit, code: str) -> tuple[str, str | None]:
    query = select(AgentRow.id).where(AgentRow.code == code, agents_for(visit.viewer))
    with visit.store.reading() as session:
        there = session.scalar(query) is not None
    found = find_agent(visit.store, code) if there else None
    if found is None and not (visit.viewer.role == "agent" and visit.viewer.agent == code):
        raise NotThereError(f"agent {code}")
    return (found.code, found.name) if found else (code, None)
