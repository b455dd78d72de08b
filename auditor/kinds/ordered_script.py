"""A whole script: what happens calls for it, and its steps come in their order.

Needs
    The trigger in the text (`auditor.kinds.situations`), and to know who the agent is. For a fail: the
    trigger is certain, and a missing step was listened for between the steps before and after it
    (`auditor.kinds.listening`); a wrong order stands to the letter in a human's transcript.

Passes
    Every step that is due was said, at places that make the order right. Wordings under ``noted`` pass
    with a note. Steps that had no chance (transfer, line lost, file cut, the customer closed the matter
    first) are not due.

    ::

        客户 来电显示怎么收费?
        客服 每月六元。请问您还有其他问题吗?
        客户 没有了,谢谢。
        客服 谢谢您,请挂机。

Fails
    A step that is due was listened for and is not there, or stands at the wrong place.

    ::

        客户 来电显示怎么收费?
        客服 每月六元。
        客户 哦。
        客服 再见。

Silent when
    Nothing calls for the script, or the agent had no chance (not_applicable). needs_review: the trigger,
    the branch or a missing step is uncertain; a step only ``review`` asks for is missing; the agent did
    something else ``instead``; a step that is said out of order in automatic text.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.branches import read_script
from auditor.kinds.listening import Doubt, confidence_of, speakers_known
from auditor.kinds.opening import GOODBYE, OPENING, READ_BACK
from auditor.kinds.params import PhraseSets, Seconds
from auditor.kinds.script_reading import Hearer, Lack, Reading
from auditor.kinds.situations import Situation, first_arisen
from auditor.kinds.steps import Branch, Step
from auditor.kinds.triggers import Trigger, says
from auditor.records import Evidence, Outcome, Span, Turn
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock

# An apology may come a turn or two before the cause is named.
TURNS_AROUND = 2


class Params(BaseModel):
    """When the script is due, and what it says.

    Attributes:
        when: what calls for it; any of them.
        label: what happened, as the report names it (客户咨询业务).
        steps: the steps in their order; see `auditor.kinds.steps`.
        branches: how the script goes on; a call takes one.
        instead: what the agent may do in place of the script, for a human to judge.
        window: the whole ``call``, the agent's turns from the trigger on (``after``), or those and the two
            before it (``around``).
        excuses: the agent's last words after which nothing more is due.
        chance_s: silence after the customer's last words that gives the agent his chance [O].
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    when: tuple[Situation, ...] = Field(min_length=1)
    label: str = Field(min_length=1)
    steps: tuple[Step, ...] = ()
    branches: tuple[Branch, ...] = ()
    instead: PhraseSets = ()
    window: Literal["call", "around", "after"] = "call"
    excuses: PhraseSets = ()
    chance_s: Seconds = 0.8


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the script that the call asks for was kept to."""
    if not speakers_known(evidence):
        return Outcome("not_applicable", "no_data", f"录音分不清双方,不能判断是否有{params.label}")
    trigger = first_arisen(params.when, evidence=evidence, book=book)
    if trigger is None:
        return Outcome("not_applicable", "not_arisen", f"没有听到{params.label}")
    since = tuple(turn for turn in evidence.turns_of("agent") if turn.start_s >= trigger.turn.start_s)
    if not since:
        return Outcome("not_applicable", "no_chance", f"{params.label}之后客服没有再说话")
    hearer = Hearer(
        trigger=trigger,
        window=_window(since, evidence=evidence, params=params),
        backwards=params.window != "after",
        excuses=book.words(*params.excuses),
        chance_s=params.chance_s,
        evidence=evidence,
        book=book,
    )
    reading = read_script(params.steps, params.branches, hearer=hearer)
    if not reading.lacks:
        return _kept(reading, trigger=trigger, params=params, hearer=hearer)
    doubt = trigger.doubt
    if doubt is None and params.instead:
        other = next((m for turn in since if (m := says(turn, book.words(*params.instead), book=book))), None)
        if other:
            doubt = Doubt("instead", f"客服说了「{other.text}」,请确认是否可以代替课件用语")
    return _lacking(reading, trigger=trigger, doubt=doubt, params=params, hearer=hearer)


def _window(since: tuple[Turn, ...], *, evidence: Evidence, params: Params) -> tuple[Turn, ...]:
    """The agent's turns in which the steps count."""
    agent = evidence.turns_of("agent")
    first = {"call": 0, "around": max(0, len(agent) - len(since) - TURNS_AROUND), "after": None}[
        params.window
    ]
    return since if first is None else agent[first:]


def _kept(reading: Reading, *, trigger: Trigger, params: Params, hearer: Hearer) -> Outcome:
    """The outcome when nothing is lacking."""
    shown = f"{clock(trigger.at.start_s)} {params.label}「{trigger.quote}」"
    spared = "、".join(step.name for step in reading.excused)
    if not reading.said:
        return Outcome("not_applicable", "no_chance", f"{shown},之后没有机会或不需要{spared}")
    places = [place for _, place in reading.said if place is not None]
    noted = [(step, place) for step, place in reading.said if place is not None and place.noted]
    reason = f"{shown},依次做到:{'、'.join(step.name for step, _ in reading.said)}"
    reason += "".join(f";「{place.match.text}」的课件用语是{step.wording}" for step, place in noted)
    if spared:
        reason += f";没有机会或不需要{spared}"
    return Outcome(
        "pass",
        "noted" if noted else "kept",
        reason,
        at=tuple(place.turn.span_of(place.match.start, place.match.end) for place in places)
        or (trigger.turn.span,),
        quote=places[0].match.text if places else trigger.quote,
        confidence=confidence_of(
            [place.turn for place in places], evidence=hearer.evidence, book=hearer.book
        ),
    )


def _lacking(
    reading: Reading, *, trigger: Trigger, doubt: Doubt | None, params: Params, hearer: Hearer
) -> Outcome:
    """The outcome when steps are lacking: the proven ones fail, the doubtful ones are for review."""
    proven = [lack for lack in reading.lacks if lack.doubt is None and not lack.step.review]
    fails = bool(proven) and doubt is None
    shown = proven if fails else list(reading.lacks)
    code = "missing" if any(lack.place is None for lack in shown) else "wrong_order"
    reason = f"{clock(trigger.at.start_s)} {params.label}「{trigger.quote}」,{_what(shown, sure=fails)}"
    if not fails:
        why = doubt or next((lack.doubt for lack in shown if lack.doubt), None)
        reason += f",但{why.reason}" if why else ",请听录音确认"
        code = why.code if why else code
    return Outcome(
        "fail" if fails else "needs_review",
        code,
        reason,
        at=_spans(shown, trigger=trigger, hearer=hearer),
        quote=trigger.quote,
        confidence=min(lack.confidence for lack in shown) if fails else 0.5,
        causes=tuple(dict.fromkeys(_cause(lack) for lack in shown)),
    )


def _what(lacks: list[Lack], *, sure: bool) -> str:
    """The lacking steps in words: what was not said, and what was said out of order."""
    missing = "、".join(f"{lack.step.name}{lack.step.wording}" for lack in lacks if lack.place is None)
    parts = [f"{'没有' if sure else '没有听到'}{missing}"] if missing else []
    for lack in lacks:
        if lack.place is None or lack.other is None:
            continue
        step, place = lack.other
        early = lack.place.before(place)
        parts.append(
            f"{clock(lack.place.turn.start_s)}「{lack.place.match.text}」说在"
            f"{clock(place.turn.start_s)}「{place.match.text}」之{'前' if early else '后'},"
            f"应先{step.name if early else lack.step.name}"
        )
    return ";".join(parts)


def _cause(lack: Lack) -> str:
    return GOODBYE if lack.step.goodbye else lack.step.cause


def _spans(lacks: list[Lack], *, trigger: Trigger, hearer: Hearer) -> tuple[Span, ...]:
    """The trigger, wrong places of steps, and where an opening, a goodbye or a read-back belongs."""
    spans = [trigger.turn.span]
    agent = hearer.evidence.turns_of("agent")
    for lack in lacks:
        if lack.place is not None:
            spans.append(lack.place.turn.span_of(lack.place.match.start, lack.place.match.end))
        elif _cause(lack) == OPENING:
            spans.append(agent[0].span)
        elif _cause(lack) == GOODBYE:
            spans.append(agent[-1].span)
        elif _cause(lack) == READ_BACK:
            dictated = (t for t in hearer.evidence.turns_of("customer") if t.end_s > trigger.turn.start_s)
            spans += [turn.span for turn in dictated][:1]
    return tuple(dict.fromkeys(spans))
