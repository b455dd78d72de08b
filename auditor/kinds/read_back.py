"""What the customer dictates is read back, or the agent says that he writes it down (P3.4).

Needs
    Numbers, amounts or an address in the customer's words, to the letter.

Passes
    One of the agent's next turns holds a part of it, or one of ``noting`` (我正在记录).

    ::

        客户 我的号码是13988886666。
        客服 您的号码尾号是6666,对吗?

Fails
    Never: a missing read-back is for a human to judge.

    ::

        客户 我的号码是13988886666。
        客服 还有其他问题吗?        (needs_review)

Silent when
    Nothing is dictated, or it is a password, a code or an identity number, or the number the customer
    calls from (not_applicable), or the agent does not speak again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.listening import confidence_of, is_settled, speakers_known
from auditor.kinds.params import PhraseSets
from auditor.kinds.triggers import says, text_doubt, turns_after
from auditor.records import Evidence, Outcome, Turn
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock
from auditor.text.masked import is_digits, restored
from auditor.text.normalise import normalise
from auditor.text.numerals import dictated_values, number_values

if TYPE_CHECKING:
    from collections.abc import Sequence


class Params(BaseModel):
    """What counts as dictated, and as read back.

    Attributes:
        min_digits: a number this long is dictated; a shorter one is mentioned.
        part_digits: this many digits of it in a row read it back.
        part_characters: this many characters of an address in a row read it back.
        amounts: how an amount is dictated.
        addresses: how an address is dictated.
        noting: what says that the agent writes it down.
        secrets: after or with these nothing is to be read back.
        within_turns: how many of the agent's turns the read-back has.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    min_digits: int = Field(ge=3)
    part_digits: int = Field(ge=2)
    part_characters: int = Field(ge=2)
    amounts: PhraseSets
    addresses: PhraseSets
    noting: PhraseSets
    secrets: PhraseSets
    within_turns: int = Field(default=2, ge=1)


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether dictated numbers, amounts and addresses are read back or noted."""
    if not speakers_known(evidence):
        return Outcome("not_applicable", "no_data", "录音分不清双方,不能判断是否复述")
    noted: list[Outcome] = []
    for turn in evidence.turns_of("customer"):
        parts = _dictated(turn, evidence=evidence, params=params, book=book)
        if not parts:
            continue
        window = turns_after(turn.span, role="agent", evidence=evidence, book=book)[: params.within_turns]
        if not window:
            continue
        # A number in several pieces is read back after the last: the next piece takes its place.
        at = (turn.span,)
        shown = f"{clock(turn.start_s)} 客户报「{turn.text}」"
        quote = _answer(window, parts=parts, book=book, params=params)
        sure = confidence_of([turn, *window], evidence=evidence, book=book)
        if quote is not None:
            reason = f"{shown},客服回应「{quote}」"
            noted.append(Outcome("pass", "read_back", reason, at=at, quote=quote, confidence=sure))
            continue
        reason = f"{shown},没有听到客服复述或说明正在记录,请听录音确认"
        return Outcome("needs_review", "not_read_back", reason, at=at, quote=turn.text, confidence=0.5)
    return noted[0] if noted else Outcome("not_applicable", "not_arisen", "客户没有报号码、金额或地址")


def _dictated(turn: Turn, *, evidence: Evidence, params: Params, book: Rulebook) -> list[tuple[str, int]]:
    """What a turn dictates: digits or characters, and how many in a row read it back."""
    known = restored(evidence.call_record.customer_number or "")
    numbers = [span for span in number_values(turn.text) if not turn.is_suspect(span.start, span.end)]
    long = [n.value for n in numbers if is_digits(n.value) and len(n.value) >= params.min_digits]
    parts = [(value, params.part_digits) for value in long if value not in known]
    amount = says(turn, book.words(*params.amounts), book=book)
    if amount and amount.exact:
        parts += [(n.value, len(n.value)) for n in numbers if amount.start <= n.start < amount.end]
    address = says(turn, book.words(*params.addresses), book=book)
    if address and address.exact:
        parts.append((normalise(turn.text[address.start :]).text, params.part_characters))
    if not parts or (not is_settled(evidence) and text_doubt([turn], evidence=evidence, book=book)):
        return []
    asked = [t for t in evidence.turns if t.role == "agent" and t.start_s < turn.start_s][-1:]
    secret = any(says(t, book.words(*params.secrets), book=book) for t in (*asked, turn))
    return [] if secret else parts


def _answer(
    window: Sequence[Turn], *, parts: list[tuple[str, int]], params: Params, book: Rulebook
) -> str | None:
    """The agent's words that read a part back or say that he writes it down."""
    for turn in window:
        match = says(turn, book.words(*params.noting), book=book)
        if match:
            return match.text
        spoken = [span.value for span in number_values(turn.text)]
        spoken += [*dictated_values(turn.text), normalise(turn.text).text]
        for part, least in parts:
            runs = {part[i : i + least] for i in range(len(part) - least + 1)}
            if any(run in text for run in runs for text in spoken):
                return turn.text
    return None
