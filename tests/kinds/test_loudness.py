"""Bursts by closed form: constant levels give constant blocks."""

import pytest

QUIET = {"客服": "您好中国移动请问有什么可以帮您呢请讲吧", "at": [0, 8]}


def speech(*bursts):
    """Eight seconds at -30 dBov, then bursts of one second 4 s apart at the given levels."""
    turns = [QUIET | {"level": -30}]
    turns += [{"客服": "请讲", "at": [12 + 4 * n, 13 + 4 * n], "level": db} for n, db in enumerate(bursts)]
    return turns


@pytest.mark.parametrize(
    ("bursts", "verdict"),
    [((-19, -19), "fail"), ((-21, -21), "pass"), ((-19, -21), "pass"), ((-19, -19, -19), "fail")],
)
def test_two_stretches_more_than_ten_db_over_the_median_fail(call, finding, bursts, verdict):
    evidence = call(speech(*bursts), measurements={"agent": {"level_dbov": -28}})
    assert finding("V1", evidence).verdict == verdict


def test_two_bursts_close_together_are_one_stretch(call, finding):
    turns = [
        QUIET | {"level": -30},
        {"客服": "请讲", "at": [12, 13], "level": -15},
        {"客服": "请讲", "at": [13.4, 14.4], "level": -15},
    ]
    evidence = call(turns, measurements={"agent": {"level_dbov": -28}})
    assert finding("V1", evidence).verdict == "pass"


def test_the_level_against_the_customers_is_reported_never_judged(call, finding):
    figures = {"agent": {"level_dbov": -28}, "call": {"level_over_customer_db": 30}}
    found = finding("V1", call(speech(), measurements=figures))
    assert found.verdict == "pass"
    assert found.measured["level_over_customer_db"] == 30
