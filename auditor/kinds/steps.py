"""The steps of a script: which of them are due, where each was said, and in which order.

A step may be said more than once: the places are chosen so that as many steps as possible stand in the
script's order. A step that was said, but at no place that fits, is *misplaced*; one that was nowhere heard
is *missing*, and has to be listened for between the steps before and after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.listening import Doubt
from auditor.kinds.params import PhraseSets
from auditor.kinds.situations import find_words, heard_at_all
from auditor.kinds.triggers import turns_after
from auditor.text.match import find_all, is_negated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.records import Evidence, Turn
    from auditor.rulebook.schema import Rulebook
    from auditor.text.match import Match

SCRIPT = "script"


class Step(BaseModel):
    """One step of a script.

    Attributes:
        name: what the report calls it (询问其他问题).
        wording: the mandated wording, with its marks 「」; empty where the course gives none.
        says: what fulfils it; any of the phrases.
        noted: what fulfils it, too, with a note on the wording.
        partial: what may be it, for a human to judge.
        only_if: the step is due only if the agent or the customer says one of these.
        not_if: it is not due if one of them says one of these.
        not_if_customer: nor if the customer does.
        unless_trigger: nor if what calls for the script already holds one of these.
        unless_first: nor if the customer comes out with what calls for it before the agent can ask.
        if_answered: it is due only if the customer answers the step before it with one of these.
        excuses: what the customer says before the agent's goodbye that makes the step pointless.
        optional: in parentheses in the course: never required.
        goodbye: the end of the script: any goodbye in the last turns will do.
        review: its absence is for a human to judge.
        cause: the fault that its absence is, for `charging`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(min_length=1)
    wording: str = ""
    says: PhraseSets
    noted: PhraseSets = ()
    partial: PhraseSets = ()
    only_if: PhraseSets = ()
    not_if: PhraseSets = ()
    not_if_customer: PhraseSets = ()
    unless_trigger: PhraseSets = ()
    unless_first: bool = False
    if_answered: PhraseSets = ()
    excuses: PhraseSets = ()
    optional: bool = False
    goodbye: bool = False
    review: bool = False
    cause: str = SCRIPT


class Branch(BaseModel):
    """One way on from the common steps; a call takes one of them.

    Attributes:
        name: what the report calls it (客户不同意处理结果).
        says: the customer's words that take it.
        hints: the customer's words that may take it, and leave a doubt.
        unless: the customer's words that hold one of those and mean something else.
        first_answer: it is taken by the customer's answer to the last common step, and by nothing later;
            the other branches are taken by what he says after that answer.
        steps: what is due on it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(min_length=1)
    says: PhraseSets
    hints: PhraseSets = ()
    unless: PhraseSets = ()
    first_answer: bool = False
    steps: tuple[Step, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step was said; ``index`` counts the turns of the call."""

    turn: Turn
    index: int
    match: Match
    noted: bool

    def before(self, other: Place) -> bool:
        """Whether this was said before the other."""
        return (self.index, self.match.start) < (other.index, other.match.start)


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step that is due, all places where it was said, and the doubt whether it is due at all."""

    step: Step
    places: tuple[Place, ...]
    doubt: Doubt | None = None


def due_steps(
    steps: Sequence[Step], *, trigger: Turn, window: Sequence[Turn], evidence: Evidence, book: Rulebook
) -> tuple[DueStep, ...]:
    """The steps that this call calls for, with their places in the window."""
    found: list[DueStep] = []
    before: tuple[Place, ...] = ()
    for step in steps:
        places = find_places(step, window=window, evidence=evidence, book=book)
        due, doubt = _is_due(step, before=before, evidence=evidence, book=book)
        spared = _is_spared(step, trigger=trigger, evidence=evidence, book=book)
        if due and not spared and not step.optional:
            found.append(DueStep(step, places, doubt))
        before = places
    return tuple(found)


def _is_due(
    step: Step, *, before: tuple[Place, ...], evidence: Evidence, book: Rulebook
) -> tuple[bool, Doubt | None]:
    both = tuple(turn for turn in evidence.turns if turn.role in ("agent", "customer"))
    customer = evidence.turns_of("customer")
    for turns, names in ((both, step.not_if), (customer, step.not_if_customer)):
        if heard_at_all(turns, book.words(*names), evidence=evidence, book=book):
            return False, None
    if step.if_answered:
        answers = [turn for place in before if (turn := answer_to(place.turn, evidence=evidence))]
        return _says_so(answers, names=step.if_answered, book=book), None
    if not step.only_if:
        return True, None
    words = find_words(step.only_if, roles=("agent", "customer"), evidence=evidence, book=book)
    return bool(words), words[0].doubt if words else None


def _is_spared(step: Step, *, trigger: Turn, evidence: Evidence, book: Rulebook) -> bool:
    """Whether the customer does by himself what the step would ask of him."""
    if trigger.role != "customer":
        return False
    if heard_at_all((trigger,), book.words(*step.unless_trigger), evidence=evidence, book=book):
        return True
    first = evidence.turns_of("customer")[0]
    asked = turns_after(first.span, role="agent", evidence=evidence, book=book)
    return step.unless_first and not any(turn.start_s < trigger.start_s for turn in asked)


def answer_to(turn: Turn, *, evidence: Evidence) -> Turn | None:
    """The customer's next turn after one of the agent's."""
    return next((t for t in evidence.turns_of("customer") if t.start_s > turn.start_s), None)


def _says_so(turns: Sequence[Turn], *, names: tuple[str, ...], book: Rulebook) -> bool:
    limit = book.settings.phrase_distance
    return any(
        not is_negated(turn.text, match)
        for turn in turns
        for match in find_all(turn.text, *book.words(*names), max_distance=limit)
    )


def find_places(
    step: Step, *, window: Sequence[Turn], evidence: Evidence, book: Rulebook
) -> tuple[Place, ...]:
    """Everywhere that the agent says the step, in time order, by sound, on text that is not suspect."""
    order = {id(turn): index for index, turn in enumerate(evidence.turns)}
    limit = book.settings.phrase_distance
    found = [
        Place(turn, order[id(turn)], match, noted)
        for turn in window
        for names, noted in ((step.says, False), (step.noted, True))
        for match in find_all(turn.text, *book.words(*names), max_distance=limit)
        if not turn.is_suspect(match.start, match.end)
    ]
    return tuple(sorted(found, key=lambda place: (place.index, place.match.start, place.noted)))


def best_order(due: Sequence[DueStep]) -> dict[int, Place]:
    """Step number -> place, for as many steps as can stand in the script's order.

    Of equally many the one with fewer noted wordings, then the earlier places.
    """
    ends: list[tuple[tuple[int, int], dict[int, Place]]] = [((0, 0), {})]
    for number, one in enumerate(due):
        longer = []
        for place in one.places:
            fits = [(score, chain) for score, chain in ends if not chain or chain[max(chain)].before(place)]
            score, chain = max(fits, key=lambda end: end[0])
            longer.append(((score[0] + 1, score[1] + (not place.noted)), {**chain, number: place}))
        ends += longer
    return max(ends, key=lambda end: end[0])[1]
