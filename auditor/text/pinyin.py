"""Toned syllables of Chinese text, and what it costs to hear one for another.

Readings come from pypinyin in the context of the text without punctuation (heteronyms); 的 了 着 are
neutral; tone sandhi is not applied, to either side.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple


class Syllable(NamedTuple):
    """Initial ("" for none), final (ü is v), tone 1–4, 5 for the neutral tone."""

    initial: str
    final: str
    tone: int


Sound = tuple[str, str]  # initial and final, without the tone


@dataclass(frozen=True, slots=True)
class SoundCosts:
    """Cost of hearing one syllable for another, 1 = a different syllable.

    Near initials and finals are the confusions of southern Mandarin and of telephone band limits
    (n/l, z/zh, c/ch, s/sh, f/h, r/l, -n/-ng). Own defaults: chosen so that the table of variants and foils
    in tests/text/test_match.py is separated; not fitted to any recording.
    """

    near_initial: float = 0.2
    near_final: float = 0.2
    tone: float = 0.25
    neutral_tone: float = 0.1
    different: float = 1.0


COSTS = SoundCosts()

_INITIALS = ("zh", "ch", "sh", *"bpmfdtnlgkhjqxrzcsyw")
_NEAR_INITIALS = frozenset(
    frozenset(pair) for pair in (("n", "l"), ("z", "zh"), ("c", "ch"), ("s", "sh"), ("f", "h"), ("r", "l"))
)
_NEAR_FINALS = frozenset(
    frozenset(pair)
    for pair in (("an", "ang"), ("en", "eng"), ("in", "ing"), ("ian", "iang"), ("uan", "uang"))
)
# Particles whose dictionary tone is not the spoken one.
_NEUTRAL = {"的": Syllable("d", "e", 5), "了": Syllable("l", "e", 5), "着": Syllable("zh", "e", 5)}


_TONE_MARKS = {"\u0304": 1, "\u0301": 2, "\u030c": 3, "\u0300": 4}


@lru_cache(maxsize=4096)
def parse_syllable(toned: str) -> Syllable | None:
    """``zhōng`` → (zh, ong, 1), ``me`` → (m, e, 5); None for what is no syllable in Latin letters."""
    marks = unicodedata.normalize("NFD", toned)
    tone = next((tone for mark, tone in _TONE_MARKS.items() if mark in marks), 5)
    body = "".join(c for c in marks.replace("u\u0308", "v") if c.isascii())
    if not body.isalpha():
        return None
    initial = next((i for i in _INITIALS if body.startswith(i) and body != i), "")
    final = body[len(initial) :]
    if initial in ("j", "q", "x", "y") and final.startswith("u"):
        final = "v" + final[1:]
    return Syllable(initial, final, tone)


def _no_reading(text: str) -> list[str]:
    return ["-"] * len(text)


@lru_cache(maxsize=8192)
def syllables(text: str) -> tuple[Syllable | None, ...]:
    """One syllable per character of ``text``; None for letters and whatever has no reading."""
    from pypinyin import Style, pinyin  # noqa: PLC0415

    # Style.TONE is how pypinyin stores its readings: any other style is ten times the work.
    read = pinyin(text, style=Style.TONE, errors=_no_reading)  # type: ignore[arg-type]
    toned = [readings[0] for readings in read]
    if len(toned) != len(text):  # a phrase whose readings are not one per character: singly
        toned = [pinyin(c, style=Style.TONE, errors=_no_reading)[0][0] for c in text]  # type: ignore[arg-type]
    return tuple(_NEUTRAL.get(char) or parse_syllable(one) for char, one in zip(text, toned, strict=True))


@lru_cache(maxsize=1 << 14)
def readings(char: str) -> frozenset[Sound]:
    """Every sound that a character may have in some context, tones aside; empty for letters and digits."""
    from pypinyin.constants import PINYIN_DICT  # noqa: PLC0415

    parsed = (parse_syllable(toned) for toned in PINYIN_DICT.get(ord(char), "").split(","))
    return frozenset((syllable.initial, syllable.final) for syllable in parsed if syllable)


@lru_cache(maxsize=65536)
def sound_cost(one: Syllable | None, other: Syllable | None) -> float:
    """Cost of hearing ``one`` for ``other``: 0 for the same sound … 1; symmetric."""
    if one is None or other is None:
        return COSTS.different
    if one == other:
        return 0.0
    cost = 0.0
    if one.initial != other.initial:
        if frozenset((one.initial, other.initial)) not in _NEAR_INITIALS:
            return COSTS.different
        cost += COSTS.near_initial
    if one.final != other.final:
        if frozenset((one.final, other.final)) not in _NEAR_FINALS:
            return COSTS.different
        cost += COSTS.near_final
    if one.tone != other.tone:
        cost += COSTS.neutral_tone if 5 in (one.tone, other.tone) else COSTS.tone
    return min(cost, COSTS.different)


def sound_class(syllable: Syllable | None) -> str:
    """A key that syllables share whenever hearing one for the other costs less than 1."""
    if syllable is None:
        return ""
    initial = {"n": "l", "r": "l", "zh": "z", "ch": "c", "sh": "s", "h": "f"}.get(
        syllable.initial, syllable.initial
    )
    final = syllable.final
    if frozenset((final, final.removesuffix("g"))) in _NEAR_FINALS:
        final = final.removesuffix("g")
    return initial + "-" + final
