"""Speech that nobody wrote down: a transcript with holes proves no phrase missing.

Voice activity finds the agent's speech whatever the transcript says. Where a segment of it lies under no
turn of its leg, beside or inside the window in question, the phrase may have been said there.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import TYPE_CHECKING

from auditor.records import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.records import Evidence, SegmentStats, Turn
    from auditor.rulebook.schema import Rulebook


def untranscribed_at(turns: Sequence[Turn], *, evidence: Evidence, book: Rulebook) -> Span | None:
    """The first stretch of the agent's speech without text that touches the window of these turns.

    It counts when it is at least ``silent_part_s`` long, less than half under turns of its leg, and no
    other turn of the agent's stands between it and the window.
    """
    if not turns:
        return None
    window = Span(min(turn.start_s for turn in turns), max(turn.end_s for turn in turns))
    agent = evidence.turns_of("agent")
    # Beyond these another turn of the agent's stands between a segment and the window.
    from_s = max((t.end_s for t in agent if t.start_s < window.start_s), default=-math.inf)
    to_s = min((t.start_s for t in agent if t.end_s > window.end_s), default=math.inf)
    for segment in evidence.segments:
        span = segment.span
        if segment.role != "agent" or span.duration_s < book.settings.silent_part_s:
            continue
        if span.end_s < min(from_s, window.start_s) or span.start_s > max(to_s, window.end_s):
            continue
        if not _is_transcribed(segment, evidence=evidence):
            return span
    return None


def _is_transcribed(segment: SegmentStats, *, evidence: Evidence) -> bool:
    """Whether at least half of a segment lies under turns of its leg."""
    missing_s = (segment.end_s - segment.start_s) / 2
    first_later = bisect_left(evidence.turns, segment.end_s, key=lambda turn: turn.start_s)
    for turn in reversed(evidence.turns[:first_later]):
        if turn.channel == segment.channel and turn.end_s > segment.start_s:
            missing_s -= min(turn.end_s, segment.end_s) - max(turn.start_s, segment.start_s)
            if missing_s <= 0:
                return True
    return missing_s <= 0
