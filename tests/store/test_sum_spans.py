"""A time is made of whole months, whole days and cut days that hold every moment once."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from auditor.store.sum_spans import EVER, Days, in_months, spans_of, whole_days
from auditor.store.sum_tables import UNKNOWN_DAY, beginning_of, day_of, month_of

CHINA = ZoneInfo("Asia/Shanghai")
MOMENTS = st.datetimes(datetime(2025, 11, 1), datetime(2026, 4, 30), timezones=st.just(UTC))
MIDNIGHTS = st.dates(datetime(2025, 11, 1).date(), datetime(2026, 4, 30).date()).map(
    lambda day: datetime(day.year, day.month, day.day, tzinfo=CHINA)
)


def days_of(months):
    """The days that ranges of months' first days hold."""
    return [
        day
        for each in months
        for day in range(each.first, each.end)  # the end is the first day of a month, too
    ]


@given(cuts=st.lists(MOMENTS | MIDNIGHTS, min_size=2, max_size=6))
def test_stretches_are_made_of_months_days_and_cut_days_that_hold_every_moment_once(cuts):
    cuts = sorted(cuts)
    spans = spans_of(list(pairwise(cuts)))
    days = [*days_of(spans.months), *(day for each in spans.days for day in range(each.first, each.end))]
    assert sorted(days) == [day for each in spans.whole for day in range(each.first, each.end)]
    parts = [(beginning_of(day), beginning_of(day + 1)) for day in sorted(days)]
    parts = sorted([*parts, *spans.cut])
    assert all(after == before for (_, after), (before, _) in pairwise(parts))
    if cuts[0] < cuts[-1]:
        assert (parts[0][0], parts[-1][1]) == (cuts[0], cuts[-1])
        assert all(any(a <= since and until <= b for a, b in pairwise(cuts)) for since, until in parts)
    else:
        assert parts == []


@given(cuts=st.lists(MIDNIGHTS, min_size=2, max_size=2, unique=True))
def test_no_day_of_a_month_that_lies_inside_is_read_by_itself(cuts):
    since, until = sorted(cuts)
    spans = spans_of([(since, until)])
    assert spans.cut == ()
    alone = [day for each in spans.days for day in range(each.first, each.end)]
    for day in alone:
        month = month_of(day)
        assert beginning_of(month) < since or beginning_of(month_of(month + 31)) > until


def test_months_are_those_of_the_calendar():
    first = day_of(datetime(2024, 2, 1, tzinfo=CHINA))
    assert {month_of(day) for day in range(first, first + 29)} == {first}
    assert month_of(first + 29) == first + 29
    assert month_of(first - 1) == first - 31
    assert month_of(UNKNOWN_DAY) == UNKNOWN_DAY


def test_calls_without_a_start_are_in_all_time_and_in_no_other():
    assert spans_of([(None, None)]).months == (EVER,) == spans_of([(None, None)]).whole
    ancient = datetime(1960, 1, 1, tzinfo=UTC)
    assert whole_days(ancient, None).first == 0 == whole_days(None, datetime(2030, 1, 1, tzinfo=UTC)).first


def test_a_time_without_an_end_is_days_up_to_a_month_and_months_from_there():
    since = datetime(2026, 1, 20, tzinfo=CHINA)
    february = day_of(since + timedelta(days=12))
    assert in_months(whole_days(since, None)) == (
        (Days(february, EVER.end),),
        (Days(february - 12, february),),
    )
