"""Mocking: the agent does not say the customer's own words after him (学客户话语).

Needs
    Turns of both parties.

Passes
    No sentence of the agent's is the customer's last sentence in the customer's own person. A read-back
    turns the person round (您的手机停机了), asks (…吗?), or says whose words follow (您是说…): it passes.

    ::

        客户 我的手机又停机了。
        客服 您的手机又停机了,是吗?

Fails
    Never: whether an echo mocks is in the tone. It goes to a human.

    ::

        客户 我就是不会用。
        客服 我就是不会用。

Silent when
    One of the two never spoke (not_applicable). needs_review: an echo of at least ``min_characters``
    with one of the ``persons`` in it.
"""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.hits import MARKS
from auditor.kinds.listening import confidence_of
from auditor.kinds.params import PhraseSets
from auditor.kinds.wording import is_quoted
from auditor.records import Evidence, Outcome, Turn
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock
from auditor.text.match import find_written
from auditor.text.normalise import normalise
from auditor.text.numerals import comparable


class Params(BaseModel):
    """What counts as an echo.

    Attributes:
        persons: words that show whose person the sentence is in (我, 你).
        read_backs: words that make it a confirmation.
        min_characters: shorter sentences are repeated by everybody.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    persons: PhraseSets
    read_backs: PhraseSets
    min_characters: int = Field(default=5, ge=2)


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the agent echoes the customer."""
    agent, customer = evidence.turns_of("agent"), evidence.turns_of("customer")
    if not agent or not customer:
        return Outcome("not_applicable", "no_data", "录音里没有双方的话音")
    for turn in agent:
        before = [t for t in customer if t.start_s < turn.start_s]
        echo = before and _echo(turn, before[-1], params=params, book=book)
        if echo:
            return Outcome(
                "needs_review",
                "echo",
                f"{clock(turn.start_s)} 照着客户的话说「{echo}」,是否在学客户说话,请听录音确认",
                at=(turn.span,),
                quote=turn.text,
                confidence=0.5,
            )
    sure = confidence_of(agent, evidence=evidence, book=book)
    return Outcome("pass", "no_echo", "没有学客户说话", confidence=sure)


def _echo(turn: Turn, customer: Turn, *, params: Params, book: Rulebook) -> str | None:
    """The agent's sentence that is one of the customer's, person and all."""
    if find_written(turn.text, *book.words(*params.read_backs)):
        return None
    theirs = {comparable(sentence) for sentence in _sentences(customer.text)}
    for sentence in _sentences(turn.text):
        plain = normalise(sentence).text
        start = turn.text.find(sentence)
        if (
            len(plain) >= params.min_characters
            and comparable(sentence) in theirs
            and any(person in plain for person in book.words(*params.persons))
            and not is_quoted(turn.text, start)
            and not turn.is_suspect(start, start + len(sentence))
        ):
            return sentence.strip()
    return None


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(f"[{re.escape(MARKS)}]", text) if part.strip()]
