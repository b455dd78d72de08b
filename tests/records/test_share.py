"""Wilson's interval, by its own definition and by published figures."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.records import Share

SHARES = st.integers(1, 10_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_the_published_one(hits, of, low, high):
    assert Share(hits, of).interval == pytest.approx((low, high), abs=5e-5)


@given(SHARES)
def test_at_its_ends_the_observed_share_is_as_far_away_as_chance_allows(counts):
    hits, of = counts
    low, high = Share(hits, of).interval
    assert 0 <= low <= hits / of <= high <= 1
    for end in (low, high):
        if 0 < end < 1:
            assert abs(hits / of - end) == pytest.approx(1.959964 * math.sqrt(end * (1 - end) / of), rel=1e-4)


def test_nothing_counted_has_no_share():
    assert Share(0, 0).value is None and Share(0, 0).interval is None


def test_shares_add_as_their_counts_do():
    assert Share(1, 2) + Share(3, 8) == Share(4, 10)


@pytest.mark.parametrize("counts", [(2, 1), (-1, 1)])
def test_what_is_no_share_is_refused(counts):
    with pytest.raises(ValueError, match="no share"):
        Share(*counts)
