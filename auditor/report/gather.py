"""What the store says about an agent or a team over a period, asked in one place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.report.agent import AgentFacts, costly_rules, praised_rules
from auditor.report.team import TeamFacts
from auditor.store import (
    Agent,
    Selection,
    agents,
    calls,
    clips,
    critical_calls,
    findings_of,
    left_out,
    review_queue,
    reviewed_sums,
    sums,
    sums_by,
    sums_over_time,
    verdicts_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from auditor.records import Verdict
    from auditor.report.many import Basis
    from auditor.report.periods import Period
    from auditor.store import CallLine, Clip, FindingLine, Store, Sums

LISTED = 20  # calls of a list of a report
CLIPS = 3  # of a clause
TELLING = 3  # scored calls of a step of a trend; with fewer on the average its steps are coarser
DETAILED = 5000  # calls of a team; with more of them their table goes without columns for every rule
_TO_LISTEN: tuple[Verdict, ...] = ("fail", "needs_review")


def gather_agent(
    store: Store,
    agent: Agent,
    *,
    basis: Basis,
    line: str | None = None,
    every_call: bool = True,
    every_figure: bool = True,
) -> AgentFacts:
    """What the store says about an agent.

    Args:
        store: an open store.
        agent: who; see `auditor.store.find_agent`.
        basis: edition and period.
        line: only calls of this line; None: of all.
        every_call: whether tables of all his calls will be written (XLSX, CSV); a page does without.
        every_figure: whether all sums are wanted whole; a page shows no clauses of a trend's steps.

    Raises:
        StoreError: the store cannot be read.
    """
    period, edition = basis.period, basis.edition
    mine = Selection(period.since, period.until, None, agent.code, line)
    earlier = replace(mine, since=period.previous().since, until=period.previous().until)
    team = team_of(store, mine, basis=basis)
    others = replace(mine, agent=None, team=team)
    own, theirs = (sums(store, edition=edition, selection=each) for each in (mine, others))
    coarser = _says_little(own, period)
    cuts = period.cuts(coarser=coarser)
    critical = critical_calls(store, edition=edition, selection=mine, limit=LISTED)
    queue = review_queue(store, edition=edition, selection=mine, limit=LISTED)
    listed = calls(store, edition=edition, selection=mine) if every_call else ()

    def steps(whose: Selection) -> tuple[Sums, ...]:
        return sums_over_time(store, edition=edition, selection=whose, cuts=cuts, clauses=every_figure)

    def heard(rules: Sequence[str], verdict: Verdict) -> Mapping[str, Sequence[Clip]]:
        if not rules:
            return {}
        return clips(store, rules, edition=edition, selection=mine, verdict=verdict, per_rule=CLIPS)

    return AgentFacts(
        basis=basis,
        agent=agent,
        team=team,
        left_out=left_out(store, edition=edition, selection=mine),
        mine=own,
        others=theirs,
        before=sums(store, edition=edition, selection=earlier),
        coarser=coarser,
        own_steps=steps(mine),
        other_steps=steps(others),
        reviewed=reviewed_sums(store, edition=edition, selection=mine),
        calls=listed,
        critical=critical,
        queue=queue,
        watched=_watched(store, (*critical, *queue)),
        verdicts=verdicts_of(store, [each.audit_id for each in listed], agent=agent.code),
        fails=heard(costly_rules(own), "fail"),
        passes=heard(praised_rules(own, others=theirs), "pass"),
    )


def gather_team(
    store: Store,
    team: str | None,
    *,
    basis: Basis,
    line: str | None = None,
    every_call: bool = True,
    every_figure: bool = True,
) -> TeamFacts:
    """What the store says about a team, or about all calls where ``team`` is None.

    Arguments as of `gather_agent`; without ``every_figure`` only its own scores have their distribution.

    Raises:
        StoreError: the store cannot be read.
    """
    period, edition = basis.period, basis.edition
    mine = Selection(period.since, period.until, team, None, line)
    earlier = replace(mine, since=period.previous().since, until=period.previous().until)
    everyone = replace(mine, team=None)
    own = sums(store, edition=edition, selection=mine)
    coarser = _says_little(own, period)
    cuts = period.cuts(coarser=coarser)

    def steps(whose: Selection) -> tuple[Sums, ...]:
        whole = {"clauses": every_figure, "figures": every_figure}
        return sums_over_time(store, edition=edition, selection=whose, cuts=cuts, **whole)

    own_steps = steps(mine)
    critical = critical_calls(store, edition=edition, selection=mine, limit=LISTED)
    queue = review_queue(store, edition=edition, selection=mine, limit=LISTED)
    listed = calls(store, edition=edition, selection=mine) if every_call else ()
    return TeamFacts(
        basis=basis,
        team=team,
        left_out=left_out(store, edition=edition, selection=mine),
        mine=own,
        before=sums(store, edition=edition, selection=earlier, figures=every_figure),
        everyone=sums(store, edition=edition, selection=everyone, figures=every_figure)
        if team is not None
        else None,
        coarser=coarser,
        own_steps=own_steps,
        other_steps=own_steps if team is None else steps(everyone),
        agents=sums_by(store, "agent", edition=edition, selection=mine, figures=every_figure),
        agents_before=sums_by(
            store,
            "agent",
            edition=edition,
            selection=earlier,
            clauses=every_figure,
            figures=every_figure,
        ),
        names={each.code: each.name for each in agents(store) if each.name},
        reviewed=reviewed_sums(store, edition=edition, selection=mine),
        critical=critical,
        queue=queue,
        watched=_watched(store, (*critical, *queue)),
        calls=listed,
        verdicts=verdicts_of(store, [each.audit_id for each in listed]) if len(listed) <= DETAILED else {},
    )


def team_of(store: Store, selection: Selection, *, basis: Basis) -> str | None:
    """The team that most of an agent's calls name; None: they name none."""
    found = sums_by(store, "team", edition=basis.edition, selection=selection, clauses=False, figures=False)
    named = {team: each.calls for team, each in found.items() if team}
    return max(named, key=lambda team: (named[team], team)) if named else None


def _says_little(total: Sums, period: Period) -> bool:
    return total.scored < TELLING * (len(period.steps()) - 1)


def _watched(store: Store, listed: Sequence[CallLine]) -> dict[int, tuple[FindingLine, ...]]:
    return findings_of(store, dict.fromkeys(each.audit_id for each in listed), verdicts=_TO_LISTEN)
