"""The report on one agent: what he does well, what it costs him most, and what to practise.

`gather_agent` (in `auditor.report.gather`) asks the store, `make_agent_report` puts the answers in order,
and the renderers print them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.report.many import (
    FEW,
    ClauseLine,
    Place,
    clause_lines,
    is_better,
    is_worse,
    place_of,
)
from auditor.report.period_report import Facts, PeriodReport, common_parts
from auditor.report.typeset import clean
from auditor.store.adding import Spread, Sums

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from auditor.report.many import Coaching
    from auditor.store.clips import Clip
    from auditor.store.selection import Agent

COSTLY = 5  # clauses that are told with clips
PRAISED = 5
# Name, how it is shown, and what its direction means nothing of: neither high nor low is good by itself.
VOICE = (
    ("articulation_char_per_min", "语速", "字/分", 0),
    ("level_dbov", "音量", "dBov", 1),
    ("phrase_f0_sd_st", "语调起伏", "半音", 1),
    ("response_gap_median_s", "应答间隔", "秒", 1),
)


@dataclass(frozen=True, slots=True)
class AgentFacts(Facts):
    """What the store says about an agent: his own calls and verdicts.

    Attributes:
        team: his team's name by his calls; None: the call records name none.
        others: the sums of his team's whole calls, else of all.
        fails: rule -> clips of fails; passes: rule -> clips of passes.
    """

    agent: Agent
    team: str | None
    others: Sums
    fails: Mapping[str, Sequence[Clip]]
    passes: Mapping[str, Sequence[Clip]]


@dataclass(frozen=True, slots=True)
class Told:
    """A clause with the clips that show it."""

    line: ClauseLine
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class VoiceLine:
    """One figure of the voice: his, the reference's, and his of the period before."""

    name: str
    label: str
    unit: str
    decimals: int
    mine: Spread
    others: Spread | None
    before: Spread | None


@dataclass(frozen=True, slots=True)
class AgentReport(PeriodReport):
    """Everything in the report on one agent."""

    code: str
    name: str
    team: str
    others_name: str
    others: Sums
    costly: tuple[Told, ...]
    praised: tuple[Told, ...]
    voice: tuple[VoiceLine, ...]

    @property
    def title(self) -> str:
        """Name and agent_id."""
        return f"{self.name}（工号 {self.code}）" if self.name else f"工号 {self.code}"


def costly_rules(mine: Sums) -> tuple[str, ...]:
    """The rules that cost most points, the most first."""
    failed = [each for each in mine.clauses if each.failed and each.cost > 0]
    return tuple(each.rule for each in sorted(failed, key=lambda each: (-each.cost, each.rule))[:COSTLY])


def praised_rules(mine: Sums, *, others: Sums) -> tuple[str, ...]:
    """Rules that he keeps better than the others, as far as the number of calls can show it.

    First those whose interval lies above the others' share, by how far; then those without a single fail
    among at least `FEW`, where the others have some.
    """
    theirs = {each.rule: each.pass_share for each in others.clauses}
    found = []
    for each in mine.clauses:
        share, other = each.pass_share, theirs.get(each.rule)
        if not each.points.possible or share.interval is None or other is None or other.value is None:
            continue
        better = is_better(share, other)
        if (share.value == 1.0 and share.of >= FEW and other.value < 1.0) or better:
            found.append((not better, other.value - share.interval[0], each.rule))
    return tuple(rule for _, _, rule in sorted(found)[:PRAISED])


def make_agent_report(facts: AgentFacts, *, coaching: Coaching) -> AgentReport:
    """Put what the store says in the order in which a supervisor reads it."""
    zone = facts.basis.zone
    clauses = clause_lines(facts.mine, others=facts.others, before=facts.before, coaching=coaching)
    by_rule = {line.rule: line for line in clauses}

    def told(rules: Sequence[str], clips: Mapping[str, Sequence[Clip]]) -> tuple[Told, ...]:
        return tuple(
            Told(by_rule[rule], tuple(place_of(clip, zone=zone) for clip in clips.get(rule, ())))
            for rule in rules
            if rule in by_rule
        )

    return AgentReport(
        **common_parts(
            facts,
            others=facts.others,
            clauses=clauses,
            cautions=_cautions(facts),
            coaching=coaching,
            agent=facts.agent.code,
        ),
        code=clean(facts.agent.code),
        name=clean(facts.agent.name or ""),
        team=clean(facts.team or ""),
        others_name=f"{clean(facts.team)}全组" if facts.team else "全体",
        others=facts.others,
        costly=told(costly_rules(facts.mine), facts.fails),
        praised=told(praised_rules(facts.mine, others=facts.others), facts.passes),
        voice=_voice(facts),
    )


def _cautions(facts: AgentFacts) -> list[str]:
    told = []
    if facts.mine.scored < FEW:
        told.append(f"只有 {facts.mine.scored} 通评分通话，不足 {FEW} 通：不参与排名，结论仅供参考")
    shared = facts.mine.scored - facts.mine.alone
    if shared:
        told.append(f"{shared} 通是转接通话：只计本人时段内的条款得分，整通结论不计入合格率")
    if facts.mine.pending:
        told.append(f"{facts.mine.pending} 通待复核：复核确认之前不计入合格率")
    return told


def _voice(facts: AgentFacts) -> tuple[VoiceLine, ...]:
    return tuple(
        VoiceLine(name, label, unit, decimals, facts.mine.figures[name], facts.others.figures.get(name),
                  facts.before.figures.get(name))
        for name, label, unit, decimals in VOICE
        if name in facts.mine.figures
    )  # fmt: skip


def stands_out(line: ClauseLine) -> str:
    """``better``, ``worse`` or nothing, against the others, where the number of calls can show it."""
    if line.others is None:
        return ""
    mine, others = line.mine.pass_share, line.others.pass_share
    return "better" if is_better(mine, others) else "worse" if is_worse(mine, others) else ""
