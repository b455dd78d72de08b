"""A request is acknowledged, or simply answered (C5).

Needs
    The customer's requests (我要…, 帮我…) in the text.

Passes
    The agent speaks after each of them: 好的, 是的, 请放心, or the answer itself.

    ::

        客户 我要改套餐。
        客服 好的,请稍等。

Fails
    Never: an ignored request is for a human to judge.

    ::

        客户 我要改套餐。
        客户 喂?我要改套餐!        (needs_review)

Silent when
    The customer requests nothing, or hangs up with the request (not_applicable).
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.listening import confidence_of, speakers_known
from auditor.kinds.params import PhraseSets, Seconds
from auditor.kinds.triggers import find_triggers, repeats, says
from auditor.records import Evidence, Outcome, Turn
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock


class Params(BaseModel):
    """What a request is, and what shows that it was ignored.

    Attributes:
        requests: what makes a customer's turn a request.
        unless: wordings that contain one and request nothing.
        acknowledgements: what answers one even if the customer says it again.
        repeat_share: how much of a request said again makes it the same request [O].
        chance_s: time to the end of the file that gives the agent his chance.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    requests: PhraseSets
    unless: PhraseSets = ()
    acknowledgements: PhraseSets
    repeat_share: float = Field(gt=0, le=1)
    chance_s: Seconds


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the agent answers the customer's requests."""
    if not speakers_known(evidence):
        return Outcome("not_applicable", "no_data", "录音分不清双方,不能判断是否应答")
    requests = find_triggers(
        book.words(*params.requests),
        role="customer",
        evidence=evidence,
        book=book,
        unless=book.words(*params.unless),
    )
    answered: list[tuple[Turn, Turn]] = []
    for request in requests:
        if request.doubt:
            continue
        reply, ignored = _reply(request.turn, evidence=evidence, params=params, book=book)
        if ignored:
            reason = f"{clock(request.at.start_s)} 客户要求「{request.quote}」,没有听到客服应答,请听录音确认"
            at = (request.turn.span,)
            return Outcome("needs_review", "ignored", reason, at=at, quote=request.quote, confidence=0.5)
        if reply:
            answered.append((request.turn, reply))
    if not answered:
        return Outcome("not_applicable", "not_arisen", "没有听到客户提出要求")
    asked, reply = answered[0]
    return Outcome(
        "pass",
        "answered",
        f"{clock(reply.start_s)} 客户要求「{asked.text}」,客服应答「{reply.text}」",
        at=(reply.span,),
        quote=reply.text,
        confidence=confidence_of([asked, reply], evidence=evidence, book=book),
    )


def _reply(request: Turn, *, evidence: Evidence, params: Params, book: Rulebook) -> tuple[Turn | None, bool]:
    """The agent's answer, and whether the request looks ignored."""
    after = [t for t in evidence.turns_of("agent") if t.end_s > request.end_s]
    again = [
        t
        for t in evidence.turns_of("customer")
        if t.start_s >= request.end_s and repeats(request.text, t.text) >= params.repeat_share
    ]
    if not after:
        last_s = max(t.end_s for t in evidence.turns)
        # Whoever hangs up with his request gives nobody a chance to answer.
        waited_s = evidence.recording.duration_s - request.end_s
        hung_up = evidence.call_record.release_party == "customer" and not again
        cut = "ends_mid_speech" in evidence.recording.warnings
        return None, last_s >= request.end_s and waited_s >= params.chance_s and not (hung_up or cut)
    first = after[0]
    if again and again[0].start_s < first.start_s:
        return first, True
    between = [t for t in after if again and t.start_s < again[0].start_s]
    words = book.words(*params.acknowledgements)
    if again and between and not any(says(t, words, book=book) for t in between):
        # Asked to repeat, or not listened to: only a human can tell.
        return first, not any("?" in t.text or "\uff1f" in t.text for t in between)
    return first, False
