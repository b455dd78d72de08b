"""To the point: the agent does not say the same thing over and over unasked.

Needs
    The agent's words, and the customer's between them. For a fail: every saying was heard well.

Passes
    No sentence of at least ``min_characters`` is said ``min_times`` times. A saying after the customer
    asked (a question, 没听清, 没听懂) is no repetition, nor are read-backs, mandated lines, holds,
    courtesies, long numbers that are dictated, or the same words about other numbers. How long the call
    is, the agent's share of it and his longest turn are reported.

    ::

        客服 您的套餐从下个月一号起生效。
        客户 没听清,什么时候?
        客服 您的套餐从下个月一号起生效。

Fails
    ::

        客服 您可以换成我们的新套餐更优惠。
        客户 嗯。
        客服 您可以换成我们的新套餐更优惠。
        客户 知道了。
        客服 您可以换成我们的新套餐更优惠。

Silent when
    The agent said nothing, or nobody can tell what is his (not_applicable). needs_review: what the
    customer said between may have called for it (an objection, silence), the text proves nothing, or
    automatic text has the sayings only nearly alike.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.hits import ENDS
from auditor.kinds.listening import confidence_of, is_settled, speakers_known
from auditor.kinds.params import PhraseSets
from auditor.kinds.triggers import acknowledgements, says, text_doubt
from auditor.kinds.wording import is_only
from auditor.records import Evidence, Outcome, Span, Turn
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock
from auditor.text.masked import is_digits
from auditor.text.match import find_any
from auditor.text.normalise import normalise
from auditor.text.numerals import comparable, number_values

Call = Literal["asked", "unasked", "unclear"]


class Params(BaseModel):
    """What counts as the same thing, and what calls for it.

    Attributes:
        min_times: how many sayings are too many.
        min_characters: shorter sentences are repeated by everybody.
        similarity: share of equal characters from which two sentences are the same.
        misheard_similarity: the same in automatic text, where one saying may be written in two ways: from
            here on they may be the same, for a human to judge [O].
        long_digits: sentences with a number this long dictate it.
        asked: the customer asks for it again.
        questions: what makes the customer's words a question.
        not_questions: words that look like one.
        heard: the customer says that he knows: he asks for nothing.
        exempt: words that do not count as content.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    min_times: int = Field(default=3, ge=2)
    min_characters: int = Field(default=10, ge=4)
    similarity: float = Field(default=0.9, gt=0, le=1)
    misheard_similarity: float = Field(default=0.7, gt=0, le=1)
    long_digits: int = Field(default=5, ge=3)
    asked: PhraseSets
    questions: PhraseSets
    not_questions: PhraseSets = ()
    heard: PhraseSets
    exempt: PhraseSets


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the agent's that says something."""

    turn: Turn
    at: Span
    written: str
    text: str
    numbers: tuple[str, ...]
    letters: tuple[str, ...]
    counted: Counter[str]


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the agent repeats himself unasked."""
    turns = evidence.turns_of("agent")
    if not speakers_known(evidence) or not any(normalise(turn.text).text for turn in turns):
        return Outcome("not_applicable", "no_data", "没有客服的话音,或者分不清谁是客服")
    measured = _measured(evidence)
    sentences = [s for turn in turns for s in _sentences(turn, evidence=evidence, params=params, book=book)]
    worst = max(
        (_unasked(i, sentences, evidence=evidence, params=params, book=book) for i in range(len(sentences))),
        key=lambda said: _gravity(said, params=params),
        default=[],
    )
    sure = sum(call == "unasked" for _, call in worst)
    if len(worst) < params.min_times:
        reason = (
            f"没有反复说同样的内容;通话 {evidence.recording.duration_s:.0f} 秒,"
            f"客服最长一段 {measured['longest_turn_s']:.0f} 秒"
        )
        sure_of_text = confidence_of(turns, evidence=evidence, book=book)
        return Outcome("pass", "to_the_point", reason, measured=measured, confidence=sure_of_text)
    first = worst[0][0]
    times = "、".join(clock(s.at.start_s) for s, _ in worst)
    said = [s.turn for s, _ in worst]
    doubt = text_doubt(said, evidence=evidence, book=book)
    reason = f"{times} 说了 {len(worst)} 遍「{first.written}」"
    failed = sure >= params.min_times and doubt is None
    if not failed:
        why = f"但{doubt.reason}" if doubt else "请听录音确认说的是否相同、客户是否要求重说"
        reason = f"{reason},{why}"
    return Outcome(
        "fail" if failed else "needs_review",
        "repeated" if failed else (doubt.code if doubt else "maybe_asked"),
        f"{reason},客户没有要求重说" if failed else reason,
        at=tuple(s.at for s, _ in worst),
        quote=first.written,
        measured=measured | {"times": float(len(worst))},
        confidence=confidence_of(said, evidence=evidence, book=book) if failed else 0.5,
    )


def _gravity(said: list[tuple[Sentence, Call]], *, params: Params) -> tuple[int, int, int]:
    """Sayings that certainly are too many come before those that may be, then the more of either."""
    sure = sum(call == "unasked" for _, call in said)
    rank = 2 if sure >= params.min_times else 1 if len(said) >= params.min_times else 0
    return rank, sure, len(said)


def _measured(evidence: Evidence) -> dict[str, float]:
    """How long the agent speaks: seconds, share of both parties' speech, longest turn."""
    agent = [turn.span.duration_s for turn in evidence.turns_of("agent")]
    customer = [turn.span.duration_s for turn in evidence.turns_of("customer")]
    spoken_s = sum(agent) + sum(customer)
    return {
        "agent_turns_s": round(sum(agent), 1),
        "agent_turns_share": round(sum(agent) / spoken_s, 3) if spoken_s else 0.0,
        "longest_turn_s": round(max(agent, default=0.0), 1),
    }


def _sentences(turn: Turn, *, evidence: Evidence, params: Params, book: Rulebook) -> list[Sentence]:
    """The sentences of a turn that say something worth repeating."""
    found = []
    start = 0
    for end in [i for i, char in enumerate(turn.text) if char in ENDS] + [len(turn.text)]:
        written = turn.text[start:end].strip()
        place, start = (start, end), end + 1
        text = normalise(written).text
        letters = comparable(written)
        numbers = tuple(n.value for n in number_values(written))
        if (
            len(text) < params.min_characters
            or turn.is_suspect(*place)
            or any(is_digits(n) and len(n) >= params.long_digits for n in numbers)
            or _content(text, params=params, book=book) < params.min_characters
            or _is_read_back(letters, turn, evidence=evidence, params=params)
        ):
            continue
        found.append(Sentence(turn, turn.span_of(*place), written, text, numbers, letters, Counter(letters)))
    return found


def _content(text: str, *, params: Params, book: Rulebook) -> int:
    """How many characters are left without the words that everybody repeats."""
    limit, words = book.settings.phrase_distance, book.words(*params.exempt)
    while match := find_any(text, words, max_distance=limit):
        if match.end <= match.start:
            break
        text = text[: match.start] + text[match.end :]
    return len(text)


def _is_read_back(letters: tuple[str, ...], turn: Turn, *, evidence: Evidence, params: Params) -> bool:
    """Whether the customer said these words before."""
    return any(
        _alike(letters, comparable(other.text), similarity=params.similarity)
        for other in evidence.turns_of("customer")
        if other.start_s < turn.start_s
    )


def _alike(one: tuple[str, ...], other: tuple[str, ...], *, similarity: float) -> bool:
    """Whether the shorter text stands in the longer one, but for few characters."""
    short, long = sorted((one, other), key=len)
    if not short or sum((Counter(short) & Counter(long)).values()) < similarity * len(short):
        return False
    block = SequenceMatcher(None, short, long, autojunk=False).find_longest_match()
    start = max(0, block.b - block.a)
    piece = long[start : start + len(short)]
    return SequenceMatcher(None, short, piece, autojunk=False).ratio() >= similarity


def _unasked(
    index: int, sentences: list[Sentence], *, evidence: Evidence, params: Params, book: Rulebook
) -> list[tuple[Sentence, Call]]:
    """A sentence and its later sayings that nobody asked for."""
    first = last = sentences[index]
    least = params.similarity if is_settled(evidence) else params.misheard_similarity
    said: list[tuple[Sentence, Call]] = [(first, "unasked")]
    for sentence in sentences[index + 1 :]:
        common = sum((first.counted & sentence.counted).values())
        shorter = min(len(first.letters), len(sentence.letters))
        if first.numbers != sentence.numbers or common < least * shorter:
            continue
        if not _alike(first.letters, sentence.letters, similarity=least):
            continue
        call = _called_for(last, sentence, evidence=evidence, params=params, book=book)
        last = sentence
        if call == "unasked" and not _alike(first.letters, sentence.letters, similarity=params.similarity):
            call = "unclear"
        if call != "asked":
            said.append((sentence, call))
    return said


def _called_for(
    before: Sentence, after: Sentence, *, evidence: Evidence, params: Params, book: Rulebook
) -> Call:
    """Whether what the customer said between two sayings called for the second."""
    if before.turn is after.turn:
        return "unasked"
    between = [
        turn
        for turn in evidence.turns_of("customer")
        if before.turn.start_s <= turn.start_s < after.turn.start_s and normalise(turn.text).text
    ]
    for turn in between:
        if says(turn, book.words(*params.asked), book=book) or _is_question(turn, params=params, book=book):
            return "asked"
    harmless = (*acknowledgements(book), *book.words(*params.heard))
    quiet = all(is_only(turn.text, harmless, book=book) for turn in between)
    return "unasked" if between and quiet else "unclear"


def _is_question(turn: Turn, *, params: Params, book: Rulebook) -> bool:
    if any(mark in turn.text for mark in "?\uff1f"):
        return True
    match = says(turn, book.words(*params.questions), book=book)
    return match is not None and says(turn, book.words(*params.not_questions), book=book) is None
