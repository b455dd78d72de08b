"""Stretches of whole days that reports are about: a day, a week, a month, or any range.

Days are those of the settings' time zone. A week begins on Monday.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Kind = Literal["day", "week", "month", "range"]
_DAY = timedelta(days=1)
# A trend has a point for each day up to a month, for each week up to half a year, else for each month.
_DAYS, _WEEKS = 31, 186


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days from ``first`` to ``last``, both included."""

    kind: Kind
    first: date
    last: date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a period must not end before it begins: {self.first} … {self.last}")

    @property
    def since(self) -> datetime:
        """When it begins."""
        return _midnight(self.first, self.zone)

    @property
    def until(self) -> datetime:
        """When it is over."""
        return _midnight(self.last + _DAY, self.zone)

    @property
    def words(self) -> str:
        """As reports print it."""
        if self.kind == "month":
            return f"{self.first.year} 年 {self.first.month} 月"
        if self.first == self.last:
            return f"{self.first:%Y-%m-%d}"
        return f"{self.first:%Y-%m-%d} 至 {self.last:%Y-%m-%d}"

    @property
    def slug(self) -> str:
        """As file names have it."""
        if self.kind == "month":
            return f"{self.first:%Y-%m}"
        return (
            f"{self.first:%Y-%m-%d}"
            if self.first == self.last
            else f"{self.first:%Y-%m-%d}_{self.last:%m-%d}"
        )

    def previous(self) -> Period:
        """The day, week or month before; of a range: as many days before it."""
        if self.kind in ("month", "week", "day"):
            return period_with(self.first - _DAY, kind=self.kind, zone=self.zone)
        days = self.last - self.first + _DAY
        return Period("range", self.first - days, self.first - _DAY, self.zone)

    def steps(self, *, coarser: bool = False) -> tuple[date, ...]:
        """The first days of the steps of a trend, and the day after the last step.

        Args:
            coarser: weeks for days, months for weeks: where so few calls make a step that it says nothing.
        """
        days = (self.last - self.first).days + 1
        unit = (days > _DAYS) + (days > _WEEKS) + (coarser and days > 1)
        found = [self.first]
        while (following := _next(found[-1], unit=min(unit, 2))) <= self.last:
            found.append(following)
        return (*found, self.last + _DAY)

    def cuts(self, *, coarser: bool = False) -> tuple[datetime, ...]:
        """`steps` as moments."""
        return tuple(_midnight(day, self.zone) for day in self.steps(coarser=coarser))


def period_with(day: date, *, kind: Kind, zone: ZoneInfo) -> Period:
    """The day, week or month that a day is in.

    Raises:
        ValueError: ``kind`` is range.
    """
    if kind == "day":
        return Period(kind, day, day, zone)
    if kind == "week":
        monday = day - day.weekday() * _DAY
        return Period(kind, monday, monday + 6 * _DAY, zone)
    if kind == "month":
        first = day.replace(day=1)
        following = (first + 31 * _DAY).replace(day=1)
        return Period(kind, first, following - _DAY, zone)
    raise ValueError("a range needs its two ends")


def _next(day: date, *, unit: int) -> date:
    """Where the next day, week or month (0, 1, 2) begins."""
    if unit == 0:
        return day + _DAY
    if unit == 1:
        return day + (7 - day.weekday()) * _DAY
    return (day.replace(day=1) + 31 * _DAY).replace(day=1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
