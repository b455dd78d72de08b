"""What calls for an answer: something the customer or the agent says, or a long announced wait.

A trigger is *certain* only if its words stand in the text to the letter and the text proves something: a
human's, or automatic text heard well by a model that seldom writes what nobody said (`trust`). Otherwise
it has a doubt, and nobody fails by it. Words that are neither written nor heard well are no trigger at
all, nor are words that only sound alike in a human's transcript.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from auditor.kinds.hits import Hit, find_hits
from auditor.kinds.listening import Doubt, doubt_about, is_settled
from auditor.kinds.trust import why_words_prove_nothing
from auditor.kinds.wording import is_only, is_quoted
from auditor.records import Span
from auditor.rulebook.lexicon import lexicon_of
from auditor.text.clock import clock
from auditor.text.match import find_any
from auditor.text.normalise import normalise
from auditor.text.numerals import comparable
from auditor.text.pinyin import syllables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from auditor.records import Evidence, Role, Turn
    from auditor.rulebook.schema import Rulebook
    from auditor.text.match import Match
    from auditor.text.pinyin import Syllable

MISSPELT = ("不", "没")  # negations that have homophones (部, 眉)


@dataclass(frozen=True, slots=True)
class Trigger:
    """Something that calls for an answer; with a doubt nobody fails by it."""

    turn: Turn
    at: Span
    quote: str
    doubt: Doubt | None = None


def text_doubt(turns: Iterable[Turn], *, evidence: Evidence, book: Rulebook) -> Doubt | None:
    """Why these turns' words prove nothing; None: they do."""
    doubt = doubt_about(turns, evidence=evidence, book=book)
    if doubt or is_settled(evidence):
        return doubt
    why = why_words_prove_nothing(evidence, book=book)
    return Doubt("false_share", why) if why else None


def says(turn: Turn, phrases: Sequence[str], *, book: Rulebook) -> Match | None:
    """The phrase in the turn, by sound, on text that is not suspect."""
    match = find_any(turn.text, phrases, max_distance=book.settings.phrase_distance)
    return match if match and not turn.is_suspect(match.start, match.end) else None


def find_triggers(
    phrases: Sequence[str],
    *,
    role: Role,
    evidence: Evidence,
    book: Rulebook,
    hints: Sequence[str] = (),
    unless: Sequence[str] = (),
) -> tuple[Trigger, ...]:
    """Every turn of a party that holds one of the phrases, in time order; at most one trigger a turn.

    Args:
        phrases: what calls for an answer.
        role: whose words.
        evidence: the call.
        book: its settings give the limits.
        hints: wordings that may mean it: they give a trigger with a doubt.
        unless: wordings that contain a phrase and mean something else.
    """
    found = (
        _trigger(turn, phrases=phrases, hints=hints, unless=unless, evidence=evidence, book=book)
        for turn in evidence.turns_of(role)
    )
    return tuple(trigger for trigger in found if trigger is not None)


def _trigger(
    turn: Turn,
    *,
    phrases: Sequence[str],
    hints: Sequence[str],
    unless: Sequence[str],
    evidence: Evidence,
    book: Rulebook,
) -> Trigger | None:
    match, hinted = says(turn, phrases, book=book), False
    if match is None and hints:
        match, hinted = says(turn, hints, book=book), True
    if match is None or is_quoted(turn.text, match.start):
        return None
    if unless and says(turn, unless, book=book):
        return None
    unclear = text_doubt([turn], evidence=evidence, book=book)
    if not match.exact and (unclear or hinted or is_settled(evidence)):
        return None
    doubt = unclear
    if hinted:
        doubt = Doubt("hint", f"{clock(turn.start_s)}「{match.text}」不一定是这个意思,请听录音确认")
    elif not match.exact:
        doubt = Doubt("near", f"{clock(turn.start_s)} 只听到近似的「{match.text}」,请听录音确认")
    elif not doubt and not is_settled(evidence) and _may_be_negated(turn.text, match.start):
        before = turn.text[match.start - 1]
        doubt = Doubt("negation", f"{clock(turn.start_s)}「{before}」可能是「不」或「没」,请听录音确认")
    return Trigger(turn, turn.span_of(match.start, match.end), turn.text, doubt)


def rude_hit(turn: Turn, *, lexicons: Sequence[str], evidence: Evidence, book: Rulebook) -> Hit | None:
    """The written words of a turn that are rude whatever their tone; what only sounds so is no trigger."""
    distance = None if is_settled(evidence) else book.settings.phrase_distance
    for name in lexicons:
        for hit in find_hits(turn.text, lexicon_of(name, book=book), reports=(), sound_distance=distance):
            mild = hit.homophone or hit.entry.severity == "mild"
            if not mild and not turn.is_suspect(hit.start, hit.end):
                return hit
    return None


def find_rude(
    lexicons: Sequence[str], *, role: Role, evidence: Evidence, book: Rulebook
) -> tuple[Trigger, ...]:
    """Every turn of a party that holds a rude word of the lexicons, in time order."""
    return tuple(
        Trigger(
            turn,
            turn.span_of(hit.start, hit.end),
            turn.text,
            text_doubt([turn], evidence=evidence, book=book),
        )
        for turn in evidence.turns_of(role)
        if (hit := rude_hit(turn, lexicons=lexicons, evidence=evidence, book=book)) is not None
    )


def _may_be_negated(text: str, start: int) -> bool:
    """Whether what stands before sounds like a negation that a recogniser misspelt: 部是我们的错."""
    before = text[start - 1 : start]
    return before not in MISSPELT and bool(before) and syllables(before)[0] in map(_sound, MISSPELT)


def _sound(char: str) -> Syllable | None:
    return syllables(char)[0]


def find_waits(
    holds: Sequence[str],
    *,
    min_wait_s: float,
    announced_within_s: float,
    evidence: Evidence,
    book: Rulebook,
) -> tuple[Trigger, ...]:
    """Every long silence that the agent announced: he owes a courtesy when he comes back.

    The announcement is in the last words before the silence but the customer's acknowledgement (好的).
    """
    found = []
    limit_s = min_wait_s + book.settings.timing_tolerance_s
    for event in evidence.events:
        if event.kind != "silence" or event.span.duration_s <= limit_s:
            continue
        before = [t for t in evidence.turns if t.role != "system" and t.start_s < event.start_s]
        kept = [
            t for t in before if t.role == "agent" or not is_only(t.text, acknowledgements(book), book=book)
        ]
        if not kept or kept[-1].role != "agent" or event.start_s - kept[-1].end_s > announced_within_s:
            continue
        match = says(kept[-1], holds, book=book)
        if match and (match.exact or not is_settled(evidence)):
            doubt = text_doubt(kept[-1:], evidence=evidence, book=book)
            found.append(Trigger(kept[-1], event.span, kept[-1].text, doubt))
    return tuple(found)


def acknowledgements(book: Rulebook) -> tuple[str, ...]:
    """嗯, 好的 and the like: the set ``backchannels`` of the rulebook."""
    return book.phrases.get("backchannels", ())


def turns_after(at: Span, *, role: Role, evidence: Evidence, book: Rulebook) -> tuple[Turn, ...]:
    """A party's turns with words that end after a place, acknowledgements left out."""
    return tuple(
        turn
        for turn in evidence.turns_of(role)
        if turn.start_s >= at.start_s
        and turn.end_s > at.end_s
        and normalise(turn.text).text
        and not is_only(turn.text, acknowledgements(book), book=book)
    )


def repeats(one: str, other: str) -> float:
    """How much of the shorter text stands in the other in the same order, 0..1."""
    first, second = comparable(one), comparable(other)
    if not first or not second:
        return 0.0
    blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / min(len(first), len(second))
