"""Which rows of sums a stretch of time adds up: whole months from one table, other whole days from the other.

A day that a boundary cuts, as midnights outside UTC+8 do, is in neither: its calls are read one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from auditor.store.sum_tables import UNKNOWN_DAY, beginning_of, day_of, month_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# A stretch of moments, its end not included; None: open.
Stretch = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True, order=True)
class Days:
    """Days from ``first`` until ``end``, which is not included; of months: their first days."""

    first: int
    end: int


# All days, that of calls without a start among them.
EVER = Days(UNKNOWN_DAY, 2**31 - 1)


@dataclass(frozen=True, slots=True)
class Spans:
    """What some stretches are made of.

    Attributes:
        months: rows of months, as ranges of their first days.
        days: rows of days that those months do not hold.
        whole: rows of days for all of it.
        cut: stretches of days that a boundary cuts.
    """

    months: tuple[Days, ...]
    days: tuple[Days, ...]
    whole: tuple[Days, ...]
    cut: tuple[tuple[datetime, datetime], ...]


def spans_of(stretches: Sequence[Stretch]) -> Spans:
    """The rows that some stretches add up, which lie one after the other and hold no other's days."""
    months: list[Days] = []
    days: list[Days] = []
    whole: list[Days] = []
    cut: list[tuple[datetime, datetime]] = []
    for since, until in stretches:
        if since is not None and until is not None and since >= until:
            continue
        inside = whole_days(since, until)
        cut += _cut(since, until, inside=inside)
        if inside.first >= inside.end:
            continue
        full, rest = in_months(inside)
        whole.append(inside)
        months += full
        days += rest
    return Spans(_joined(months), _joined(days), _joined(whole), tuple(cut))


def whole_days(since: datetime | None, until: datetime | None) -> Days:
    """The days that lie in a stretch as a whole; none where the first is not before the end."""
    if since is None and until is None:
        return EVER
    first = UNKNOWN_DAY + 1
    if since is not None:
        since_day = day_of(since)
        first = max(first, since_day + (beginning_of(since_day) != since))
    return Days(first, EVER.end if until is None else day_of(until))


def days_touched(since: datetime | None, until: datetime | None) -> Days:
    """The days that a stretch has a moment of; where a time is given, days that are known."""
    if since is None and until is None:
        return EVER
    first = UNKNOWN_DAY + 1 if since is None else max(UNKNOWN_DAY + 1, day_of(since))
    return Days(first, EVER.end if until is None else day_of(until - timedelta(microseconds=1)) + 1)


def in_months(days: Days) -> tuple[tuple[Days, ...], tuple[Days, ...]]:
    """The months that days fill, as a range of their first days, and the days before and after them."""
    if days == EVER:
        return (days,), ()
    first = month_of(days.first)
    if first != days.first:
        first = month_of(first + 31)
    end = days.end if days.end == EVER.end else month_of(days.end)
    if first >= end:
        return (), (days,)
    rest = (Days(days.first, first), Days(end, days.end))
    return (Days(first, end),), tuple(each for each in rest if each.first < each.end)


def _cut(
    since: datetime | None, until: datetime | None, *, inside: Days
) -> Iterator[tuple[datetime, datetime]]:
    """The parts of a stretch that are no whole days: before them and after them."""
    if since is not None and until is not None and inside.first > inside.end:
        yield since, until  # within one day
        return
    if since is not None and since < beginning_of(inside.first):
        yield since, beginning_of(inside.first)
    if until is not None and beginning_of(inside.end) < until:
        yield beginning_of(inside.end), until


def _joined(ranges: Iterable[Days]) -> tuple[Days, ...]:
    """The same days in as few ranges as it takes."""
    found: list[Days] = []
    for each in sorted(ranges):
        if found and found[-1].end == each.first:
            found[-1] = Days(found[-1].first, each.end)
        else:
            found.append(each)
    return tuple(found)


def stretches_between(cuts: Sequence[datetime]) -> tuple[Stretch, ...]:
    """The stretch between each two neighbouring cuts."""
    return tuple(pairwise(cuts))
