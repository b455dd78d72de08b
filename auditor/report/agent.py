"""The report on one agent: what he does well, what it costs him most, and what to practise.

`gather_agent` (in `auditor.report.gather`) asks the store, `make_agent_report` puts the answers in order,
and the renderers print them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.report import labels
from auditor.report.many import (
    FEW,
    ClauseLine,
    Place,
    SectionLine,
    Step,
    call_view,
    clause_lines,
    is_better,
    is_worse,
    left_out_words,
    place_of,
    section_lines,
    trend,
)
from auditor.report.typeset import clean
from auditor.store.adding import Spread, Sums

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from auditor.records import Verdict
    from auditor.report.many import Basis, CallView, Coaching
    from auditor.store.clips import Clip
    from auditor.store.reviewed_sums import ReviewedSums
    from auditor.store.selection import Agent
    from auditor.store.worklists import CallLine, FindingLine

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
class AgentFacts:
    """What the store says about an agent over a period; all sums of one edition.

    Attributes:
        team: his team's name by his calls; None: the call records name none.
        left_out: his calls that only other editions hold.
        mine: his sums; ``others``: those of his team's whole calls, else of all; ``before``: his own of the
            period before.
        calls: his calls, the latest first.
        verdicts: audit -> rule -> verdict and weight, his own.
        fails: rule -> clips of fails; passes: rule -> clips of passes.
        watched: audit -> findings, of critical calls and of the queue.
    """

    basis: Basis
    agent: Agent
    team: str | None
    left_out: int
    mine: Sums
    others: Sums
    before: Sums
    coarser: bool
    own_steps: tuple[Sums, ...]
    other_steps: tuple[Sums, ...]
    reviewed: ReviewedSums
    calls: tuple[CallLine, ...]
    critical: tuple[CallLine, ...]
    queue: tuple[CallLine, ...]
    watched: Mapping[int, Sequence[FindingLine]]
    verdicts: Mapping[int, Mapping[str, tuple[Verdict, float]]]
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
class AgentReport:
    """Everything in the report on one agent."""

    basis: Basis
    code: str
    name: str
    team: str
    others_name: str
    total: Sums
    others: Sums
    before: Sums
    reviewed: ReviewedSums
    cautions: tuple[str, ...]
    steps: tuple[Step, ...]
    sections: tuple[SectionLine, ...]
    clauses: tuple[ClauseLine, ...]
    costly: tuple[Told, ...]
    praised: tuple[Told, ...]
    voice: tuple[VoiceLine, ...]
    critical: tuple[CallView, ...]
    queue: tuple[CallView, ...]
    calls: tuple[CallLine, ...]
    verdicts: Mapping[int, Mapping[str, tuple[Verdict, float]]]
    pass_mark: float | None

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
        basis=facts.basis,
        code=clean(facts.agent.code),
        name=clean(facts.agent.name or ""),
        team=clean(facts.team or ""),
        others_name=f"{clean(facts.team)}全组" if facts.team else "全体",
        total=facts.mine,
        others=facts.others,
        before=facts.before,
        reviewed=facts.reviewed,
        cautions=_cautions(facts),
        steps=trend(facts.basis.period, facts.own_steps, facts.other_steps, coarser=facts.coarser),
        sections=section_lines(facts.mine, others=facts.others, before=facts.before),
        clauses=clauses,
        costly=told(costly_rules(facts.mine), facts.fails),
        praised=told(praised_rules(facts.mine, others=facts.others), facts.passes),
        voice=_voice(facts),
        critical=_views(facts.critical, facts, verdicts=("fail", "needs_review"), critical=True),
        queue=_views(facts.queue, facts, verdicts=("fail", "needs_review"), critical=False),
        calls=facts.calls,
        verdicts=facts.verdicts,
        pass_mark=coaching.pass_mark,
    )


def _cautions(facts: AgentFacts) -> tuple[str, ...]:
    told = []
    if facts.basis.demonstration:
        told.append(labels.DEMONSTRATION_LINE)
    if facts.left_out:
        told.append(left_out_words(facts.left_out))
    if facts.mine.scored < FEW:
        told.append(f"只有 {facts.mine.scored} 通评分通话，不足 {FEW} 通：不参与排名，结论仅供参考")
    shared = facts.mine.scored - facts.mine.alone
    if shared:
        told.append(f"{shared} 通是转接通话：只计本人时段内的条款得分，整通结论不计入合格率")
    if facts.mine.pending:
        told.append(f"{facts.mine.pending} 通待复核：复核确认之前不计入合格率")
    return tuple(told)


def _voice(facts: AgentFacts) -> tuple[VoiceLine, ...]:
    return tuple(
        VoiceLine(name, label, unit, decimals, facts.mine.figures[name], facts.others.figures.get(name),
                  facts.before.figures.get(name))
        for name, label, unit, decimals in VOICE
        if name in facts.mine.figures
    )  # fmt: skip


def _views(
    calls: Sequence[CallLine], facts: AgentFacts, *, verdicts: Sequence[Verdict], critical: bool
) -> tuple[CallView, ...]:
    return tuple(
        call_view(
            call,
            zone=facts.basis.zone,
            items=[
                (each.rule, each.title, each.verdict)
                for each in facts.watched.get(call.audit_id, ())
                if each.agent in (None, facts.agent.code)
                and (each.critical if critical else each.critical or each.verdict == "needs_review")
                and each.verdict in verdicts
            ],
        )
        for call in calls
    )


def stands_out(line: ClauseLine) -> str:
    """``better``, ``worse`` or nothing, against the others, where the number of calls can show it."""
    if line.others is None:
        return ""
    mine, others = line.mine.pass_share, line.others.pass_share
    return "better" if is_better(mine, others) else "worse" if is_worse(mine, others) else ""
