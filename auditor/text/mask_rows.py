"""Which characters stand for which secret numbers of a call: the same for the same, a part for a part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.text.masked import LONGEST, Type, has_masked, place_of, row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MISHEARD = "~"  # before digits that are no number that anybody said: they have characters of their own
SHORTEST = 4  # digits by which a piece of a number is looked up; shorter pieces have characters of their own


def given_out(numbers: Sequence[str], *, types: Mapping[str, Type], taken: Iterable[str]) -> dict[str, str]:
    """Rows for numbers, longest first; what stands in an earlier one, or in part, has its characters."""
    counts: dict[Type, int] = {}
    for place in (place_of(char) for text in taken if has_masked(text) for char in text):
        if place is not None:
            counts[place.type] = max(counts.get(place.type, 0), place.number)
    rows: _Rows = {}
    keys: dict[str, str] = {}
    for number in numbers:
        masked = ""
        misheard = number.startswith(MISHEARD)
        bare = number.removeprefix(MISHEARD)
        for start in range(0, len(bare), LONGEST):
            digits = bare[start : start + LONGEST]
            new = None if misheard else _piece(digits, rows)
            if new is None:
                type_ = types.get(number, "NUMBER")
                counts[type_] = counts.get(type_, 0) + 1
                own = row(type_, counts[type_], size=len(digits))
                new = own if misheard else _overlaid(digits, own, rows=rows)
                for at in () if misheard else range(len(digits)):
                    rows.setdefault(digits[at : at + SHORTEST], []).append((digits, new))
            masked += new
        keys[number] = masked
    return keys


# By the four digits that begin somewhere in them (fewer at their end): numbers and what stands for them.
_Rows = dict[str, list[tuple[str, str]]]


def _piece(digits: str, rows: _Rows) -> str | None:
    """What stands for these digits in the first number that holds them all."""
    for known, masked in rows.get(digits[:SHORTEST], ()):
        at = known.find(digits)
        if at >= 0:
            return masked[at : at + len(digits)]
    return None


def _overlaid(digits: str, own: str, *, rows: _Rows) -> str:
    """A number in characters of its own, but for digits in a row that stand in an earlier one, too."""
    masked = ""
    while len(masked) < len(digits):
        start = len(masked)
        pieces = (_piece(digits[start:end], rows) for end in range(len(digits), start + SHORTEST - 1, -1))
        masked += next((piece for piece in pieces if piece is not None), own[start])
    return masked
