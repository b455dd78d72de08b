"""What the card of a model has measured, and what follows for silence, for words and for probes.

Silence proves that a phrase was not said only where the model seldom loses a phrase that was said; words
prove that they were said only where it seldom writes phrases that were not. Both are shares on the card,
and what counts is the upper end of their 95 % interval against the rulebook's limit. A probe has limits of
its own there. What was never measured proves nothing. That holds for a machine's transcript that was
brought along, too: it may carry the shares of its recogniser, and its own confidence replaces none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from auditor.text.normalise import normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.records import Evidence, MeasuredShare, Probe, Turn
    from auditor.rulebook.schema import Rulebook

Answer = Literal["present", "absent", "undecided", "unasked"]


def why_silence_proves_nothing(evidence: Evidence, *, book: Rulebook) -> str | None:
    """The sentence for a supervisor where the model loses too many phrases; None: it seldom does."""
    if evidence.transcript_source == "human":
        return None
    share = evidence.model.missed_phrases if evidence.model else None
    return _why(share, limit=book.settings.max_missed_share, what="漏字率")


def why_words_prove_nothing(evidence: Evidence, *, book: Rulebook) -> str | None:
    """The sentence for a supervisor where the model writes what nobody said; None: it seldom does."""
    if evidence.transcript_source == "human":
        return None
    share = evidence.model.false_phrases if evidence.model else None
    return _why(share, limit=book.settings.max_false_share, what="误听率")


def _why(share: MeasuredShare | None, *, limit: float, what: str) -> str | None:
    if share is None:
        return f"识别模型的{what}没有测过,请听录音确认"
    if share.upper_95 > limit:
        return f"识别模型{what}高(可达 {100 * share.upper_95:.1f}%),请听录音确认"
    return None


def has_limits(name: str | None, *, evidence: Evidence) -> bool:
    """Whether the model's card says what this probe's margins mean."""
    model = evidence.model
    return model is not None and model.carded and name in model.probes


def probes_on(turn: Turn, *, name: str | None, evidence: Evidence) -> tuple[Probe, ...]:
    """What a probe found in a turn, place by place."""
    return tuple(p for p in evidence.probes if p.name == name and evidence.turns[p.turn] == turn)


def answer_of(probe: Probe, *, evidence: Evidence) -> Answer:
    """One probe's margin against the limits on the model's card."""
    limits = evidence.model.probes.get(probe.name) if evidence.model and evidence.model.carded else None
    if limits is None:
        return "unasked"
    if probe.margin_nats >= limits.present_nats:
        return "present"
    return "absent" if probe.margin_nats <= limits.absent_nats else "undecided"


def probe_answer(name: str | None, *, turn: Turn, evidence: Evidence) -> Answer:
    """What the probe says about a whole turn; ``unasked``: no limits, or nobody asked."""
    answers = [answer_of(probe, evidence=evidence) for probe in probes_on(turn, name=name, evidence=evidence)]
    ranking: tuple[Answer, ...] = ("present", "undecided", "absent")
    return next((answer for answer in ranking if answer in answers), "unasked")


def agrees_with_text(name: str | None, *, turn: Turn, evidence: Evidence) -> bool:
    """Whether the probe denies its phrase for the very words that the text has there: 「晚上好,中国移动」."""
    return any(
        normalise(probe.foil).text == normalise(turn.text[probe.start : probe.end]).text != ""
        and answer_of(probe, evidence=evidence) == "absent"
        for probe in probes_on(turn, name=name, evidence=evidence)
    )


def answer_over(
    name: str | None, *, turns: Sequence[Turn], proof: Sequence[Turn], evidence: Evidence, book: Rulebook
) -> tuple[Answer, Turn | None]:
    """What the probe says about a window, and the turn in which it hears the phrase.

    ``absent`` needs that answer for every turn of ``proof`` and no better one for any other; a probe of
    the first turn alone is not asked about the others.
    """
    spec = next((spec for spec in book.probes if spec.name == name), None)
    if spec is None or not turns or not has_limits(name, evidence=evidence):
        return "unasked", None
    if spec.where == "agent_first_turn":
        turns = proof = turns[:1]
    answers = {id(turn): probe_answer(name, turn=turn, evidence=evidence) for turn in (*turns, *proof)}
    heard_in = next((turn for turn in turns if answers[id(turn)] == "present"), None)
    if heard_in is not None:
        return "present", heard_in
    silent = all(answers[id(turn)] == "absent" for turn in proof)
    doubted = any(answers[id(turn)] == "undecided" for turn in turns)
    return ("absent", None) if silent and not doubted else ("undecided", None)
