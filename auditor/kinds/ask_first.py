"""A question that comes before a subject: who is there, before anything about the debt.

Needs
    To know who the agent is. For a fail: the question was listened for in the agent's turns up to the
    subject (or in his first ``turns``), and the subject stands in the text to the letter.

Passes
    One of ``asks`` is said before any of ``topics``.

    ::

        客服 您好,请问您是王建国客户吗?
        客户 是的。
        客服 我是移动公司清欠员小李,您的手机已欠费86元……

Fails
    The subject comes first, or the question does not come at all.

    ::

        客服 您好,您的手机欠费86元了。
        客户 什么?

Silent when
    The agent never spoke, took over from a colleague, or speaks of nothing to a line on which nobody
    speaks (not_applicable). needs_review: the question may lie before the file, the customer named
    himself first, or the text does not settle it.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.listening import Doubt, Hearing, listen_for
from auditor.kinds.opening import CUT_OFF, OPENING, Opening, find_opening, nobody_to_judge
from auditor.kinds.params import PhraseSets
from auditor.kinds.triggers import says, text_doubt
from auditor.kinds.wording import is_quoted
from auditor.records import Evidence, Outcome, Span, Turn
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock
from auditor.text.match import Match, find_any, find_written
from auditor.text.normalise import normalise


class Params(BaseModel):
    """What is asked before what.

    Attributes:
        asks: the question.
        topics: the subject that has to wait.
        bare: the question in too few words: for a human,
        bare_characters: where the turn, greetings aside, is no longer than that.
        hints: words before the question from which the subject can be guessed: for a human.
        named: wordings with which the customer gives his name unasked.
        label: the question as the report names it.
        topic_label: the subject as the report names it.
        turns: without the subject the question is looked for in this many turns of the agent's.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    asks: PhraseSets
    topics: PhraseSets
    bare: PhraseSets = ()
    bare_characters: int = Field(default=8, ge=1)
    hints: PhraseSets = ()
    named: PhraseSets = ()
    label: str = Field(min_length=1)
    topic_label: str = Field(min_length=1)
    turns: int = Field(default=4, ge=1)


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the question comes before the subject."""
    nobody = nobody_to_judge(evidence, causes=(OPENING,))
    if nobody:
        return nobody
    opening = find_opening(evidence, book=book)
    if opening.transferred_in:
        return Outcome("not_applicable", "transferred_in", f"通话由其他客服转入,不要求{params.label}")
    turns = evidence.turns_of("agent")
    topic = _first_topic(turns, params=params, book=book)
    window = turns[: params.turns] if topic is None else turns[: turns.index(topic[0]) + 1]
    heard = listen_for(book.words(*params.asks), turns=window, evidence=evidence, book=book)
    before = heard.turn is not None and _comes_first(heard.turn, topic, params=params, book=book)
    hint = _hint(heard, window=window, params=params, book=book) if heard.said == "said" and before else None
    if hint:
        where, word = hint
        reason = (
            f"{clock(where.start_s)} 未核实身份就说到「{word}」,请听录音确认对方能否听出{params.topic_label}"
        )
        return Outcome("needs_review", "hint", reason, at=(where,), confidence=0.5, causes=(OPENING,))
    if heard.said == "said" and before:
        reason = f"{clock(heard.at[0].start_s)} 先核实身份「{heard.quote}」"
        return Outcome("pass", "asked", reason, at=heard.at, quote=heard.quote, confidence=heard.confidence)
    if topic is None and not evidence.turns_of("customer"):
        return Outcome("not_applicable", "silent_caller", f"对方没有说话,不要求{params.label}")
    shown, place = (opening.first, opening.first.span) if topic is None else (topic[0], topic[1])
    doubt = _doubt(opening, topic=topic, evidence=evidence, params=params, book=book)
    doubt = doubt or (heard.doubt if heard.said != "said" else None)
    if topic is None:
        code, reason = "missing", f"开头没有{params.label},说的是「{shown.text}」"
    else:
        code, reason = (
            "topic_first",
            f"{clock(place.start_s)} 未核实身份就提到{params.topic_label}「{shown.text}」",
        )
    # The opening as a whole: whoever did not greet there, either, has one fault, not two.
    at = (opening.first.span,) if shown is opening.first else (opening.first.span, place)
    return Outcome(
        "needs_review" if doubt else "fail",
        doubt.code if doubt else code,
        f"{reason},但{doubt.reason}" if doubt else reason,
        at=at,
        quote=shown.text,
        confidence=0.5 if doubt else heard.confidence,
        causes=(OPENING,),
    )


def _hint(
    heard: Hearing, *, window: tuple[Turn, ...], params: Params, book: Rulebook
) -> tuple[Span, str] | None:
    """A word before the question from which the subject can be guessed."""
    for turn in window:
        for phrase in book.words(*params.hints):
            for match in find_written(turn.text, phrase):
                at = turn.span_of(match.start, match.end)
                if at.start_s < heard.at[0].start_s and not turn.is_suspect(match.start, match.end):
                    return at, match.text
    return None


def _first_topic(turns: tuple[Turn, ...], *, params: Params, book: Rulebook) -> tuple[Turn, Span] | None:
    """The first place where the subject stands in the agent's words, and the turn."""
    for turn in turns:
        match = _topic(turn, params=params, book=book)
        if match:
            return turn, turn.span_of(match.start, match.end)
    return None


def _topic(turn: Turn, *, params: Params, book: Rulebook) -> Match | None:
    found = [
        match
        for phrase in book.words(*params.topics)
        for match in find_written(turn.text, phrase)
        if not turn.is_suspect(match.start, match.end) and not is_quoted(turn.text, match.start)
    ]
    return min(found, key=lambda match: match.start, default=None)


def _comes_first(asked: Turn, topic: tuple[Turn, Span] | None, *, params: Params, book: Rulebook) -> bool:
    """Whether the question stands before the subject, in one turn or another."""
    if topic is None or asked is not topic[0]:
        return True
    limit = book.settings.phrase_distance
    question = find_any(asked.text, book.words(*params.asks), max_distance=limit)
    subject = _topic(asked, params=params, book=book)
    return question is None or subject is None or question.start <= subject.start


def _doubt(
    opening: Opening,
    *,
    topic: tuple[Turn, Span] | None,
    evidence: Evidence,
    params: Params,
    book: Rulebook,
) -> Doubt | None:
    """What speaks for the agent although the question is not there."""
    if opening.cut_off:
        return CUT_OFF
    until_s = topic[1].start_s if topic else float("inf")
    for turn in evidence.turns_of("customer"):
        match = says(turn, book.words(*params.named), book=book) if turn.start_s < until_s else None
        if match:
            return Doubt("named_himself", f"客户先说了「{match.text}」,请确认是否已知道对方身份")
    for turn in evidence.turns_of("agent"):
        if turn.start_s < until_s and _is_bare(turn, params=params, book=book):
            return Doubt("bare", f"{clock(turn.start_s)} 说了「{turn.text}」,请确认是否算核实身份")
    return text_doubt([topic[0]], evidence=evidence, book=book) if topic else None


def _is_bare(turn: Turn, *, params: Params, book: Rulebook) -> bool:
    """Whether the turn is nothing but a greeting and the question in too few words."""
    greeted = find_any(
        turn.text,
        (*book.phrases.get("greetings", ()), *book.phrases.get("wei", ())),
        max_distance=book.settings.phrase_distance,
    )
    rest = turn.text[greeted.end :] if greeted else turn.text
    found = find_any(rest, book.words(*params.bare), max_distance=book.settings.phrase_distance)
    return found is not None and len(normalise(rest).text) <= params.bare_characters
