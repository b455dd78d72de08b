"""What the agent must never say in a situation: for a human to hear, and critical until then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.kinds.listening import clock
from auditor.kinds.triggers import says
from auditor.kinds.wording import is_quoted
from auditor.records import Outcome
from auditor.text.match import find_written

if TYPE_CHECKING:
    from auditor.records import Evidence
    from auditor.rulebook.schema import Rulebook


def find_grave(
    said: tuple[str, ...], *, unless: tuple[str, ...], evidence: Evidence, book: Rulebook
) -> Outcome | None:
    """The review that such words ask for, whatever the customer said; None: they are not there.

    Args:
        said: phrase sets, found by their written characters.
        unless: phrase sets that hold such words and say the opposite.
        evidence: the call.
        book: its phrases.
    """
    for turn in evidence.turns_of("agent") if said else ():
        if says(turn, book.words(*unless), book=book):
            continue
        for phrase in book.words(*said):
            for match in find_written(turn.text, phrase):
                if turn.is_suspect(match.start, match.end) or is_quoted(turn.text, match.start):
                    continue
                at = turn.span_of(match.start, match.end)
                reason = f"{clock(at.start_s)} 客服说了「{turn.text}」,按一票否决项待复核,请听录音确认"
                return Outcome(
                    "needs_review", "grave", reason, at=(at,), quote=turn.text, confidence=0.5, critical=True
                )
    return None
