"""Who is on the phone: the customer himself, somebody else, or nobody knows.

An agent who calls out asks 请问您是王建国客户吗. What the other party says makes it certain (是我, 我是他
爱人), or the short answer to that very question does (是, 不是). Who fetches the customer (我叫他) leaves
open who speaks next. Words count as in `auditor.kinds.triggers`: a finding with a doubt accuses nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from auditor.kinds.listening import Doubt, is_settled
from auditor.kinds.params import PhraseSets
from auditor.kinds.triggers import says, text_doubt
from auditor.kinds.wording import is_only, is_quoted
from auditor.text.clock import clock
from auditor.text.match import find_any, is_negated
from auditor.text.normalise import normalise

if TYPE_CHECKING:
    from auditor.records import Evidence, Turn
    from auditor.rulebook.schema import Rulebook
    from auditor.text.match import Match

Person = Literal["customer", "other", "unknown"]
QUESTION_MARKS = ("?", "\uff1f")


class IdentityWords(BaseModel):
    """How it shows who is on the phone.

    Attributes:
        asks: the agent asks for the customer.
        topics: what the call is about; after it a short answer no longer answers the question.
        himself: the customer says that it is he.
        affirms: short answers that say so directly after the question.
        affirms_alone: answers that say so when they are all that is said (我是, not 我是李强).
        may_affirm: short answers that say so with a doubt.
        not_affirms: wordings that begin like a short answer and are none (是谁).
        names: he gives a name at the start of his words: with a doubt, whose it is.
        other: somebody says that he is not the customer.
        denies: short answers that say so directly after the question.
        not_denies: wordings that look like it and mean something else (不是交过了吗).
        fetches: he calls the customer to the phone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    asks: PhraseSets
    topics: PhraseSets
    himself: PhraseSets
    affirms: PhraseSets
    affirms_alone: PhraseSets = ()
    may_affirm: PhraseSets = ()
    not_affirms: PhraseSets = ()
    names: PhraseSets = ()
    other: PhraseSets
    denies: PhraseSets
    not_denies: PhraseSets = ()
    fetches: PhraseSets = ()


@dataclass(frozen=True, slots=True)
class Identified:
    """From the end of this turn on, this person is on the phone; with a doubt it is not certain."""

    person: Person
    turn: Turn
    quote: str
    doubt: Doubt | None = None


def identify(evidence: Evidence, *, words: IdentityWords, book: Rulebook) -> tuple[Identified, ...]:
    """Every turn of the called party that says who he is, in time order."""
    found: list[Identified] = []
    for turn in evidence.turns_of("customer"):
        fetched = bool(found) and found[-1].person == "unknown"
        asked = fetched or _was_asked(turn, words=words, evidence=evidence, book=book)
        one = _of_turn(turn, asked=asked, words=words, evidence=evidence, book=book)
        if one is not None:
            found.append(one)
    return tuple(found)


def person_at(second: float, found: tuple[Identified, ...]) -> Identified | None:
    """The last that was said about it before a place in the call; None: nothing yet."""
    before = [one for one in found if one.turn.end_s <= second]
    return before[-1] if before else None


def _was_asked(turn: Turn, *, words: IdentityWords, evidence: Evidence, book: Rulebook) -> bool:
    """Whether the agent's last words before this turn ask for the customer, and speak of nothing else."""
    spoken = [t for t in evidence.turns_of("agent") if t.start_s < turn.start_s and normalise(t.text).text]
    for agent in spoken[-1:]:
        ask = says(agent, book.words(*words.asks), book=book)
        limit = book.settings.phrase_distance
        if ask and not find_any(agent.text[ask.end :], book.words(*words.topics), max_distance=limit):
            return True
    return False


def _of_turn(
    turn: Turn, *, asked: bool, words: IdentityWords, evidence: Evidence, book: Rulebook
) -> Identified | None:
    unclear = text_doubt([turn], evidence=evidence, book=book)

    def hear(names: PhraseSets, *, first: bool = False, unless: PhraseSets = ()) -> Match | None:
        match = says(turn, book.words(*names), book=book)
        if match is None or is_quoted(turn.text, match.start) or is_negated(turn.text, match):
            return None
        if not match.exact and (unclear or is_settled(evidence)):
            return None
        if unless and says(turn, book.words(*unless), book=book):
            return None
        return match if not first or _begins(turn.text, match, book=book) else None

    def result(person: Person, match: Match, doubt: Doubt | None = None) -> Identified:
        near = Doubt("near", f"{clock(turn.start_s)} 只听到近似的「{match.text}」,请听录音确认")
        return Identified(person, turn, turn.text, doubt or unclear or (None if match.exact else near))

    fetched = hear(words.fetches)
    if fetched:
        return result("unknown", fetched)
    other = hear(words.other) or (hear(words.denies, first=True, unless=words.not_denies) if asked else None)
    if other:
        return result("other", other)
    himself = hear(words.himself) or (
        hear(words.affirms, first=True, unless=words.not_affirms) if asked else None
    )
    if himself is None and asked and is_only(turn.text, _whole(words, book=book), book=book):
        himself = hear(words.affirms_alone)
    if himself and not _is_question(turn.text, himself):
        return result("customer", himself)
    maybe = hear(words.names, first=True, unless=words.not_affirms) or (
        hear(words.may_affirm, first=True, unless=words.not_affirms) if asked else None
    )
    if maybe and not _is_question(turn.text, maybe):
        hint = Doubt("hint", f"{clock(turn.start_s)}「{maybe.text}」不一定表示就是本人,请听录音确认")
        return result("customer", maybe, hint)
    return None


def _whole(words: IdentityWords, *, book: Rulebook) -> tuple[str, ...]:
    return (*book.words(*words.affirms_alone), *book.phrases.get("backchannels", ()))


def _begins(text: str, match: Match, *, book: Rulebook) -> bool:
    """Whether nothing but sounds and greetings (嗯, 喂, 你好) stands before it."""
    before = text[: match.start]
    empty = tuple(w for name in ("backchannels", "greetings", "wei") for w in book.phrases.get(name, ()))
    return not normalise(before).text or is_only(before, empty, book=book)


def _is_question(text: str, match: Match) -> bool:
    return text[match.end :].lstrip().startswith(QUESTION_MARKS)
