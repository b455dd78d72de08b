"""What the reports on an agent and on a team have in common: what the store said, and what is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditor.report import labels
from auditor.report.many import call_view, left_out_words, section_lines, trend

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from auditor.records import Verdict
    from auditor.report.many import Basis, CallView, ClauseLine, Coaching, SectionLine, Step
    from auditor.store.adding import Sums
    from auditor.store.reviewed_sums import ReviewedSums
    from auditor.store.worklists import CallLine, FindingLine


@dataclass(frozen=True, slots=True)
class Facts:
    """What the store says about whoever a report is on, over a period; all sums of one edition.

    Attributes:
        left_out: calls that only other editions hold.
        mine: the sums; ``before``: of the period before.
        coarser: whether the trend's steps are long, for want of calls.
        own_steps: the sums of each step; ``other_steps``: of those to compare with.
        critical: calls with a failed critical item; ``queue``: calls to listen to.
        watched: audit -> findings that fail or are in review, of both.
        calls: all calls, the latest first, where a table of them is wanted.
        verdicts: audit -> rule -> verdict and weight.
    """

    basis: Basis
    left_out: int
    mine: Sums
    before: Sums
    coarser: bool
    own_steps: tuple[Sums, ...]
    other_steps: tuple[Sums, ...]
    reviewed: ReviewedSums
    critical: tuple[CallLine, ...]
    queue: tuple[CallLine, ...]
    watched: Mapping[int, Sequence[FindingLine]]
    calls: tuple[CallLine, ...]
    verdicts: Mapping[int, Mapping[str, tuple[Verdict, float]]]


@dataclass(frozen=True, slots=True)
class PeriodReport:
    """What stands in both reports."""

    basis: Basis
    total: Sums
    before: Sums
    reviewed: ReviewedSums
    cautions: tuple[str, ...]
    steps: tuple[Step, ...]
    sections: tuple[SectionLine, ...]
    clauses: tuple[ClauseLine, ...]
    critical: tuple[CallView, ...]
    queue: tuple[CallView, ...]
    calls: tuple[CallLine, ...]
    verdicts: Mapping[int, Mapping[str, tuple[Verdict, float]]]
    pass_mark: float | None


def common_parts(
    facts: Facts,
    *,
    others: Sums | None,
    clauses: tuple[ClauseLine, ...],
    cautions: Sequence[str],
    coaching: Coaching,
    agent: str | None = None,
) -> dict[str, Any]:
    """The fields of `PeriodReport`.

    Args:
        facts: what the store says.
        others: sums to compare with; None: there are none.
        clauses: see `many.clause_lines`.
        cautions: what to bear in mind, beside what holds for every report.
        coaching: see `many.read_coaching`.
        agent: whose findings are named in the lists; None: everybody's.
    """
    warned = [labels.DEMONSTRATION_LINE] if facts.basis.demonstration else []
    warned += [left_out_words(facts.left_out)] if facts.left_out else []
    return {
        "basis": facts.basis,
        "total": facts.mine,
        "before": facts.before,
        "reviewed": facts.reviewed,
        "cautions": (*warned, *cautions),
        "steps": trend(facts.basis.period, facts.own_steps, facts.other_steps, coarser=facts.coarser),
        "sections": section_lines(facts.mine, others=others, before=facts.before),
        "clauses": clauses,
        "critical": tuple(_view(call, facts, agent=agent, critical=True) for call in facts.critical),
        "queue": tuple(_view(call, facts, agent=agent, critical=False) for call in facts.queue),
        "calls": facts.calls,
        "verdicts": facts.verdicts,
        "pass_mark": coaching.pass_mark,
    }


def _view(call: CallLine, facts: Facts, *, agent: str | None, critical: bool) -> CallView:
    """A call with what is to be listened to in it: the critical items, and in the queue what is in review."""
    items = [
        (each.rule, each.title, each.verdict)
        for each in facts.watched.get(call.audit_id, ())
        if agent is None or each.agent in (None, agent)
        if each.critical or (not critical and each.verdict == "needs_review")
    ]
    return call_view(call, zone=facts.basis.zone, items=items)
