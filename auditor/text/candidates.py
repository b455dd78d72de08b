"""Which wordings of many phrases may be near enough to a text, before any of them is aligned with it.

A syllable that the text has nothing like costs a whole one, so a wording that lacks more of them than its
distance allows is out. A phrase is asked first by the syllables that all its wordings share (what a text has
of all the syllables in some phrases is one number, bit by bit), then along the tree of their beginnings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.text.align import SLACK, Pattern, patterns

if TYPE_CHECKING:
    from auditor.text.units import Sound, Units


@dataclass(slots=True)
class _Node:
    """A step that wordings share; ``weight`` is the largest of the wordings behind it."""

    classes: frozenset[str]
    floor: float
    weight: int = 1
    ends: list[Pattern] = field(default_factory=list)
    children: dict[Sound | str, _Node] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Phrase:
    """The bits of the syllables in all wordings, how many of them a text may lack, and the wordings."""

    bits: int
    allowed: int
    tree: _Node


@dataclass(frozen=True, slots=True)
class _Phrases:
    """Phrases ready to be asked for; ``bits`` are those of a class of sounds (`Sound.classes`)."""

    bits: dict[str, int]
    each: tuple[_Phrase, ...]


@lru_cache(maxsize=8192)
def _tree(phrase: str) -> _Node:
    """The wordings of a phrase as a tree of their beginnings; ValueError as `wordings`."""
    root = _Node(frozenset(), 0.0)
    for pattern in patterns(phrase):
        node = root
        node.weight = max(node.weight, pattern.weight)
        for element, (classes, floor) in zip(pattern.elements, pattern.floors, strict=True):
            node = node.children.setdefault(element, _Node(classes, floor))
            node.floor = min(node.floor, floor)
            node.weight = max(node.weight, pattern.weight)
        node.ends.append(pattern)
    return root


@lru_cache(maxsize=4096)
def _prepare(phrases: tuple[str, ...], max_distance: float) -> _Phrases:
    places: dict[frozenset[str], int] = {}
    each = []
    for phrase in phrases:
        solid = ({classes for classes, floor in p.floors if floor >= 1} for p in patterns(phrase))
        shared = set.intersection(*solid)
        tree = _tree(phrase)
        each.append(
            _Phrase(
                bits=sum(1 << places.setdefault(classes, len(places)) for classes in shared),
                allowed=int(max_distance * tree.weight + SLACK),
                tree=tree,
            )
        )
    bits: dict[str, int] = {}
    for classes, place in places.items():
        for one in classes:
            bits[one] = bits.get(one, 0) | 1 << place
    return _Phrases(bits, tuple(each))


def candidates(phrases: tuple[str, ...], text: Units, *, max_distance: float) -> list[tuple[int, Pattern]]:
    """The wordings that may be near enough, each with the place of its phrase among the phrases.

    Wordings that begin alike stand together: `auditor.text.align.align` goes through the beginning once.
    """
    known = _prepare(phrases, max_distance)
    had = 0
    for one in text.classes & known.bits.keys():
        had |= known.bits[one]
    lacking, unlike = ~had, text.classes.isdisjoint
    found: list[tuple[int, Pattern]] = []
    for index, phrase in enumerate(known.each):
        if (phrase.bits & lacking).bit_count() > phrase.allowed:
            continue
        stack = [(phrase.tree, 0.0)]
        while stack:
            node, cost = stack.pop()
            found += [(index, pattern) for pattern in node.ends]
            for child in node.children.values():
                above = cost + child.floor if child.floor and unlike(child.classes) else cost
                if above <= max_distance * child.weight + SLACK:
                    stack.append((child, above))
    return found
