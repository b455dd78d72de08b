"""Which wordings of many phrases may be near enough to a text, before any of them is aligned with it."""

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
    ends: list[tuple[int, Pattern]] = field(default_factory=list)
    children: dict[Sound | str, _Node] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Tree:
    """The wordings of phrases by their beginnings.

    ``by_class`` holds the beginnings that a text must have something like, ``anyway`` the others.
    """

    by_class: dict[str, list[_Node]]
    anyway: tuple[_Node, ...]


@lru_cache(maxsize=4096)
def _tree(phrases: tuple[str, ...], max_distance: float) -> _Tree:
    """The wordings of phrases as a tree of their beginnings; ValueError as `wordings`."""
    root = _Node(frozenset(), 0.0)
    for index, phrase in enumerate(phrases):
        for pattern in patterns(phrase):
            node = root
            for element, (classes, floor) in zip(pattern.elements, pattern.floors, strict=True):
                node = node.children.setdefault(element, _Node(classes, floor))
                node.floor = min(node.floor, floor)
                node.weight = max(node.weight, pattern.weight)
            node.ends.append((index, pattern))
    by_class: dict[str, list[_Node]] = {}
    anyway = []
    for child in root.children.values():
        if child.floor <= max_distance * child.weight + SLACK:
            anyway.append(child)
            continue
        for one in child.classes:
            by_class.setdefault(one, []).append(child)
    return _Tree(by_class, tuple(anyway))


def candidates(phrases: tuple[str, ...], text: Units, *, max_distance: float) -> list[tuple[int, Pattern]]:
    """The wordings that may be near enough, each with the place of its phrase among the phrases.

    Left out is what costs too much by that alone that the text has nothing like it.
    """
    unlike = text.classes.isdisjoint
    tree = _tree(phrases, max_distance)
    stack = [(n, n.floor if n.floor and unlike(n.classes) else 0.0) for n in tree.anyway]
    seen: set[int] = set()
    for one in text.classes & tree.by_class.keys():
        for node in tree.by_class[one]:
            if id(node) not in seen:
                seen.add(id(node))
                stack.append((node, 0.0))
    found: list[tuple[int, Pattern]] = []
    while stack:
        node, cost = stack.pop()
        found += node.ends
        for child in node.children.values():
            above = cost + child.floor if child.floor and unlike(child.classes) else cost
            if above <= max_distance * child.weight + SLACK:
                stack.append((child, above))
    return found
