"""Approximate alignment of one wording with any stretch of a text (Sellers' algorithm over units)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from auditor.text.grammar import Wording, wordings
from auditor.text.units import BLOCKED, NEGATIONS, Sound, Units, amounts, substitution, units

_LONGEST_NAME = 8
_LONGEST_ANY = 60
# What turns the meaning round costs this share of the phrase, however long it is.
_BLOCK_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Pattern:
    """One wording ready for alignment: sounds, and slots by name."""

    elements: tuple[Sound | str, ...]
    weight: int
    block: float
    row: str


def written_row(sounds: Sequence[Sound]) -> str:
    """The units as written, each between separators, for searching character by character."""
    return "\x1f" + "".join(s.written + "\x1f" for s in sounds)


def _pattern(wording: Wording) -> Pattern:
    elements: list[Sound | str] = []
    weight = 0
    for part in wording:
        if part.startswith("<"):
            elements.append(part[1:-1])
        else:
            row = units(part)
            elements += row.sounds
            weight += row.weight
    literal = [e for e in elements if isinstance(e, Sound)]
    row_text = written_row(literal) if len(literal) == len(elements) else ""
    return Pattern(tuple(elements), weight, max(1.0, _BLOCK_SHARE * weight), row_text)


@lru_cache(maxsize=8192)
def patterns(phrase: str) -> tuple[Pattern, ...]:
    """Every wording of a phrase, the longest first; ValueError as `wordings`."""
    return tuple(_pattern(wording) for wording in wordings(phrase))


def _gap(sound: Sound, block: float) -> float:
    return block if sound.gap == BLOCKED else sound.gap


def hopeless(pattern: Pattern, text: Units, budget: float) -> bool:
    """Whether units of the phrase that sound like nothing in the text already cost more than allowed."""
    cost = 0.0
    for element in pattern.elements:
        if isinstance(element, Sound) and text.classes.isdisjoint(element.classes):
            cost += min(float(element.weight), _gap(element, pattern.block))
            if cost > budget:
                return True
    return False


def _slot_starts(text: str, row: Units, slot: str) -> list[Sequence[int]]:
    """Per end position: where a slot that ends there may start, nearest first."""
    starts: list[Sequence[int]] = [()]
    money: dict[int, list[int]] = {}
    if slot == "amount":
        for first, last in amounts(text):
            money.setdefault(last, []).append(first)
    for end in range(1, len(row) + 1):
        if slot == "any":
            starts.append(range(end - 1, max(-1, end - 1 - _LONGEST_ANY), -1))
        elif slot == "amount":
            starts.append(money.get(end, ()))
        else:
            first = end
            limit = max(0, end - _LONGEST_NAME)
            while first > limit and (
                row.sounds[first - 1].value is not None
                if slot == "number"
                else not row.sounds[first - 1].strict
            ):
                first -= 1
            starts.append(range(end - 1, first - 1, -1))
    return starts


def align(text: str, pattern: Pattern, *, budget: float) -> list[tuple[float, int, int]]:
    """Alignments within the budget: (cost, first unit, end unit), at most one per end."""
    row = units(text)
    size = len(row)
    block = pattern.block
    skip = [block if s == BLOCKED else s for s in row.skip]
    # A phrase may lose its beginning, but not to hide the negation in front: 我[不]能为您…
    hidden = [0.0] + [block if s.written in NEGATIONS else 0.0 for s in row.sounds]
    costs = [0.0] * (size + 1)
    origins = list(range(size + 1))
    for index, element in enumerate(pattern.elements):
        if isinstance(element, str):
            new, froms = [BLOCKED] * (size + 1), list(range(size + 1))
            for end, starts in enumerate(_slot_starts(text, row, element)):
                for start in starts:
                    if costs[start] < new[end]:
                        new[end], froms[end] = costs[start], origins[start]
        else:
            gap = _gap(element, block)
            new, froms = [costs[0] + gap], [0]
            last, last_from = new[0], 0
            for j, sound in enumerate(row.sounds):
                cost = substitution(element, sound)
                if cost == BLOCKED:
                    cost = block
                best, origin = costs[j] + cost, origins[j]
                other = costs[j + 1] + gap + (hidden[j + 1] if index == 0 else 0.0)
                if other < best:
                    best, origin = other, origins[j + 1]
                other = last + skip[j]
                if other < best:
                    best, origin = other, last_from
                new.append(best)
                froms.append(origin)
                last, last_from = best, origin
        costs, origins = new, froms
        if min(costs) > budget:
            return []
    return [(c, origins[e], e) for e, c in enumerate(costs) if c <= budget and origins[e] < e]
