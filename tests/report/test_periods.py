"""Days, weeks, months and ranges in the settings' zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.report.periods import Period, period_with

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


def test_a_week_is_from_monday_to_sunday():
    week = period_with(date(2026, 11, 4), kind="week", zone=ZONE)
    assert (week.first, week.last) == (date(2026, 11, 2), date(2026, 11, 8))
    assert week.since == datetime(2026, 11, 1, 16, tzinfo=UTC)
    assert week.words == "2026-11-02 至 2026-11-08"


def test_the_month_before_january_is_december():
    month = period_with(date(2026, 1, 31), kind="month", zone=ZONE)
    assert (month.previous().first, month.previous().last) == (date(2025, 12, 1), date(2025, 12, 31))
    assert (month.words, month.slug) == ("2026 年 1 月", "2026-01")


def test_before_a_range_come_as_many_days():
    days = Period("range", date(2026, 11, 5), date(2026, 11, 14), ZONE)
    assert (days.previous().first, days.previous().last) == (date(2026, 10, 26), date(2026, 11, 4))


def test_a_day_lasts_as_long_as_its_zone_says():
    day = period_with(date(2026, 11, 1), kind="day", zone=ZoneInfo("America/New_York"))  # clocks go back
    assert day.until.astimezone(UTC) - day.since.astimezone(UTC) == timedelta(hours=25)


@given(DAYS, st.integers(0, 800), st.sampled_from(["day", "week", "month"]))
def test_steps_cover_the_period_without_gap_or_overlap(first, days, kind):
    for period in (
        Period("range", first, first + timedelta(days=days), ZONE),
        period_with(first, kind=kind, zone=ZONE),
    ):
        steps = period.steps()
        assert steps[0] == period.first and steps[-1] == period.last + timedelta(days=1)
        assert list(steps) == sorted(set(steps)) and len(steps) <= 33
        assert period.previous().last + timedelta(days=1) == period.first


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="must not end"):
        Period("range", date(2026, 11, 2), date(2026, 11, 1), ZONE)
