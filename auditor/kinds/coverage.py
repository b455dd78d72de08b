"""Speech that nobody wrote down: a transcript with holes proves no phrase missing.

Voice activity finds the agent's speech whatever the transcript says. Where a segment of it lies under no
turn of its leg, beside or inside the window in question, the phrase may have been said there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.records import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.records import Evidence, Turn
    from auditor.rulebook.schema import Rulebook


def untranscribed_at(turns: Sequence[Turn], *, evidence: Evidence, book: Rulebook) -> Span | None:
    """The first stretch of the agent's speech without text that touches the window of these turns.

    It counts when it is at least ``silent_part_s`` long, less than half under turns of its leg, and no
    other turn of the agent's stands between it and the window.
    """
    if not turns:
        return None
    window = Span(min(turn.start_s for turn in turns), max(turn.end_s for turn in turns))
    agent = [turn.span for turn in evidence.turns_of("agent")]
    for segment in evidence.segments:
        span = segment.span
        if segment.role != "agent" or span.duration_s < book.settings.silent_part_s:
            continue
        same_leg = [turn for turn in evidence.turns if turn.channel == segment.channel]
        if sum(turn.span.overlap_s(span) for turn in same_leg) >= span.duration_s / 2:
            continue
        # Apart from the window, the gap runs from the end of the earlier to the start of the later.
        gap = (min(span.end_s, window.end_s), max(span.start_s, window.start_s))
        apart = span.gap_s(window) > 0
        if not (apart and any(Span(*gap).overlap_s(turn) > 0 for turn in agent)):
            return span
    return None
