"""Toned syllables of Chinese text, and what it costs to hear one for another.

Readings come from pypinyin in the context of the text without punctuation (heteronyms); 的 了 着 are
neutral; tone sandhi is not applied, to either side.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple


class Syllable(NamedTuple):
    """Initial ("" for none), final (ü is v), tone 1–4, 5 for the neutral tone."""

    initial: str
    final: str
    tone: int


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


@lru_cache(maxsize=4096)
def parse_syllable(toned: str) -> Syllable | None:
    """``zhong1`` → (zh, ong, 1); None when it is not a syllable with a tone digit."""
    if not toned or toned[-1] not in "12345":
        return None
    body, tone = toned[:-1].replace("ü", "v"), int(toned[-1])
    initial = next((i for i in _INITIALS if body.startswith(i) and body != i), "")
    final = body[len(initial) :]
    if initial in ("j", "q", "x", "y") and final.startswith("u"):
        final = "v" + final[1:]
    return Syllable(initial, final, tone)


@lru_cache(maxsize=8192)
def syllables(text: str) -> tuple[Syllable | None, ...]:
    """One syllable per character of ``text``; None for letters and whatever has no reading."""
    from pypinyin import Style, pinyin  # noqa: PLC0415

    # `errors` splits what has no reading into its characters, so that one reading stays one character.
    read = pinyin(text, style=Style.TONE3, neutral_tone_with_five=True, v_to_u=False, errors=list)  # type: ignore[arg-type]
    toned = [readings[0] for readings in read]
    if len(toned) != len(text):  # a phrase whose readings are not one per character: singly
        toned = [pinyin(c, style=Style.TONE3, neutral_tone_with_five=True)[0][0] for c in text]
    return tuple(_NEUTRAL.get(char) or parse_syllable(one) for char, one in zip(text, toned, strict=True))


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
