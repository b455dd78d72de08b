"""What a text sounds like: numbers read out, syllables counted, values compared.

How numbers are read stands in `auditor.text.reading`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from auditor.text.masked import is_digits
from auditor.text.normalise import fold, is_word
from auditor.text.reading import dictated, joined, scan


@dataclass(frozen=True, slots=True)
class NumberSpan:
    """A number in a text: where it stands in the original, what it is worth, whether it is spelt out."""

    start: int
    end: int
    value: str
    spelt: bool
    text: str


def read_out(text: str) -> str:
    """The text with its numbers as they are spoken; all else is NFKC, lower case and simplified.

    Numbers that are already written in Chinese numerals stay as they are.
    """
    return "".join(piece.spoken for piece in scan(fold(text).text))


def number_values(text: str) -> tuple[NumberSpan, ...]:
    """Every number of a text in order, with its place in the original and its value.

    86, 八十六 and 八六 have the value "86"; 百分之二十 and 20% have "20%". A 一 that counts nothing
    (一下, 看一看) is left out.
    """
    folded = fold(text)
    spans = []
    for piece in scan(folded.text):
        if piece.value is not None and piece.strict:
            start, end = folded.origin[piece.start], folded.origin[piece.end - 1] + 1
            spans.append(NumberSpan(start, end, piece.value, piece.spelt, text[start:end]))
    return tuple(spans)


def dictated_values(text: str) -> tuple[str, ...]:
    """Numbers that are said in parts, put together: 139,8888,6666 is one of eleven digits."""
    folded = fold(text).text
    pieces = scan(folded)
    return tuple(joined(group, pieces) for group in dictated(pieces, folded))


@lru_cache(maxsize=4096)
def comparable(text: str) -> tuple[str, ...]:
    """What is compared of two texts: their characters, and each digit of a spelt number as a part of it.

    8888 and 八八八八 are the same, 8888 and 8889 have nothing in common: so texts are as alike masked as not.
    Other characters are those of `auditor.text.normalise.normalise`.
    """
    folded = fold(text).text
    row: list[str] = []
    for piece in scan(folded):
        value = piece.value or ""
        if piece.spelt and is_digits(value):
            row += [f"{value}#{i}" for i in range(len(value))]
        else:
            row += [char for char in folded[piece.start : piece.end] if is_word(char)]
    return tuple(row)


def count_syllables(text: str) -> int:
    """Spoken syllables: one per character after numbers are read out, letters one each.

    Punctuation and spaces are never counted.
    """
    return sum(is_word(char) for char in read_out(text))


def syllables_without_digit_strings(text: str, *, shortest: int = 4) -> int:
    """`count_syllables` without digit strings of ``shortest`` digits and more.

    Digit strings are spoken digit by digit, in Arabic digits or in Chinese ones; agents read them out at a
    pace of their own (measurements.md, Pace).
    """
    return sum(
        sum(is_word(char) for char in piece.spoken)
        for piece in scan(fold(text).text)
        if not (piece.spelt and sum(map(is_digits, piece.value or "")) >= shortest)
    )
