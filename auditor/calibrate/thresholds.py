"""Limits that would meet a wanted precision, for rules that fail when one figure lies beyond one limit.

Of the fails that people judged, those nearest to the limit go first: the limit that changes least and leaves
a precision of at least the wanted one is suggested, as long as `FEWEST` labels remain behind it. A limit is
only ever moved to where it accuses fewer; recall falls with it, and is shown. The precision after the change
is that of labels from which the limit was chosen, so it is somewhat too good: measure again on new labels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from auditor.calibrate.agreement import FEWEST, share
from auditor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.calibrate.agreement import Figure
    from auditor.calibrate.ratings import Rating
    from auditor.rulebook.schema import Rule, Rulebook

Outcome = Literal["met", "change", "too_few", "out_of_reach"]


@dataclass(frozen=True, slots=True)
class Limit:
    """A rule's limit and the figure that is held against it.

    Attributes:
        param: the parameter's name.
        measured: the figure's name in findings.
        above: whether a figure above the limit fails, not one below.
        whole: whether the limit is a whole number.
    """

    param: str
    measured: str
    above: bool
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the labels say about one limit.

    Attributes:
        limit: today's.
        suggested: the new one; None unless the outcome is ``change``.
        precision: today's, of fails beyond this limit.
        after: with the new limit.
        kept: of the confirmed fails beyond the limit, how many stay fails, and of how many.
    """

    rule: str
    title: str
    param: str
    limit: float
    outcome: Outcome
    suggested: float | None
    n: int
    precision: Figure | None
    after: Figure | None
    kept: tuple[int, int]


def limits_of(rule: Rule) -> tuple[Limit, ...]:
    """The limits of a rule whose moving alone decides; none for kinds that weigh several figures."""
    params = rule.params
    match rule.kind:
        case "measurement_range":
            name = str(params.get("measurement", ""))
            every: tuple[Limit, ...] = (
                Limit("fail_max", name, above=True),
                Limit("fail_min", name, above=False),
            )
        case "reply_gap":
            every = (Limit("max_gap_s", "response_gap_max_s", above=True),)
        case "silence_handling":
            every = (Limit("max_silence_s", "longest_silence_s", above=True),)
        case "answer_rings":
            every = (Limit("max_rings", "rings", above=True, whole=True),)
        case _:
            every = ()
    return tuple(each for each in every if isinstance(params.get(each.param), int | float))


def suggest(ratings: Sequence[Rating], *, book: Rulebook, precision: float) -> tuple[Suggestion, ...]:
    """What the ratings say about every limit that they can say something about.

    Args:
        ratings: of calls with a known probability, with what findings measured.
        book: whose limits.
        precision: the wanted share of fails that people confirm, above 0 and up to 1.

    Raises:
        UsageError: no such precision.
    """
    if not 0 < precision <= 1:
        raise UsageError(f"--precision is a share above 0 and up to 1, such as 0.95, not {precision:g}.")
    found = []
    for rule in book.rules:
        for limit in limits_of(rule):
            beyond = sorted(
                (
                    r
                    for r in ratings
                    if r.rule == rule.id
                    and r.machine == "fail"
                    and limit.measured in r.measured
                    and _is_beyond(r.measured[limit.measured], float(rule.params[limit.param]), limit)
                ),
                key=lambda r: r.measured[limit.measured] if limit.above else -r.measured[limit.measured],
            )
            if beyond:
                found.append(_about(rule, limit, beyond, wanted=precision))
    return tuple(found)


def changed_params(suggestions: Sequence[Suggestion], *, book: Rulebook) -> dict[str, dict[str, float]]:
    """Rule -> parameters as suggested; whole numbers stay whole."""
    changes: dict[str, dict[str, float]] = {}
    for each in suggestions:
        if each.suggested is not None:
            is_whole = (
                isinstance(book.rule(each.rule).params[each.param], int) and each.suggested.is_integer()
            )
            value = int(each.suggested) if is_whole else each.suggested
            changes.setdefault(each.rule, {})[each.param] = value
    return changes


def with_params(book: Rulebook, changes: dict[str, dict[str, float]]) -> Rulebook:
    """The rulebook with changed parameters, as `accepting` writes it; its hash stays the old one."""
    rules = tuple(
        rule.model_copy(update={"params": {**rule.params, **changes[rule.id]}})
        if rule.id in changes
        else rule
        for rule in book.rules
    )
    return book.model_copy(update={"rules": rules})


def _about(rule: Rule, limit: Limit, beyond: Sequence[Rating], *, wanted: float) -> Suggestion:
    now = float(rule.params[limit.param])
    right = [r for r in beyond if r.human == "fail"]
    today = share(right, of=beyond)

    def said(outcome: Outcome, suggested: float | None = None, start: int = 0) -> Suggestion:
        rest = beyond[start:]
        kept = [r for r in rest if r.human == "fail"]
        return Suggestion(
            rule=rule.id,
            title=rule.title,
            param=limit.param,
            limit=now,
            outcome=outcome,
            suggested=suggested,
            n=len(beyond),
            precision=today,
            after=share(kept, of=rest) if suggested is not None else None,
            kept=(len(kept), len(right)),
        )

    if today is None:
        return said("too_few")
    if today.value >= wanted:
        return said("met")
    values = [r.measured[limit.measured] for r in beyond]
    for start in range(1, len(beyond) - FEWEST + 1):
        new = _between(values[start - 1], values[start], limit)
        rest = beyond[start:]
        figure = share([r for r in rest if r.human == "fail"], of=rest)
        if new is not None and figure is not None and figure.value >= wanted:
            return said("change", new, start)
    return said("out_of_reach")


def _is_beyond(value: float, limit: float, which: Limit) -> bool:
    return value > limit if which.above else value < limit


def _between(inner: float, outer: float, limit: Limit) -> float | None:
    """The roundest limit that lets ``inner`` off and still has ``outer`` beyond it; None: there is none."""
    if inner == outer:
        return None
    sign = 1.0 if limit.above else -1.0
    low, high = sign * inner, sign * outer
    for digits in range(-2, 7):
        if limit.whole and digits > 0:
            return None
        step = 10.0**-digits
        found = math.ceil(low / step - 1e-9) * step
        if low <= found < high:
            return round(sign * found, max(0, digits))
    return None
