"""Privacy: nothing about the debt to somebody who said that he is not the customer.

Needs
    It shows who is on the phone (`auditor.kinds.identity`). For a fail: he clearly said that he is not
    the customer, and after that the agent's text holds the debt or an amount to the letter, heard well.

Passes
    Somebody else answers, and hears nothing about the debt.

    ::

        客服 请问您是王建国客户吗?
        客户 不是,我是他爱人,他不在。
        客服 请问他什么时候方便接电话?

Fails
    ::

        客服 请问您是王建国客户吗?
        客户 不是,我是他爱人。
        客服 他的手机欠费三百多元了,你让他赶紧交。

Silent when
    It is the customer himself, nothing is told before anybody knows, or the probe hears another word
    (not_applicable, or a pass where somebody else answers). needs_review: the debt is told while it is
    unclear who listens; it is only hinted at; the other party spoke of it first; the text proves nothing.
    As a critical item it asks a human's or a probe's support, too.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from auditor.kinds.identity import Identified, IdentityWords, identify, person_at
from auditor.kinds.listening import Doubt, confidence_of, speakers_known
from auditor.kinds.params import PhraseSets
from auditor.kinds.sightings import probe_margin
from auditor.kinds.triggers import says, text_doubt
from auditor.kinds.wording import is_quoted
from auditor.records import Evidence, Outcome, Span, Turn
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock
from auditor.text.match import find_written


class Params(BaseModel):
    """What is private, and who may hear it.

    Attributes:
        identity: how it shows who is on the phone.
        told: the private matter, to the letter.
        hints: wordings from which it can be guessed: for a human.
        not_told: wordings that hold such words and tell nothing (是否欠费我不能告诉您).
        owns: the other party speaks of the matter as his own.
        probe: the probe that supports the words, or denies them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    identity: IdentityWords
    told: PhraseSets
    hints: PhraseSets = ()
    not_told: PhraseSets = ()
    owns: PhraseSets = ()
    probe: str | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """The private matter in the agent's words, to whom, and what speaks against it."""

    turn: Turn
    at: Span
    to: Identified | None
    doubt: Doubt | None
    margin_nats: float | None = None


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the private matter stays private."""
    if not speakers_known(evidence):
        return Outcome("not_applicable", "no_data", "录音分不清双方,不能判断接电话的是谁")
    found = identify(evidence, words=params.identity, book=book)
    tellings = [
        telling
        for turn in evidence.turns_of("agent")
        if (telling := _telling(turn, found=found, evidence=evidence, params=params, book=book)) is not None
    ]
    breaches = [one for one in tellings if one.to is not None and one.to.person == "other"]
    for telling in sorted(breaches, key=lambda one: one.doubt is not None)[:1]:
        return _breach(telling, evidence=evidence, book=book)
    unclear = [one for one in tellings if one.to is None or one.to.person == "unknown"]
    if unclear and not _is_his_own(unclear[0], found=found, evidence=evidence, params=params, book=book):
        first = unclear[0]
        reason = (
            f"{clock(first.at.start_s)} 说了「{first.turn.text}」,对方没有确认是不是客户本人,请听录音确认"
        )
        return Outcome(
            "needs_review", "identity_unclear", reason, at=(first.at,), quote=first.turn.text, confidence=0.5
        )
    others = [one for one in found if one.person == "other"]
    if others:
        reason = f"{clock(others[0].turn.start_s)} 接电话的不是客户本人(「{others[0].quote}」),没有透露欠费"
        sure = confidence_of(evidence.turns_of("agent"), evidence=evidence, book=book)
        return Outcome("pass", "kept", reason, at=(others[0].turn.span,), confidence=sure)
    return Outcome("not_applicable", "not_arisen", "接电话的是客户本人,或者没有谈到欠费")


def _breach(telling: Telling, *, evidence: Evidence, book: Rulebook) -> Outcome:
    assert telling.to is not None
    reason = (
        f"对方说「{telling.to.quote}」,{clock(telling.at.start_s)} 客服仍说了「{telling.turn.text}」,"
        "向非本人透露了欠费"
    )
    if telling.doubt:
        reason = f"{reason},但{telling.doubt.reason}"
    turns, margin = [telling.to.turn, telling.turn], telling.margin_nats
    return Outcome(
        "needs_review" if telling.doubt else "fail",
        telling.doubt.code if telling.doubt else "told",
        reason,
        at=(telling.at,),
        quote=telling.turn.text,
        measured={} if margin is None else {"probe_margin_nats": margin},
        confidence=0.5
        if telling.doubt
        else confidence_of(turns, evidence=evidence, book=book, supported=margin is not None),
    )


def _telling(
    turn: Turn,
    *,
    found: tuple[Identified, ...],
    evidence: Evidence,
    params: Params,
    book: Rulebook,
) -> Telling | None:
    """Where this turn tells the matter; None where it does not, or the customer hears it."""
    if says(turn, book.words(*params.not_told), book=book):
        return None
    for names in (params.told, params.hints):
        for phrase in book.words(*names):
            for match in find_written(turn.text, phrase):
                at = turn.span_of(match.start, match.end)
                to = person_at(at.start_s, found)
                if turn.is_suspect(match.start, match.end) or is_quoted(turn.text, match.start):
                    continue
                if to is not None and to.person == "customer":
                    continue
                margin = probe_margin(
                    turn, start=match.start, end=match.end, probe=params.probe, evidence=evidence
                )
                if margin is not None and margin < 0:
                    continue
                if names is params.hints and (to is None or to.person != "other"):
                    continue
                doubt = _doubt(
                    turn, to, at, hinted=names is params.hints, evidence=evidence, params=params, book=book
                )
                return Telling(turn, at, to, doubt, margin)
    return None


def _doubt(
    turn: Turn,
    to: Identified | None,
    at: Span,
    *,
    hinted: bool,
    evidence: Evidence,
    params: Params,
    book: Rulebook,
) -> Doubt | None:
    if to is not None and to.doubt:
        return to.doubt
    first = next(
        (
            other
            for other in evidence.turns_of("customer")
            if other.start_s < at.start_s and says(other, book.words(*params.told), book=book)
        ),
        None,
    )
    if first is not None:
        return Doubt("spoken_of_first", f"{clock(first.start_s)} 是对方先提到的,请听录音确认")
    if hinted:
        return Doubt("hint", "只是暗示,请听录音确认对方能否听出欠费")
    return text_doubt([turn], evidence=evidence, book=book)


def _is_his_own(
    telling: Telling,
    *,
    found: tuple[Identified, ...],
    evidence: Evidence,
    params: Params,
    book: Rulebook,
) -> bool:
    """Whether the one who was told turns out to be the customer: he says so, or speaks of his own debt."""
    if any(one.turn.start_s >= telling.turn.start_s and one.person == "other" for one in found):
        return False
    return any(one.person == "customer" and one.turn.start_s >= telling.turn.start_s for one in found) or any(
        turn.start_s >= telling.turn.start_s and says(turn, book.words(*params.owns), book=book)
        for turn in evidence.turns_of("customer")
    )
