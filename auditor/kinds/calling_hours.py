"""The right time for a call: an outbound call starts within the hours in which customers may be called.

Needs
    The start of the call in the call record. For a fail: nobody says that the time was agreed, and the
    first ``turns`` turns, in which it would be said, were listened for (`auditor.kinds.listening`).

Passes
    The start lies inside ``hours``, local time, or it is a call-back at an agreed time. Asking whether
    the moment is convenient is noted with praise (reason_code ``praise``).

    ::

        客服 您好,我是移动公司客户经理小王,您现在方便吗?        (10:20)
        客服 您好,我是移动公司的,您让我这个时候打给您。        (12:40)

Fails
    ::

        客服 您好,我是移动公司的,您的套餐快到期了。            (21:35)

Silent when
    The call record has no time (not_applicable, no_data). needs_review: the start lies outside by no more
    than ``clock_error_s``; nobody spoke; the text does not settle whether the time was agreed.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from auditor.kinds.listening import by_role, listen_for
from auditor.kinds.params import PhraseSets, Seconds
from auditor.records import Evidence, Outcome, Span
from auditor.rulebook.schema import Rulebook

_DAY_S = 24 * 3600


def _hours(text: str) -> str:
    first, dash, last = text.partition("-")
    if not dash or not time.fromisoformat(first) < time.fromisoformat(last):
        raise ValueError("write hours as 09:00-12:00, the earlier time first")
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"there is no time zone {name!r}") from None
    return name


class Params(BaseModel):
    """When customers may be called.

    Attributes:
        time_zone: the customers' time zone; a time in the record without a zone is read in it.
        hours: stretches of the day, ends included.
        clock_error_s: how far the exchange's clock may be wrong.
        agreed: wordings that say that the time was agreed, by either party.
        convenience: questions whether the moment suits; they are praised.
        turns: how many turns of the call the agreement and the question have.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    time_zone: Annotated[str, AfterValidator(_zone)]
    hours: Annotated[tuple[Annotated[str, AfterValidator(_hours)], ...], Field(min_length=1)]
    clock_error_s: Seconds = 60.0
    agreed: PhraseSets
    convenience: PhraseSets = ()
    turns: int = Field(default=8, ge=1)


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the call was made at a time at which customers may be called."""
    record = evidence.call_record
    started = record.started_at or record.ring_at or record.answered_at
    if started is None:
        return Outcome("not_applicable", "no_data", "话单没有呼叫时间")
    zone = ZoneInfo(params.time_zone)
    local = started.replace(tzinfo=zone) if started.tzinfo is None else started.astimezone(zone)
    outside_s = min(_seconds_outside(local, hours) for hours in params.hours)
    shown, allowed = f"{local:%H:%M}", "、".join(params.hours)
    turns = by_role(evidence, "agent", "customer", "unknown")
    early = turns[: params.turns]
    if outside_s == 0:
        asked = listen_for(book.words(*params.convenience), turns=early, evidence=evidence, book=book)
        if asked.said == "said":
            reason = f"{shown} 呼出,在允许时段({allowed})内,并询问对方是否方便(「{asked.quote}」),表扬"
            return Outcome("pass", "praise", reason, at=asked.at, quote=asked.quote)
        return Outcome("pass", "within_hours", f"{shown} 呼出,在允许时段({allowed})内")
    outside = f"{shown} 呼出,不在允许时段({allowed})内"
    agreed = listen_for(book.words(*params.agreed), turns=turns, evidence=evidence, book=book, proof=early)
    if agreed.said == "said":
        reason = f"{outside},但通话中说明是约定的时间(「{agreed.quote}」)"
        sure = agreed.confidence
        return Outcome("pass", "agreed", reason, at=agreed.at, quote=agreed.quote, confidence=sure)
    at = (Span(turns[0].start_s, turns[0].end_s),) if turns else ()
    quote = turns[0].text if turns else None
    if not turns:
        code, why = "no_speech", "没有通话内容,请核对是否事先约好"
    elif outside_s <= params.clock_error_s:
        code, why = "near_the_limit", f"只差 {outside_s:.0f} 秒,请核对话单时钟"
    elif agreed.doubt:
        code, why = agreed.doubt.code, f"没有听到事先约好,但{agreed.doubt.reason}"
    else:
        reason = f"{outside},通话中没有说明是事先约好的时间"
        return Outcome("fail", "outside_hours", reason, at=at, quote=quote, confidence=agreed.confidence)
    return Outcome("needs_review", code, f"{outside},{why}", at=at, quote=quote, confidence=0.5)


def _seconds_outside(local: datetime, hours: str) -> float:
    """How far a time of day lies outside a stretch of the day; 0 inside, ends included."""
    first, last = (_second_of_day(time.fromisoformat(part)) for part in hours.split("-"))
    at = _second_of_day(local.time())
    return 0.0 if first <= at <= last else min((first - at) % _DAY_S, (at - last) % _DAY_S)


def _second_of_day(at: time) -> float:
    return at.hour * 3600 + at.minute * 60 + at.second + at.microsecond / 1e6
