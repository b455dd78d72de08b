"""No dead air (C9): a long silence is announced, and ended with a courtesy.

Needs
    Silences of the call (nobody speaks) between the agent's first and the last words of the call, and the
    turns before them.

Passes
    No silence longer than ``max_silence_s``; or each such silence is announced (请稍等, 马上为您查询) in one
    of the agent's two turns before it. A missing courtesy on return is noted: it is C3's and C4's matter,
    and how somebody leaves who takes a telephone call meanwhile is S5's.

    ::

        客服 请稍等,我马上为您查询。 (十四秒) 让您久等了。

Fails
    A longer silence that nothing announces. Where it leaves a question unanswered it costs once with C8b.

    ::

        客服 好的,没问题。 (十三秒) 您的业务已经办好了。

Silent when
    The silence is the customer's: after the agent's own question or request, or after the customer's
    等一下/我找找; or a silent caller (not_applicable). needs_review: the turns before it were not heard well
    enough to know that nothing announced it; music or an announcement fills it; nobody knows who the
    agent is.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.listening import by_role, confidence_of, listen_for, speakers_known
from auditor.kinds.params import PhraseSets
from auditor.kinds.wording import is_only
from auditor.records import Evidence, Outcome, Span, Turn
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock
from auditor.text.match import find_any
from auditor.text.normalise import normalise

# A question word stands near the end of a question: 「请问您的号码是多少呢」.
TAIL = 8


class Params(BaseModel):
    """How long a silence may be, and what explains one.

    Attributes:
        max_silence_s: the longest silence that needs no announcement.
        announced_within_s: an announcement further before the silence does not count.
        holds: what announces a wait.
        courtesies: what ends one.
        requests: with these in the agent's last words the customer is to speak or act.
        questions: question words; at the end of the agent's last words the customer is to speak.
        customer_pauses: with these the silence is the customer's.
        backchannels: acknowledgements, which leave the last word to the turn before.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    max_silence_s: float = Field(gt=0)
    announced_within_s: float = Field(gt=0)
    holds: PhraseSets
    courtesies: PhraseSets
    requests: PhraseSets
    questions: PhraseSets
    customer_pauses: PhraseSets
    backchannels: PhraseSets


@dataclass(frozen=True, slots=True)
class Silence:
    """One long silence and what explains it: announced, customer, or (with a reason) neither."""

    at: Span
    kind: str
    reason: str
    quote: str | None = None
    confidence: float = 0.5
    cause: str = ""


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the call has dead air."""
    if not evidence.turns_of("customer") and speakers_known(evidence):
        return Outcome("not_applicable", "no_customer", "客户没有说话,静默不属于客服")
    spans = _long_silences(evidence, params=params, book=book)
    if spans is None:
        return Outcome("not_applicable", "no_data", "录音里没有通话内容")
    longest = max((span.duration_s for span in spans), default=0.0)
    measured = {"silences": float(len(spans)), "longest_silence_s": round(longest, 2)}
    silences = [_explain(span, evidence=evidence, params=params, book=book) for span in spans]
    for kind, verdict in (("dead", "fail"), ("doubtful", "needs_review")):
        chosen = [silence for silence in silences if silence.kind == kind]
        if chosen:
            return Outcome(
                "fail" if verdict == "fail" else "needs_review",
                "unannounced" if verdict == "fail" else "unclear",
                ";".join(silence.reason for silence in chosen),
                at=tuple(silence.at for silence in chosen),
                quote=chosen[0].quote,
                measured=measured,
                confidence=chosen[0].confidence,
                causes=tuple(dict.fromkeys(silence.cause for silence in chosen if silence.cause)),
            )
    reason = ";".join(silence.reason for silence in silences)
    return Outcome(
        "pass",
        "explained" if silences else "no_silence",
        reason or f"没有超过 {params.max_silence_s:.0f} 秒的静默",
        at=tuple(silence.at for silence in silences),
        measured=measured,
        confidence=book.settings.default_confidence,
    )


def dead_air(last: Turn) -> str:
    """The fault that silence after a turn is: no answer to a question (C8b) and dead air (C9) are one."""
    return f"dead_air@{last.start_s:g}"


def _long_silences(evidence: Evidence, *, params: Params, book: Rulebook) -> list[Span] | None:
    """The silences that need an explanation; None when nobody talks."""
    parties = by_role(evidence, "agent", "customer", "unknown")
    agent = by_role(evidence, "agent") or parties
    if not parties:
        return None
    talk = Span(agent[0].start_s, max(turn.end_s for turn in parties))
    limit_s = params.max_silence_s + book.settings.timing_tolerance_s
    return sorted(
        e.span
        for e in evidence.events
        if e.kind == "silence" and e.span.duration_s > limit_s and e.span.overlap_s(talk) > limit_s
    )


def _explain(at: Span, *, evidence: Evidence, params: Params, book: Rulebook) -> Silence:  # noqa: PLR0911
    """Whose silence it is."""
    shown = f"{clock(at.start_s)} 静默 {at.duration_s:.0f} 秒"
    parties = by_role(evidence, "agent", "customer", "unknown")
    before = [turn for turn in parties if turn.start_s < at.start_s]
    if not before:  # a transcript has words where nothing is heard
        return Silence(at, "doubtful", f"{shown},文字里此时却有人说话,请听录音确认")
    last = max(before, key=lambda turn: turn.end_s)
    agent = [turn for turn in before if turn.role != "customer"][-2:]
    recent = [t for t in agent if at.start_s - t.end_s <= params.announced_within_s]
    heard = listen_for(book.words(*params.holds), turns=recent, evidence=evidence, book=book)
    cause = dead_air(last)
    if heard.said == "said":
        back = _courtesy(at, evidence=evidence, params=params, book=book)
        note = "" if back else ",但回来后没有「让您久等了」(见 C3/C4)"
        return Silence(at, "announced", f"{shown},事先说了「{heard.quote}」{note}", heard.quote)
    asked = _last_but_acknowledgements(before, params=params, book=book)
    if _is_customers(last, params=params, book=book) or _is_customers(asked, params=params, book=book):
        return Silence(at, "customer", f"{shown},在等客户「{last.text}」", last.text)
    if not speakers_known(evidence):
        return Silence(at, "doubtful", f"{shown},录音分不清谁是客服,请听录音确认", last.text, cause=cause)
    if _is_filled(at, evidence=evidence):
        return Silence(
            at, "doubtful", f"{shown},其间有音乐或提示音,请听录音确认是否交代过", last.text, cause=cause
        )
    if heard.doubt:
        return Silence(
            at, "doubtful", f"{shown},事先没有听到交代,但{heard.doubt.reason}", last.text, cause=cause
        )
    sure = confidence_of([*recent, last], evidence=evidence, book=book)
    return Silence(at, "dead", f"{shown},事先没有请客户稍等", last.text, sure, cause)


def _last_but_acknowledgements(before: list[Turn], *, params: Params, book: Rulebook) -> Turn:
    """The last turn before a silence that is more than the customer's 好的 to what the agent asked."""
    kept = [
        turn
        for turn in before
        if turn.role != "customer" or not is_only(turn.text, book.words(*params.backchannels), book=book)
    ]
    return kept[-1] if kept else before[-1]


def _is_customers(last: Turn, *, params: Params, book: Rulebook) -> bool:
    """Whether the last words before the silence leave it to the customer."""
    limit = book.settings.phrase_distance
    if last.role == "customer":
        return find_any(last.text, book.words(*params.customer_pauses), max_distance=limit) is not None
    if last.text.rstrip().endswith(("?", "\uff1f")):
        return True
    if find_any(last.text, book.words(*params.requests), max_distance=limit):
        return True
    # By sound: an excuse must survive a recogniser's homophones.
    tail = normalise(last.text).text[-TAIL:]
    return find_any(tail, book.words(*params.questions), max_distance=limit) is not None


def _is_filled(at: Span, *, evidence: Evidence) -> bool:
    """Whether music, hold tones or a system voice sound in the silence."""
    return any(e.kind in ("music", "hold") and e.span.overlap_s(at) > 0 for e in evidence.events) or any(
        t.role == "system" and t.span.overlap_s(at) > 0 for t in evidence.turns
    )


def _courtesy(at: Span, *, evidence: Evidence, params: Params, book: Rulebook) -> bool:
    after = [turn for turn in evidence.turns_of("agent") if turn.end_s > at.end_s][:1]
    limit = book.settings.phrase_distance
    return any(find_any(t.text, book.words(*params.courtesies), max_distance=limit) for t in after)
