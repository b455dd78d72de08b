from __future__ import annotations

import pytest

from auditor.text.clock import clock


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "00:00"), (59.9, "00:59"), (59.9999, "01:00"), (61.0, "01:01"), (3600, "1:00:00"), (-1, "00:00")],
)
def test_a_clock_rounds_down_and_grows_hours(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown
