"""The report on a team (or on all): who needs help with what, and what to listen to first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.report.many import FEW, clause_lines, is_better, is_worse
from auditor.report.period_report import Facts, PeriodReport, common_parts
from auditor.report.typeset import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from auditor.records import Share
    from auditor.report.many import ClauseLine, Coaching
    from auditor.store.adding import Sums

WARMEST = 24  # clauses of the heat map


@dataclass(frozen=True, slots=True)
class TeamFacts(Facts):
    """What the store says about a team: whole calls, whoever held the line.

    Attributes:
        team: its name; None: all calls.
        everyone: the sums of all calls; None where these are all.
        agents: agent_id -> his own sums; ``agents_before``: of the period before.
        names: agent_id -> name.
    """

    team: str | None
    everyone: Sums | None
    agents: Mapping[str, Sums]
    agents_before: Mapping[str, Sums]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AgentLine:
    """One agent of the team; ``rank`` None: too few calls for one."""

    code: str
    name: str
    rank: int | None
    total: Sums
    before: Sums | None

    @property
    def title(self) -> str:
        """Name and agent_id."""
        return f"{self.name}（{self.code}）" if self.name else self.code


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the heat map; ``tone`` compares with the team where the number of calls can show it."""

    share: Share
    in_review: int
    tone: str

    @property
    def judged(self) -> int:
        """How often it was judged."""
        return self.share.of


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One clause of the heat map, with a cell for each agent; None: never judged."""

    line: ClauseLine
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class TeamReport(PeriodReport):
    """Everything in the report on a team."""

    name: str
    everyone: Sums | None
    agents: tuple[AgentLine, ...]
    heat: tuple[HeatRow, ...]

    @property
    def title(self) -> str:
        """Its name."""
        return self.name


def make_team_report(facts: TeamFacts, *, coaching: Coaching) -> TeamReport:
    """Put what the store says in the order in which a supervisor reads it."""
    clauses = clause_lines(facts.mine, others=facts.everyone, before=facts.before, coaching=coaching)
    agents = rank(facts.agents, before=facts.agents_before, names=facts.names)
    return TeamReport(
        **common_parts(
            facts, others=facts.everyone, clauses=clauses, cautions=_cautions(facts), coaching=coaching
        ),
        name=clean(facts.team) if facts.team is not None else "全体",
        everyone=facts.everyone,
        agents=agents,
        heat=heat_map(clauses, agents=agents),
    )


def rank(
    agents: Mapping[str, Sums], *, before: Mapping[str, Sums], names: Mapping[str, str]
) -> tuple[AgentLine, ...]:
    """The agents by score; those with few calls after them, without a rank. Equal scores share a rank."""
    enough = {code: sums for code, sums in agents.items() if sums.scored >= FEW and sums.percent is not None}
    scores = [sums.percent for sums in enough.values()]
    lines = [
        AgentLine(
            code=clean(code),
            name=clean(names.get(code, "")),
            rank=1 + sum(score is not None and score > (sums.percent or 0.0) for score in scores)
            if code in enough
            else None,
            total=sums,
            before=before.get(code),
        )
        for code, sums in agents.items()
    ]
    return tuple(sorted(lines, key=lambda line: (line.rank is None, line.rank or 0, line.code)))


def heat_map(clauses: Sequence[ClauseLine], *, agents: Sequence[AgentLine]) -> tuple[HeatRow, ...]:
    """The clauses that cost the team most against its agents, in the order of their cost."""
    costly = sorted((line for line in clauses if line.mine.failed), key=lambda line: -line.mine.cost)
    by_agent = [{each.rule: each for each in agent.total.clauses} for agent in agents]
    rows = []
    for line in costly[:WARMEST]:
        cells: list[Cell | None] = []
        for theirs in by_agent:
            each = theirs.get(line.mine.rule)
            if each is None or not (each.passed + each.failed + each.in_review):
                cells.append(None)
                continue
            share, team = each.pass_share, line.mine.pass_share
            tone = "better" if is_better(share, team) else "worse" if is_worse(share, team) else ""
            cells.append(Cell(share, each.in_review, tone))
        rows.append(HeatRow(line, tuple(cells)))
    return tuple(rows)


def _cautions(facts: TeamFacts) -> list[str]:
    told = []
    if facts.mine.pending:
        told.append(f"{facts.mine.pending} 通待复核：复核确认之前不计入合格率，也不算任何人的错")
    few = sum(sums.scored < FEW for sums in facts.agents.values())
    if few:
        told.append(f"{few} 名客服的评分通话不足 {FEW} 通，只列数据、不排名")
    return told
