"""When a whole script is due: somebody's words, and what must or must not be said beside them.

A situation is *certain* only if its trigger is (`auditor.kinds.triggers`) and so are the words that must
stand beside it. What speaks against it may be heard badly: then it did not arise.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.listening import is_settled
from auditor.kinds.params import PhraseSets
from auditor.kinds.triggers import Trigger, find_triggers
from auditor.text.match import find_any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from auditor.records import Evidence, Role, Turn
    from auditor.rulebook.schema import Rulebook

# A script is declined at once, or after its first step.
ANSWERS = 2


class Situation(BaseModel):
    """One thing that calls for a script.

    Attributes:
        who: whose words begin it.
        says: what is said.
        hints: wordings that may mean it, and only raise a doubt.
        unless: wordings in the same turn that mean something else.
        within_turns: set: only in that party's first turns, so many.
        after_customer: the customer must have said one of these by then.
        with_agent: the agent must say one of these somewhere in the call.
        unless_answered: nor does it arise if the agent's next two turns hold one of these: he declines.
        not_if_agent: nor does it arise if the agent says one of these somewhere in the call.
        not_if_customer: nor if the customer does.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    who: Literal["customer", "agent"]
    says: PhraseSets
    hints: PhraseSets = ()
    unless: PhraseSets = ()
    within_turns: int | None = Field(default=None, ge=1)
    after_customer: PhraseSets = ()
    with_agent: PhraseSets = ()
    unless_answered: PhraseSets = ()
    not_if_agent: PhraseSets = ()
    not_if_customer: PhraseSets = ()


def first_arisen(situations: Iterable[Situation], *, evidence: Evidence, book: Rulebook) -> Trigger | None:
    """The first certain trigger of any of the situations, else the first doubtful one; None: none."""
    found = [trigger for one in situations for trigger in _arisen(one, evidence=evidence, book=book)]
    found.sort(key=lambda trigger: (trigger.doubt is not None, trigger.at.start_s))
    return found[0] if found else None


def heard_at_all(
    turns: Iterable[Turn], phrases: Sequence[str], *, evidence: Evidence, book: Rulebook
) -> bool:
    """Whether something like one of the phrases was said: what excuses may be heard badly."""
    settings = book.settings
    limit = settings.phrase_distance if is_settled(evidence) else settings.weak_distance
    return bool(phrases) and any(find_any(turn.text, phrases, max_distance=limit) for turn in turns)


def find_words(
    names: tuple[str, ...], *, roles: Sequence[Role], evidence: Evidence, book: Rulebook
) -> tuple[Trigger, ...]:
    """Where these roles say one of the phrases of the sets, the certain places first."""
    phrases = book.words(*names)
    found = [
        trigger
        for role in roles
        for trigger in find_triggers(phrases, role=role, evidence=evidence, book=book)
    ]
    return tuple(sorted(found, key=lambda trigger: (trigger.doubt is not None, trigger.at.start_s)))


def _arisen(situation: Situation, *, evidence: Evidence, book: Rulebook) -> list[Trigger]:
    triggers = find_triggers(
        book.words(*situation.says),
        role=situation.who,
        evidence=evidence,
        book=book,
        hints=book.words(*situation.hints),
        unless=book.words(*situation.unless),
    )
    early = evidence.turns_of(situation.who)[: situation.within_turns]
    triggers = tuple(trigger for trigger in triggers if any(trigger.turn is turn for turn in early))
    if not triggers:
        return []
    for role, names in (("agent", situation.not_if_agent), ("customer", situation.not_if_customer)):
        turns = tuple(turn for turn in evidence.turns if turn.role == role)
        if heard_at_all(turns, book.words(*names), evidence=evidence, book=book):
            return []
    beside = None
    if situation.with_agent:
        said = find_words(situation.with_agent, roles=("agent",), evidence=evidence, book=book)
        if not said:
            return []
        beside = said[0].doubt
    found = []
    for trigger in triggers:
        answers = [t for t in evidence.turns_of("agent") if t.start_s > trigger.turn.start_s][:ANSWERS]
        if heard_at_all(answers, book.words(*situation.unless_answered), evidence=evidence, book=book):
            continue
        doubt = trigger.doubt or beside
        if situation.after_customer:
            asked = [
                word
                for word in find_words(
                    situation.after_customer, roles=("customer",), evidence=evidence, book=book
                )
                if word.turn.start_s <= trigger.at.start_s
            ]
            if not asked:
                continue
            doubt = doubt or asked[0].doubt
        found.append(replace(trigger, doubt=doubt))
    return found
