"""Digits that are kept secret: what stands in a stored text in their place, and how people read it.

A masked digit is one private-use character. Every number that was masked in a call has a row of 64 of them:
its digit i is character i of the row, its last digit character 32 + i. So a masked text is as long as before,
a number is masked alike wherever it stands, and one that stands in another one is a piece of its row, as 6666
is of 13988886666. People read ``〈PHONE_1〉``, and ``〈PHONE_1:8-11〉`` for digits 8 to 11 of it.

::

    character = plane + (type x 150 + number within the plane) x 64 + digit (+ 32 for the last one)

Planes are U+F0000 and U+100000, the private ones outside every font: no transcript has them.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, get_args

Type = Literal["PHONE", "ID", "CARD", "CODE", "NUMBER", "MISHEARD"]
TYPES: tuple[Type, ...] = get_args(Type)

# One row holds a number of this many digits; longer ones are masked in pieces.
LONGEST = 32
_ROW = 2 * LONGEST
_PER_PLANE = 150
_PLANES = (0xF0000, 0x100000)
MOST = _PER_PLANE * len(_PLANES)  # numbers of one type

FIRST = chr(_PLANES[0])
# For character classes of regular expressions: digits that are read as a number. Digits that a recogniser
# wrote into numerals that make none (十三九八八八六六) are MISHEARD, and no number when masked either.
_NUMBERS = TYPES.index("MISHEARD") * _PER_PLANE * _ROW
MASKED = "".join(f"{chr(plane)}-{chr(plane + _NUMBERS - 1)}" for plane in _PLANES)
_ANY = f"{FIRST}-\U0010ffff"
_RUN = re.compile(rf"[{_ANY}](?:[ -]?[{_ANY}])*")


class Place(NamedTuple):
    """Which digit of which number a character stands for; numbers count from 1, digits from 0."""

    type: Type
    number: int
    digit: int
    last: bool


def is_masked(char: str) -> bool:
    """Whether a character stands for a digit that is kept secret."""
    return char >= FIRST


def has_masked(text: str) -> bool:
    """Whether any character of a text is masked."""
    return not text.isascii() and max(text) >= FIRST


def is_digits(value: str) -> bool:
    """Whether a value is nothing but digits, masked ones included."""
    return bool(value) and all(char.isdigit() or char >= FIRST for char in value)


def row(type_: Type, number: int, *, size: int) -> str:
    """The characters of a number of ``size`` digits, at most `LONGEST`; ``number`` counts from 1."""
    plane, within = divmod((number - 1) % MOST, _PER_PLANE)
    base = _PLANES[plane] + (TYPES.index(type_) * _PER_PLANE + within) * _ROW
    return "".join(chr(base + i) for i in range(size - 1)) + chr(base + LONGEST + size - 1)


def place_of(char: str) -> Place | None:
    """What a masked character stands for; None for any other, and for code points of no row."""
    code = ord(char) - _PLANES[0]
    if code < 0:
        return None
    plane, rest = divmod(code, 0x10000)
    type_, rest = divmod(rest, _PER_PLANE * _ROW)
    if type_ >= len(TYPES):
        return None
    within, digit = divmod(rest, _ROW)
    return Place(TYPES[type_], plane * _PER_PLANE + within + 1, digit % LONGEST, last=digit >= LONGEST)


def restored(number: str) -> str:
    """A number whose first digits were left readable, with these masked, too.

    A call record keeps the first digits, the texts of the call do not: 139 and the rest of PHONE_1 become
    all of PHONE_1.
    """
    first = next((i for i, char in enumerate(number) if is_masked(char)), None)
    place = None if first is None else place_of(number[first])
    if first is None or place is None:
        return number
    whole = list(number)
    base = ord(number[first]) - place.digit - (LONGEST if place.last else 0)
    at, digit = first - 1, place.digit - 1
    while at >= 0 and digit >= 0 and whole[at].isdigit():
        whole[at] = chr(base + digit)
        at, digit = at - 1, digit - 1
    return "".join(whole)


def readable(text: str) -> str:
    """A text as people read it: 〈PHONE_1〉 for a number, 〈PHONE_1:8-11〉 for a part of it."""
    return readable_places(text)[0] if has_masked(text) else text


def readable_places(text: str) -> tuple[str, tuple[int, ...]]:
    """`readable`, and where each index of the text (its length included) has gone in it.

    Indices inside a masked number go to where its token begins.
    """
    shown: list[str] = []
    places: list[int] = []
    size = at = 0
    for run in _RUN.finditer(text):
        places += range(size, size + run.start() - at)
        shown.append(text[at : run.start()])
        size += run.start() - at
        for start, end, token in _tokens(run):
            places += [size] * (end - start)
            shown.append(token)
            size += len(token)
        at = run.end()
    places += range(size, size + len(text) - at + 1)
    shown.append(text[at:])
    return "".join(shown), tuple(places)


def _tokens(run: re.Match[str]) -> list[tuple[int, int, str]]:
    """(start, end, token) of each stretch of one number; spaces and dashes inside it belong to it."""
    text, start = run.string, run.start()
    found: list[tuple[int, int, str]] = []
    while start < run.end():
        if not is_masked(text[start]):
            found.append((start, start + 1, text[start]))
            start += 1
            continue
        first = last = place_of(text[start])
        end = start + 1
        for at in range(end, run.end()):
            if not is_masked(text[at]):
                continue
            place = place_of(text[at])
            if place is None or last is None or place[:3] != (last.type, last.number, last.digit + 1):
                break
            last, end = place, at + 1
        found.append((start, end, _token(first, last)))
        start = end
    return found


def _token(first: Place | None, last: Place | None) -> str:
    if first is None or last is None:
        return "■"
    name = f"{first.type}_{first.number}"
    if first.digit == 0 and last.last:
        return f"〈{name}〉"
    digits = str(first.digit + 1) + (f"-{last.digit + 1}" if last.digit > first.digit else "")
    return f"〈{name}:{digits}〉"
