"""Wordings read: the row of sounds, slots and costs that a text is aligned with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from auditor.text.grammar import Wording
from auditor.text.units import BLOCKED, Sound, units

# What turns the meaning round costs this share of the phrase, however long it is.
_BLOCK_SHARE = 0.5
# The cost of other characters for the same sound is no distance.
SLACK = 1e-4


@dataclass(frozen=True, slots=True)
class Pattern:
    """One wording ready for alignment.

    ``elements`` are sounds, and slots by name; ``gaps`` their costs when left out (0 for slots); ``limits``
    what hearing something else may cost before it counts as turned round (1 in a key token);
    ``weight`` its syllables without slots; ``block`` what turning the meaning round costs; ``floors`` what a
    sound costs at least in a text that shares none of its classes; ``row`` the wording for search by
    character ("" with slots); ``keys`` the classes that a text holds when it has every character;
    ``near_steps`` its rows within budgets that no block fits in.
    """

    elements: tuple[Sound | str, ...]
    gaps: tuple[float, ...]
    limits: tuple[float, ...]
    weight: int
    block: float
    floors: tuple[tuple[frozenset[str], float], ...]
    row: str
    keys: frozenset[str]
    near_steps: tuple[Step, ...]

    def steps(self, *, max_distance: float) -> tuple[Step, ...]:
        """What `align` goes through; wordings that begin with the same steps share the work."""
        return _far_steps(self) if max_distance >= _BLOCK_SHARE else self.near_steps


class Step(NamedTuple):
    """An element, its gap and limit, and what turning the meaning round costs."""

    element: Sound | str
    gap: float
    limit: float
    block: float


# The same few thousand stand in all wordings: one object for each keeps them small.
@lru_cache(maxsize=1 << 16)
def _near_step(element: Sound | str, gap: float, limit: float) -> Step:
    return Step(element, gap, limit, BLOCKED)


@lru_cache(maxsize=1 << 16)
def _floor(classes: frozenset[str], cost: float) -> tuple[frozenset[str], float]:
    return classes, cost


def _far_steps(pattern: Pattern) -> tuple[Step, ...]:
    rows = zip(pattern.elements, pattern.gaps, pattern.limits, strict=True)
    return tuple(Step(element, gap, limit, pattern.block) for element, gap, limit in rows)


def written_row(sounds: Sequence[Sound]) -> str:
    """The units as written, each between separators, for searching character by character."""
    return "\x1f" + "".join(s.written + "\x1f" for s in sounds)


@lru_cache(maxsize=1 << 16)
def pattern(wording: Wording) -> Pattern:
    """A wording read: its characters in their context, its slots, its key tokens."""
    elements: list[Sound | str] = []
    limits: list[float] = []
    depth = 0  # inside braces, which slots may part
    for part in wording:
        if part.startswith("<"):
            elements.append(part[1:-1])
            limits.append(BLOCKED)
            continue
        row = units(part)
        elements += row.sounds
        for start in row.start:
            inside = depth + part.count("{", 0, start) - part.count("}", 0, start)
            limits.append(1.0 if inside else BLOCKED)
        depth += part.count("{") - part.count("}")
    sounds = [e for e in elements if isinstance(e, Sound)]
    weight = sum(sound.weight for sound in sounds)
    block = max(1.0, _BLOCK_SHARE * weight)
    gaps = [
        0.0 if isinstance(e, str) else block if e.gap == BLOCKED or limit == 1 else e.gap
        for e, limit in zip(elements, limits, strict=True)
    ]
    for before, element in zip(range(len(gaps)), elements[1:], strict=False):
        # Else a slot that was left empty could be filled with the word in front of it.
        if isinstance(element, str):
            gaps[before] *= 2
    return Pattern(
        elements=tuple(elements),
        gaps=tuple(gaps),
        limits=tuple(limits),
        weight=weight,
        block=block,
        floors=tuple(
            _floor(frozenset(), 0.0)
            if isinstance(e, str)
            else _floor(e.classes, gap if e.strict or limit == 1 else min(float(e.weight), gap))
            for e, gap, limit in zip(elements, gaps, limits, strict=True)
        ),
        row=written_row(sounds) if len(sounds) == len(elements) else "",
        keys=frozenset("=" + sound.written for sound in sounds),
        # Within any budget below, turning the meaning round is out of reach.
        near_steps=tuple(
            _near_step(element, BLOCKED if gap >= block else gap, limit)
            for element, gap, limit in zip(elements, gaps, limits, strict=True)
        ),
    )
