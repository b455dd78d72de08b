"""What the agent must never say in a situation: for a human to hear, and critical until then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.kinds.listening import is_settled
from auditor.kinds.triggers import says
from auditor.kinds.wording import is_quoted
from auditor.records import Outcome
from auditor.text.clock import clock
from auditor.text.match import find_all, find_written

if TYPE_CHECKING:
    from auditor.records import Evidence
    from auditor.rulebook.schema import Rulebook


def find_grave(
    said: tuple[str, ...], *, unless: tuple[str, ...], evidence: Evidence, book: Rulebook
) -> Outcome | None:
    """The review that such words ask for, whatever the customer said; None: they are not there.

    In automatic text what only sounds like them is for a human, too, but not critical: a recogniser that
    writes 道 for 到 must not turn this review into the fail of an answer that is missing.

    Args:
        said: phrase sets, found by their written characters, in automatic text also by their sound.
        unless: phrase sets that hold such words and say the opposite.
        evidence: the call.
        book: its phrases.
    """
    for turn in evidence.turns_of("agent") if said else ():
        if says(turn, book.words(*unless), book=book):
            continue
        phrases = book.words(*said)
        heard = find_written(turn.text, *phrases)
        if not heard and not is_settled(evidence):
            heard = find_all(turn.text, *phrases, max_distance=book.settings.phrase_distance)
        for match in heard:
            if turn.is_suspect(match.start, match.end) or is_quoted(turn.text, match.start):
                continue
            at = turn.span_of(match.start, match.end)
            words = "客服说了" if match.exact else "听着像客服说了"
            to_do = "按一票否决项待复核,请听录音确认" if match.exact else "请听录音确认"
            return Outcome(
                "needs_review",
                "grave",
                f"{clock(at.start_s)} {words}「{turn.text}」,{to_do}",
                at=(at,),
                quote=turn.text,
                confidence=0.5,
                critical=match.exact,
            )
    return None
