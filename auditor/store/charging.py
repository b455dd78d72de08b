"""Whose points: in a transferred call each agent answers for his part, and nobody for what cannot be placed.

A call with one agent is his altogether. With several, a finding belongs to the agent who held the line during
every stretch that proves it; a finding without a place, or across a transfer, is nobody's: it counts for the
call, and no agent is charged with another's fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.records import AgentSpell, Points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.records import CallRecord, Finding


@dataclass(frozen=True, slots=True)
class Charge:
    """One agent's stretch of a call and its points."""

    spell: AgentSpell
    points: Points


def spells_of(record: CallRecord) -> tuple[AgentSpell, ...]:
    """Who held the line, in time order; empty where the call record names nobody."""
    if record.agents:
        return tuple(sorted(record.agents, key=lambda spell: spell.from_s))
    return (AgentSpell(record.agent_id, 0.0),) if record.agent_id is not None else ()


def spell_of(finding: Finding, *, spells: Sequence[AgentSpell]) -> int | None:
    """The number of the spell that a finding belongs to; None: nobody's in particular."""
    if len({spell.agent_id for spell in spells}) <= 1:
        return 0 if spells else None
    if not finding.at:
        return None
    for number, spell in enumerate(spells):
        until_s = _end_s(number, spells=spells)
        if all(spell.from_s <= at.start_s and at.end_s <= until_s for at in finding.at):
            return number
    return None


def charges(findings: Sequence[Finding], *, spells: Sequence[AgentSpell]) -> tuple[Charge, ...]:
    """Every spell with the points earned and possible in it."""
    points = [Points(0.0, 0.0) for _ in spells]
    for finding in findings:
        number = spell_of(finding, spells=spells)
        if number is not None and finding.verdict in ("pass", "fail"):
            earned = finding.weight if finding.verdict == "pass" else 0.0
            points[number] += Points(earned, finding.weight)
    return tuple(Charge(spell, sum_) for spell, sum_ in zip(spells, points, strict=True))


def _end_s(number: int, *, spells: Sequence[AgentSpell]) -> float:
    """When a spell ends: as it says, else where the next begins, else never."""
    until_s = spells[number].to_s
    if until_s is not None:
        return until_s
    return spells[number + 1].from_s if number + 1 < len(spells) else float("inf")
