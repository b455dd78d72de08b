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
    ``missing: fail`` and the window was heard well and holds no reply; or the agent answers with
    forbidden speech of the ``rude`` lexicons, as sure as its own clause asks.

    ::

        客户 怎么打了半天才接?
        客服 什么事?

Silent when
    Nothing calls for it, the agent did not speak again, or the end of the file cuts the window off
    (not_applicable). needs_review: the trigger is uncertain and the reply is not there, the reply is only
    ``partial``, the text does not settle it, the mandated reply is given to somebody who did not call for
    it (``stray_unless``).
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds import replies
from auditor.kinds.listening import clock, speakers_known
from auditor.kinds.occasions import Arisen, Occasion, arise
from auditor.kinds.opening import LAST_WORDS, closing_window, why_no_goodbye
from auditor.kinds.params import PhraseSets
from auditor.kinds.sightings import Wordlist, judged, sightings
from auditor.kinds.triggers import says
from auditor.records import Evidence, Outcome
from auditor.rulebook.schema import Rulebook


class Params(BaseModel):
    """What calls for what.

    Attributes:
        occasions: the triggers and their replies; see `auditor.kinds.occasions`.
        label: what happened, as the report names it (客户抱怨久等).
        wording: the mandated wording, for the report.
        missing: the verdict on a reply that was listened for and is not there.
        rude: forbidden speech that fails as a reply: lexicons and what excuses their phrases.
        stray_unless: set: the reply without a trigger is for review, unless the customer's words before
            it hold one of these.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    occasions: tuple[Occasion, ...] = Field(min_length=1)
    label: str = Field(min_length=1)
    wording: str = Field(min_length=1)
    missing: Literal["fail", "needs_review", "pass"] = "fail"
    rude: Wordlist | None = None
    stray_unless: PhraseSets = ()


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether everything that calls for an answer gets it."""
    if not speakers_known(evidence):
        return Outcome("not_applicable", "no_data", f"录音分不清双方,不能判断是否有{params.label}")
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
    for verdict in ("fail", "needs_review"):
        chosen = [outcome for outcome in outcomes if outcome.verdict == verdict]
        if chosen:
            return Outcome(
                chosen[0].verdict,
                chosen[0].reason_code,
                ";".join(outcome.reason for outcome in chosen),
                at=tuple(span for outcome in chosen for span in outcome.at),
                quote=chosen[0].quote,
                confidence=min(outcome.confidence for outcome in chosen),
                causes=tuple(dict.fromkeys(cause for outcome in chosen for cause in outcome.causes)),
            )
    return next((outcome for outcome in outcomes if outcome.reason_code == "noted"), outcomes[0])


def _answer(arisen: Arisen, *, evidence: Evidence, params: Params, book: Rulebook) -> Outcome | None:
    """What the agent makes of one trigger; None: nothing was due."""
    trigger, occasion = arisen.trigger, arisen.occasion
    causes = (occasion.cause,) if occasion.cause else ()
    shown = f"{clock(trigger.at.start_s)} {params.label}「{trigger.quote}」"
    heard = replies.listen(arisen, evidence=evidence, book=book)
    at = (trigger.turn.span,) if occasion.who != "wait" else (trigger.at,)
    if heard.said == "said":
        code, note = ("noted", f",课件用语是{params.wording}") if heard.noted else ("replied", "")
        reason = f"{shown},客服说了「{heard.quote}」{note}"
        return Outcome("pass", code, reason, at=heard.at, quote=heard.quote, confidence=heard.confidence)
    if params.missing == "pass":
        reason = f"{shown},客服没有说课件用语{params.wording},只提示不扣分"
        return Outcome("pass", "noted", reason, at=at, quote=trigger.quote, confidence=heard.confidence)
    if not arisen.due:
        return None
    if occasion.excuses:
        excuse = why_no_goodbye(
            evidence,
            book=book,
            window=closing_window(evidence, turns=LAST_WORDS),
            excuses=book.words(*occasion.excuses),
            chance_s=occasion.chance_s,
        )
        if excuse:
            return None if excuse.verdict == "not_applicable" else excuse
    doubt = trigger.doubt or heard.doubt
    if doubt is None and params.missing == "fail":
        return Outcome(
            "fail",
            "missing",
            f"{shown},客服没有说{params.wording}",
            at=at,
            quote=trigger.quote,
            confidence=heard.confidence,
            causes=causes,
        )
    why = f"但{doubt.reason}" if doubt else "请听录音确认"
    code = doubt.code if doubt else "missing"
    reason = f"{shown},没有听到客服说{params.wording},{why}"
    return Outcome("needs_review", code, reason, at=at, quote=trigger.quote, confidence=0.5, causes=causes)


def _rude(arisen: Arisen, *, evidence: Evidence, params: Params, book: Rulebook) -> Outcome | None:
    """A reply that is worse than none: forbidden speech, proven as its own clause proves it."""
    if params.rude is None:
        return None
    seen = sightings(arisen.window, evidence=evidence, params=params.rude, book=book)
    label = f"失礼的回答({params.label}「{arisen.trigger.quote}」之后)"
    return judged(seen, label=label, evidence=evidence, book=book, certain=arisen.trigger.doubt is None)


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
