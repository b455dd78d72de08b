"""Where in a turn's text a probe's question arises, and how each wording reads there.

A *gap* is a pair of texts between which a wording stands. All wordings of one question are tried in the
same gaps, so that the candidates differ in nothing but the place in question.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from auditor.text.match import find_phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from auditor.records import ProbeSpec, Turn, TurnPart

WITHIN_TURNS = ("agent_first_turns", "agent_last_turns")
"""A phrase may stand anywhere in these turns."""

Gap = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ProbeSettings:
    """How the place of a probe is found and worded.

    Attributes:
        max_distance: how far the heard start may be from a wording that it stands for, as
            `auditor.text.match` counts [O].
        latest_start: at most so many characters stand before a wording at a turn's start (喂,) [O].
        first_turns, last_turns: how many of the agent's turns open and close a call, as the kinds count.
        clause_slack: a clause this much shorter or longer than a wording may be the wording misheard [O].
        inner: what an engine may write for a comma inside a wording.
        after: what it may write between a wording and the rest.
        last: what it may write after a wording that ends the text.
        inserted_last: the same where a wording is tried in many gaps.
    """

    max_distance: float = 0.34
    latest_start: int = 2
    first_turns: int = 2
    last_turns: int = 3
    clause_slack: int = 1
    inner: tuple[str, ...] = (",", "")
    after: tuple[str, ...] = (",", "。", "")
    last: tuple[str, ...] = ("。", "!", "?", "")
    inserted_last: tuple[str, ...] = ("。", "?")


SETTINGS = ProbeSettings()


@dataclass(frozen=True, slots=True)
class Place:
    """Characters ``start:end`` of a turn's text, and the gaps of the window's text that stand for them.

    There is more than one gap where none of the wordings was heard: then it may be lost or misheard, and
    every wording may take any of these places.
    """

    start: int
    end: int
    gaps: tuple[Gap, ...]
    phrases: tuple[str, ...]


def places(text: str, *, parts: Sequence[TurnPart], spec: ProbeSpec) -> Iterator[Place]:
    """Where in the turn's text the question arises; only characters inside ``parts`` count."""
    low, high = parts[0].text_start, parts[-1].text_end
    heard = text[low:high]
    wordings = [wording for wording in (*spec.phrases, *spec.foils) if wording]
    if spec.where == "each_occurrence":
        for wording in wordings:
            for start in _starts(heard, wording):
                yield _place(heard, start, start + len(wording), low=low, phrases=spec.phrases)
    elif spec.where == "each_phrase":
        for start, phrase in _written(heard, spec.phrases):
            yield _place(heard, start, start + len(phrase), low=low, phrases=(phrase,))
    elif spec.where in WITHIN_TURNS:
        yield Place(low, high, tuple(_gaps(heard, wordings)), spec.phrases)
    else:
        start, end = _heard_start(heard, wordings)
        place = _place(heard, start, end, low=low, phrases=spec.phrases)
        if end == start and spec.where == "agent_first_turn":
            unlike = heard[index_after(heard, max(len(bare(wording)) for wording in wordings)) :]
            yield Place(place.start, place.end, (("", heard), ("", unlike)), spec.phrases)
        else:
            yield place


def window_of(turns: Sequence[Turn], agent: Sequence[int], *, spec: ProbeSpec) -> tuple[int, ...]:
    """The agent's first or last turns, as indices; none where the text holds one of the phrases."""
    spoken = [index for index in agent if bare(turns[index].text)]
    first = spec.where == "agent_first_turns"
    window = spoken[: SETTINGS.first_turns] if first else spoken[-SETTINGS.last_turns :]
    said = any(bare(phrase) in bare(turns[index].text) for index in window for phrase in spec.phrases)
    return () if said else tuple(window)


def _starts(heard: str, wording: str) -> Iterator[int]:
    start = heard.find(wording)
    while start >= 0:
        yield start
        start = heard.find(wording, start + len(wording))


def _written(heard: str, phrases: Sequence[str]) -> list[tuple[int, str]]:
    """Where phrases stand, to the letter; of those that overlap the longest."""
    found = ((start, phrase) for phrase in phrases if phrase in heard for start in _starts(heard, phrase))
    chosen: list[tuple[int, str]] = []
    for start, phrase in sorted(found, key=lambda one: (-len(one[1]), one[0])):
        if all(start + len(phrase) <= s or s + len(p) <= start for s, p in chosen):
            chosen.append((start, phrase))
    return sorted(chosen)


def _gaps(heard: str, wordings: Sequence[str]) -> Iterator[Gap]:
    """Between the clauses of a text, and in place of a clause that is about as long as a wording."""
    ends = [i + 1 for i, char in enumerate(heard) if not bare(char) and i + 1 < len(heard)]
    bounds = [0, *(end for end in ends if bare(heard[end])), len(heard)]
    yield from ((heard[:bound], heard[bound:]) for bound in bounds)
    lengths = {len(bare(wording)) for wording in wordings}
    for start, end in pairwise(bounds):
        spoken = len(bare(heard[start:end]))
        if any(abs(spoken - length) <= SETTINGS.clause_slack for length in lengths):
            yield heard[:start], heard[end:]


def _heard_start(heard: str, wordings: Sequence[str]) -> tuple[int, int]:
    """The characters at the start that stand for one of the wordings; an empty range if none does.

    Of several the one with the most characters right, wrong ones taken off: 「您好,中国移动客户…」 is a whole
    「您好,中国移动」, not a garbled 「您好,这里是中国移动」.
    """
    head = heard[: 2 * max(map(len, wordings)) + SETTINGS.latest_start]
    found: list[tuple[float, int, int]] = []
    for wording in wordings:
        if len(wording) == 1:
            # One syllable is like too many others (喂, 为): only the character itself counts.
            first = index_after(heard, 0)
            found += [(1.0, first, first + 1)] if heard[first : first + 1] == wording else []
        elif match := find_phrase(head, wording, max_distance=SETTINGS.max_distance):
            near = len(bare(head[: match.start])) <= SETTINGS.latest_start
            right = (1 - 2 * match.distance) * len(bare(wording))
            found += [(right, match.start, match.end)] if near else []
    return max(found)[1:] if found else (0, 0)


def _place(heard: str, start: int, end: int, *, low: int, phrases: tuple[str, ...]) -> Place:
    return Place(low + start, low + end, ((heard[:start], heard[end:]),), phrases)


def worded(wording: str, *, place: Place, where: str) -> Iterator[str]:
    """The whole text with the wording in its place, in every punctuation that an engine may write."""
    within = where in WITHIN_TURNS
    for before, after in place.gaps:
        if where in ("each_occurrence", "each_phrase"):
            yield before + wording + after
            continue
        rest = after[index_after(after, 0) :]
        if not wording:
            yield before + rest
            continue
        comma = "，" if "，" in before + after else ","
        lasts = SETTINGS.inserted_last if within else SETTINGS.last
        afters = SETTINGS.after[:1] if within else SETTINGS.after
        for inner in SETTINGS.inner if "," in wording else ("",):
            for mark in afters if rest else lasts:
                text = wording.replace(",", inner) + mark
                yield before + text.replace(",", comma) + rest


def index_after(text: str, count: int) -> int:
    """Index of the spoken character after the first ``count`` ones; the length if there are no more."""
    spoken = [index for index, char in enumerate(text) if bare(char)]
    return spoken[count] if count < len(spoken) else len(text)


def bare(text: str) -> str:
    """The text without punctuation and spaces."""
    return "".join(char for char in text if unicodedata.category(char)[0] in "LN")
