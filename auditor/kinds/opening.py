"""Where a call opens and where it closes: the windows in which greetings and goodbyes are looked for.

System voices never belong to a window: IVR prompts and announced agent numbers before the agent
speaks are not his first turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.kinds.listening import Doubt, by_role, is_settled, speakers_known
from auditor.records import Outcome
from auditor.text.clock import clock
from auditor.text.match import find_any
from auditor.text.normalise import normalise

if TYPE_CHECKING:
    from auditor.records import Evidence, Turn
    from auditor.rulebook.schema import Rulebook

# Names of faults: findings that share one and its span cost once.
OPENING, GOODBYE, READ_BACK = "opening", "goodbye", "read_back"
# A goodbye may be followed by another word or two; a missing one is missing from the last two turns.
LAST_WORDS = 2
# Why a missing opening is no fault.
CUT_OFF = Doubt("cut_off", "录音从说话当中开始(或开头有声音没能识别),开头可能没有听到,请听录音确认")

Turns = tuple["Turn", ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """The agent's first turn, and his turns up to the second, in which the offer may stand.

    Attributes:
        cut_off: there may be words before the first ones heard (`is_cut_off`).
        transferred_in: an earlier agent held the line.
    """

    first: Turn
    window: Turns
    cut_off: bool
    transferred_in: bool


def nobody_to_judge(evidence: Evidence, *, causes: tuple[str, ...] = ()) -> Outcome | None:
    """The outcome when the agent's words cannot be told or are not there; None: they are there."""
    if not by_role(evidence, "agent", "customer", "unknown"):
        return Outcome("not_applicable", "no_data", "录音里没有人说话")
    if not speakers_known(evidence):
        return Outcome(
            "needs_review", "no_roles", "录音分不清谁是客服,请听录音判断", confidence=0.5, causes=causes
        )
    if not evidence.turns_of("agent"):
        return Outcome("not_applicable", "no_data", "录音里没有客服的话音")
    return None


def find_opening(evidence: Evidence, *, book: Rulebook) -> Opening:
    """The opening of a call in which the agent speaks."""
    agent = _with_words(evidence.turns_of("agent"), book=book)
    return Opening(
        first=agent[0],
        window=agent[:2],
        cut_off=is_cut_off(evidence, book=book),
        transferred_in=is_transferred_in(evidence),
    )


def _with_words(turns: Turns, *, book: Rulebook) -> Turns:
    """The turns without short sounds that gave no text: a cough is not the first turn."""
    kept = tuple(
        turn
        for turn in turns
        if normalise(turn.text).text or turn.span.duration_s >= book.settings.silent_part_s
    )
    return kept or turns


def is_cut_off(evidence: Evidence, *, book: Rulebook) -> bool:
    """Whether the file starts in the middle of speech, or sound was not understood before the agent's first.

    Announcements do not count; nor does sound that was no speech where a person wrote what was said.
    """
    if not evidence.turns:
        return False
    if _is_unheard_before_agent(evidence, book=book):
        return True
    first = min(evidence.turns, key=lambda turn: turn.start_s)
    if first.role == "system":
        return False
    return first.start_s <= book.settings.cut_off_s or "starts_mid_speech" in evidence.recording.warnings


def _is_unheard_before_agent(evidence: Evidence, *, book: Rulebook) -> bool:
    agent = evidence.turns_of("agent")
    if not agent or is_settled(evidence):
        return False
    from_s, first = agent[0].start_s - book.settings.unheard_reach_s, _with_words(agent, book=book)[0]
    return any(
        event.kind == "unheard" and event.channel == first.channel and from_s <= event.end_s <= first.start_s
        for event in evidence.events
    )


def is_transferred_in(evidence: Evidence) -> bool:
    """Whether another agent had held the line before this one was first heard."""
    agent = evidence.turns_of("agent")
    spells = evidence.call_record.agents
    if len(spells) < 2 or not agent:
        return False
    return any(s.to_s is not None and s.to_s <= agent[0].start_s for s in spells)


def closing_window(evidence: Evidence, *, turns: int) -> Turns:
    """The agent's last turns, in time order."""
    return evidence.turns_of("agent")[-turns:]


def why_no_goodbye(
    evidence: Evidence, *, book: Rulebook, window: Turns, excuses: tuple[str, ...], chance_s: float
) -> Outcome | None:
    """Why a missing goodbye is nobody's fault, or cannot be told; None: it was due.

    Args:
        evidence: the call.
        book: its phrases and limits.
        window: the agent's last turns.
        excuses: wordings after which no goodbye is due (transfer, G5).
        chance_s: silence after the customer's last words that gives the agent his chance.
    """
    record, recording = evidence.call_record, evidence.recording
    if record.transferred_to or _says(window[-1:], excuses, book=book):
        return Outcome("not_applicable", "handed_over", "通话被转接或中断,不要求告别")
    if not evidence.turns_of("customer"):
        return Outcome("not_applicable", "silent_caller", "客户没有说话,不要求告别")
    if "ends_mid_speech" in recording.warnings or "truncated" in recording.warnings:
        return Outcome("not_applicable", "no_data", "录音在说话当中结束,告别可能没有录到")
    parties = by_role(evidence, "agent", "customer")
    last = max(parties, key=lambda turn: turn.end_s)
    left_s = recording.duration_s - last.end_s
    if last.role == "customer" and left_s < chance_s and record.release_party != "agent":
        if record.release_party == "customer":
            return Outcome("not_applicable", "no_chance", "客户说完即挂断,客服来不及告别")
        return Outcome(
            "needs_review",
            "no_chance",
            f"{clock(last.end_s)} 客户说完录音即结束,请确认客服是否来得及告别",
            at=(last.span,),
            confidence=0.5,
            causes=(GOODBYE,),
        )
    return None


def _says(turns: Turns, phrases: tuple[str, ...], *, book: Rulebook) -> bool:
    return bool(phrases) and any(
        find_any(turn.text, phrases, max_distance=book.settings.phrase_distance) for turn in turns
    )
