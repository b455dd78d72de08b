"""What the agent owes to the person on the phone, once it is known who that is.

Needs
    It shows who is on the phone (`auditor.kinds.identity`). For a fail: that is certain, and what is
    missing was listened for in the agent's turns up to the ``within_turns``-th after it.

Passes
    Every one of ``parts`` is said, in any order; with ``earlier`` also before it was known who is there.

    ::

        客服 请问您是王建国客户吗?
        客户 是的。
        客服 我是移动公司清欠员小李,您的手机已欠费86元,请您尽快缴清您所欠话费好吗?

Fails
    A part is missing.

    ::

        客服 请问您是王建国客户吗?
        客户 是的。
        客服 你欠费86元,知道吧?

Silent when
    Nobody of the kind is on the phone, the agent does not speak again, the end of the file cuts the
    turns off, or the other party's words make the rest needless (``excused``) (not_applicable).
    needs_review: it is not certain who is there, or what is missing was not listened for.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.identity import Identified, IdentityWords, identify
from auditor.kinds.listening import Hearing, listen_for, speakers_known
from auditor.kinds.occasions import CUT
from auditor.kinds.params import PhraseSets
from auditor.kinds.triggers import says, turns_after
from auditor.records import Evidence, Outcome, Turn
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock


class Part(BaseModel):
    """One thing that is owed: its name in the report and the ways to say it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    label: str = Field(min_length=1)
    says: PhraseSets


class Params(BaseModel):
    """What is owed to whom.

    Attributes:
        identity: how it shows who is on the phone.
        person: to whom it is owed.
        person_label: that person as the report names him.
        parts: all that is owed.
        wording: the mandated wording, for the report.
        within_turns: how many turns the agent has for it, acknowledgements not counted.
        earlier: what was said before it was known who is there counts, too.
        excused: words of the other party's after which what is missing is no longer due.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    identity: IdentityWords
    person: Literal["customer", "other"]
    person_label: str = Field(min_length=1)
    parts: tuple[Part, ...] = Field(min_length=1)
    wording: str = Field(min_length=1)
    within_turns: int = Field(default=3, ge=1)
    earlier: bool = False
    excused: PhraseSets = ()


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the agent says what he owes to the person on the phone."""
    if not speakers_known(evidence):
        return Outcome("not_applicable", "no_data", "录音分不清双方,不能判断接电话的是谁")
    found = identify(evidence, words=params.identity, book=book)
    those = [one for one in found if one.person == params.person]
    if not those:
        return Outcome("not_applicable", "not_arisen", f"没有听到接电话的是{params.person_label}")
    certain = [one for one in those if one.doubt is None]
    return _judge(certain[0] if certain else those[0], evidence=evidence, params=params, book=book)


def _judge(known: Identified, *, evidence: Evidence, params: Params, book: Rulebook) -> Outcome:
    after = turns_after(known.turn.span, role="agent", evidence=evidence, book=book)[: params.within_turns]
    if not after:
        return Outcome("not_applicable", "no_chance", f"{params.person_label}说话之后客服没有再说话")
    window = after
    if params.earlier:
        window = tuple(turn for turn in evidence.turns_of("agent") if turn.start_s <= after[-1].start_s)
    heard = {
        part.label: listen_for(book.words(*part.says), turns=window, evidence=evidence, book=book)
        for part in params.parts
    }
    missing = {label: one for label, one in heard.items() if one.said != "said"}
    shown = f"{clock(known.turn.start_s)} 接电话的是{params.person_label}(「{known.quote}」)"
    if not missing:
        return _said(heard, shown=shown)
    excuse = _excuse(known, after[-1], evidence=evidence, params=params, book=book)
    if excuse is not None:
        if len(missing) < len(heard):
            return _said({label: one for label, one in heard.items() if label not in missing}, shown=shown)
        return Outcome("not_applicable", "not_due", f"{shown},{excuse},不再要求{params.wording}")
    if len(after) < params.within_turns and any(code in evidence.recording.warnings for code in CUT):
        return Outcome("not_applicable", "no_data", "录音在说话当中结束,后面的话可能没有录到")
    return _missing(known, missing, window=after, shown=shown, params=params)


def _said(heard: dict[str, Hearing], *, shown: str) -> Outcome:
    return Outcome(
        "pass",
        "said",
        f"{shown},客服说到了{'、'.join(heard)}",
        at=tuple(span for one in heard.values() for span in one.at),
        quote="……".join(dict.fromkeys(one.quote for one in heard.values() if one.quote)),
        confidence=min(one.confidence for one in heard.values()),
    )


def _missing(
    known: Identified,
    missing: dict[str, Hearing],
    *,
    window: tuple[Turn, ...],
    shown: str,
    params: Params,
) -> Outcome:
    what = "、".join(missing)
    doubt = known.doubt or next((one.doubt for one in missing.values() if one.doubt), None)
    at = (window[0].span,)
    if doubt:
        reason = f"{shown},没有听到客服说{what},但{doubt.reason}"
        return Outcome("needs_review", doubt.code, reason, at=at, quote=window[0].text, confidence=0.5)
    reason = f"{shown},客服没有说{what},应说{params.wording}"
    sure = min(one.confidence for one in missing.values())
    return Outcome("fail", "missing", reason, at=at, quote=window[0].text, confidence=sure)


def _excuse(
    known: Identified, last: Turn, *, evidence: Evidence, params: Params, book: Rulebook
) -> str | None:
    """What the other party says that makes the rest needless."""
    for turn in evidence.turns_of("customer"):
        if known.turn.start_s <= turn.start_s < last.end_s or turn is known.turn:
            match = says(turn, book.words(*params.excused), book=book)
            if match:
                return f"对方说「{match.text}」"
    return None
