"""Listening to the end (C12): the agent does not talk over the customer.

Needs
    Two separate legs with crosstalk masked, and to know which is the agent's.

Passes
    No interruption. Backchannels (嗯, 是的) are none, nor is going on while the customer cuts in.

    ::

        客户 我的手机为什么停机了?  客服 嗯,请您稍等。

Fails
    At least ``min_times`` times the agent starts ``into_s`` or more into a customer turn, overlaps for
    ``overlap_s`` or more, and takes the floor: the customer stops within ``yield_s`` after that while the
    agent goes on.

    ::

        客户 我的手机为什么停机了,我昨天——  客服 (抢话) 请您看短信!

Silent when
    Mono, or nobody knows who the agent is (not_applicable). needs_review: it happened fewer times.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.listening import has_separate_legs, part_spans
from auditor.kinds.params import PhraseSets
from auditor.kinds.wording import is_only
from auditor.records import Evidence, Outcome, Span, Turn
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock


class Params(BaseModel):
    """What an interruption is; sources stand in the rulebook."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    into_s: float = Field(ge=0)
    overlap_s: float = Field(gt=0)
    yield_s: float = Field(ge=0)
    min_times: int = Field(ge=1)
    backchannels: PhraseSets


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the agent talks over the customer."""
    if not has_separate_legs(evidence):
        return Outcome("not_applicable", "no_data", "录音不分声道,判断不了抢话")
    agent, customer = evidence.turns_of("agent"), evidence.turns_of("customer")
    if not agent or not customer:
        return Outcome("not_applicable", "no_data", "录音里只有一方说话")
    hits = [
        hit
        for turn in agent
        if (found := _interruptions(turn, customer=customer, agent=agent, params=params))
        and not is_only(turn.text, book.words(*params.backchannels), book=book)
        for hit in found
    ]
    measured = {"interruptions": float(len(hits))}
    if not hits:
        sure = book.settings.default_confidence
        return Outcome("pass", "listened", "没有抢客户的话", measured=measured, confidence=sure)
    at = tuple(span for span, _ in hits)
    times = "、".join(clock(span.start_s) for span in at)
    shown = f"{times} 客户没说完,客服抢过话头"
    if len(hits) < params.min_times:
        reason = f"{shown}(仅 {len(hits)} 次),请听录音确认"
        return Outcome(
            "needs_review", "once", reason, at=at, quote=hits[0][1], measured=measured, confidence=0.5
        )
    sure = book.settings.default_confidence
    reason = f"{shown},共 {len(hits)} 次"
    return Outcome("fail", "interrupted", reason, at=at, quote=hits[0][1], measured=measured, confidence=sure)


def _interruptions(
    turn: Turn, *, customer: tuple[Turn, ...], agent: tuple[Turn, ...], params: Params
) -> list[tuple[Span, str]]:
    """Where this turn's segments cut the customer off, with the agent's words."""
    found = []
    for part in part_spans(turn):
        for other in customer:
            if other.end_s <= part.start_s or other.start_s >= part.start_s:
                continue
            shared = Span(part.start_s, min(part.end_s, other.end_s))
            spoken_s = sum(span.overlap_s(shared) for span in part_spans(other))
            yielded = other.end_s <= part.start_s + params.overlap_s + params.yield_s
            if (
                part.start_s - other.start_s >= params.into_s
                and spoken_s >= params.overlap_s
                and yielded
                and turn.end_s > other.end_s
                and not _held_the_floor(other, agent=agent)
            ):
                found.append((shared, turn.text))
    return found


def _held_the_floor(other: Turn, *, agent: tuple[Turn, ...]) -> bool:
    """Whether the agent was speaking when the customer's turn began: then the customer cut in."""
    return any(span.start_s < other.start_s < span.end_s for turn in agent for span in part_spans(turn))
