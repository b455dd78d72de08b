"""What calibration counts: a person's verdict beside the machine's, and the calls it was given on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from auditor.records import Verdict

HUMAN_VERDICTS: tuple[Verdict, ...] = ("pass", "fail", "not_applicable")


@dataclass(frozen=True, slots=True)
class Label:
    """A person's verdict on one rule of one call."""

    call: str
    rule: str
    verdict: Verdict
    machine: Verdict | None = None
    reason: str = ""
    probability: float | None = 1.0
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """A label beside the machine's verdict.

    Attributes:
        call: the call's id.
        audit_id: its audit in the store; None: none was looked up.
        at_s: where to listen, seconds; None: the finding has no place.
        measured: what the finding rests on.
        probability: how likely the call was to be drawn; None: somebody chose it.
        reason: the person's.
    """

    call: str
    rule: str
    title: str
    machine: Verdict
    human: Verdict
    audit_id: int | None = None
    at_s: float | None = None
    quote: str = ""
    measured: Mapping[str, float] = field(default_factory=dict)
    confidence: float | None = None
    probability: float | None = 1.0
    reason: str = ""

    @property
    def weight(self) -> float:
        """How many calls it stands for."""
        return 1.0 / self.probability if self.probability else 0.0


@dataclass(frozen=True, slots=True)
class ScoredCall:
    """A call whose score is known by people, too."""

    call: str
    audit_id: int | None
    machine_percent: float
    human_percent: float
    machine_result: str
    human_result: str
    weight: float


@dataclass(frozen=True, slots=True)
class Gathered:
    """All ratings of one source.

    Attributes:
        source: where they come from, for people.
        ratings: those with a probability: what figures are made of.
        chosen: those of calls that somebody chose.
        scored: calls of which everything that counts is labelled.
    """

    source: str
    ratings: tuple[Rating, ...]
    chosen: tuple[Rating, ...] = ()
    scored: tuple[ScoredCall, ...] = ()
