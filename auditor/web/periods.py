"""Which time a page is about: the last days, or from one date to another, as its address says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

CHOICES = (("7", "近 7 天"), ("30", "近 30 天"), ("90", "近 90 天"), ("365", "近一年"), ("all", "全部"))
DEFAULTS = ("30", "90", "365")  # the shortest of them that reaches the newest call; else all


@dataclass(frozen=True, slots=True)
class Period:
    """A time in whole days of the site's zone.

    Attributes:
        days: the choice; empty where dates were given.
        first, last: both included; None: open.
        since, until: the same as moments.
        words: as the page says it.
    """

    days: str
    first: date | None
    last: date | None
    since: datetime | None
    until: datetime | None
    words: str

    def query(self) -> dict[str, str]:
        """What an address needs to say the same."""
        if self.days:
            return {"days": self.days}
        found = {"from": self.first, "to": self.last}
        return {key: value.isoformat() for key, value in found.items() if value is not None}


def read_period(days: str, first: str, last: str, *, zone: ZoneInfo, newest: datetime | None) -> Period:
    """The time that an address names; what makes no sense is the default.

    Args:
        days: a choice, as the address has it.
        first: a date, as the address has it.
        last: another.
        zone: the site's time zone.
        newest: when the newest call began; None: there is none. A store of last spring's calls opens on
            them and not on an empty page.
    """
    given = (_date(first), _date(last))
    if any(given) and not (all(given) and given[0] > given[1]):  # type: ignore[operator]
        return _between(*given, zone=zone)
    today = datetime.now(zone).date()
    choice = days if days in dict(CHOICES) else _default(today, newest and newest.astimezone(zone).date())
    if choice == "all":
        return Period("all", None, None, None, None, "全部时间")
    since = today - timedelta(days=int(choice) - 1)
    between = _between(since, today, zone=zone)
    return Period(choice, since, today, between.since, between.until, dict(CHOICES)[choice])


def _default(today: date, newest: date | None) -> str:
    if newest is None:
        return DEFAULTS[0]
    return next((days for days in DEFAULTS if today - newest < timedelta(days=int(days))), "all")


def _between(first: date | None, last: date | None, *, zone: ZoneInfo) -> Period:
    def midnight(day: date | None) -> datetime | None:
        return datetime(day.year, day.month, day.day, tzinfo=zone) if day else None

    words = f"{first or '最早'} 至 {last or '今天'}"
    return Period(
        "", first, last, midnight(first), midnight(last + timedelta(days=1) if last else None), words
    )


def _date(told: str) -> date | None:
    try:
        found = date.fromisoformat(told)
    except ValueError:
        return None
    return found if date(1990, 1, 1) <= found <= date(2200, 1, 1) else None
