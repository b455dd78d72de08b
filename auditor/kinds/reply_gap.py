"""A question gets an answer, promptly (C8b).

Needs
    The customer's questions in the text, and turns timed by voice activity.

Passes
    After each question somebody speaks within ``max_gap_s``, or the agent had announced a hold.

    ::

        客户 我的手机为什么停机了?
        客服 您好,您的话费余额不足。

Fails
    Longer than that, with no announced hold, by more than the timing's tolerance.

    ::

        客户 我的手机为什么停机了?
        客服 (七秒后) 欠费了。

Silent when
    The customer asks nothing (not_applicable). The silence is the customer's after his own 等一下/我找找.
    needs_review: the question is not certain (automatic text), hold music or an announcement fills the
    gap, the question stays unanswered to the end of the recording, nobody knows who the agent is.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.listening import confidence_of, doubt_about, listen_for, speakers_known
from auditor.kinds.params import PhraseSets
from auditor.kinds.silence_handling import dead_air
from auditor.records import Evidence, Outcome, Span, Turn
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock
from auditor.text.match import find_any


class Params(BaseModel):
    """How long an answer may take, what a question is, and what announces a hold.

    Attributes:
        max_gap_s: the longest wait for an answer.
        questions: words that make a customer's turn a question, to the letter.
        not_questions: wordings that contain one and ask nothing.
        holds: what announces a wait.
        customer_pauses: with these the silence is the customer's.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    max_gap_s: float = Field(gt=0)
    questions: PhraseSets
    not_questions: PhraseSets
    holds: PhraseSets
    customer_pauses: PhraseSets


@dataclass(frozen=True, slots=True)
class Gap:
    """The silence between a question and the next words; ``answered`` False: there are none."""

    question: Turn
    at: Span
    answered: bool
    announced: bool
    filled: bool


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the customer's questions are answered in time."""
    if not speakers_known(evidence):
        return Outcome("not_applicable", "no_data", "录音分不清双方,无法判断应答")
    gaps = [gap for gap in _gaps(evidence, params=params, book=book) if gap is not None]
    if not gaps:
        return Outcome("not_applicable", "no_question", "没有听到客户提问")
    longest = max(gaps, key=lambda gap: gap.at.duration_s)
    measured = {"response_gap_max_s": round(longest.at.duration_s, 2), "questions": float(len(gaps))}
    limit_s = params.max_gap_s + book.settings.timing_tolerance_s
    late = [gap for gap in gaps if gap.at.duration_s > limit_s and not gap.announced]
    if not late:
        sure = confidence_of([gap.question for gap in gaps], evidence=evidence, book=book)
        reason = f"客户 {len(gaps)} 次提问都及时得到回应"
        return Outcome("pass", "prompt", reason, measured=measured, confidence=sure)
    worst = max(late, key=lambda gap: gap.at.duration_s)
    at = tuple(gap.at for gap in late)
    causes = tuple(dead_air(gap.question) for gap in late)
    shown = (
        f"{clock(worst.question.start_s)} 客户问「{worst.question.text}」,"
        f"{worst.at.duration_s:.1f} 秒后才有回应"
    )
    doubt = _doubt(worst, holds=params.holds, evidence=evidence, book=book)
    if doubt:
        code, why = doubt
        return Outcome(
            "needs_review",
            code,
            f"{shown},{why}",
            at=at,
            quote=worst.question.text,
            measured=measured,
            confidence=0.5,
            causes=causes,
        )
    return Outcome(
        "fail",
        "late",
        f"{shown},也没有请客户稍等",
        at=at,
        quote=worst.question.text,
        measured=measured,
        confidence=confidence_of([worst.question], evidence=evidence, book=book),
        causes=causes,
    )


def _gaps(evidence: Evidence, *, params: Params, book: Rulebook) -> list[Gap | None]:
    turns = evidence.turns
    return [
        _gap(index, evidence=evidence, params=params, book=book)
        for index, turn in enumerate(turns)
        if turn.role == "customer" and _is_question(turn.text, params=params, book=book)
    ]


def _is_question(text: str, *, params: Params, book: Rulebook) -> bool:
    for phrase in book.words(*params.not_questions):
        text = text.replace(phrase, "")
    return any(word in text for word in book.words(*params.questions))


def _gap(index: int, *, evidence: Evidence, params: Params, book: Rulebook) -> Gap | None:
    """The wait after one question; None when it is the customer's own or too short to matter at the end."""
    question, limit = evidence.turns[index], book.settings.phrase_distance
    following = [
        t for t in evidence.turns if t is not question and t.end_s > question.end_s and t.role != "system"
    ]
    next_s = min((t.start_s for t in following), default=evidence.recording.duration_s)
    at = Span(question.end_s, max(question.end_s, next_s))
    if at.duration_s <= params.max_gap_s:
        return Gap(question, at, answered=True, announced=False, filled=False) if following else None
    if find_any(question.text, book.words(*params.customer_pauses), max_distance=limit):
        return None
    before = [t for t in evidence.turns_of("agent") if t.end_s <= question.end_s][-1:]
    announced = any(find_any(t.text, book.words(*params.holds), max_distance=limit) for t in before)
    filled = any(e.kind in ("music", "hold") and e.span.overlap_s(at) > 0 for e in evidence.events)
    filled = filled or any(t.role == "system" and t.span.overlap_s(at) > 0 for t in evidence.turns)
    return Gap(question, at, bool(following), announced, filled)


def _doubt(gap: Gap, *, holds: tuple[str, ...], evidence: Evidence, book: Rulebook) -> tuple[str, str] | None:
    if not gap.answered:
        return "unanswered", "直到录音结束没有回应,请听录音确认"
    if gap.filled:
        return "filled", "其间有音乐或提示音,请听录音确认是否交代过"
    around = [t for t in evidence.turns_of("agent") if t.end_s <= gap.question.end_s][-1:]
    heard = listen_for(book.words(*holds), turns=around, evidence=evidence, book=book)
    if heard.doubt and heard.doubt.code == "near":
        return "near", f"但{heard.doubt.reason}"
    doubt = doubt_about([gap.question, *around], evidence=evidence, book=book)
    return (doubt.code, f"但{doubt.reason}") if doubt else None
