"""Adding up rows of sums: what a report shows of many calls."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from auditor.records import Points, Share
from auditor.store.sum_tables import COUNTS, FIGURES, MILLION, PERCENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

BANDS = 20  # of scores, five percent each; the last holds 100, too
NO_POINTS = Points(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class ClauseSum:
    """What became of one rule; ``points`` are those of its passes and fails."""

    rule: str
    clause: str
    title: str
    section: str
    passed: int
    failed: int
    in_review: int
    points: Points

    @property
    def cost(self) -> float:
        """Points lost."""
        return self.points.possible - self.points.earned

    @property
    def pass_share(self) -> Share:
        """Passes of what was judged."""
        return Share(self.passed, self.passed + self.failed)


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over calls: the median and the quartiles of ``calls`` values."""

    calls: int
    low: float
    median: float
    high: float


@dataclass(frozen=True, slots=True)
class Sums:
    """What some calls add up to; see the module for what counts how.

    Attributes:
        alone: scored calls that no other agent had a part in; of whole calls: all scored.
        critical: calls with a failed critical item, confirmed by nobody yet.
        in_review: findings for review that carry weight.
        clauses: the rules that were judged or are in review, in the order of their ids.
        figures: name -> spread, of `sum_tables.FIGURES`; ``percent`` is the calls' score.
        bands: how many calls have a score of 0-5, 5-10 … 95-100 percent.
    """

    calls: int = 0
    scored: int = 0
    alone: int = 0
    passed: int = 0
    failed: int = 0
    pending: int = 0
    critical: int = 0
    critical_in_review: int = 0
    in_review: int = 0
    points: Points = NO_POINTS
    clauses: tuple[ClauseSum, ...] = ()
    figures: Mapping[str, Spread] = field(default_factory=dict)
    bands: tuple[int, ...] = (0,) * BANDS

    @property
    def percent(self) -> float | None:
        """The score of all calls together."""
        return self.points.percent

    @property
    def pass_share(self) -> Share:
        """Passed calls of those whose result stands."""
        return Share(self.passed, self.passed + self.failed)

    @property
    def sections(self) -> dict[str, Points]:
        """The points of each section."""
        found: dict[str, Points] = {}
        for clause in self.clauses:
            found[clause.section] = found.get(clause.section, NO_POINTS) + clause.points
        return found

    def clause(self, rule: str) -> ClauseSum | None:
        """The sums of one rule; None: it was never judged."""
        return next((clause for clause in self.clauses if clause.rule == rule), None)


def added(
    counts: Sequence[Sequence[int]],
    *,
    clauses: Iterable[bytes],
    values: Iterable[bytes],
    rules: Mapping[int, Any],
) -> Sums:
    """Add up rows of sums.

    Args:
        counts: of each row, in the order of `sum_tables.COUNTS`.
        clauses: arrays of `sum_tables.CLAUSE`.
        values: arrays of `sum_tables.VALUE`.
        rules: by the rule's row: rule, clause, title, section.
    """
    totals = [int(sum(column)) for column in zip(*counts, strict=True)] or [0] * len(COUNTS)
    named = dict(zip(COUNTS, totals, strict=True))
    points = Points(named.pop("earned") / MILLION, named.pop("possible") / MILLION)
    figures, bands = _figures(b"".join(values))
    return Sums(
        **named, points=points, clauses=_clauses(b"".join(clauses), rules=rules), figures=figures, bands=bands
    )


def _clauses(packed: bytes, *, rules: Mapping[int, Any]) -> tuple[ClauseSum, ...]:
    """Arrays of `sum_tables.CLAUSE` in a row, by rule."""
    if not packed:
        return ()
    import numpy as np  # noqa: PLC0415

    rows = np.frombuffer(packed, np.dtype([("rule", "<u4"), ("counts", "<u4", 3), ("points", "<i8", 2)]))
    ids, places = np.unique(rows["rule"], return_inverse=True)
    numbers = np.concatenate([rows["counts"], rows["points"]], axis=1).T  # exact as floats below 2**53
    sums = [np.bincount(places, weights=column, minlength=len(ids)).astype(np.int64) for column in numbers]
    found: list[ClauseSum] = []
    for id_, passed, failed, in_review, earned, possible in zip(
        ids.tolist(), *(column.tolist() for column in sums), strict=True
    ):
        rule = rules[id_]
        judged = Points(earned / MILLION, possible / MILLION)
        found.append(
            ClauseSum(rule.rule, rule.clause, rule.title, rule.section, passed, failed, in_review, judged)
        )
    return tuple(sorted(found, key=lambda each: rule_order(each.rule)))


def _figures(packed: bytes) -> tuple[dict[str, Spread], tuple[int, ...]]:
    """Arrays of `sum_tables.VALUE` in a row: each figure's spread, and the bands of the scores."""
    figures: dict[str, Spread] = {}
    if not packed:
        return figures, (0,) * BANDS
    import numpy as np  # noqa: PLC0415

    rows = np.frombuffer(packed, np.dtype([("figure", "<i2"), ("value", "<i4"), ("count", "<u4")]))
    bands = [0] * BANDS
    for number, (_, name) in enumerate(FIGURES):
        mine = rows[rows["figure"] == number]
        if not mine.size:
            continue
        order = np.argsort(mine["value"], kind="stable")
        values, counts = mine["value"][order] / 100, mine["count"][order]
        figures[name] = _spread(values, np.cumsum(counts))
        if name == PERCENT:
            band = np.minimum(values * BANDS // 100, BANDS - 1).astype(int)
            bands = np.bincount(band, weights=counts, minlength=BANDS).astype(int).tolist()
    return figures, tuple(bands)


def _spread(values: Any, upto: Any) -> Spread:
    """Median and quartiles, between two values in proportion (numpy's ``linear``).

    Args:
        values: in rising order.
        upto: how many there are up to each, itself included.
    """
    calls = int(upto[-1])

    def at(share: float) -> float:
        place = share * (calls - 1)
        lower, upper = (
            float(values[upto.searchsorted(rank, side="right")]) for rank in (int(place), -int(-place // 1))
        )
        return round(lower + (upper - lower) * (place - int(place)), 3)

    return Spread(calls, at(0.25), at(0.5), at(0.75))


def rule_order(rule: str) -> tuple[object, ...]:
    """Sort key: letters, then numbers as numbers: C2 before C10a."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.findall(r"\d+|\D+", rule)
    )
