"""When an answer is due: a trigger, the agent's turns in which the answer counts, and what excuses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from auditor.kinds.callers import caller_network
from auditor.kinds.params import Lexicons, PhraseSets, Seconds
from auditor.kinds.triggers import (
    acknowledgements,
    find_rude,
    find_triggers,
    find_waits,
    says,
    turns_after,
)
from auditor.kinds.wording import is_only

if TYPE_CHECKING:
    from auditor.kinds.triggers import Trigger
    from auditor.records import Evidence, Turn
    from auditor.rulebook.schema import Rulebook

CUT = ("ends_mid_speech", "truncated")


class Occasion(BaseModel):
    """One thing that calls for an answer.

    Attributes:
        who: whose words trigger it; ``wait``: a long silence that the agent announced (``says``: how).
        says: what is said.
        lexicons: names of lexicons whose words are triggers, too, unless they depend on the tone.
        hints: wordings that may mean it, and only raise a doubt.
        unless: wordings that contain a trigger and mean something else.
        replies: what answers it: phrases with the clause's key tokens; any of them will do.
        noted: what answers it, too, with a note on the wording.
        partial: what may be an answer, for a human to judge.
        not_after: an answer that only follows one of these is for a human to judge, too: it comes late.
        window: the agent's turns ``after`` the trigger, from its own turn ``onwards``, ``around`` it (its
            own turn included), or the whole ``call``.
        within_turns: how many turns, acknowledgements not counted.
        mere_yes: where only acknowledgements follow (可以), they are the answer.
        pick: every trigger, only the last, or the first (a certain one, if there is any).
        to_the_letter: what only sounds like a trigger is none, not even an uncertain one.
        min_triggers: with fewer triggers a missing answer is nobody's fault.
        before: a trigger after the agent has said one of these does not count.
        unless_later: nor one after which the customer says one of these.
        unless_before: nor one before which the customer says one of these.
        after_customer: nor one before which the customer said none of these.
        after_agent: nor one before which the agent said none of these.
        only_if: nor one without one of these in the window.
        not_if: nor one with one of these in the window.
        lines: the lines on which it arises; none: all.
        callers: set: only where the customer is known to call from one of these networks.
        min_wait_s: how long a ``wait`` is.
        announced_within_s: how long before it the announcement may end.
        excuses: set: the answer belongs to the last words, and what excuses a missing goodbye excuses it.
        chance_s: silence after the customer's last words that gives the agent his chance [O].
        causes: the faults that a missing answer is; rules that share them cost once.
        own_words: the trigger's words are themselves the fault: they cost once with what a lexicon finds
            in them.
        missing: the verdict on a missing answer, where it differs from the rule's.
        enough_characters: set: any later turn this long in the window is an answer, too,
        enough_unless: but not one that holds one of these.
        then: what is due besides, in the window or later: without it the answer is for review.
        then_label: what that is, as the report names it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    who: Literal["customer", "agent", "wait"]
    says: PhraseSets
    lexicons: Lexicons = ()
    hints: PhraseSets = ()
    unless: PhraseSets = ()
    replies: PhraseSets
    noted: PhraseSets = ()
    partial: PhraseSets = ()
    not_after: PhraseSets = ()
    window: Literal["after", "onwards", "around", "call"] = "after"
    within_turns: int = Field(default=2, ge=1)
    mere_yes: bool = False
    pick: Literal["all", "first", "last"] = "all"
    to_the_letter: bool = False
    min_triggers: int = Field(default=1, ge=1)
    before: PhraseSets = ()
    unless_later: PhraseSets = ()
    unless_before: PhraseSets = ()
    after_customer: PhraseSets = ()
    after_agent: PhraseSets = ()
    only_if: PhraseSets = ()
    not_if: PhraseSets = ()
    lines: tuple[str, ...] = ()
    callers: tuple[Literal["own", "other"], ...] = ()
    min_wait_s: Seconds = 10.0
    announced_within_s: Seconds = 15.0
    excuses: PhraseSets = ()
    chance_s: Seconds = 0.8
    causes: tuple[str, ...] = ()
    own_words: bool = False
    missing: Literal["fail", "needs_review", "pass"] | None = None
    enough_characters: int | None = Field(default=None, ge=1)
    enough_unless: PhraseSets = ()
    then: PhraseSets = ()
    then_label: str = ""

    @model_validator(mode="after")
    def _what_is_due_has_a_name(self) -> Occasion:
        if bool(self.then) != bool(self.then_label):
            raise ValueError("then and then_label belong together")
        return self


@dataclass(frozen=True, slots=True)
class Arisen:
    """A trigger that calls for an answer, and where it may stand; ``due`` False: it may be missing."""

    occasion: Occasion
    trigger: Trigger
    window: tuple[Turn, ...]
    due: bool = True


def arise(occasion: Occasion, *, evidence: Evidence, book: Rulebook) -> tuple[Arisen, ...]:
    """Every time the occasion arises in the call, in time order."""
    if occasion.lines and book.lines.get(evidence.line, evidence.line) not in occasion.lines:
        return ()
    if occasion.callers and caller_network(evidence, book=book) not in occasion.callers:
        return ()
    triggers = [
        trigger
        for trigger in _triggers(occasion, evidence=evidence, book=book)
        if not _is_excused(trigger, occasion=occasion, evidence=evidence, book=book)
    ]
    due = len(triggers) >= occasion.min_triggers
    found = []
    for trigger in _picked(triggers, occasion=occasion):
        window = _window(trigger, occasion=occasion, evidence=evidence, book=book)
        following = sum(t is not trigger.turn and t.start_s >= trigger.at.start_s for t in window)
        cut = following < occasion.within_turns and any(code in evidence.recording.warnings for code in CUT)
        if not window or (cut and occasion.window == "after"):
            continue
        if occasion.only_if and not _heard(window, occasion.only_if, book=book):
            continue
        if not _heard(window, occasion.not_if, book=book):
            found.append(Arisen(occasion, trigger, window, due and not (cut and occasion.window != "call")))
    return tuple(found)


def _picked(triggers: list[Trigger], *, occasion: Occasion) -> list[Trigger]:
    if occasion.pick == "first":
        return ([t for t in triggers if t.doubt is None] or triggers)[:1]
    return triggers[-1:] if occasion.pick == "last" else triggers


def _heard(turns: tuple[Turn, ...], names: tuple[str, ...], *, book: Rulebook) -> bool:
    return any(says(turn, book.words(*names), book=book) for turn in turns)


def _triggers(occasion: Occasion, *, evidence: Evidence, book: Rulebook) -> tuple[Trigger, ...]:
    phrases = book.words(*occasion.says)
    if occasion.who == "wait":
        return find_waits(
            phrases,
            min_wait_s=occasion.min_wait_s,
            announced_within_s=occasion.announced_within_s,
            evidence=evidence,
            book=book,
        )
    found = find_triggers(
        phrases,
        role=occasion.who,
        evidence=evidence,
        book=book,
        hints=book.words(*occasion.hints),
        unless=book.words(*occasion.unless),
    )
    if occasion.lexicons:
        rude = find_rude(occasion.lexicons, role=occasion.who, evidence=evidence, book=book)
        known = {trigger.turn.start_s for trigger in found}
        found = (*found, *(one for one in rude if one.turn.start_s not in known))
        found = tuple(sorted(found, key=lambda one: one.at.start_s))
    if occasion.to_the_letter:
        return tuple(one for one in found if one.doubt is None or one.doubt.code != "near")
    return found


def _is_excused(trigger: Trigger, *, occasion: Occasion, evidence: Evidence, book: Rulebook) -> bool:
    """Whether what was said before or later takes the trigger its meaning."""
    start_s = trigger.at.start_s
    agent_before = tuple(t for t in evidence.turns_of("agent") if t.end_s <= start_s)
    before = tuple(t for t in evidence.turns_of("customer") if t.start_s <= start_s)
    later = tuple(t for t in evidence.turns_of("customer") if t.start_s > start_s)
    return (
        _heard(agent_before, occasion.before, book=book)
        or _heard(later, occasion.unless_later, book=book)
        or _heard(before, occasion.unless_before, book=book)
        or (bool(occasion.after_customer) and not _heard(before, occasion.after_customer, book=book))
        or (bool(occasion.after_agent) and not _heard(agent_before, occasion.after_agent, book=book))
    )


def _window(trigger: Trigger, *, occasion: Occasion, evidence: Evidence, book: Rulebook) -> tuple[Turn, ...]:
    """The agent's turns in which the answer counts."""
    if occasion.window == "call":
        return evidence.turns_of("agent")
    after = turns_after(trigger.at, role="agent", evidence=evidence, book=book)
    after = tuple(turn for turn in after if turn is not trigger.turn)
    if occasion.mere_yes and not after:
        later = (t for t in evidence.turns_of("agent") if t.start_s >= trigger.turn.end_s)
        after = tuple(turn for turn in later if is_only(turn.text, acknowledgements(book), book=book))
    if occasion.window == "after":
        return after[: occasion.within_turns]
    own = (trigger.turn,) if trigger.turn.role == "agent" else ()
    if occasion.window == "onwards":
        return (*own, *after[: occasion.within_turns])
    acknowledging = book.phrases.get("backchannels", ())
    before = tuple(
        turn
        for turn in evidence.turns_of("agent")
        if turn.end_s <= trigger.turn.start_s and not is_only(turn.text, acknowledging, book=book)
    )
    return (*before[-occasion.within_turns :], *own, *after[: occasion.within_turns])
