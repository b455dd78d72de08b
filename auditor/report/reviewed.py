"""What reviewers decided about a call, as a report shows it beside what the machine said.

Whoever keeps the decisions fills this in; a report changes neither score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from auditor.records import Result, Verdict


@dataclass(frozen=True, slots=True)
class Decision:
    """The standing decision about one finding.

    Attributes:
        verdict: what the reviewer holds to be right; equal to the finding's own: confirmed.
        by: who decided, as people know him.
        when: the moment, as it is to be read.
        reason: in his words; may be empty.
        state: where an appeal stands, as it is to be read (申诉待裁决 …); empty without one.
    """

    verdict: Verdict
    by: str
    when: str
    reason: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Decisions by rule id, and the score with them; ``result`` None: nothing was decided yet."""

    percent: float | None = None
    result: Result | None = None
    decisions: Mapping[str, Decision] = field(default_factory=dict)


NOT_REVIEWED = Reviewed()
