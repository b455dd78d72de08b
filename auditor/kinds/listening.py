"""What was said, what was not, and whether anybody listened well enough to know.

A phrase that is in the text is evidence. A phrase that is *not* in the text is evidence only if it was
listened for: its window was recorded and transcribed with confidence, without loud noise, suspect or
overlapped speech, without a weaker match (unless text and probe agree on other words); and the probe
says that it was not said, or, where the model has no limits for one, its card says that it seldom loses
a phrase (`auditor.kinds.trust`). Everything else is a doubt, and a doubt is a sentence a supervisor can
act on.

Confidence of a text finding = mean of the turns' own confidences (human text: the rulebook's
``human_confidence``); a probe that agrees closes half of the gap to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from auditor.kinds.coverage import untranscribed_at
from auditor.kinds.trust import agrees_with_text, answer_over, has_limits, why_silence_proves_nothing
from auditor.records import Span
from auditor.text.clock import clock
from auditor.text.match import find_any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from auditor.kinds.trust import Answer
    from auditor.records import Evidence, Role, Turn
    from auditor.rulebook.schema import Rulebook

Said = Literal["said", "doubtful", "missing"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a text proves nothing: a code for machines and a sentence for the supervisor."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Hearing:
    """Whether one of some phrases was said in a window, and the proof.

    ``turn`` and ``quote`` belong to the phrase (or to the weaker match that raised a doubt).
    """

    said: Said
    confidence: float
    quote: str | None = None
    at: tuple[Span, ...] = ()
    turn: Turn | None = None
    doubt: Doubt | None = None


OTHER_LANGUAGE = Doubt("other_language", "通话可能不是普通话,文字不可靠,请听录音确认")


def speakers_known(evidence: Evidence) -> bool:
    """Whether anybody can tell which turns are the agent's."""
    return evidence.roles.known or any(t.role == "agent" for t in evidence.turns)


def has_separate_legs(evidence: Evidence) -> bool:
    """Whether the agent has a leg of his own: two legs or a pair, and known which."""
    return evidence.recording.layout in ("two_legs", "pair") and evidence.roles.agent_channel is not None


def is_settled(evidence: Evidence) -> bool:
    """Whether the text is a human's and needs no support."""
    return evidence.transcript_source == "human"


def is_foreign(evidence: Evidence, *, book: Rulebook) -> bool:
    """Whether the model that heard the call is confident that it is not Mandarin.

    An unsure model is no sign of another language: so it is with a dialect.
    """
    surely = (evidence.language_probability or 0.0) >= book.settings.language_confidence
    return evidence.language not in (None, "zh") and surely and not is_settled(evidence)


def is_overlapped(turn: Turn, *, evidence: Evidence, book: Rulebook) -> bool:
    """Whether another party talks during the turn for longer than ``overlapped_s`` in all."""
    shared_s = sum(
        part.overlap_s(other_part)
        for other in evidence.turns
        if other.channel != turn.channel and other.start_s < turn.end_s and turn.start_s < other.end_s
        for part in part_spans(turn)
        for other_part in part_spans(other)
    )
    return shared_s > book.settings.overlapped_s


def is_noisy(turn: Turn, *, evidence: Evidence, book: Rulebook) -> bool:
    """Whether the turn's party speaks through more noise than models are tried in (``text_snr_db``)."""
    if turn.role not in ("agent", "customer"):
        return False
    snr_db = evidence.measurement(turn.role, "snr_db").value
    return snr_db is not None and snr_db < book.settings.text_snr_db


def part_spans(turn: Turn) -> tuple[Span, ...]:
    """When the turn's party actually spoke: its segments without the pauses between them."""
    return tuple(Span(part.start_s, part.end_s) for part in turn.parts) or (turn.span,)


def doubt_about(turns: Iterable[Turn], *, evidence: Evidence, book: Rulebook) -> Doubt | None:
    """The first reason why the text of these turns cannot prove what was not said; None: it can."""
    turns = tuple(turns)
    hole = untranscribed_at(turns, evidence=evidence, book=book)
    if hole:
        at = clock(hole.start_s)
        return Doubt("untranscribed", f"{at} 客服有话音而转写里没有文字,请听录音确认")
    if is_settled(evidence):
        return None
    if not (evidence.model and evidence.model.carded):
        return Doubt("no_card", "识别模型没有校准卡,文字不足以定错,请听录音确认")
    if is_foreign(evidence, book=book):
        return OTHER_LANGUAGE
    for turn in turns:
        found = _doubt_about_turn(turn, evidence=evidence, book=book)
        if found:
            return found
    return None


def _doubt_about_turn(turn: Turn, *, evidence: Evidence, book: Rulebook) -> Doubt | None:
    confidence, limit = turn.confidence or 0.0, book.settings.text_confidence
    checks = (
        (turn.confidence is None, "no_confidence", "没有转写置信度"),
        (
            confidence < limit,
            "low_confidence",
            f"听得不够清楚(置信度 {confidence:.2f})",
        ),
        (bool(turn.temperature), "unsettled", "识别不稳定"),
        (bool(turn.suspect_spans), "suspect", "有不可信的转写"),
        (is_overlapped(turn, evidence=evidence, book=book), "overlapped", "与另一方重叠"),
        (_is_sparse(turn, book=book), "sparse", "有说话声但没有转出完整文字"),
        (is_noisy(turn, evidence=evidence, book=book), "noisy", "噪声太大"),
    )
    at = clock(turn.start_s)
    return next(
        (Doubt(code, f"{at} 的这句话{why},请听录音确认") for applies, code, why in checks if applies), None
    )


def _is_sparse(turn: Turn, *, book: Rulebook) -> bool:
    """Whether speech went by without text: too few characters for its length, or a part with none."""
    settings = book.settings
    speech_s = sum(span.duration_s for span in part_spans(turn))
    if len(turn.text.strip()) < settings.min_char_per_s * speech_s:
        return True
    return any(
        part.text_end <= part.text_start and part.end_s - part.start_s >= settings.silent_part_s
        for part in turn.parts
    )


def confidence_of(
    turns: Sequence[Turn], *, evidence: Evidence, book: Rulebook, supported: bool = False
) -> float:
    """How likely the text of these turns is right: their mean confidence; see the module."""
    if is_settled(evidence):
        return book.settings.human_confidence
    known = [turn.confidence for turn in turns if turn.confidence is not None]
    value = sum(known) / len(known) if known else book.settings.default_confidence
    return (1.0 + value) / 2 if supported else value


def listen_for(
    phrases: Sequence[str],
    *,
    turns: Sequence[Turn],
    evidence: Evidence,
    book: Rulebook,
    probe: str | None = None,
    proof: Sequence[Turn] | None = None,
) -> Hearing:
    """Whether any of the phrases was said in these turns.

    A match within ``phrase_distance`` on text that is not suspect is ``said``; so is a probe that
    says so. ``missing`` needs everything the module's first paragraph asks for.

    Args:
        phrases: phrase grammar.
        turns: the window, in time order.
        evidence: the call.
        book: its settings give the limits.
        probe: the probe that decides over the window (`trust.answer_over`), if there is one.
        proof: the turns that must have been heard well for ``missing``; the whole window if None.
    """
    settings = book.settings
    proof = turns if proof is None else proof
    answer, heard_in = answer_over(probe, turns=turns, proof=proof, evidence=evidence, book=book)
    for turn in turns:
        match = find_any(turn.text, phrases, max_distance=settings.phrase_distance)
        if match and not turn.is_suspect(match.start, match.end):
            sure = confidence_of(
                [turn], evidence=evidence, book=book, supported=match.exact or turn is heard_in
            )
            at = (turn.span_of(match.start, match.end),)
            return Hearing("said", sure, match.text, at, turn)
    if heard_in is not None:
        sure = confidence_of([heard_in], evidence=evidence, book=book, supported=True)
        return Hearing("said", sure, heard_in.text, (heard_in.span,), heard_in)
    confidence = confidence_of(turns, evidence=evidence, book=book, supported=answer == "absent")
    other = answer == "absent" and any(agrees_with_text(probe, turn=t, evidence=evidence) for t in turns)
    weak = None if other else _weaker_match(phrases, turns=turns, evidence=evidence, book=book)
    if weak:
        return weak
    doubt = doubt_about(proof, evidence=evidence, book=book) or silence_doubt(
        evidence, book=book, probe=probe, answer=answer
    )
    window = tuple(turn.span for turn in turns)
    quote = turns[0].text if turns else None
    if doubt:
        return Hearing("doubtful", confidence, quote, window, turns[0] if turns else None, doubt)
    return Hearing("missing", confidence, quote, window, turns[0] if turns else None)


def _weaker_match(
    phrases: Sequence[str], *, turns: Sequence[Turn], evidence: Evidence, book: Rulebook
) -> Hearing | None:
    """Something that sounds a little like a phrase, or the phrase cut in two by a pause."""
    if is_settled(evidence):
        return None
    settings = book.settings
    for turn in turns:
        match = find_any(turn.text, phrases, max_distance=settings.weak_distance) or find_any(
            turn.text[-settings.tail_characters :], phrases, max_distance=settings.tail_distance
        )
        if match:
            reason = f"{clock(turn.start_s)} 听到近似的「{match.text}」,请听录音确认"
            at = (turn.span,)
            sure = confidence_of([turn], evidence=evidence, book=book)
            return Hearing("doubtful", sure, match.text, at, turn, Doubt("near", reason))
    return None


def silence_doubt(
    evidence: Evidence, *, book: Rulebook, probe: str | None = None, answer: Answer = "unasked"
) -> Doubt | None:
    """Why text that was well heard still does not prove a phrase missing; None: it does.

    A model that has a probe must have answered "absent"; any other must seldom lose a phrase.
    """
    if is_settled(evidence) or answer == "absent":
        return None
    if has_limits(probe, evidence=evidence):
        return Doubt("probe_undecided", "模型复核没有定论,请听录音确认")
    why = why_silence_proves_nothing(evidence, book=book)
    return Doubt("missed_share", why) if why else None


def by_role(evidence: Evidence, *roles: Role) -> tuple[Turn, ...]:
    """The turns of these roles that carry speech, in time order."""
    return tuple(turn for turn in evidence.turns if turn.role in roles)
