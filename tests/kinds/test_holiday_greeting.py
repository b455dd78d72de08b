"""Which days are holidays, and what is a holiday's greeting."""

from datetime import UTC, date, datetime

import pytest

from auditor.kinds.holiday_greeting import festivals_on

PLAIN = [{"客服": "您好,中国移动,我能为您做些什么?"}, {"客户": "查话费。"}, {"客服": "五十元,再见。"}]


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2024, 1, 1), "元旦"),
        (date(2024, 2, 10), "春节"),
        (date(2024, 4, 4), "清明节"),
        (date(2024, 5, 1), "劳动节"),
        (date(2024, 6, 10), "端午节"),
        (date(2024, 9, 17), "中秋节"),
        (date(2024, 10, 3), "国庆节"),
        (date(2025, 1, 28), "农历除夕"),
        (date(2025, 1, 31), "春节"),
        (date(2025, 5, 2), "劳动节"),
        (date(2025, 5, 31), "端午节"),
        (date(2025, 10, 6), "中秋节"),
        (date(2026, 1, 1), "元旦"),
        (date(2026, 2, 17), "春节"),
        (date(2026, 6, 19), "端午节"),
        (date(2026, 9, 25), "中秋节"),
        (date(2026, 10, 1), "国庆节"),
        (date(2027, 2, 6), "春节"),
        (date(2027, 5, 1), "劳动节"),
        (date(2027, 6, 9), "端午节"),
        (date(2027, 9, 15), "中秋节"),
        (date(2027, 10, 2), "国庆节"),
    ],
)
def test_a_festivals_statutory_days_are_holidays(day, name):
    assert festivals_on(day) == (name,)


@pytest.mark.parametrize(
    "day",
    [
        date(2024, 10, 4),  # a moved weekend
        date(2024, 2, 13),  # stands in for a day of the festival that fell on a weekend
        date(2026, 10, 6),
        date(2026, 5, 4),
        date(2024, 5, 2),  # a holiday from 2025 on
        date(2026, 10, 4),
        date(2026, 3, 10),
    ],
)
def test_other_days_off_are_none(day):
    assert festivals_on(day) == ()


def test_two_festivals_may_fall_on_one_day():
    assert set(festivals_on(date(2028, 10, 3))) == {"中秋节", "国庆节"}


def test_the_date_is_that_of_the_centre(call, outcome):
    late = datetime(2026, 9, 30, 16, 30, tzinfo=UTC)
    evidence = call(PLAIN, record={"started_at": late.isoformat()})
    assert outcome("G2", evidence).verdict == "fail"
    assert outcome("G2", evidence, time_zone="Europe/London").verdict == "not_applicable"


def test_qingming_is_wished_to_nobody_unless_a_centre_says_so(call, outcome):
    evidence = call(PLAIN, record={"started_at": "2026-04-05T10:00:00+08:00"})
    assert outcome("G2", evidence).reason_code == "no_holiday"
    assert outcome("G2", evidence, excluded=[]).verdict == "fail"


@pytest.mark.parametrize(
    "words",
    [
        "您好!节日快乐!我能为您做些什么?",
        "节日快乐,您好,中国移动,请讲。",
        "您好,中国移动,祝您国庆节快乐,请问有什么可以帮您?",
        "您好,国庆快乐,中国移动。",
    ],
)
def test_any_wish_of_the_day_will_do(call, outcome, words):
    evidence = call([{"客服": words}, *PLAIN[1:]], record={"started_at": "2026-10-01T10:00:00+08:00"})
    assert outcome("G2", evidence).verdict == "pass"


def test_a_missing_greeting_costs_once_on_a_holiday_too(call, finding):
    record = {"started_at": "2026-10-01T10:00:00+08:00"}
    evidence = call([{"客服": "哪里?"}, *PLAIN[1:]], record=record)
    assert finding("G2", evidence).same_as == "P3.2a"
    evidence = call(PLAIN, record=record)
    assert (finding("G2", evidence).same_as, finding("P3.2a", evidence).verdict) == (None, "pass")
