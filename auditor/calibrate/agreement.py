"""How far machine and people agree, per clause.

Conventions
    * *fail* is what is looked for: a rule's machine ``fail`` that people call ``fail``, too, is a hit.
    * A machine's ``needs_review`` accuses nobody and finds nothing: it is no false alarm, and a fault in it
      is not recalled but *flagged*.
    * Ratings count ``1/π`` times; ``n`` is the number of labels. Intervals use an effective number of labels:
      at most ``(Σw)² ÷ Σw²`` (Kish 1965), and what the scatter between calls makes of it, since labels of one
      call are not independent.

Metrics
    * ``precision`` = fails that people confirm ÷ the machine's fails
    * ``recall`` = the machine's fails that people confirm ÷ people's fails
    * ``flagged`` = the same with ``needs_review`` counted as found
    * ``kappa`` (Cohen 1960) of fail against not fail where the machine decided, with its large-sample
      variance (Fleiss, Cohen & Everitt, Psychological Bulletin 72, 1969)
    * ``mcnemar_p``: exact, two-sided, of false alarms against missed faults: does the machine lean
    * score error = people's percent − the machine's: mean with 95 % interval, range of the middle 90 %

Shares have Wilson's 95 % interval. Under `FEWEST` labels there are counts and no figures.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.records.share import wilson

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from auditor.calibrate.ratings import Gathered, Rating, ScoredCall

FEWEST = 10
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its 95 % interval and the number of labels behind it."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause's agreement; figures are None where there are too few labels, or nothing to divide by.

    Attributes:
        n: labels.
        hits: fails of both; false_alarms: the machine's alone; missed: people's alone, decided otherwise by
            the machine; review_faults, review_fine: what people say of ``needs_review``. All unweighted.
    """

    rule: str
    title: str
    n: int
    hits: int
    false_alarms: int
    missed: int
    review_faults: int
    review_fine: int
    precision: Figure | None
    recall: Figure | None
    flagged: Figure | None
    kappa: Figure | None
    mcnemar_p: float | None
    examples: tuple[Rating, ...]

    @property
    def too_few(self) -> bool:
        """Whether there are only counts."""
        return self.n < FEWEST


@dataclass(frozen=True, slots=True)
class ScoreError:
    """People's percent less the machine's, over calls that people scored whole."""

    n: int
    mean: float
    low: float
    high: float
    range_low: float
    range_high: float
    same_result: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """The agreement of one source.

    Attributes:
        weighted: whether some labels stand for more than one call.
        chosen: per rule, (confirmed fails, overruled fails) of calls that somebody chose: no figures.
    """

    source: str
    labels: int
    calls: int
    weighted: bool
    clauses: tuple[Clause, ...]
    everything: Clause
    score: ScoreError | None
    scored_calls: int
    chosen: dict[str, tuple[int, int]]


def calibrate(gathered: Gathered, *, examples: int = 5) -> Calibration:
    """The agreement of ratings, clause by clause.

    Args:
        gathered: from labels or reviews.
        examples: how many disagreements to listen to are named per clause.
    """
    by_rule: dict[str, list[Rating]] = defaultdict(list)
    for rating in gathered.ratings:
        by_rule[rating.rule].append(rating)
    clauses = tuple(
        measure(ratings, rule=rule, title=ratings[0].title, examples=examples)
        for rule, ratings in by_rule.items()
    )
    chosen: dict[str, tuple[int, int]] = {}
    for rating in gathered.chosen:
        if rating.machine == "fail":
            right, wrong = chosen.get(rating.rule, (0, 0))
            is_fail = rating.human == "fail"
            chosen[rating.rule] = (right + is_fail, wrong + (not is_fail))
    return Calibration(
        source=gathered.source,
        labels=len(gathered.ratings),
        calls=len({rating.call for rating in gathered.ratings}),
        weighted=len({rating.probability for rating in gathered.ratings}) > 1,
        clauses=clauses,
        everything=measure(gathered.ratings, rule="", title="全部条款", examples=0),
        score=score_error(gathered.scored),
        scored_calls=len(gathered.scored),
        chosen=chosen,
    )


def measure(ratings: Sequence[Rating], *, rule: str, title: str, examples: int) -> Clause:
    """One clause's figures."""
    hits = [r for r in ratings if r.machine == "fail" and r.human == "fail"]
    false_alarms = [r for r in ratings if r.machine == "fail" and r.human != "fail"]
    review = [r for r in ratings if r.machine == "needs_review"]
    review_faults = [r for r in review if r.human == "fail"]
    decided = [r for r in ratings if r.machine != "needs_review"]
    missed = [r for r in decided if r.machine != "fail" and r.human == "fail"]
    faults = [*hits, *missed, *review_faults]
    enough = len(ratings) >= FEWEST
    discordant = len(false_alarms) + len(missed)
    wrong = sorted(false_alarms, key=lambda r: -(r.confidence or 0)) + missed + review_faults
    return Clause(
        rule=rule,
        title=title,
        n=len(ratings),
        hits=len(hits),
        false_alarms=len(false_alarms),
        missed=len(missed),
        review_faults=len(review_faults),
        review_fine=len(review) - len(review_faults),
        precision=share(hits, of=[*hits, *false_alarms]) if enough else None,
        recall=share(hits, of=faults) if enough else None,
        flagged=share([*hits, *review_faults], of=faults) if enough else None,
        kappa=kappa(decided) if enough else None,
        mcnemar_p=_mcnemar(len(false_alarms), len(missed)) if enough and discordant else None,
        examples=tuple(wrong[:examples]),
    )


def share(hits: Sequence[Rating], *, of: Sequence[Rating]) -> Figure | None:
    """A weighted share with Wilson's interval for the effective number of labels; None under `FEWEST`."""
    if len(of) < FEWEST:
        return None
    total = sum(r.weight for r in of)
    value = min(1.0, sum(r.weight for r in hits) / total)
    low, high = wilson(value, _effective_of_share(hits, of=of, value=value))
    return Figure(value, low, high, len(of))


def kappa(ratings: Sequence[Rating]) -> Figure | None:
    """Cohen's κ of fail against not fail.

    ::

        κ      = (p_o − p_e) ÷ (1 − p_e)
        var(κ) = [Σ_i p_ii (1 − (p_i. + p_.i)(1 − κ))² + (1 − κ)² Σ_i≠j p_ij (p_.i + p_j.)²
                  − (κ − p_e(1 − κ))²] ÷ n (1 − p_e)²

    with ``p_ij`` the weighted share of machine ``i``, people ``j``, and ``n`` effective, a call counting
    once. Where they agree on everything that variance is 0; then the lower end is that of ``p_o`` (Wilson).
    None under `FEWEST` labels, and where both always say the same one thing: chance alone would agree.
    """
    if len(ratings) < FEWEST:
        return None
    total = sum(r.weight for r in ratings)
    p = [[0.0, 0.0], [0.0, 0.0]]
    for r in ratings:
        p[r.machine == "fail"][r.human == "fail"] += r.weight / total
    rows = [sum(row) for row in p]
    columns = [p[0][j] + p[1][j] for j in (0, 1)]
    observed = p[0][0] + p[1][1]
    expected = sum(rows[i] * columns[i] for i in (0, 1))
    if expected >= 1 - 1e-12:
        return None
    value = (observed - expected) / (1 - expected)
    same = sum(p[i][i] * (1 - (rows[i] + columns[i]) * (1 - value)) ** 2 for i in (0, 1))
    other = (1 - value) ** 2 * sum(p[i][1 - i] * (columns[i] + rows[1 - i]) ** 2 for i in (0, 1))
    variance = (same + other - (value - expected * (1 - value)) ** 2) / (1 - expected) ** 2
    n = effective(_by_call(ratings).values())
    if observed >= 1 - 1e-12:
        return Figure(value, (wilson(1.0, n)[0] - expected) / (1 - expected), 1.0, len(ratings))
    half = _Z * math.sqrt(max(0.0, variance) / n)
    return Figure(value, max(-1.0, value - half), min(1.0, value + half), len(ratings))


def effective(weights: Iterable[float]) -> float:
    """The number of equally weighted labels that are as sure: ``(Σw)² ÷ Σw²``."""
    every = list(weights)
    return sum(every) ** 2 / sum(weight**2 for weight in every)


def _effective_of_share(hits: Sequence[Rating], *, of: Sequence[Rating], value: float) -> float:
    """How many independent labels are as sure of a share.

    ::

        var = Σ_c (y_c − p·m_c)² ÷ (Σ_c m_c)²        over calls: ratio estimator
        n   = p (1 − p) ÷ var                        at most Kish's number of labels

    with ``m_c`` the weight of a call's labels and ``y_c`` that of its hits. Of 0 and 1 there is no scatter:
    then every call counts once.
    """
    labels, calls = effective(r.weight for r in of), _by_call(of)
    if not 0 < value < 1:
        return effective(calls.values())
    found = _by_call(hits)
    total = sum(calls.values())
    scatter = sum((found.get(call, 0.0) - value * weight) ** 2 for call, weight in calls.items())
    if scatter <= 0:
        return effective(calls.values())
    return min(labels, value * (1 - value) * total**2 / scatter)


def _by_call(ratings: Sequence[Rating]) -> dict[str, float]:
    """The weight of each call's labels."""
    weights: dict[str, float] = defaultdict(float)
    for rating in ratings:
        weights[rating.call] += rating.weight
    return weights


def score_error(calls: Sequence[ScoredCall]) -> ScoreError | None:
    """How people's scores differ from the machine's; None under `FEWEST` calls."""
    if len(calls) < FEWEST:
        return None
    errors = [(call.human_percent - call.machine_percent, call.weight) for call in calls]
    total = sum(weight for _, weight in errors)
    mean = sum(error * weight for error, weight in errors) / total
    scatter = sum(weight * (error - mean) ** 2 for error, weight in errors) / total
    n = effective(weight for _, weight in errors)
    half = _Z * math.sqrt(scatter / max(1.0, n - 1))
    return ScoreError(
        n=len(calls),
        mean=mean,
        low=mean - half,
        high=mean + half,
        range_low=_quantile(errors, 0.05),
        range_high=_quantile(errors, 0.95),
        same_result=sum(call.machine_result == call.human_result for call in calls),
    )


def _quantile(values: Sequence[tuple[float, float]], share: float) -> float:
    """The smallest value with at least that share of the weight at or below it."""
    ordered = sorted(values)
    wanted, upto = share * sum(weight for _, weight in ordered), 0.0
    for value, weight in ordered:
        upto += weight
        if upto >= wanted - 1e-12:
            return value
    return ordered[-1][0]


def _mcnemar(one: int, other: int) -> float:
    """The exact two-sided p value: the less likely split of ``one + other`` coins, or a rarer one."""
    n, k = one + other, min(one, other)
    tail: float = sum(math.comb(n, i) for i in range(k + 1)) / 2**n
    return min(1.0, 2 * tail)
