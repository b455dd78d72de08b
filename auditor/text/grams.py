"""Words of Chinese text for an index of words: Chinese has no spaces, so every two neighbours are one.

``您好,中国移动58元`` is ``您好 好中 中国 国移 移动 动 58 元``: at the place of each character stands
the pair that begins there, at the last one of a run the character itself; letters and digits of one run are
one word. A wording of any length is then a phrase of pairs, found only where its characters stand in a row,
and a single character is a pair that begins with it. Pairs are the least that tells 移动 from 移…动, and far
rarer than characters: the list of 的 is as long as the store, that of 的话 is not.

Masked numbers are words under the names that people read (``PHONE_1`` is ``phone1``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from auditor.text.masked import has_masked, readable
from auditor.text.normalise import normalise

_TOKEN = re.compile(r"〈([A-Z]+)_(\d+)(?::[\d-]+)?〉")
_RUN = re.compile(r"[0-9a-z]+|[^0-9a-z]+")


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording to look for: words in a row, the last of which may go on (``open_end``)."""

    words: tuple[str, ...]
    open_end: bool


def grams(text: str) -> list[str]:
    """The words of a text, in order; masked numbers under their names."""
    found: list[str] = []
    for piece in _pieces(text):
        for run in _RUN.findall(piece):
            if run[0].isascii():
                found.append(run)
            else:
                found += [run[at : at + 2] for at in range(len(run))]
    return found


def wordings(query: str) -> tuple[Wording, ...]:
    """What a query asks for: its parts between spaces, each of them a wording; without letters: none."""
    return tuple(each for part in query.split() if (each := _wording(part)) is not None)


def _wording(part: str) -> Wording | None:
    words: list[str] = []
    runs = [run for piece in _pieces(part) for run in _RUN.findall(piece)]
    if not runs:
        return None
    for place, run in enumerate(runs):
        last = place == len(runs) - 1
        if run[0].isascii():
            words.append(run)
        elif last and len(run) > 1:
            words += [run[at : at + 2] for at in range(len(run) - 1)]
        else:
            words += [run[at : at + 2] for at in range(len(run))]
    # A pair is whole; a single character or a run of letters may be the beginning of a longer word.
    return Wording(tuple(words), open_end=runs[-1][0].isascii() or len(runs[-1]) == 1)


def _pieces(text: str) -> list[str]:
    """The normalised text, cut around masked numbers, which are pieces of their own."""
    shown = readable(text) if has_masked(text) else text
    if "〈" not in shown:
        return [_plain(shown)]
    pieces: list[str] = []
    at = 0
    for token in _TOKEN.finditer(shown):
        pieces += [_plain(shown[at : token.start()]), f"{token[1]}{token[2]}".lower()]
        at = token.end()
    return [*pieces, _plain(shown[at:])]


def _plain(text: str) -> str:
    return normalise(text).text
