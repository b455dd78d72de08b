"""Something calls for a mandated answer: it comes within a few of the agent's turns.

Needs
    The trigger in the text (`auditor.kinds.triggers`), and to know who the agent is. For a fail: the
    trigger is certain, and the agent's turns in the window were listened for (`auditor.kinds.listening`).

Passes
    One of ``replies`` stands in the window; ``noted`` replies pass with a note on the wording.

    ::

        客户 怎么打了半天才接?
        客服 对不起,让您久等了。

Fails
    ``missing: fail`` and the window was heard well and holds no reply; or it holds none but one of the
    ``refusals``; or the agent answers with forbidden speech of the ``rude`` lexicons, as sure as its own
    clause asks.

    ::

        客户 怎么打了半天才接?
        客服 什么事?

Silent when
    Nothing calls for it, the agent did not speak again, or the end of the file cuts the window off
    (not_applicable). needs_review: the trigger is uncertain and the reply is not there, the reply is only
    ``partial``, or lacks what is due besides (``then``), the text does not settle it, the mandated reply is
    given to somebody who did not call for it (``stray_unless``), or the agent says something ``grave``, which
    makes the finding a critical one until a human has listened.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds import replies
from auditor.kinds.gathered import worst_of
from auditor.kinds.grave import find_grave
from auditor.kinds.listening import has_separate_legs, is_settled, speakers_known
from auditor.kinds.occasions import Arisen, Occasion, arise
from auditor.kinds.opening import LAST_WORDS, closing_window, why_no_goodbye
from auditor.kinds.params import PhraseSets
from auditor.kinds.replies import Reply, follow_up
from auditor.kinds.sightings import Wordlist, judged, rude_cause, sightings
from auditor.kinds.triggers import says, text_doubt
from auditor.kinds.wording import is_quoted
from auditor.records import Evidence, Outcome, Span
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock
from auditor.text.match import find_written


class Params(BaseModel):
    """What calls for what.

    Attributes:
        occasions: the triggers and their replies; see `auditor.kinds.occasions`.
        label: what happened, as the report names it (客户抱怨久等).
        wording: the mandated wording, for the report.
        missing: the verdict on a reply that was listened for and is not there.
        rude: forbidden speech that fails as a reply: lexicons and what excuses their phrases.
        refusals: answers that fail, by their characters, where none of the replies is given.
        stray_unless: set: the reply without a trigger is for review, unless the customer's words before
            it hold one of these.
        grave: what the agent must never say here: for review, and critical, whatever was asked.
        grave_unless: wordings that hold such words and say the opposite.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    occasions: tuple[Occasion, ...] = Field(min_length=1)
    label: str = Field(min_length=1)
    wording: str = Field(min_length=1)
    missing: Literal["fail", "needs_review", "pass"] = "fail"
    rude: Wordlist | None = None
    refusals: PhraseSets = ()
    stray_unless: PhraseSets = ()
    grave: PhraseSets = ()
    grave_unless: PhraseSets = ()


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether everything that calls for an answer gets it."""
    if not speakers_known(evidence):
        return Outcome("not_applicable", "no_data", f"录音分不清双方,不能判断是否有{params.label}")
    grave = find_grave(params.grave, unless=params.grave_unless, evidence=evidence, book=book)
    if grave:
        return grave
    arisen = [found for one in params.occasions for found in arise(one, evidence=evidence, book=book)]
    if not arisen:
        return _stray(evidence, params=params, book=book) or Outcome(
            "not_applicable", "not_arisen", f"没有听到{params.label}"
        )
    outcomes = [
        outcome
        for found in arisen
        if (
            outcome := _rude(found, evidence=evidence, params=params, book=book)
            or _answer(found, evidence=evidence, params=params, book=book)
        )
        is not None
    ]
    if not outcomes:
        return Outcome("not_applicable", "no_chance", f"{params.label}之后客服没有再说话,或者不要求回应")
    worst = worst_of(outcomes)
    if worst:
        return worst
    return next((outcome for outcome in outcomes if outcome.reason_code == "noted"), outcomes[0])


def _answer(arisen: Arisen, *, evidence: Evidence, params: Params, book: Rulebook) -> Outcome | None:
    """What the agent makes of one trigger; None: nothing was due."""
    trigger = arisen.trigger
    missing = arisen.occasion.missing or params.missing
    shown = _shown(arisen, params=params)
    heard = replies.listen(arisen, evidence=evidence, book=book)
    if heard.said == "said":
        return _given(arisen, heard, evidence=evidence, params=params, book=book)
    if missing == "pass":
        reason = f"{shown},客服没有说课件用语{params.wording},只提示不扣分"
        return Outcome(
            "pass",
            "noted",
            reason,
            at=_place(arisen, evidence=evidence),
            quote=trigger.quote,
            confidence=heard.confidence,
        )
    if not arisen.due:
        return None
    excuse = _excuse(arisen, evidence=evidence, book=book)
    if excuse:
        return None if excuse.verdict == "not_applicable" else excuse
    doubt = trigger.doubt or heard.doubt
    if doubt is None and params.refusals:
        refused = _refused(arisen, evidence=evidence, params=params, book=book)
        if refused:
            return refused
    proven = doubt is None and missing == "fail"
    why = f"但{doubt.reason}" if doubt else "请听录音确认"
    reason = f"{shown},客服没有说{params.wording}"
    return Outcome(
        "fail" if proven else "needs_review",
        doubt.code if doubt else "missing",
        reason if proven else f"{shown},没有听到客服说{params.wording},{why}",
        at=_place(arisen, evidence=evidence),
        quote=trigger.quote,
        confidence=heard.confidence if proven else 0.5,
        causes=_causes(arisen),
    )


def _given(arisen: Arisen, heard: Reply, *, evidence: Evidence, params: Params, book: Rulebook) -> Outcome:
    """The answer was given; without what is due besides it is for review."""
    shown, then = _shown(arisen, params=params), arisen.occasion.then_label
    if then and not follow_up(arisen, evidence=evidence, book=book):
        return Outcome(
            "needs_review",
            "half",
            f"{shown},客服说了「{heard.quote}」,但没有听到{then},请听录音确认",
            at=_place(arisen, evidence=evidence),
            quote=arisen.trigger.quote,
            confidence=0.5,
            causes=_causes(arisen),
        )
    code, note = ("noted", f",课件用语是{params.wording}") if heard.noted else ("replied", "")
    reason = f"{shown},客服说了「{heard.quote}」{note}"
    return Outcome("pass", code, reason, at=heard.at, quote=heard.quote, confidence=heard.confidence)


def _excuse(arisen: Arisen, *, evidence: Evidence, book: Rulebook) -> Outcome | None:
    """What excuses a missing answer that belongs to the last words, as it does a missing goodbye."""
    if not arisen.occasion.excuses:
        return None
    return why_no_goodbye(
        evidence,
        book=book,
        window=closing_window(evidence, turns=LAST_WORDS),
        excuses=book.words(*arisen.occasion.excuses),
        chance_s=arisen.occasion.chance_s,
    )


def _shown(arisen: Arisen, *, params: Params) -> str:
    return f"{clock(arisen.trigger.at.start_s)} {params.label}「{arisen.trigger.quote}」"


def _place(arisen: Arisen, *, evidence: Evidence) -> tuple[Span, ...]:
    trigger = arisen.trigger
    if arisen.occasion.excuses:  # the answer belongs to the last words
        return tuple(dict.fromkeys((trigger.turn.span, evidence.turns_of("agent")[-1].span)))
    if arisen.occasion.who == "wait":  # from the announcement on: who left without a word owes one word
        return (trigger.turn.span.cover(trigger.at),)
    return (trigger.at,) if arisen.occasion.own_words else (trigger.turn.span,)


def _causes(arisen: Arisen) -> tuple[str, ...]:
    """The faults that a missing answer is."""
    occasion = arisen.occasion
    own = (rude_cause(arisen.trigger.turn),) if occasion.own_words else ()
    return (*occasion.causes, *own)


def _rude(arisen: Arisen, *, evidence: Evidence, params: Params, book: Rulebook) -> Outcome | None:
    """A reply that is worse than none: forbidden speech, proven as its own clause proves it."""
    if params.rude is None:
        return None
    seen = sightings(arisen.window, evidence=evidence, params=params.rude, book=book)
    label = f"失礼的回答({params.label}「{arisen.trigger.quote}」之后)"
    return judged(seen, label=label, evidence=evidence, book=book, certain=arisen.trigger.doubt is None)


def _refused(arisen: Arisen, *, evidence: Evidence, params: Params, book: Rulebook) -> Outcome | None:
    """An answer that refuses, by its written characters."""
    shown = _shown(arisen, params=params)
    for turn in arisen.window:
        for phrase in book.words(*params.refusals):
            found = [m for m in find_written(turn.text, phrase) if not is_quoted(turn.text, m.start)]
            if not found or turn.is_suspect(found[0].start, found[0].end):
                continue
            doubt = text_doubt([turn], evidence=evidence, book=book)
            sure = is_settled(evidence) or has_separate_legs(evidence)
            proven = doubt is None and sure
            reason = f"{shown},客服回答「{turn.text}」"
            return Outcome(
                "fail" if proven else "needs_review",
                "refused",
                reason if proven else f"{reason},请听录音确认",
                at=(turn.span_of(found[0].start, found[0].end),),
                quote=turn.text,
                confidence=(turn.confidence or book.settings.human_confidence) if proven else 0.5,
                causes=(rude_cause(turn),),
            )
    return None


def _stray(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome | None:
    """The mandated reply said to somebody who did not call for it; None: not said, or harmless."""
    if not params.stray_unless:
        return None
    wanted = tuple(phrase for one in params.occasions for phrase in book.words(*one.replies))
    for turn in evidence.turns_of("agent"):
        match = says(turn, wanted, book=book)
        before = [t for t in evidence.turns_of("customer") if t.end_s <= turn.start_s + 0.5]
        if match is None or not before or says(before[-1], book.words(*params.stray_unless), book=book):
            continue
        reason = f"{clock(turn.start_s)} 没有听到{params.label},客服却说了「{match.text}」,请听录音确认"
        at = (turn.span_of(match.start, match.end),)
        return Outcome("needs_review", "stray", reason, at=at, quote=turn.text, confidence=0.5)
    return None
