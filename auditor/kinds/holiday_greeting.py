"""The greeting of a public holiday: 「您好!节日快乐!我能为您做些什么?」.

Needs
    The call's start time, and to know who the agent is. A holiday is a statutory day of a festival by the
    call's own date in ``time_zone`` (the ``holidays`` library): not the weekends that are moved for it and
    not the days that stand in for it when it falls on a weekend. For a fail: the agent's first two turns
    were listened for (`auditor.kinds.listening`).

Passes
    A greeting and one of ``wishes`` stand in the agent's first two turns, in either order.

    ::

        客服 您好!节日快乐!我能为您做些什么?

Fails
    The turns were heard well and hold no wish.

    ::

        客服 您好,中国移动,我能为您做些什么?
        客户 我查一下话费。

Silent when
    It was no public holiday or one of those that are ``excluded``, nobody knows when the call was, the
    agent took over from a colleague or never spoke (not_applicable). needs_review: the opening may lie
    before the file, or the text does not settle it.
"""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict

from auditor.kinds.listening import Hearing, listen_for
from auditor.kinds.opening import CUT_OFF, OPENING, find_opening, nobody_to_judge
from auditor.kinds.params import PhraseSets
from auditor.records import Evidence, Outcome
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock

# What a missing wish is a fault of, where the greeting itself is there.
HOLIDAY = "holiday"
FESTIVALS = ("元旦", "农历除夕", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")


@cache
def _known_zones() -> frozenset[str]:
    """Asked of the system once: it walks a folder of six hundred files."""
    return frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if name not in _known_zones():
        raise ValueError(f"{name} is no time zone; write one such as Asia/Shanghai")
    return name


def _known_festivals(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in FESTIVALS:
            raise ValueError(f"{name} is no public holiday; use some of {'、'.join(FESTIVALS)}")
    return names


class Params(BaseModel):
    """What is wished, and on which days.

    Attributes:
        greetings: how the agent greets.
        wishes: the wish of the day.
        excluded: public holidays on which nobody is wished joy, by the library's Chinese names.
        time_zone: whose date counts for the call.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    greetings: PhraseSets
    wishes: PhraseSets
    excluded: Annotated[tuple[str, ...], AfterValidator(_known_festivals)] = ()
    time_zone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Shanghai"


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the customer is wished a happy holiday."""
    started = evidence.call_record.started_at
    if started is None:
        return Outcome("not_applicable", "no_data", "话单没有通话时间,不知道是不是节假日")
    local = started.astimezone(ZoneInfo(params.time_zone)) if started.tzinfo else started
    names = [name for name in festivals_on(local.date()) if name not in params.excluded]
    if not names:
        return Outcome("not_applicable", "no_holiday", f"{local:%Y-%m-%d} 不是须致节日问候的法定节日")
    day = f"{local:%Y-%m-%d} 是{'、'.join(names)}"
    nobody = nobody_to_judge(evidence, causes=(HOLIDAY,))
    if nobody:
        return nobody
    opening = find_opening(evidence, book=book)

    def hear(sets: tuple[str, ...]) -> Hearing:
        return listen_for(book.words(*sets), turns=opening.window, evidence=evidence, book=book)

    wish, greeting = hear(params.wishes), hear(params.greetings)
    both = wish.said == "said" and greeting.said == "said"
    if both and wish.at:
        reason = f"{day},{clock(wish.at[0].start_s)} 说了「{wish.quote}」"
        sure = min(wish.confidence, greeting.confidence)
        return Outcome("pass", "said", reason, at=wish.at, quote=wish.quote, confidence=sure)
    if opening.transferred_in:
        return Outcome("not_applicable", "transferred_in", "通话由其他客服转入,不要求再致节日问候")
    doubt = next((heard.doubt for heard in (wish, greeting) if heard.said != "said" and heard.doubt), None)
    if opening.cut_off and greeting.said != "said":
        doubt = CUT_OFF
    first = opening.first
    what = "节日问候" if greeting.said == "said" else "问候和节日祝愿"
    reason = f"{day},{clock(first.start_s)} 开头没有{what},说的是「{first.text}」"
    return Outcome(
        "needs_review" if doubt else "fail",
        doubt.code if doubt else "missing",
        f"{day},开头没有听到{what},但{doubt.reason}" if doubt else reason,
        at=(first.span,),
        quote=first.text,
        confidence=0.5 if doubt else min(wish.confidence, greeting.confidence),
        causes=(OPENING if greeting.said != "said" else HOLIDAY,),
    )


@lru_cache(maxsize=1024)
def festivals_on(day: date) -> tuple[str, ...]:
    """The festivals of which a day is a statutory holiday in mainland China, by their Chinese names.

    From 2025 on the eve of the Spring Festival is one, and 2 May (the regulation of November 2024).
    """
    import holidays  # noqa: PLC0415  a fifth of a second, for calls with a start time only

    known = holidays.country_holidays("CN", years=day.year, language="zh_CN", observed=False)
    return tuple(name for name in known.get_list(day) if name in FESTIVALS)
