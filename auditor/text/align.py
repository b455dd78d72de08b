"""Approximate alignment of one wording with any stretch of a text (Sellers' algorithm over units)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from auditor.text.patterns import SLACK
from auditor.text.units import BLOCKED, NEGATIONS, amounts, substitution, units

if TYPE_CHECKING:
    from auditor.text.patterns import Pattern, Step
    from auditor.text.units import Units

_LONGEST_NAME = 8
_LONGEST_ANY = 60


def _first_starts(row: Units, slot: str) -> list[int]:
    """Per end position: the earliest start of a slot that ends there; the end itself when there is none."""
    firsts = [0]
    for end in range(1, len(row) + 1):
        if slot == "any":
            firsts.append(max(0, end - _LONGEST_ANY))
            continue
        sound = row.sounds[end - 1]
        fits = sound.value is not None if slot == "number" else not sound.strict
        firsts.append(max(firsts[-1], end - _LONGEST_NAME) if fits else end)
    return firsts


def _fill_slot(text: str, slot: str, costs: list[float], froms: list[int]) -> tuple[list[float], list[int]]:
    """One row of `align` for a slot: what it holds costs nothing; the nearest start wins a tie."""
    row = units(text)
    new, new_froms = [BLOCKED] * len(costs), list(range(len(costs)))
    if slot == "amount":
        for start, end in amounts(text):
            if costs[start] < new[end]:
                new[end], new_froms[end] = costs[start], froms[start]
        return new, new_froms
    solid = 0  # a slot holds at least one unit that is no filler or particle
    for end, first in enumerate(_first_starts(row, slot)):
        if end and row.sounds[end - 1].gap >= 1:
            solid = end
        if first < solid:
            window = costs[first:solid]
            window.reverse()
            new[end] = min(window)
            new_froms[end] = froms[solid - 1 - window.index(new[end])]
    return new, new_froms


_Cells = dict[int, tuple[float, int]]
_NOT_REACHED = (BLOCKED, 0)


def align(
    text: str, wordings: Sequence[Pattern], *, max_distance: float
) -> Iterator[tuple[int, float, int, int]]:
    """Alignments within a distance per syllable: (place of the wording, cost, first unit, end unit).

    There is at most one per wording and end. Row by row over a wording: cell ``j`` holds the cheapest way to
    have said it so far in a stretch that ends before unit j, and where that stretch begins. Only what is
    within the budget is kept from row to row (nothing else can lead to an alignment), and a wording goes on
    from the rows that it shares with the one before.
    """
    row = units(text)
    budgets = [max_distance * max(pattern.weight, 1) + SLACK for pattern in wordings]
    most = max(budgets, default=0.0)
    done: list[Step] = []
    rows: list[_Cells] = []
    for place, (pattern, budget) in enumerate(zip(wordings, budgets, strict=True)):
        steps = pattern.steps(max_distance=max_distance)
        shared = 0
        while shared < min(len(done), len(steps)) and done[shared] == steps[shared]:
            shared += 1
        if not shared:
            rows = [_starts(pattern, row=row, budget=most)]
        del rows[shared + 1 :], done[shared:]
        for step in steps[shared:]:
            if not rows[-1]:
                break
            first = len(rows) == 1
            done.append(step)
            rows.append(_next_row(rows[-1], step, text=text, row=row, first=first, budget=most))
        if len(done) == len(steps):
            for end, (cost, origin) in rows[-1].items():
                if origin < end and cost <= budget:
                    yield place, cost, origin, end


def _starts(pattern: Pattern, *, row: Units, budget: float) -> _Cells:
    """Where a wording may begin: where the text has something like its beginning, if that must be there."""
    starts: Iterable[int] = range(len(row) + 1)
    classes, floor = pattern.floors[0]
    if floor > budget:
        starts = sorted({j for one in classes & row.places.keys() for j in row.places[one]})
    return {j: (0.0, j) for j in starts}


def _next_row(reached: _Cells, step: Step, *, text: str, row: Units, first: bool, budget: float) -> _Cells:
    """One row further: the element heard, or left out, or after units that the phrase lacks."""
    element, gap, limit, block = step
    size = len(row)
    if isinstance(element, str):
        costs = [reached[j][0] if j in reached else BLOCKED for j in range(size + 1)]
        froms = [reached[j][1] if j in reached else j for j in range(size + 1)]
        filled = zip(*_fill_slot(text, element, costs, froms), strict=True)
        return {j: cell for j, cell in enumerate(filled) if cell[0] <= budget}
    said: _Cells = {}
    lost: _Cells = {}
    for j, (cost, origin) in reached.items():
        if j < size:
            heard = substitution(element, row.sounds[j])
            above = cost + (heard if heard < limit else block)
            if above <= budget:
                said[j + 1] = (above, origin)
        above = cost + gap
        # A phrase may lose its beginning, but not to hide the negation in front: 我[不]能为您…
        if first and j and row.sounds[j - 1].written in NEGATIONS:
            above += block
        if above <= budget:
            lost[j] = (above, origin)
    return _with_added(said, lost, row=row, block=block, budget=budget)


def _with_added(said: _Cells, lost: _Cells, *, row: Units, block: float, budget: float) -> _Cells:
    """A row in order: what was said or lost, and after it units that the phrase lacks.

    Of equal costs the one that was said wins, then the one that was lost.
    """
    size = len(row)
    if not lost and not any(j < size and cost + row.skip[j] <= budget for j, (cost, _) in said.items()):
        return said
    cells: _Cells = {}
    ends = sorted(said.keys() | lost.keys(), reverse=True)
    while ends:
        j = ends.pop()
        added = _NOT_REACHED
        while True:
            best = min(said.get(j, _NOT_REACHED), lost.get(j, _NOT_REACHED), added, key=_cost)
            if best[0] > budget:
                break
            cells[j] = best
            if j == size:
                break
            skip = row.skip[j]
            added = (best[0] + (block if skip == BLOCKED else skip), best[1])
            j += 1
            if ends and ends[-1] == j:
                ends.pop()
    return cells


def _cost(cell: tuple[float, int]) -> float:
    return cell[0]
