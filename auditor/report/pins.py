"""Findings as pins under the timeline: one each, where its evidence begins, in rows that do not collide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from auditor.records import Finding
from auditor.report import labels
from auditor.report.typeset import chinese, clean
from auditor.text.clock import clock

# Pins carry a clause id of about 50 px; the timeline is never narrower than 720 px.
_PIN_PERCENT = 7.0


@dataclass(frozen=True, slots=True)
class Pin:
    """A finding's place on the timeline; pins that would collide stand in different rows."""

    anchor: str
    text: str
    kind: str
    left: float
    row: int
    title: str
    start_s: float
    end_s: float


def kind_of(finding: Finding) -> str:
    """The CSS class of a finding: its verdict, or ``critical`` for a failed critical item."""
    return "critical" if finding.critical and finding.verdict == "fail" else finding.verdict


def lay_out_pins(
    marked: Sequence[Finding], *, percent: Callable[[float], float]
) -> tuple[tuple[Pin, ...], int]:
    """One pin at each finding's first evidence, in the first row where it fits."""
    firsts = [(min(f.at, key=lambda span: span.start_s), f) for f in marked if f.at]
    ends: list[float] = []
    pins: list[Pin] = []
    for span, finding in sorted(firsts, key=lambda entry: (entry[0].start_s, entry[1].rule)):
        # The last pins lean left, so that none hangs over the right edge.
        left = min(percent(span.start_s), 100 - _PIN_PERCENT)
        row = next((r for r, end in enumerate(ends) if end <= left), len(ends))
        if row == len(ends):
            ends.append(0.0)
        ends[row] = left + _PIN_PERCENT
        pins.append(
            Pin(
                labels.anchor(finding.rule),
                clean(finding.rule),
                kind_of(finding),
                left,
                row,
                f"{clock(span.start_s)} {clean(finding.rule)} {chinese(finding.title)}",
                round(span.start_s, 3),
                round(span.end_s, 3),
            )
        )
    return tuple(pins), len(ends)
