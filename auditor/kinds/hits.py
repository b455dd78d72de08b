"""Forbidden phrases in one text: the written words of a lexicon, without what excuses them.

No hit is: a phrase that runs over punctuation it does not write; one that a harmless longer phrase
holds or cuts into;
one inside quotation marks, after 您说 and the like, or after a negation. In automatic text the excuses
are searched by sound, since a recogniser may have misspelt them; the forbidden words never are: what
only sounds like one is a ``homophone`` and proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.kinds.wording import is_quoted
from auditor.text.grammar import wordings
from auditor.text.match import find_all, find_written
from auditor.text.normalise import normalise
from auditor.text.pinyin import syllables

if TYPE_CHECKING:
    from auditor.rulebook.entries import Entry
    from auditor.rulebook.lexicon import Lexicon

# 。!?;… between sentences, ,、: between their parts; wide and narrow.
ENDS = "\u3002\uff01\uff1f\uff1b\u2026!?;\n"
MARKS = ENDS + "\uff0c\u3001\uff1a,:"
PARTICLES = frozenset("啊吧呢了哦呀嘛哈的呗嗯唉哎喂诶那这就真")
NEGATIONS = ("不", "没", "别", "勿", "未")
# How far back words may stand that say whose words follow: 您刚才说的是……
REPORTED_WITHIN = 10


@dataclass(frozen=True, slots=True)
class Hit:
    """Characters ``start:end`` of the text that are an entry, or only sound like it."""

    entry: Entry
    start: int
    end: int
    text: str
    homophone: bool = False


@lru_cache(maxsize=1 << 15)
def find_hits(
    text: str, lexicon: Lexicon, *, reports: tuple[str, ...], sound_distance: float | None
) -> tuple[Hit, ...]:
    """What of a lexicon was said in a text, in order.

    Args:
        text: one turn's.
        lexicon: whose phrases.
        reports: what stands before somebody else's words, in the phrase grammar (您说).
        sound_distance: how far an excuse may be misspelt in automatic text; None: a person wrote it.
    """
    plain = normalise(text)
    places = [(False, place) for place in lexicon.written_in(plain.text)]
    if sound_distance is not None:
        places += [(True, place) for place in lexicon.sounding_in(plain.text)]
    hits = []
    for homophone, (entry, first, last) in places:
        start, end = plain.origin[first], plain.origin[last - 1] + 1
        hits.append(Hit(entry, start, end, text[start:end], homophone))
    kept = [
        hit
        for hit in hits
        if not _runs_over(hit)
        and not (hit.entry.alone and not _stands_alone(text, hit))
        and not is_quoted(text, hit.start)
        and not _is_negated(text, hit, by_sound=sound_distance is not None)
        and not _is_harmless(text, hit, lexicon=lexicon, sound_distance=sound_distance)
        and not _follows(text, hit, reports, sound_distance=sound_distance)
    ]
    return tuple(_longest(sorted(kept, key=lambda hit: (hit.homophone, hit.start, -hit.end))))


def _longest(hits: list[Hit]) -> list[Hit]:
    """Hits that do not overlap, the earlier and longer ones first."""
    chosen: list[Hit] = []
    for hit in hits:
        if all(hit.end <= other.start or other.end <= hit.start for other in chosen):
            chosen.append(hit)
    return sorted(chosen, key=lambda hit: hit.start)


def _runs_over(hit: Hit) -> bool:
    return any(char in MARKS and char not in hit.entry.say for char in hit.text)


def sentence_around(text: str, start: int, end: int, *, marks: str = ENDS) -> tuple[int, int]:
    """Where the sentence begins and ends that holds these characters."""
    first = max((text.rfind(mark, 0, start) for mark in marks), default=-1) + 1
    last = min((at for mark in marks if (at := text.find(mark, end)) >= 0), default=len(text))
    return first, last


def _stands_alone(text: str, hit: Hit) -> bool:
    first, last = sentence_around(text, hit.start, hit.end, marks=MARKS)
    rest = normalise(text[first : hit.start]).text + normalise(text[hit.end : last]).text
    return set(rest) <= PARTICLES


def _is_negated(text: str, hit: Hit, *, by_sound: bool) -> bool:
    """Whether a negation stands directly before it; in automatic text anything that sounds like one."""
    before = normalise(text[: hit.start]).text[-1:]
    if not before or text[hit.start - 1] in MARKS:
        return False
    if before in NEGATIONS:
        return True
    return by_sound and _toneless(before) in {_toneless(char) for char in NEGATIONS}


@lru_cache(maxsize=4096)
def _toneless(char: str) -> tuple[str, str] | str:
    (syllable,) = syllables(char)
    return (syllable.initial, syllable.final) if syllable else char


def _is_harmless(text: str, hit: Hit, *, lexicon: Lexicon, sound_distance: float | None) -> bool:
    return any(
        start < hit.end and hit.start < end
        for phrase in (*hit.entry.not_in, *lexicon.content.not_in)
        for start, end in _places(text, phrase, sound_distance=sound_distance)
    )


def _places(text: str, phrase: str, *, sound_distance: float | None) -> list[tuple[int, int]]:
    found = find_written(text, phrase)
    if not found and sound_distance is not None:
        # A misspelt excuse has all its syllables: what lacks its last one (没关系 of 没关系的) is none.
        for wording in wordings(phrase):
            least = sum(len(normalise(part).text) for part in wording if not part.startswith("<"))
            near = find_all(text, "".join(wording), max_distance=sound_distance)
            found += [match for match in near if len(normalise(match.text).text) >= least]
    return [(match.start, match.end) for match in found]


def _follows(text: str, hit: Hit, reports: tuple[str, ...], *, sound_distance: float | None) -> bool:
    """Whether one of the words that report stands shortly before it in the same sentence."""
    first, _ = sentence_around(text, hit.start, hit.end)
    before = text[max(first, hit.start - REPORTED_WITHIN) : hit.start]
    return any(_places(before, phrase, sound_distance=sound_distance) for phrase in reports)
