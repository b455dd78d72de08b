"""The mandated first words of the agent: 「您好,中国移动」.

Needs
    To know who the agent is, and the agent's first turn; IVR prompts and announced agent numbers
    are not it. For a fail: text that was listened for (`auditor.kinds.listening`) and, where the
    model's card has limits for ``probe``, a probe that says "absent".

Passes
    An ``openings`` phrase stands in the first turn, or the probe hears it there.

    ::

        客服 您好,中国移动,请问有什么可以帮您?

Fails
    The first turn was heard well and holds none of the openings, and no other script's either.

    ::

        客服 你要办什么?

Silent when
    The agent took over from a colleague or never spoke (not_applicable). needs_review: the file
    starts in the middle of speech and the turn does not begin with a greeting; the turn is one of
    ``bare_offers`` to the letter (the course gives that form too); it begins another line's script and
    the line is not certain; the opening is only complete in the second turn; 你好 in place of 您好 in
    automatic text; a weaker match; text or probe that settle nothing.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from auditor.kinds.listening import (
    Doubt,
    Hearing,
    clock,
    is_settled,
    listen_for,
)
from auditor.kinds.opening import OPENING, Opening, find_opening, nobody_to_judge
from auditor.kinds.params import PhraseSets
from auditor.records import Evidence, Outcome
from auditor.rulebook.schema import Rulebook
from auditor.text.match import find_any
from auditor.text.normalise import normalise


class Params(BaseModel):
    """Names of phrase sets: what passes, what the course leaves open, what excuses.

    Attributes:
        openings: the mandated words.
        greetings: how a turn begins that was not cut off by the start of the file.
        bare_offers: mandated offers that lack the company's name.
        other_scripts: openings of other lines, which explain a missing one while the line is unknown.
        informal: the opening with 你 for 您, which automatic text cannot be trusted with.
        probe: the probe that settles what text cannot.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    openings: PhraseSets
    greetings: PhraseSets
    bare_offers: PhraseSets
    other_scripts: PhraseSets
    informal: PhraseSets
    probe: str | None = None


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the agent's first words are the mandated ones."""
    nobody = nobody_to_judge(evidence, causes=(OPENING,))
    if nobody:
        return nobody
    opening = find_opening(evidence, book=book)
    first = opening.first
    heard = listen_for(
        book.words(*params.openings), turns=(first,), evidence=evidence, book=book, probe=params.probe
    )
    if heard.said == "said":
        reason = f"{clock(first.start_s)} 首句说了「您好,中国移动」"
        return Outcome("pass", "said", reason, at=heard.at, quote=heard.quote, confidence=heard.confidence)
    if opening.transferred_in:
        return Outcome("not_applicable", "transferred_in", "通话由其他客服转入,不要求再报「您好,中国移动」")
    doubt = _excuse(opening, evidence=evidence, params=params, book=book) or heard.doubt
    if doubt:
        return Outcome(
            "needs_review",
            doubt.code,
            f"首句没有听到「您好,中国移动」,但{doubt.reason}",
            at=(first.span,),
            quote=first.text,
            confidence=0.5,
            causes=(OPENING,),
        )
    return _missing(heard, opening=opening)


def _missing(heard: Hearing, *, opening: Opening) -> Outcome:
    first = opening.first
    return Outcome(
        "fail",
        "missing",
        f"{clock(first.start_s)} 首句没有说「您好,中国移动」,说的是「{first.text}」",
        at=(first.span,),
        quote=first.text,
        confidence=heard.confidence,
        causes=(OPENING,),
    )


def _excuse(opening: Opening, *, evidence: Evidence, params: Params, book: Rulebook) -> Doubt | None:
    """What speaks for the agent although the words are not there."""
    first, limit = opening.first, book.settings.phrase_distance
    greeted = find_any(first.text, book.words(*params.greetings), max_distance=limit)
    if opening.cut_off and not (greeted and not normalise(first.text[: greeted.start]).text):
        return Doubt("cut_off", "录音从说话当中开始,开头可能没有录到,请听录音确认")
    if _is_whole(first.text, book.words(*params.bare_offers), limit=limit):
        return Doubt("course_gives_both", "这是课件 G1/G2 的原话(不带「中国移动」),请按本中心口径确认")
    if evidence.line_confidence < book.settings.line_confidence and find_any(
        first.text, book.words(*params.other_scripts), max_distance=limit
    ):
        return Doubt("other_script", "像是其他专线的开场,话单没有写明线路")
    if not is_settled(evidence) and find_any(first.text, book.words(*params.informal), max_distance=limit):
        return Doubt("informal", "听到「你好,中国移动」,「你/您」机器分不准,请听录音确认")
    together = "".join(turn.text for turn in opening.window)
    split = find_any(together, book.words(*params.openings), max_distance=limit)
    if split and _uninterrupted(opening, evidence=evidence):
        return Doubt("split", "「您好,中国移动」分成两句说完")
    return None


def _uninterrupted(opening: Opening, *, evidence: Evidence) -> bool:
    """Whether the customer leaves the agent's first two turns to each other."""
    start_s, end_s = opening.first.end_s, opening.window[-1].start_s
    return not any(start_s <= turn.start_s < end_s for turn in evidence.turns_of("customer"))


def _is_whole(text: str, phrases: tuple[str, ...], *, limit: float) -> bool:
    """Whether the text is one of the phrases and nothing else."""
    match = find_any(text, phrases, max_distance=limit)
    return match is not None and not normalise(text[: match.start] + text[match.end :]).text
