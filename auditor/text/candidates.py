"""Which wordings of many phrases may be near enough to a text, before any of them is aligned with it.

A syllable that the text has nothing like costs a whole one, so a wording that lacks more of them than its
distance allows is out. A phrase is asked first by the characters that all its wordings share (what a text has
of those in some phrases is one number, bit by bit), and only then its wordings are read and asked along the
tree of their beginnings: most phrases of a rulebook are never read for a call.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.text.align import SLACK, Pattern, patterns
from auditor.text.grammar import wordings
from auditor.text.pinyin import Syllable, readings, sound_class
from auditor.text.reading import IN_NUMBERS
from auditor.text.units import units

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
    """A phrase, the bits of the characters in all its wordings, how many of them a text may lack."""

    phrase: str
    bits: int
    allowed: int


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
        shared, weight = _outline(phrase)
        bits = sum(1 << places.setdefault(classes, len(places)) for classes in shared)
        each.append(_Phrase(phrase, bits, int(max_distance * weight + SLACK)))
    of_class: dict[str, int] = {}
    for classes, place in places.items():
        for one in classes:
            of_class[one] = of_class.get(one, 0) | 1 << place
    return _Phrases(of_class, tuple(each))


@lru_cache(maxsize=8192)
def _outline(phrase: str) -> tuple[frozenset[frozenset[str]], int]:
    """The classes of the characters in all wordings, and no fewer syllables than the longest has."""
    texts = ["".join(part for part in w if not part.startswith("<")) for w in wordings(phrase)]
    shared = set.intersection(*(set(text) for text in texts))
    solid = frozenset(classes for char in shared if (classes := _classes_of(char)))
    # Read out, a number has up to two syllables a digit: 24, 二十四.
    return solid, max(1, *(sum(1 + char.isdecimal() for char in text) for text in texts))


@lru_cache(maxsize=8192)
def _classes_of(char: str) -> frozenset[str]:
    """The classes of a character in any of its readings; none if a text may have it otherwise or lack it."""
    sounds = units(char).sounds
    if len(sounds) != 1 or sounds[0].value is not None or sounds[0].gap < 1 or char in IN_NUMBERS:
        return frozenset()
    return sounds[0].classes | {sound_class(Syllable(*sound, 5)) for sound in readings(sounds[0].written)}


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
        stack = [(_tree(phrase.phrase), 0.0)]
        while stack:
            node, cost = stack.pop()
            found += [(index, pattern) for pattern in node.ends]
            for child in node.children.values():
                above = cost + child.floor if child.floor and unlike(child.classes) else cost
                if above <= max_distance * child.weight + SLACK:
                    stack.append((child, above))
    return found
