"""What was judged: outcomes, findings, the scorecard and the whole audit."""

from __future__ import annotations

from dataclasses import dataclass, field

from auditor.records.evidence import Evidence
from auditor.records.recording import Span
from auditor.records.terms import Result, Verdict


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a kind says about one rule on one call, before weights and causes.

    ``confidence`` is the estimated probability that the verdict is right. ``causes`` names the faults
    behind a fail or a doubt (rules that fail for the same cause and span cost once); empty: the
    rule's own. ``critical`` makes this one finding critical although its rule is not.
    """

    verdict: Verdict
    reason_code: str
    reason: str
    at: tuple[Span, ...] = ()
    quote: str | None = None
    measured: dict[str, float] = field(default_factory=dict)
    confidence: float = 1.0
    causes: tuple[str, ...] = ()
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the scorecard: what was decided about one rule, and the proof."""

    rule: str
    clause: str
    title: str
    section: str
    verdict: Verdict
    reason_code: str
    reason: str
    weight: float
    critical: bool
    same_as: str | None
    quote: str | None
    at: tuple[Span, ...]
    measured: dict[str, float]
    confidence: float


@dataclass(frozen=True, slots=True)
class Points:
    """Points earned out of points possible; add them, never average their percents."""

    earned: float
    possible: float

    def __add__(self, other: Points) -> Points:
        return Points(self.earned + other.earned, self.possible + other.possible)

    @property
    def percent(self) -> float | None:
        """100 * earned / possible to one decimal; None when nothing was judged; 100 only if truly 100."""
        if self.possible <= 0:
            return None
        if self.earned >= self.possible:
            return 100.0
        return min(round(100 * self.earned / self.possible, 1), 99.9)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The sum of the findings. ``critical`` lists failed critical rules."""

    points: Points
    best_percent: float | None
    worst_percent: float | None
    judged_share: float
    critical: tuple[str, ...]
    critical_in_review: tuple[str, ...]
    result: Result
    reason: str
    sections: dict[str, Points]


@dataclass(frozen=True, slots=True)
class Provenance:
    """What produced an audit: enough to repeat it."""

    auditor: str
    rulebook: str
    rulebook_sha256: str
    model: str | None
    model_sha256: str | None
    engine: str | None
    options: dict[str, str]
    measuring_sha256: str


@dataclass(frozen=True, slots=True)
class CallAudit:
    """One audited call: what was heard, what was decided, and by what."""

    call_id: str
    evidence: Evidence
    findings: tuple[Finding, ...]
    scorecard: Scorecard
    provenance: Provenance
    not_audible: tuple[str, ...]
