"""What pages make of sums: a trend in bars, the clauses that cost most, several teams as one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from auditor.records import Points, Share
from auditor.store.browsing import Tally
from auditor.store.sums import sums_over_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from auditor.store import Edition, Store
    from auditor.store.adding import ClauseSum
    from auditor.web.scope import Scope

_BARS = 31
_LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of time in a trend; ``height`` in percent of the drawing."""

    first: date
    last: date
    calls: int
    percent: float | None
    pass_share: Share
    height: float


def add_up(tallies: Iterable[Tally]) -> Tally:
    """Several teams as one."""
    found = list(tallies)
    points = sum((each.points for each in found), Points(0.0, 0.0))
    names = ("calls", "scored", "passed", "failed", "pending", "critical", "in_review")
    counts = {name: sum(getattr(each, name) for each in found) for name in names}
    return Tally(key="", name=None, team=None, points=points, **counts)


def costliest(clauses: Sequence[ClauseSum], *, most: int) -> tuple[ClauseSum, ...]:
    """The clauses that lost most points."""
    lost = [clause for clause in clauses if clause.cost > 0]
    return tuple(sorted(lost, key=lambda clause: -clause.cost)[:most])


def trend(store: Store, *, edition: Edition, scope: Scope) -> tuple[Bar, ...]:
    """The score over the scope's time, in at most `_BARS` stretches of whole days; none without an end."""
    period = scope.period
    if period.since is None or period.until is None or period.first is None or period.last is None:
        return ()
    days = (period.last - period.first).days + 1
    if not 2 <= days <= _LONGEST_DAYS:
        return ()
    each = -(-days // _BARS)
    firsts = [period.first + timedelta(days=n) for n in range(0, days, each)]
    zone = period.since.tzinfo
    cuts = [datetime(day.year, day.month, day.day, tzinfo=zone) for day in firsts]
    found = sums_over_time(
        store,
        edition=edition,
        selection=scope.selection,
        cuts=[*cuts, period.until],
        clauses=False,
        figures=False,
    )
    lasts = [day - timedelta(days=1) for day in firsts[1:]] + [period.last]
    return tuple(
        Bar(first, last, one.calls, one.percent, one.pass_share, one.percent or 0.0)
        for first, last, one in zip(firsts, lasts, found, strict=True)
    )
