"""The polite pronoun: 您 and 请 are used, 你 to the customer is not.

Needs
    The agent's turns. For a fail with automatic text: a leg of the agent's own and at least two
    confident 你, or one that the probe supports (nǐ and nín are often confused by recognisers, so a 你
    that was probed and not supported is not confident). A human transcript decides alone.

Passes
    No 你 to the customer, and 您 or 请 at least once in ``min_syllables`` syllables. 你们 and the course's
    own wordings with 你 (D1, K3) are no hits.

    ::

        客服 请问您的号码是多少?

Fails
    ::

        客服 你的号码是多少?你再说一遍。

Silent when
    The agent never spoke, or spoke fewer than ``min_syllables`` without 你, 您 or 请 (not_applicable).
    needs_review: a 你 that is not proven; neither 您 nor 请 in a long call; a 你 in a recording in which
    nobody can tell who speaks.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.listening import (
    confidence_of,
    has_separate_legs,
    is_noisy,
    is_overlapped,
    is_settled,
    speakers_known,
)
from auditor.kinds.params import PhraseSets
from auditor.kinds.trust import answer_of, has_limits, probes_on, why_words_prove_nothing
from auditor.kinds.wording import is_quoted
from auditor.records import Evidence, Outcome, Span, Turn
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock
from auditor.text.match import find_any, find_written
from auditor.text.numerals import count_syllables


class Params(BaseModel):
    """The words, what is exempt, and how much speech the polite words need.

    Attributes:
        impolite: the word to avoid, to the letter.
        polite: words of which one is expected.
        exempt: wordings that contain the impolite word and are allowed.
        mandated: the course's own lines with it, matched by sound.
        probe: the probe at each occurrence (the polite word against the impolite one).
        min_times: how many confident hits a fail needs without a probe's support.
        min_syllables: how much speech may pass without a polite word.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    impolite: PhraseSets
    polite: PhraseSets
    exempt: PhraseSets
    mandated: PhraseSets
    probe: str
    min_times: int = Field(default=2, ge=1)
    min_syllables: int = Field(default=50, ge=1)


@dataclass(frozen=True, slots=True)
class Use:
    """One impolite word: supported by a human or a probe, confident by text, or neither."""

    turn: Turn
    at: Span
    supported: bool
    confident: bool


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the agent speaks to the customer as 您."""
    known = speakers_known(evidence)
    turns = evidence.turns_of("agent" if known else "unknown")
    if not turns:
        return Outcome("not_applicable", "no_data", "录音里没有客服的话音")
    uses = [use for turn in turns for use in _uses(turn, evidence=evidence, params=params, book=book)]
    word = book.words(*params.impolite)[0]
    proven = [use for use in uses if use.supported] or [use for use in uses if use.confident]
    enough = any(use.supported for use in uses) or len(proven) >= params.min_times
    if uses and known and enough and (is_settled(evidence) or has_separate_legs(evidence)):
        return _impolite(proven, word=word, evidence=evidence, book=book)
    if uses:
        first = uses[0]
        why = "不能确定是「你」还是「您」" if known else "分不清是谁说的"
        return Outcome(
            "needs_review",
            "unproven" if known else "no_roles",
            f"{clock(first.at.start_s)} 转写有「{word}」,{why},请听录音确认",
            at=tuple(use.at for use in uses),
            quote=first.turn.text,
            measured={"times": float(len(uses))},
            confidence=0.5,
        )
    if not known:
        return Outcome("not_applicable", "no_data", "录音分不清谁是客服,也没有听到「你」")
    return _polite(turns, evidence=evidence, params=params, book=book)


def _impolite(proven: list[Use], *, word: str, evidence: Evidence, book: Rulebook) -> Outcome:
    times = "、".join(clock(use.at.start_s) for use in proven)
    sure = confidence_of(
        [use.turn for use in proven],
        evidence=evidence,
        book=book,
        supported=any(use.supported for use in proven),
    )
    return Outcome(
        "fail",
        "impolite_word",
        f"{times} 对客户说「{word}」共 {len(proven)} 次,应说「您」",
        at=tuple(use.at for use in proven),
        quote=proven[0].turn.text,
        measured={"times": float(len(proven))},
        confidence=sure,
    )


def _polite(turns: tuple[Turn, ...], *, evidence: Evidence, params: Params, book: Rulebook) -> Outcome:
    """The other half: whether 您 or 请 is used at all."""
    syllables = sum(count_syllables(turn.text) for turn in turns)
    measured = {"syllables": float(syllables)}
    sure = confidence_of(turns, evidence=evidence, book=book)
    for turn in turns:
        for word in book.words(*params.polite):
            found = find_written(turn.text, word)
            if found:
                at = turn.span_of(found[0].start, found[0].end)
                return Outcome(
                    "pass",
                    "polite",
                    f"{clock(at.start_s)} 使用「{word}」,没有对客户说「你」",
                    at=(at,),
                    quote=turn.text,
                    measured=measured,
                    confidence=sure,
                )
    if syllables < params.min_syllables:
        return Outcome(
            "not_applicable", "too_short", f"客服只说了 {syllables} 个字,不足以判断", measured=measured
        )
    return Outcome(
        "needs_review",
        "no_polite_word",
        f"客服说了 {syllables} 个字,没有听到「您」或「请」,请听录音确认",
        at=(turns[0].span,),
        quote=turns[0].text,
        measured=measured,
        confidence=0.5,
    )


def _uses(turn: Turn, *, evidence: Evidence, params: Params, book: Rulebook) -> list[Use]:
    allowed = [(m.start, m.end) for word in book.words(*params.exempt) for m in find_written(turn.text, word)]
    hits = [
        (match.start, match.end)
        for word in book.words(*params.impolite)
        for match in find_written(turn.text, word)
        if not turn.is_suspect(match.start, match.end)
        and not is_quoted(turn.text, match.start)
        and not any(start <= match.start and match.end <= end for start, end in allowed)
    ]
    if hits:
        line = find_any(turn.text, book.words(*params.mandated), max_distance=book.settings.phrase_distance)
        hits = [hit for hit in hits if not (line and line.start <= hit[0] and hit[1] <= line.end)]
    return [
        use
        for start, end in hits
        if (use := _use(turn, start, end, evidence=evidence, params=params, book=book)) is not None
    ]


def _use(
    turn: Turn, start: int, end: int, *, evidence: Evidence, params: Params, book: Rulebook
) -> Use | None:
    """One hit and how strong it is; None when the probe hears the polite word after all."""
    at = turn.span_of(start, end)
    if is_settled(evidence):
        return Use(turn, at, supported=True, confident=True)
    answer = "unasked"
    for probe in probes_on(turn, name=params.probe, evidence=evidence):
        if probe.start < end and start < probe.end:
            answer = answer_of(probe, evidence=evidence)
    if answer == "present":
        return None
    clear = (
        turn.confidence is not None
        and turn.confidence >= book.settings.text_confidence
        and not turn.temperature
        and not is_overlapped(turn, evidence=evidence, book=book)
        and not is_noisy(turn, evidence=evidence, book=book)
    )
    trusted = bool(evidence.model and evidence.model.carded)
    trusted = trusted and why_words_prove_nothing(evidence, book=book) is None
    return Use(
        turn,
        at,
        supported=clear and answer == "absent",
        confident=clear and trusted and not has_limits(params.probe, evidence=evidence),
    )
