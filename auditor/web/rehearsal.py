"""Asking once, as the site starts, what its pages ask: a statement's first time takes longest."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import true

from auditor.report.agent import make_agent_report
from auditor.report.gather import gather_agent, gather_team
from auditor.report.many import Basis
from auditor.report.many_html import charts_json
from auditor.report.periods import Period
from auditor.report.team import make_team_report
from auditor.store import Selection, agents, fullest_edition, newest_start, teams
from auditor.store.browsing import tallies
from auditor.store.worklists import critical_calls, review_queue

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from auditor.report.many import Coaching
    from auditor.store import Store

_DAYS = timedelta(days=200)  # long enough for months, with days at their ends
_LISTED = 8


def rehearse(store: Store, *, coaching: Coaching, zone: ZoneInfo) -> None:
    """Make the reports on one team and one agent, and throw them away.

    Raises:
        StoreError: the store cannot be read.
    """
    newest = newest_start(store)
    edition = fullest_edition(store)
    if newest is None or edition is None:
        return
    last = newest.astimezone(zone).date()
    basis = Basis(Period("range", last - _DAYS, last, zone), edition)
    whole = Selection(basis.period.since, basis.period.until)
    tallies(store, "team", edition=edition, selection=whole, visible=true())
    tallies(store, "agent", edition=edition, selection=whole, visible=true())
    for lists in (critical_calls, review_queue):
        lists(store, edition=edition, selection=whole, limit=_LISTED)
    for team in (None, *teams(store)[:1]):
        facts = gather_team(store, team, basis=basis, every_call=False, every_figure=False)
        charts_json(make_team_report(facts, coaching=coaching))
    for agent in agents(store)[:1]:
        his = gather_agent(store, agent, basis=basis, every_call=False, every_figure=False)
        charts_json(make_agent_report(his, coaching=coaching))
