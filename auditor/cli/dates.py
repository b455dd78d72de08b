"""Dates of the command line."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import overload
from zoneinfo import ZoneInfo

from auditor.errors import UsageError


@overload
def moment(text: str, *, option: str, time_zone: str, end: bool = ...) -> datetime: ...
@overload
def moment(text: str | None, *, option: str, time_zone: str, end: bool = ...) -> datetime | None: ...


def moment(text: str | None, *, option: str, time_zone: str, end: bool = False) -> datetime | None:
    """A date or a time as a moment; None for none.

    Args:
        text: ``2026-11-01``, which begins at midnight, or ``2026-11-01T08:30``, with or without an offset.
        option: for the message.
        time_zone: of what has no offset.
        end: the end of a day is meant, so that ``--to`` includes that day.

    Raises:
        UsageError: it is neither.
    """
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        try:
            read = datetime.fromisoformat(text)
        except ValueError:
            raise UsageError(f"{option} {text!r} is no date; write it as 2026-11-01.") from None
    else:
        read = datetime(day.year, day.month, day.day) + timedelta(days=end)
    return read if read.tzinfo is not None else read.replace(tzinfo=ZoneInfo(time_zone))


def age(text: str, *, option: str, time_zone: str) -> datetime:
    """The moment before which something is old: a date, or so many days ago (``90d``).

    Raises:
        UsageError: it is neither.
    """
    days = re.fullmatch(r"([0-9]{1,5})d", text)
    if days:
        return datetime.now(UTC) - timedelta(days=int(days[1]))
    try:
        return moment(text, option=option, time_zone=time_zone)
    except UsageError:
        raise UsageError(
            f"{option} {text!r} is neither a date nor a number of days; write it as 2026-01-01 or 90d."
        ) from None
