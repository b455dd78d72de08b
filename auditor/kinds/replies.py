"""Whether the answer that an occasion calls for was given in its window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.kinds.listening import Doubt, confidence_of, is_settled, listen_for
from auditor.kinds.triggers import says
from auditor.text.clock import clock
from auditor.text.match import find_any
from auditor.text.normalise import normalise

if TYPE_CHECKING:
    from auditor.kinds.listening import Hearing, Said
    from auditor.kinds.occasions import Arisen
    from auditor.records import Evidence, Span, Turn
    from auditor.rulebook.schema import Rulebook


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer, or why its absence proves something or nothing; ``noted``: in other words."""

    said: Said
    confidence: float
    quote: str | None = None
    at: tuple[Span, ...] = ()
    noted: bool = False
    doubt: Doubt | None = None


def listen(arisen: Arisen, *, evidence: Evidence, book: Rulebook) -> Reply:
    """What was heard of the answer.

    Short answers are easily misheard: in automatic text anything within ``tail_distance`` of one, half of
    its syllables, leaves a doubt, unless it is no more than two characters.
    """
    occasion, window = arisen.occasion, arisen.window
    wanted, noted = book.words(*occasion.replies), book.words(*occasion.noted)
    heard = listen_for(wanted, turns=window, evidence=evidence, book=book)
    if heard.said == "said":
        late = _late(heard, arisen=arisen, book=book)
        said: Said = "doubtful" if late else "said"
        return Reply(said, heard.confidence, heard.quote, heard.at, doubt=late)
    if noted:
        other = listen_for(noted, turns=window, evidence=evidence, book=book)
        if other.said == "said":
            return Reply("said", other.confidence, other.quote, other.at, noted=True)
        heard = heard if heard.doubt else other
    long = _long_enough(arisen, book=book)
    if long:
        sure = confidence_of([long], evidence=evidence, book=book)
        return Reply("said", sure, long.text, (long.span,))
    doubt = heard.doubt
    if doubt is None and occasion.partial:
        some = listen_for(book.words(*occasion.partial), turns=window, evidence=evidence, book=book)
        if some.said == "said":
            doubt = Doubt("partial", f"客服说了「{some.quote}」,请听录音确认是否足够")
    if doubt is None and not is_settled(evidence):
        doubt = _half(arisen, wanted=(*wanted, *noted), book=book)
    return Reply("doubtful" if doubt else "missing", heard.confidence, doubt=doubt)


def follow_up(arisen: Arisen, *, evidence: Evidence, book: Rulebook) -> bool:
    """Whether what is due besides the answer was heard, from the window's first turn to the call's end."""
    first_s = arisen.window[0].start_s
    turns = [turn for turn in evidence.turns_of("agent") if turn.start_s >= first_s]
    wanted = book.words(*arisen.occasion.then)
    return listen_for(wanted, turns=turns, evidence=evidence, book=book).said == "said"


def _long_enough(arisen: Arisen, *, book: Rulebook) -> Turn | None:
    """A turn after the trigger that is too long to be no answer."""
    least, closers = arisen.occasion.enough_characters, book.words(*arisen.occasion.enough_unless)
    if least is None:
        return None
    later = [turn for turn in arisen.window if turn.start_s > arisen.trigger.turn.start_s]
    return next(
        (t for t in later if len(normalise(t.text).text) >= least and not says(t, closers, book=book)), None
    )


def _late(heard: Hearing, *, arisen: Arisen, book: Rulebook) -> Doubt | None:
    """A doubt about an answer before which the agent already said what should follow it."""
    first = book.words(*arisen.occasion.not_after)
    if not first or heard.turn is None:
        return None
    before = [turn.text for turn in arisen.window if turn.start_s < heard.turn.start_s]
    before.append(heard.turn.text[: heard.turn.text.find(heard.quote or "")])
    for text in before:
        match = find_any(text, first, max_distance=book.settings.phrase_distance)
        if match:
            why = f"{clock(heard.turn.start_s)} 的「{heard.quote}」在「{match.text}」之后,请核对先后"
            return Doubt("late", why)
    return None


def _half(arisen: Arisen, *, wanted: tuple[str, ...], book: Rulebook) -> Doubt | None:
    for turn in arisen.window:
        match = find_any(turn.text, wanted, max_distance=book.settings.tail_distance)
        # Half of two characters is any syllable.
        if match and len(normalise(match.text).text) > 2:
            at = clock(turn.start_s)
            return Doubt("near", f"{at} 听到有些近似的「{match.text}」,请听录音确认")
    return None
