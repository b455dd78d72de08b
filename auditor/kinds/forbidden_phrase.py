"""A word that the agent never says: 「喂」.

Needs
    The agent's turns. For a fail with automatic text: the written word at the start of a turn and the
    probe together, on a leg of the agent's own, as loud as the agent is (crosstalk lies 20–40 dB below),
    not suspect, not overlapped. A human transcript decides alone.

Passes
    The word is in no agent turn and no probe hears it. 喂养 and the like, and quoted words, are exempt.

    ::

        客服 您好,中国移动。

Fails
    ::

        客服 喂,您好,哪位?

Silent when
    The agent never spoke (not_applicable). needs_review: the text has the word but no probe supports it,
    or the probe hears it but the text does not; a homophone (为/位/未 …) stands alone where a turn begins;
    nobody can tell whose turn it is and somebody says the word.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.listening import (
    Doubt,
    confidence_of,
    has_separate_legs,
    is_noisy,
    is_overlapped,
    is_settled,
    speakers_known,
)
from auditor.kinds.measured import is_as_loud_as_the_agent
from auditor.kinds.params import PhraseSets
from auditor.kinds.trust import answer_of, probes_on
from auditor.kinds.wording import is_quoted
from auditor.records import Evidence, Outcome, Span, Turn
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock
from auditor.text.match import find_written
from auditor.text.normalise import normalise


class Params(BaseModel):
    """The word, what looks or sounds like it, and how loud it must be.

    Attributes:
        phrases: the forbidden words, to the letter.
        exempt: longer words that contain one and are harmless.
        homophones: characters that automatic text writes for the word.
        homophone_followers: what follows a homophone that may stand for the word; the end of the turn
            and punctuation count too.
        reported: words before a quoted one (您说的「喂」).
        probe: the probe at the start of each agent turn.
        max_below_own_db: a turn further below the agent's median segment may be crosstalk [D].
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    phrases: PhraseSets
    exempt: PhraseSets
    homophones: PhraseSets
    homophone_followers: PhraseSets
    reported: PhraseSets
    probe: str
    max_below_own_db: float = Field(default=15.0, ge=0)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One place where the word may have been said: with no doubt it is proof."""

    turn: Turn
    at: Span
    quote: str
    doubt: Doubt | None
    confidence: float


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the agent said the word."""
    turns = evidence.turns_of("agent" if speakers_known(evidence) else "unknown")
    if not turns:
        return Outcome("not_applicable", "no_data", "录音里没有客服的话音")
    seen = [s for turn in turns for s in _sightings(turn, evidence=evidence, params=params, book=book)]
    proven = [sighting for sighting in seen if sighting.doubt is None]
    if proven:
        times = "、".join(clock(sighting.at.start_s) for sighting in proven)
        return Outcome(
            "fail",
            "said",
            f"{times} 说了「{proven[0].quote}」",
            at=tuple(sighting.at for sighting in proven),
            quote=proven[0].turn.text,
            measured={"times": float(len(proven))},
            confidence=max(sighting.confidence for sighting in proven),
        )
    if seen:
        first = seen[0]
        assert first.doubt is not None
        return Outcome(
            "needs_review",
            first.doubt.code,
            f"{clock(first.at.start_s)} {first.doubt.reason}",
            at=tuple(sighting.at for sighting in seen),
            quote=first.turn.text,
            confidence=0.5,
        )
    word = book.words(*params.phrases)[0]
    return Outcome(
        "pass",
        "not_said",
        f"没有听到「{word}」",
        confidence=confidence_of(turns, evidence=evidence, book=book),
    )


def _sightings(turn: Turn, *, evidence: Evidence, params: Params, book: Rulebook) -> list[Sighting]:
    """Every place in the turn that hints at the word; no hint, no doubt."""
    hits = [
        (match.start, match.end)
        for phrase in book.words(*params.phrases)
        for match in find_written(turn.text, phrase)
        if not turn.is_suspect(match.start, match.end)
        and not _is_exempt(turn.text, match.start, match.end, params=params, book=book)
    ]
    if is_settled(evidence):
        return [_sighting(turn, start, end, None, evidence=evidence, book=book) for start, end in hits]
    answer = _probe_at_start(turn, evidence=evidence, params=params)
    found = [
        _sighting(
            turn,
            start,
            end,
            _doubt(turn, start, answer=answer, evidence=evidence, params=params, book=book),
            evidence=evidence,
            book=book,
        )
        for start, end in hits
    ]
    if found:
        return found
    word = book.words(*params.phrases)[0]
    if answer == "present":
        doubt = Doubt("probe_only", f"模型复核听到像「{word}」的声音,文字没有,请听录音确认")
        return [_sighting(turn, 0, min(1, len(turn.text)), doubt, evidence=evidence, book=book)]
    if answer != "absent" and _homophone_starts(turn, params=params, book=book):
        doubt = Doubt("homophone", f"「{turn.text[:1]}」可能是「{word}」,请听录音确认")
        return [_sighting(turn, 0, 1, doubt, evidence=evidence, book=book)]
    return []


def _sighting(
    turn: Turn, start: int, end: int, doubt: Doubt | None, *, evidence: Evidence, book: Rulebook
) -> Sighting:
    sure = confidence_of([turn], evidence=evidence, book=book, supported=True)
    return Sighting(turn, turn.span_of(start, end), turn.text[start:end], doubt, sure)


def _doubt(
    turn: Turn, start: int, *, answer: str, evidence: Evidence, params: Params, book: Rulebook
) -> Doubt | None:
    """Why the written word is no proof; None: text, probe, leg and level agree."""
    word = book.words(*params.phrases)[0]
    unsure = turn.confidence is None or turn.confidence < book.settings.text_confidence or turn.temperature
    inside = bool(normalise(turn.text[:start]).text)
    checks = (
        (not speakers_known(evidence), "no_roles", "分不清是谁说的"),
        (not has_separate_legs(evidence), "mono", "录音不分声道,不能确定是客服说的"),
        (inside, "unprobed", "在句子中间,模型没有复核"),
        (answer != "present", "no_probe", "模型复核没有证实"),
        (unsure, "low_confidence", "听得不够清楚"),
        (is_overlapped(turn, evidence=evidence, book=book), "overlapped", "与客户的话重叠"),
        (is_noisy(turn, evidence=evidence, book=book), "noisy", "噪声太大"),
        (
            not is_as_loud_as_the_agent(turn, evidence=evidence, max_below_db=params.max_below_own_db),
            "crosstalk",
            "声音偏小,可能是串音",
        ),
    )
    return next(
        (Doubt(code, f"听到「{word}」,但{why},请听录音确认") for applies, code, why in checks if applies),
        None,
    )


def _probe_at_start(turn: Turn, *, evidence: Evidence, params: Params) -> str:
    """What the probe says about the start of this very turn."""
    probes = probes_on(turn, name=params.probe, evidence=evidence)
    return answer_of(probes[0], evidence=evidence) if probes else "unasked"


def _is_exempt(text: str, start: int, end: int, *, params: Params, book: Rulebook) -> bool:
    """Whether the hit belongs to a harmless word or repeats somebody's words."""
    if is_quoted(text, start):
        return True
    if normalise(text[:start]).text.endswith(book.words(*params.reported)):
        return True
    return any(
        m.start <= start and end <= m.end
        for word in book.words(*params.exempt)
        for m in find_written(text, word)
    )


def _homophone_starts(turn: Turn, *, params: Params, book: Rulebook) -> bool:
    """Whether the turn starts with a homophone that stands alone: 「为,您好」, not 「为您查询」."""
    text = turn.text.strip()
    if not text or text[0] not in book.words(*params.homophones) or turn.is_suspect(0, 1):
        return False
    rest = text[1:]
    if not rest or not rest[0].isalnum():
        return True
    return rest.startswith(book.words(*params.homophone_followers))
