"""One spelling for every text: simplified characters, half-width forms, no punctuation, lower case.

Every result keeps an origin map, so that a hit can be shown in the words as they were written.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.text.masked import is_masked

if TYPE_CHECKING:
    from opencc import OpenCC

# Full-width marks that part numbers in Chinese writing; half-width they would join them ("1,000").
_KEEP_WIDE = "\uff0c\uff1b\uff1f\uff01\uff08\uff09"


@dataclass(frozen=True, slots=True)
class Normalised:
    """A rewritten text; ``origin[i]`` is the index in the original of character ``i``."""

    text: str
    origin: tuple[int, ...]


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    from opencc import OpenCC  # noqa: PLC0415

    return OpenCC("t2s")


def simplify(text: str) -> str:
    """Traditional characters to simplified ones (OpenCC, configuration t2s); the rest is kept."""
    if text.isascii():
        return text
    # NUL and lone surrogates would end or break the conversion in OpenCC's C++ side.
    if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text):
        return "".join(c if c == "\0" or "\ud800" <= c <= "\udfff" else simplify(c) for c in text)
    return str(_converter().convert(text))


def is_word(char: str) -> bool:
    """Whether a character is spoken: a letter or number of any script, no mark, sign or space."""
    return unicodedata.category(char)[0] in "LN" or is_masked(char)


@lru_cache(maxsize=4096)
def fold(text: str) -> Normalised:
    """NFKC, lower case, simplified; punctuation and spaces stay in place.

    Characters are simplified without the punctuation between them, so that punctuation never
    changes which characters come out.
    """
    chars: list[str] = []
    origin: list[int] = []
    for index, char in enumerate(text):
        for folded in char if char in _KEEP_WIDE else unicodedata.normalize("NFKC", char).lower():
            chars.append(" " if folded.isspace() else folded)
            origin.append(index)
    places = [i for i, char in enumerate(chars) if is_word(char)]
    words = "".join(chars[i] for i in places)
    simple = simplify(words)
    if len(simple) != len(words):  # a phrase that changes length: character by character instead
        simple = "".join(simplify(c) if len(simplify(c)) == 1 else c for c in words)
    for place, char in zip(places, simple, strict=True):
        chars[place] = char
    return Normalised("".join(chars), tuple(origin))


@lru_cache(maxsize=8192)
def normalise(text: str) -> Normalised:
    """Letters and numbers only: simplified, NFKC, lower case, with the index each one came from.

    Args:
        text: Any text.

    Returns:
        The normalised text and, per character, its index in ``text``.
    """
    folded = fold(text)
    kept = [i for i, char in enumerate(folded.text) if is_word(char)]
    return Normalised(
        "".join(folded.text[i] for i in kept),
        tuple(folded.origin[i] for i in kept),
    )
