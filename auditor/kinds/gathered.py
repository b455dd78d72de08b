"""What several parts of one rule come to: the worst of them decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.records import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence


def worst_of(outcomes: Sequence[Outcome]) -> Outcome | None:
    """All fails in one, or else all reviews; None when there is neither.

    The first gives code and quote, the least certain the confidence.
    """
    for verdict in ("fail", "needs_review"):
        chosen = [outcome for outcome in outcomes if outcome.verdict == verdict]
        if chosen:
            return Outcome(
                chosen[0].verdict,
                chosen[0].reason_code,
                ";".join(outcome.reason for outcome in chosen),
                at=tuple(span for outcome in chosen for span in outcome.at),
                quote=chosen[0].quote,
                confidence=min(outcome.confidence for outcome in chosen),
                causes=tuple(dict.fromkeys(cause for outcome in chosen for cause in outcome.causes)),
            )
    return None
