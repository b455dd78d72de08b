"""A text as a row of units: what the matcher compares.

A unit is one character, or one whole number: so a match never cuts a number in two, and 24小时 holds no
4小时. Every unit knows where it stands in the original text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from auditor.text.normalise import fold, is_word
from auditor.text.pinyin import Syllable, sound_class, sound_cost, syllables
from auditor.text.reading import Piece, scan

BLOCKED = math.inf
_DIGIT = "0"  # stands for a spelt one where the reading of its neighbours is looked up

NEGATIONS = frozenset("不没未无勿")
_FILLERS = frozenset("嗯呃啊哦额唔呀哎诶欸噢喔")
_FILLER_WORDS = ("那个", "这个", "就是说")
_PARTICLES = frozenset("吗呢吧嘛啦的了哈")
_MONEY = ("块钱", "分钱", "美元", "万元", "元", "块", "毛", "角", "分", "圆")


@dataclass(frozen=True, slots=True)
class GapCosts:
    """Cost per syllable of leaving out or adding a unit, 1 = any other syllable.

    Own defaults, chosen with the table of variants and foils in tests/text/test_match.py: engines drop
    and add fillers freely, final particles often; a stutter is a unit said twice.
    """

    filler: float = 0.1
    particle: float = 0.5
    stutter: float = 0.3
    # Same sound, other characters: nothing, but enough that written words win a tie.
    homophone: float = 1e-6


GAPS = GapCosts()


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """What a unit sounds like; one object per distinct sound, compared by identity.

    ``value`` for numbers; ``strict`` when it is surely a number; ``weight`` in syllables; ``gap`` is the
    cost of leaving it out (`BLOCKED` for negations and numbers); ``classes`` are shared by all sounds that
    may stand for it at a cost below 1.
    """

    written: str
    syllable: Syllable | None
    value: str | None
    strict: bool
    weight: int
    gap: float
    classes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Units:
    """A text cut into units; all tuples have one entry per unit.

    ``start``/``end`` index the original text; ``skip`` is the cost of a unit that the phrase does not have;
    ``places`` says which units are of a class; ``cheap`` those that cost less than a syllable where the
    phrase has none, bit by bit; ``heard`` is filled with what was asked (`auditor.text.outline`).
    """

    sounds: tuple[Sound, ...]
    start: tuple[int, ...]
    end: tuple[int, ...]
    skip: tuple[float, ...]
    classes: frozenset[str]
    places: dict[str, list[int]]
    weight: int
    cheap: int
    heard: dict[str, int]

    def __len__(self) -> int:
        return len(self.sounds)


@lru_cache(maxsize=1 << 16)
def _sound(written: str, syllable: Syllable | None, value: str | None, strict: bool, weight: int) -> Sound:
    gap = float(weight)
    if strict or written in NEGATIONS:
        gap = BLOCKED
    elif written in _FILLERS:
        gap = GAPS.filler
    elif written in _PARTICLES:
        gap = GAPS.particle
    classes = {"=" + written}
    if syllable is not None:
        classes.add(sound_class(syllable))
    if value is not None:
        classes.add("#" + value)
    return Sound(written, syllable, value, strict, weight, gap, frozenset(classes))


@lru_cache(maxsize=1 << 18)
def substitution(one: Sound, other: Sound) -> float:
    """Cost in syllables of hearing ``one`` for ``other``; symmetric; `BLOCKED` where it proves nothing.

    Numbers must have the same value; a negation stands only for what sounds like it, at full cost.
    """
    if one.written == other.written:
        return 0.0
    if one.value is not None and one.value == other.value:
        return GAPS.homophone
    if one.strict or other.strict:
        return BLOCKED
    cost = max(sound_cost(one.syllable, other.syllable), GAPS.homophone)
    negations = (one.written in NEGATIONS) + (other.written in NEGATIONS)
    if negations:
        return 1.0 if negations == 2 or cost < 1 else BLOCKED
    return cost


def _pieces(text: str) -> list[tuple[Piece, str, int, int]]:
    """(piece, how it is written, start, end) per unit; start and end in the original."""
    folded = fold(text)
    rows: list[tuple[Piece, str, int, int]] = []
    for piece in scan(folded.text):
        start, end = folded.origin[piece.start], folded.origin[piece.end - 1] + 1
        if piece.value is not None:
            source = folded.text[piece.start : piece.end].replace(" ", "")
            plain = all(is_word(c) or c in ".%" for c in source)
            rows.append((piece, source if plain else piece.spoken, start, end))
        elif piece.spoken != folded.text[piece.start : piece.end]:
            rows += [(piece, char, start, end) for char in piece.spoken]
        else:
            for offset, char in enumerate(piece.spoken):
                if is_word(char):
                    at = folded.origin[piece.start + offset]
                    rows.append((piece, char, at, at + 1))
    return rows


@lru_cache(maxsize=8192)
def units(text: str) -> Units:
    """Cut a text into units (cached: a turn is searched for many phrases)."""
    rows = _pieces(text)
    spoken = [piece.spoken if piece.value is not None else written for piece, written, _, _ in rows]
    # Which digits are spelt is nothing to the words around them: masked they must sound the same.
    context = [_DIGIT * len(said) if row[0].spelt else said for row, said in zip(rows, spoken, strict=True)]
    read = syllables("".join(context))
    sounds: list[Sound] = []
    at = 0
    for (piece, written, _, _), said in zip(rows, spoken, strict=True):
        syllable = read[at] if len(said) == 1 else None
        sounds.append(_sound(written, syllable, piece.value, piece.strict, sum(map(is_word, said)) or 1))
        at += len(said)
    places: dict[str, list[int]] = {}
    for index, sound in enumerate(sounds):
        for one in sound.classes:
            places.setdefault(one, []).append(index)
    skip = _skips(sounds)
    return Units(
        sounds=tuple(sounds),
        start=tuple(row[2] for row in rows),
        end=tuple(row[3] for row in rows),
        skip=skip,
        classes=frozenset(places),
        places=places,
        weight=sum(s.weight for s in sounds),
        cheap=sum(1 << place for place, cost in enumerate(skip) if cost < 1),
        heard={},
    )


def _skips(sounds: Sequence[Sound]) -> tuple[float, ...]:
    """Cost of each unit where the phrase has none: fillers and stutters are cheap, a negation blocks."""
    skips: list[float] = []
    for index, sound in enumerate(sounds):
        gap = float(sound.weight) if sound.strict else sound.gap
        if index and sound is sounds[index - 1] and gap < BLOCKED and not sound.strict:
            gap = min(gap, GAPS.stutter)
        skips.append(gap)
    row = "".join(s.written if len(s.written) == 1 else "\0" for s in sounds)
    for word in _FILLER_WORDS:
        at = row.find(word)
        while at >= 0:
            skips[at : at + len(word)] = [GAPS.filler] * len(word)
            at = row.find(word, at + 1)
    return tuple(skips)


@lru_cache(maxsize=2048)
def amounts(text: str) -> tuple[tuple[int, int], ...]:
    """Unit ranges that are sums of money: numbers with a unit of money, 三块五 included."""
    row = units(text).sounds
    written = [s.written for s in row]
    found: list[tuple[int, int]] = []
    for start, sound in enumerate(row):
        if sound.value is None:
            continue
        at = start
        while at < len(row) and row[at].value is not None:
            at += 1
            money = next((m for m in _MONEY if "".join(written[at : at + len(m)]) == m), "")
            if not money:
                break
            at += len(money)
            found.append((start, at))
            if at < len(row) and row[at].value is not None:
                found.append((start, at + 1))
    return tuple(found)
