"""A refusal is respected: who does not want a business is not pressed again and again.

Needs
    The agent's offer, the customer's refusal of it and the agent's further pushes in the text
    (`auditor.kinds.triggers`). For a fail: each of them is certain, and the customer's words between them
    were heard well, since any of them might be an acceptance.

Passes
    No push after a refusal, or one: the first push after it is tolerated.

    ::

        客服 给您办一个流量包好吗?
        客户 不要。
        客服 现在办理很划算,您再考虑一下?
        客户 不需要。
        客服 好的,打扰您了。

Fails
    The customer refuses, is pushed, refuses again, and is pushed a second time.

    ::

        客户 我说了不需要。
        客服 给您开一个吧,随时可以取消。

Silent when
    Nothing was offered, or nothing refused (not_applicable): 不用了 after 还有其他问题吗 refuses no
    business. A question about the business or an acceptance takes the refusal back. needs_review: the
    second push is there, but the customer did not clearly refuse again before it, had asked for a business
    himself (``wishes``), or a turn is uncertain.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from auditor.kinds.listening import Doubt, confidence_of, speakers_known
from auditor.kinds.params import PhraseSets
from auditor.kinds.triggers import Trigger, acknowledgements, find_triggers, says, text_doubt
from auditor.kinds.wording import is_only
from auditor.records import Evidence, Outcome, Role, Turn
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock

if TYPE_CHECKING:
    from collections.abc import Iterator

UNCLEAR = Doubt("no_second_refusal", "客户没有再次明确拒绝,请听录音确认是否强行推荐")

WISHED = Doubt("wished", "客户先前要办理业务,请听录音确认是否强行推荐")


class Params(BaseModel):
    """What offers, refuses and pushes.

    Attributes:
        offers: the agent offers a business.
        refusals: the customer does not want it, as an answer to an offer or a push.
        refusals_unless: wordings that contain a refusal and mean something else.
        pushes: the agent offers again or persuades; a push is an offer, too.
        pushes_unless: wordings that contain a push and press nobody.
        interest: the customer asks about the business: he refuses nothing, whatever else he says.
        wishes: the customer himself looks for a business: whoever declines one may be shown another.
        acceptances: the customer accepts, unless the same words refuse.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    offers: PhraseSets
    refusals: PhraseSets
    refusals_unless: PhraseSets = ()
    pushes: PhraseSets
    pushes_unless: PhraseSets = ()
    interest: PhraseSets = ()
    wishes: PhraseSets = ()
    acceptances: PhraseSets = ()


@dataclass(slots=True)
class _Story:
    """What has happened so far, turn by turn.

    ``pending`` is the refusal that no push has followed yet; ``pressed`` holds each push with the refusal
    before it, None where the customer said something else instead. ``same_breath``: nobody has answered
    the last push yet.
    """

    offered: bool = False
    first: Trigger | None = None
    pending: Trigger | None = None
    same_breath: bool = False
    pressed: list[tuple[Trigger | None, Trigger]] = field(default_factory=list)

    def take_back(self) -> None:
        self.offered, self.first, self.pending, self.pressed = True, None, None, []


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the agent lets a refusal stand."""
    if not speakers_known(evidence):
        return Outcome("not_applicable", "no_data", "录音分不清双方,不能判断客户是否拒绝了业务")
    refused: Trigger | None = None
    most: list[tuple[Trigger | None, Trigger]] = []
    for story in _tell(evidence, params=params, book=book):
        refused = refused or story.first
        if len(story.pressed) > len(most):
            most = list(story.pressed)
        if len(most) > 1:
            return _pressed(most, evidence=evidence, params=params, book=book)
    if refused is None:
        return Outcome("not_applicable", "not_arisen", "没有听到客户拒绝推荐的业务")
    note = f",之后客服只再推荐了一次「{most[0][1].quote}」" if most else ",客服没有再推荐"
    return Outcome(
        "pass",
        "respected",
        f"{clock(refused.at.start_s)} 客户拒绝「{refused.quote}」{note}",
        at=(refused.at,),
        quote=refused.quote,
        confidence=confidence_of([refused.turn], evidence=evidence, book=book),
    )


def _tell(evidence: Evidence, *, params: Params, book: Rulebook) -> Iterator[_Story]:
    """The story after each turn; one object, which the next turn changes; nothing without a refusal."""
    refusals = _said("customer", params.refusals, unless=params.refusals_unless, evidence=evidence, book=book)
    if not refusals:
        return
    pushes = _said("agent", params.pushes, unless=params.pushes_unless, evidence=evidence, book=book)
    story = _Story()
    for turn in evidence.turns:
        if turn.role == "agent" and not is_only(turn.text, acknowledgements(book), book=book):
            _agent(turn, story, push=pushes.get(turn.start_s), params=params, book=book)
        elif turn.role == "customer":
            _customer(turn, story, refusal=refusals.get(turn.start_s), params=params, book=book)
        yield story


def _said(
    role: Role, names: tuple[str, ...], *, unless: tuple[str, ...], evidence: Evidence, book: Rulebook
) -> dict[float, Trigger]:
    """What a party says of these sets, by the start of its turn."""
    found = find_triggers(
        book.words(*names), role=role, evidence=evidence, book=book, unless=book.words(*unless)
    )
    return {trigger.turn.start_s: trigger for trigger in found}


def _agent(turn: Turn, story: _Story, *, push: Trigger | None, params: Params, book: Rulebook) -> None:
    if push and story.first and not story.same_breath:
        story.pressed.append((story.pending, push))
        story.pending, story.same_breath = None, True
    story.offered = push is not None or says(turn, book.words(*params.offers), book=book) is not None


def _customer(turn: Turn, story: _Story, *, refusal: Trigger | None, params: Params, book: Rulebook) -> None:
    story.same_breath = False
    if says(turn, book.words(*params.interest), book=book):
        story.take_back()
    elif refusal and story.offered:
        story.first, story.pending = story.first or refusal, refusal
    elif refusal is None and says(turn, book.words(*params.acceptances), book=book):
        story.take_back()


def _pressed(
    pressed: list[tuple[Trigger | None, Trigger]], *, evidence: Evidence, params: Params, book: Rulebook
) -> Outcome:
    """Two pushes after a refusal."""
    (first, once), (second, again) = pressed[:2]
    said = [trigger for trigger in (first, once, second, again) if trigger is not None]
    between = [
        turn
        for turn in evidence.turns_of("customer")
        if said[0].turn.start_s <= turn.start_s < again.turn.start_s
    ]
    doubt = next((trigger.doubt for trigger in said if trigger.doubt), None) or text_doubt(
        between, evidence=evidence, book=book
    )
    doubt = doubt or (UNCLEAR if second is None else None)
    customer = [turn for turn in evidence.turns_of("customer") if turn.start_s < said[0].turn.start_s]
    if doubt is None and any(says(turn, book.words(*params.wishes), book=book) for turn in customer):
        doubt = WISHED
    refusal = second or said[0]
    shown = f"{clock(refusal.at.start_s)} 客户拒绝「{refusal.quote}」"
    reason = f"{shown},{clock(again.at.start_s)} 客服再次推荐「{again.quote}」"
    return Outcome(
        "needs_review" if doubt else "fail",
        doubt.code if doubt else "pressed",
        f"{reason},但{doubt.reason}" if doubt else reason,
        at=tuple(trigger.at for trigger in said),
        quote=again.quote,
        confidence=0.5 if doubt else confidence_of([t.turn for t in said], evidence=evidence, book=book),
    )
