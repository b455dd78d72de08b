"""Which branch of a script a call takes, and the reading of the whole script on it.

The customer's words choose. Where they do not, the branch is taken whose own steps the agent says. Where
neither tells, a step that some branch does not have is never proven to be lacking.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.kinds.listening import Doubt
from auditor.kinds.script_reading import Hearer, Reading
from auditor.kinds.steps import Branch, DueStep, Step, answer_to, due_steps
from auditor.kinds.triggers import find_triggers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.records import Turn


def read_script(steps: Sequence[Step], branches: Sequence[Branch], *, hearer: Hearer) -> Reading:
    """The script as this call should have it, against what was said."""
    common = _due(steps, hearer=hearer)
    if not branches:
        return hearer.read(common)
    readings = {
        branch.name: hearer.read((*common, *_due(branch.steps, hearer=hearer))) for branch in branches
    }
    name, doubt = _by_customer(branches, common=common, hearer=hearer)
    name = name or _by_agent(branches, readings=readings)
    if name is not None:
        return _doubted(readings[name], doubt, names={s.name for s in steps})
    best = min(readings.values(), key=lambda reading: (len(reading.lacks), -len(reading.said)))
    always = set.intersection(*({lack.step.name for lack in r.lacks} for r in readings.values()))
    unsure = Doubt("branch", f"听不出属于哪一种情况({'、'.join(b.name for b in branches)}),请听录音确认")
    return _doubted(best, unsure, names=always | {step.name for step in steps})


def _due(steps: Sequence[Step], *, hearer: Hearer) -> tuple[DueStep, ...]:
    return due_steps(
        steps, trigger=hearer.trigger.turn, window=hearer.window, evidence=hearer.evidence, book=hearer.book
    )


def _doubted(reading: Reading, doubt: Doubt | None, *, names: set[str]) -> Reading:
    """The reading with a doubt on every lack but those of the named steps."""
    if doubt is None:
        return reading
    lacks = tuple(
        lack if lack.doubt or lack.step.name in names else replace(lack, doubt=doubt)
        for lack in reading.lacks
    )
    return replace(reading, lacks=lacks)


def _by_customer(
    branches: Sequence[Branch], *, common: tuple[DueStep, ...], hearer: Hearer
) -> tuple[str | None, Doubt | None]:
    """The branch that the customer's words take, and the doubt about it; None: none, or more than one."""
    asked = next((one.places[-1].turn for one in reversed(common) if one.places), hearer.trigger.turn)
    first = answer_to(asked, evidence=hearer.evidence)
    if first is None:
        return None, None
    for early in (True, False):
        taken: dict[str, Doubt | None] = {}
        for branch in branches:
            if branch.first_answer is not early:
                continue
            found = [
                trigger.doubt
                for trigger in find_triggers(
                    hearer.book.words(*branch.says),
                    role="customer",
                    evidence=hearer.evidence,
                    book=hearer.book,
                    hints=hearer.book.words(*branch.hints),
                    unless=hearer.book.words(*branch.unless),
                )
                if _counts(trigger.turn, branch=branch, first=first)
            ]
            if found:
                taken[branch.name] = None if None in found else found[0]
        if len(taken) == 1:
            return next(iter(taken.items()))
        if taken:
            return None, None
    return None, None


def _counts(turn: Turn, *, branch: Branch, first: Turn) -> bool:
    return turn is first if branch.first_answer else turn.start_s >= first.start_s


def _by_agent(branches: Sequence[Branch], *, readings: dict[str, Reading]) -> str | None:
    """The only branch of whose own steps the agent says any; None: there is none or more."""
    taken = []
    for branch in branches:
        others = {step.name for other in branches if other is not branch for step in other.steps}
        own = {step.name for step, place in readings[branch.name].said if place is not None} - others
        if own & {step.name for step in branch.steps}:
            taken.append(branch.name)
    return taken[0] if len(taken) == 1 else None
