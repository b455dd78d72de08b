"""Calls for the sections on the voice, measured on the truth's segments, and figures beside their truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np
from accuracy_rows import Row, share_row
from ground_truth import scenes
from ground_truth.legs import Call
from ground_truth.truth import LEGS, Leg

from auditor.judge import judge, open_rulebook
from auditor.measure.call import CallMeasurements, measure_call
from auditor.records import Evidence, Finding, Measurement, Roles
from auditor.rulebook.cases import load_cases
from auditor.signal import power_to_dbov

ROLES = Roles(agent_channel=0, confidence=1.0, source="flag", reason="truth")


def talk(seed: int, *, seconds: float = 40.0) -> Call:
    """Two human-made voices in turn, no sounds beside them, a line almost without noise."""
    return scenes.conversation(
        seed, duration_s=seconds, overlaps=False, sounds_too=False, hold=False, floor_dbov=-95.0
    )


def measure(call: Call, *, codec: str = "") -> CallMeasurements:
    """The measuring stage alone: segments are the truth's, nobody's words are known."""
    segments = [segment for leg in LEGS for segment in call.truth.auditor_segments(leg)]
    return measure_call(
        call.channels(), segments=segments, turns=(), roles=ROLES, events=(), layout="two_legs", codec=codec
    )


def speech_level_dbov(call: Call, leg: Leg) -> float:
    """Level within 300–3400 Hz over the leg's segments, by the other route: a brick wall over it."""
    samples = call.legs[leg]
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / call.rate_hz)
    spectrum[(hz < 300) | (hz > 3400)] = 0
    band = np.fft.irfft(spectrum, len(samples))
    pieces = [
        band[round(s.start_s * call.rate_hz) : round(s.end_s * call.rate_hz)]
        for s in call.truth.segments(leg)
    ]
    return float(power_to_dbov(np.mean(np.concatenate(pieces) ** 2)))


class Met:
    """Values beside their truth, by condition; rows of accuracy, and of how often the error covers it."""

    def __init__(self) -> None:
        self.errors: dict[str, list[float]] = defaultdict(list)
        self.covered: list[bool] = []
        self.silent = 0

    def add(self, condition: str, found: Measurement, truth: float) -> None:
        if found.value is None or found.error is None:
            self.silent += 1
            return
        self.errors[condition].append(found.value - truth)
        self.covered.append(abs(found.value - truth) <= found.error)

    def rows(self, section: str, name: str, *, within: float, unit: str) -> list[Row]:
        made = [
            share_row(
                section,
                f"{name} within ±{within:g} {unit}, {condition}",
                sum(abs(error) <= within for error in errors),
                len(errors),
                target=0.95,
                direction="at least",
                note=f"mean {np.mean(errors):+.2f}, worst {max(errors, key=abs):+.2f} {unit}",
            )
            for condition, errors in self.errors.items()
        ]
        return [*made, self.coverage(section, name)]

    def coverage(self, section: str, name: str) -> Row:
        note = f"{self.silent} silent" if self.silent else ""
        what = f"{name}: the truth lies within the stated error"
        hits = sum(self.covered)
        return share_row(section, what, hits, len(self.covered), target=0.95, direction="at least", note=note)


@lru_cache(maxsize=8)
def _case(rule: str) -> Evidence:
    return next(case.evidence for case in load_cases() if case.rule == rule)


@lru_cache(maxsize=1)
def _book():
    return open_rulebook()


def verdict(rule: str, found: CallMeasurements) -> Finding:
    """What the shipped rulebook says of these measurements for one clause of the voice."""
    evidence = replace(
        _case(rule), measurements=found.measurements, segments=found.segments, tracks=found.tracks
    )
    return next(finding for finding in judge(evidence, book=_book())[0] if finding.rule == rule)


def counted(found: Iterable[str]) -> Mapping[str, int]:
    """How often each verdict was given."""
    counts: dict[str, int] = defaultdict(int)
    for one in found:
        counts[one] += 1
    return counts
