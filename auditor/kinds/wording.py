"""Small questions about a text: is it nothing but these words, is a place in it quoted."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.text.match import find_any, find_phrase, has_foreign
from auditor.text.normalise import normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.rulebook.schema import Rulebook

# 「」 『』 “” ‘’ 《》
QUOTES = (
    ("\u300c", "\u300d"),
    ("\u300e", "\u300f"),
    ("\u201c", "\u201d"),
    ("\u2018", "\u2019"),
    ("\u300a", "\u300b"),
)


def is_only(text: str, words: Sequence[str], *, book: Rulebook) -> bool:
    """Whether a text holds nothing but these words, by sound; an empty text does not."""
    return _is_only(text, tuple(words), book.settings.phrase_distance)


@lru_cache(maxsize=8192)
def _is_only(text: str, words: tuple[str, ...], max_distance: float) -> bool:
    rest = normalise(text).text
    if not rest or has_foreign(rest, words):
        return False
    for word in sorted(words, key=len, reverse=True):
        while rest and (found := find_phrase(rest, word, max_distance=max_distance)):
            rest = rest[: found.start] + rest[found.end :]
    return not rest


def is_whole(text: str, phrases: Sequence[str], *, book: Rulebook) -> bool:
    """Whether the text is one of the phrases and nothing else."""
    match = find_any(text, phrases, max_distance=book.settings.phrase_distance)
    return match is not None and not normalise(text[: match.start] + text[match.end :]).text


def is_quoted(text: str, start: int) -> bool:
    """Whether the character at ``start`` stands inside an opened quotation: somebody else's words."""
    return any(text.rfind(opened, 0, start) > text.rfind(closed, 0, start) for opened, closed in QUOTES)
