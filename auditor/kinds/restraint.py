"""Restraint: a rude customer is not answered in kind.

Needs
    A customer turn with a phrase of the ``rude`` lexicons; the agent's next ``within_turns`` turns. What
    proves a rude answer is what proves it for the clause of the phrase (kind lexicon); a shout is what
    the rule named ``softness`` calls one.

Passes
    After every rude turn the agent's next turns hold no forbidden phrase and no shout.

    ::

        客户 你们他妈的怎么回事!
        客服 对不起,给您带来不便,请您谅解。

Fails
    One of them holds one.

    ::

        客户 你他妈会不会办事!
        客服 你有病吧,爱办不办!

Silent when
    The customer is not rude, or nobody can tell who speaks (not_applicable). needs_review: the customer's
    rude words, or the agent's answer, are doubtful.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from auditor.kinds import shouting
from auditor.kinds.listening import confidence_of, is_settled, speakers_known
from auditor.kinds.params import Lexicons
from auditor.kinds.sightings import Wordlist, judged, sightings, unsure
from auditor.kinds.triggers import rude_hit, text_doubt
from auditor.records import Evidence, Outcome, SegmentStats, Turn
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

LABEL = "不应有的回应(客户失礼在先)"


class Params(Wordlist):
    """What is rude, what must not follow, and how soon.

    Attributes:
        rude: lexicons of what a rude customer says.
        softness: the rule that says what a shouted phrase is; without it shouts are not judged.
        within_turns: how many agent turns after the rude one count.
    """

    rude: Lexicons = Field(min_length=1)
    softness: str | None = None
    within_turns: int = Field(default=2, ge=1)


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the agent keeps calm with a rude customer."""
    if not speakers_known(evidence):
        return Outcome("not_applicable", "no_data", "录音分不清谁是客服、谁是客户")
    rude = [
        turn
        for turn in evidence.turns_of("customer")
        if rude_hit(turn, lexicons=params.rude, evidence=evidence, book=book)
    ]
    if not rude:
        return Outcome("not_applicable", "not_arisen", "客户没有说粗鲁的话")
    answers = _answers(rude, evidence=evidence, within=params.within_turns)
    if not answers:
        return Outcome("not_applicable", "no_answer", "客户说粗话之后客服没有再说话")
    certain = is_settled(evidence) or not text_doubt(rude, evidence=evidence, book=book)
    seen = sightings(answers, evidence=evidence, params=params, book=book)
    spoken = judged(seen, label=LABEL, evidence=evidence, book=book, certain=certain)
    shouted = _shouted(answers, evidence=evidence, params=params, book=book)
    if shouted and not any(sighting.doubt is None for sighting in seen):
        loud = _shout(shouted, answers=answers, book=book)
        return loud if certain else unsure(loud)
    if spoken:
        return spoken
    first = rude[0]
    return Outcome(
        "pass",
        "calm",
        f"{clock(first.start_s)} 客户说话粗鲁,客服忍让克制",
        at=(first.span,),
        quote=first.text,
        confidence=confidence_of(answers, evidence=evidence, book=book),
    )


def _answers(rude: Sequence[Turn], *, evidence: Evidence, within: int) -> list[Turn]:
    """The agent's next turns after each rude one, each once, in time order."""
    agent = evidence.turns_of("agent")
    chosen = [turn for one in rude for turn in [t for t in agent if t.start_s > one.start_s][:within]]
    return [turn for turn in agent if turn in chosen]


def _shouted(
    answers: Sequence[Turn], *, evidence: Evidence, params: Params, book: Rulebook
) -> list[SegmentStats]:
    """Segments of these turns that are shouted as the rule of softness measures it, and not clipped."""
    rule = next((rule for rule in book.rules if rule.id == params.softness), None)
    if rule is None:
        return []
    limits = shouting.Params.model_validate(rule.params)
    return [
        phrase
        for phrase, _db, _st in shouting.shouted_phrases(evidence, params=limits)
        if phrase.clipped_share <= limits.max_clipped_share
        and any(phrase.channel == turn.channel and phrase.span.overlap_s(turn.span) > 0 for turn in answers)
    ]


def _shout(shouted: Sequence[SegmentStats], *, answers: Sequence[Turn], book: Rulebook) -> Outcome:
    first = shouted[0]
    turn = next(t for t in answers if t.span.overlap_s(first.span) > 0)
    return Outcome(
        "fail",
        "shouted",
        f"{clock(first.start_s)} 客户失礼之后,客服提高嗓门喊话",
        at=tuple(phrase.span for phrase in shouted),
        quote=turn.text,
        measured={"shouted_phrases": float(len(shouted))},
        confidence=book.settings.default_confidence,
        causes=("loud",),
    )
