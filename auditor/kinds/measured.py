"""What kinds share that compare figures: reasons for missing ones, and how sure a comparison is.

The confidence of a comparison
is the probability that the true value lies on the same side, for a normal error of 95 % half-width
``error``: Φ(1.96 · distance ÷ error); without a known error it is the rulebook's
``default_confidence``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from auditor.records import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.records import Evidence, Measurement, SegmentStats, Turn
    from auditor.rulebook.schema import Rulebook

REASONS = {
    "no_data": "录音里没有可用的数据",
    "too_short": "客服说话太少,不足以测量",
    "too_noisy": "噪声太大,测不准",
    "gated": "录音经过静噪处理,测不出底噪",
    "no_roles": "录音分不清谁是客服",
    "not_recorded": "这一段没有录到",
    "not_trusted": "转写与声音对不上,测量不可信",
}


def no_value(measurement: Measurement) -> Outcome:
    """The outcome of a rule whose figure is missing: nobody could tell."""
    reason = measurement.reason or "no_data"
    return Outcome("not_applicable", "no_data", REASONS.get(reason, REASONS["no_data"]))


def certainty(distance: float, *, error: float | None, book: Rulebook) -> float:
    """How likely the true value lies on the same side of a limit; see the module.

    Args:
        distance: how far the measured value is from the limit, in its unit, never negative.
        error: half-width of its 95 % interval.
        book: its ``default_confidence`` stands in for an unknown error.
    """
    if error is None:
        return book.settings.default_confidence
    if error <= 0:
        return 0.99
    return min(0.99, 0.5 * (1 + math.erf(1.96 * distance / error / math.sqrt(2))))


def median(values: Sequence[float]) -> float:
    """The middle value (the mean of the two middle ones); the caller makes sure there is one."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def agent_segments(evidence: Evidence) -> tuple[SegmentStats, ...]:
    """The statistics of the agent's segments, in time order."""
    return tuple(s for s in evidence.segments if s.role == "agent")


def with_figures(evidence: Evidence, *names: str) -> dict[str, float]:
    """The agent's named figures that have a value, keyed by name and unit as findings show them."""
    found = (evidence.measurement("agent", name) for name in names)
    return {m.name: m.value for m in found if m.value is not None}


def is_as_loud_as_the_agent(turn: Turn, *, evidence: Evidence, max_below_db: float) -> bool:
    """Whether the turn's first segment is near the agent's median level; unmeasured is not."""
    own = [s for s in evidence.segments if s.channel == turn.channel and s.level_dbov is not None]
    first = [s for s in own if s.span.overlap_s(turn.span) > 0]
    if not first:
        return False
    levels = sorted(s.level_dbov for s in own if s.level_dbov is not None)
    level = min(first, key=lambda s: s.start_s).level_dbov
    return level is not None and level >= levels[len(levels) // 2] - max_below_db
