"""The time that a page is about where its address names none."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from auditor.web.periods import read_period

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("age_days", "days"),
    [(None, "30"), (-1, "30"), (0, "30"), (29, "30"), (30, "90"), (250, "365"), (900, "all")],
)
def test_a_page_opens_on_the_shortest_time_that_reaches_the_newest_call(age_days, days):
    newest = None if age_days is None else datetime.now(UTC) - timedelta(days=age_days)
    assert read_period("", "", "", zone=ZONE, newest=newest).days == days


@pytest.mark.parametrize("days", ["7", "30", "all"])
def test_an_address_that_names_a_time_is_taken_at_its_word(days):
    old = datetime.now(UTC) - timedelta(days=200)
    period = read_period(days, "", "", zone=ZONE, newest=old)
    assert (period.days, period.query()) == (days, {"days": days})
