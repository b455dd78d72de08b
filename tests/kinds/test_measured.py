"""How sure a comparison of figures is."""

import pytest

from auditor.kinds.measured import certainty, median


def test_a_value_at_its_limit_is_a_coin_toss(book):
    assert certainty(0.0, error=2.0, book=book) == pytest.approx(0.5)


def test_a_value_one_error_beyond_is_at_the_edge_of_the_95_percent_interval(book):
    assert certainty(2.0, error=2.0, book=book) == pytest.approx(0.975, abs=0.001)


def test_certainty_never_reaches_one(book):
    assert certainty(100.0, error=1.0, book=book) == 0.99


def test_an_unknown_error_gives_the_default(book):
    assert certainty(3.0, error=None, book=book) == book.settings.default_confidence


@pytest.mark.parametrize(("values", "middle"), [([3, 1, 2], 2), ([4, 1, 2, 3], 2.5), ([7], 7)])
def test_the_median_is_the_middle(values, middle):
    assert median(values) == middle
