"""Which wordings of a phrase may be near enough to a text, before any of them is read.

Reading a wording (`auditor.text.patterns`) and aligning it cost a thousand times what it costs to see that a
text has too few of its characters in their order. So a phrase is first known by its characters alone, as the
tree of its wordings' beginnings, and the tree is walked with sets of places in the text, bit j for "the next
unit is j". Every character that is not heard, and every unit too many, costs at least a whole syllable, but
for fillers, particles and stutters, which cost nothing here: what does not come through within the syllables
that a distance allows is surely further off. Most wordings of a rulebook are never read for a call.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.text.grammar import wordings
from auditor.text.patterns import SLACK
from auditor.text.pinyin import Syllable, readings, sound_class
from auditor.text.reading import IN_NUMBERS
from auditor.text.units import units

if TYPE_CHECKING:
    from auditor.text.grammar import Wording
    from auditor.text.units import Units

Need = frozenset[str]  # the classes (`Sound.classes`) of all that may stand for a character
_SLOT = "<"
# Marks that are never spoken; others may be ("-" as 到, "%" as 百分之).
_SILENT = frozenset("{}, \u3001\u3002\uff0c\uff01\uff1f!?")


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """The tree of a phrase's wordings by their characters, its nodes one after the other, parents first.

    Per node: ``chars``, a character or `_SLOT`; ``depths``; ``nexts``, the node behind all that begin with
    it; ``weights``, the largest of the wordings behind it; ``ends``, the wordings that end with it and their
    weights. A weight is no less than the syllables that a wording has when it is read.
    """

    chars: tuple[str, ...]
    depths: tuple[int, ...]
    nexts: tuple[int, ...]
    weights: tuple[int, ...]
    ends: tuple[tuple[tuple[Wording, int], ...], ...]

    def possible(self, row: Units, *, max_distance: float) -> list[Wording]:
        """The wordings that may be within a distance of some stretch of a text."""
        found: list[Wording] = []
        chars, depths, nexts, ends, known = self.chars, self.depths, self.nexts, self.ends, row.heard
        wrong, ends_wrong = _allowed(self, max_distance)
        whole = (2 << len(row)) - 1
        # reached[depth][n]: where the wording may have come so far with at most n syllables wrong.
        reached = [[whole] * (max(wrong, default=0) + 1)]
        node, size = 0, len(chars)
        while node < size:
            depth, char, most = depths[node], chars[node], wrong[node]
            heard = known.get(char)
            if heard is None:
                heard = known[char] = _heard(char, row=row)
            before = reached[depth]
            # By far the most wordings end here: at a character that is not where it should be.
            if not before[most] & heard and char != _SLOT and not (most and before[most - 1]):
                node = nexts[node]
                continue
            places = _further(char, heard, before[: most + 1], row=row, whole=whole)
            if not places[-1]:
                node = nexts[node]
                continue
            reached[depth + 1 :] = [places]
            for (wording, _), least in zip(ends[node], ends_wrong[node], strict=True):
                if places[least]:
                    found.append(wording)
            node += 1
        return found


@lru_cache(maxsize=1 << 14)
def _allowed(known: Outline, max_distance: float) -> tuple[list[int], list[list[int]]]:
    """How many syllables a distance lets be wrong: per node, and per wording that ends with it."""
    return (
        [int(max_distance * weight + SLACK) for weight in known.weights],
        [[int(max_distance * weight + SLACK) for _, weight in ends] for ends in known.ends],
    )


def _further(char: str, heard: int, reached: list[int], *, row: Units, whole: int) -> list[int]:
    """The places after one more character: heard, not heard, or heard with units that do not belong there.

    What can be reached with n syllables wrong can be reached with n + 1, so that the last entry says all.
    """
    places: list[int] = []
    before = after = 0
    for now in reached:
        if char == _SLOT:
            new = -(now & -now) & whole if now else 0
        elif heard < 0:  # it may be no unit of its own, or two (零下)
            new = now | now << 1 | now << 2
        else:
            new = (now & heard) << 1
        new |= before | before << 1 | after << 1
        cheap = new & row.cheap
        while cheap:
            added = cheap << 1 & ~new
            new |= added
            cheap = added & row.cheap
        after = new = new & whole
        places.append(new)
        before = now
    return places


def _heard(char: str, *, row: Units) -> int:
    """The places of units that may stand for a character, as bits; -1: nobody knows before it is read."""
    need = classes_of(char)
    if not need:
        return -1
    return sum(1 << place for place in {j for one in need & row.classes for j in row.places[one]})


@lru_cache(maxsize=1 << 14)
def outline(phrase: str) -> Outline:
    """The outline of a phrase; ValueError as `wordings`."""
    each = []
    for wording in wordings(phrase):
        text = _text(wording)
        steps = [
            char
            for part in wording
            for char in (_SLOT if part.startswith("<") else part)
            if char not in _SILENT
        ]
        each.append((steps, wording, _weight(text)))
    each.sort(key=lambda one: one[0])
    chars: list[str] = []
    depths: list[int] = []
    weights: list[int] = []
    ends: list[tuple[tuple[Wording, int], ...]] = []
    path: list[int] = []  # the nodes of the wording before
    for steps, wording, weight in each:
        shared = 0
        while shared < min(len(path), len(steps)) and chars[path[shared]] == steps[shared]:
            shared += 1
        del path[shared:]
        for char in steps[shared:]:
            path.append(len(chars))
            chars.append(char)
            depths.append(len(path) - 1)
            weights.append(0)
            ends.append(())
        for node in path:
            weights[node] = max(weights[node], weight)
        ends[path[-1]] += ((wording, weight),)
    nexts = [len(chars)] * len(chars)
    open_nodes: list[int] = []
    for node, depth in enumerate(depths):
        for closed in open_nodes[depth:]:
            nexts[closed] = node
        open_nodes[depth:] = [node]
    return Outline(tuple(chars), tuple(depths), tuple(nexts), tuple(weights), tuple(ends))


@dataclass(frozen=True, slots=True, eq=False)
class Needs:
    """What a text must have something like.

    ``each``: the classes of every character of a phrase that is surely a unit of its own; ``having``: which
    of the wordings have it, bit by bit (those that need the same count as one); ``weights``: of the wordings
    (`Outline`).
    """

    each: tuple[Need, ...]
    having: tuple[int, ...]
    weights: tuple[int, ...]


def needs_of(phrase: str) -> Needs:
    """What the wordings of a phrase need; ValueError as `wordings`."""
    places: dict[str, int] = {}
    each: list[Need] = []
    sets: dict[tuple[int, int], None] = {}
    for wording in wordings(phrase):
        text = _text(wording)
        bits = 0
        for char in set(text):
            bit = places.get(char)
            if bit is None:
                need = classes_of(char)
                bit = places[char] = 1 << len(each) if need else 0
                each += [need] if need else []
            bits |= bit
        sets[bits, _weight(text)] = None
    having = [0] * len(each)
    for index, (bits, _) in enumerate(sets):
        left = bits
        while left:
            having[(left & -left).bit_length() - 1] |= 1 << index
            left &= left - 1
    return Needs(tuple(each), tuple(having), tuple(weight for _, weight in sets))


def _text(wording: Wording) -> str:
    return "".join([part for part in wording if part[0] != "<"])


def _weight(text: str) -> int:
    """At least one, and no fewer syllables than the text has; read out, a digit has up to two: 24, 二十四."""
    return max(1, len(text) if text.isalpha() else len(text) + sum(map(str.isdecimal, text)))


@lru_cache(maxsize=8192)
def classes_of(char: str) -> Need:
    """The classes of a character in any of its readings; none if a text may have it otherwise or lack it."""
    sounds = units(char).sounds
    if len(sounds) != 1 or sounds[0].value is not None or sounds[0].gap < 1 or char in IN_NUMBERS:
        return frozenset()
    return sounds[0].classes | {sound_class(Syllable(*sound, 5)) for sound in readings(sounds[0].written)}
