"""Finding a phrase in what was heard: by sound for required phrases, by characters for forbidden ones.

A phrase (grammar: `auditor.text.grammar`) is aligned with any stretch of the text (Sellers' algorithm) over
units: one character or one whole number each. Costs: 0 for the same sound; less than 1 for near sounds and
other tones (`auditor.text.pinyin.SoundCosts`); little for fillers (`auditor.text.units.GapCosts`); 1 for any
other syllable; 您 for 你 costs 1. What would turn the meaning round (a number of another value or left
out, a negation added, lost or changed) costs half of the phrase, so that it never passes as a slip.

    distance = cost of the best alignment ÷ syllables of the phrase (slots not counted)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.text.align import align
from auditor.text.grammar import wordings
from auditor.text.patterns import pattern as read
from auditor.text.patterns import written_row
from auditor.text.search import Search
from auditor.text.units import NEGATIONS, units

if TYPE_CHECKING:
    from auditor.text.patterns import Pattern

# Own default, between the variants (≤ 0.13) and the foils (≥ 0.16) of tests/text/test_match.py: with the
# six syllables of 您好,中国移动 it credits any slip of less than one whole syllable.
DEFAULT_MAX_DISTANCE = 0.15


@dataclass(frozen=True, slots=True)
class Match:
    """Where a phrase was found: ``start:end`` index the original text.

    ``distance`` 0 = identical sound, per syllable of the phrase; ``exact`` = the same characters.
    """

    start: int
    end: int
    distance: float
    exact: bool
    text: str


def check_phrase(phrase: str) -> None:
    """Do nothing for a phrase that can be searched for.

    Raises:
        ValueError: One sentence that names the phrase and what to do.
    """
    wordings(phrase)


def find_phrase(text: str, phrase: str, *, max_distance: float = DEFAULT_MAX_DISTANCE) -> Match | None:
    """The best place where a phrase sounds in a text; None when it is further off than allowed.

    Args:
        text: What was heard, as written (punctuation and all).
        phrase: A phrase of the grammar.
        max_distance: Largest distance per syllable of the phrase that still counts.

    Raises:
        ValueError: The phrase cannot be searched for (`auditor.text.grammar.wordings`).
    """
    return find_any(text, (phrase,), max_distance=max_distance)


def find_any(
    text: str, phrases: Sequence[str], *, max_distance: float = DEFAULT_MAX_DISTANCE
) -> Match | None:
    """The best match of any of the phrases; the first of equals."""
    found = _sounding(text, max_distance).held(tuple(phrases))
    if not found:
        return None
    return min((matches[0] for matches in found), key=lambda match: (match.distance, not match.exact))


def find_all(text: str, *phrases: str, max_distance: float = DEFAULT_MAX_DISTANCE) -> list[Match]:
    """Every place where a phrase sounds, in text order.

    Places of one phrase do not overlap (the better of two that would is kept), those of two phrases may.
    """
    found = _sounding(text, max_distance).held(phrases)
    return sorted((match for each in found for match in _apart(each)), key=lambda match: match.start)


def find_written(text: str, *phrases: str) -> list[Match]:
    """Every place where the very characters stand, in text order: for words that must not be said.

    A homophone is never found, nor a part of a number. Characters are compared simplified, in lower case
    and without punctuation; slots and options work as everywhere.

    Args:
        text: What was heard, as written.
        phrases: Phrases of the grammar; places of one phrase do not overlap, those of two may.

    Raises:
        ValueError: A phrase cannot be searched for.
    """
    found = _written(text).held(phrases)
    return sorted((match for each in found for match in _apart(each)), key=lambda match: match.start)


@lru_cache(maxsize=1 << 13)
def _sounding(text: str, max_distance: float) -> Search[Match]:
    return Search(text, max_distance, look=_by_sound)


@lru_cache(maxsize=1 << 13)
def _written(text: str) -> Search[Match]:
    return Search(text, 0.0, look=_by_character)


def _by_sound(text: str, patterns: Sequence[Pattern], max_distance: float) -> list[Match]:
    """All alignments of a phrase's wordings, the best first.

    Ordered by distance, the longer wording, the earlier start. Of ends that cost the same the last one
    wins, but a name or anything at the end is kept short.
    """
    row = units(text)
    found = []
    for place, cost, first, end in align(text, patterns, max_distance=max_distance):
        pattern = patterns[place]
        size = max(pattern.weight, 1)
        tail = 1 if pattern.elements[-1] in ("name", "any") else -1
        start, stop = row.start[first], row.end[end - 1]
        match = Match(start, stop, round(cost / size, 4), cost == 0, text[start:stop])
        found.append(((cost / size, -pattern.weight, start, tail * stop), match))
    found.sort(key=lambda pair: pair[0])
    return [match for _, match in found]


def _by_character(text: str, patterns: Sequence[Pattern], max_distance: float) -> list[Match]:
    """All places of the very characters of a phrase's wordings, the longer wordings first."""
    row = units(text)
    line, places = _written_row(text)
    found: list[tuple[int, Match]] = []
    for pattern in patterns:
        spans: list[tuple[int, int]] = []
        if pattern.row:
            at = line.find(pattern.row)
            while at >= 0:
                spans.append((places[at], places[at + len(pattern.row) - 1]))
                at = line.find(pattern.row, at + 1)
        elif pattern.keys <= row.classes:
            same = align(text, [pattern], max_distance=max_distance)
            spans = sorted(((f, e) for _, cost, f, e in same if cost == 0), key=lambda s: (s[0], -s[1]))
        for first, end in spans:
            start, stop = row.start[first], row.end[end - 1]
            found.append((pattern.weight, Match(start, stop, 0.0, True, text[start:stop])))
    found.sort(key=lambda pair: -pair[0])
    return [match for _, match in found]


@lru_cache(maxsize=4096)
def _written_row(text: str) -> tuple[str, dict[int, int]]:
    """The text's units between separators, and which unit begins at which separator."""
    sounds = units(text).sounds
    places: dict[int, int] = {}
    at = 0
    for index, sound in enumerate(sounds):
        places[at] = index
        at += len(sound.written) + 1
    places[at] = len(sounds)
    return written_row(sounds), places


def _apart(matches: Sequence[Match]) -> list[Match]:
    """Matches that do not overlap, earlier ones in the sequence first chosen; in text order."""
    chosen: list[Match] = []
    for match in matches:
        if all(match.end <= other.start or other.end <= match.start for other in chosen):
            chosen.append(match)
    return sorted(chosen, key=lambda m: m.start)


def has_foreign(text: str, phrases: tuple[str, ...]) -> bool:
    """Whether a syllable of the text sounds like nothing in the phrases: it cannot be made of them.

    False proves nothing: slots hold anything, fillers and particles slip in anywhere.
    """
    known = _sounds_of(phrases)
    return known is not None and any(s.gap >= 1 and known.isdisjoint(s.classes) for s in units(text).sounds)


@lru_cache(maxsize=512)
def _sounds_of(phrases: tuple[str, ...]) -> frozenset[str] | None:
    """The classes of all sounds in the phrases; None when a slot is among them."""
    each = (wording for phrase in phrases for wording in wordings(phrase))
    elements = {element for wording in each for element in read(wording).elements}
    if any(isinstance(element, str) for element in elements):
        return None
    return frozenset(one for e in elements if not isinstance(e, str) for one in e.classes)


def is_negated(text: str, match: Match) -> bool:
    """Whether a negation stands directly before a match: 客气 in 不客气."""
    row = units(text)
    before = [s for s, end in zip(row.sounds, row.end, strict=True) if end <= match.start]
    return bool(before) and before[-1].written in NEGATIONS
