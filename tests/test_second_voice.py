"""A colleague's voice on the agent's leg, from sound to verdict (P3.5a)."""

import sys
from pathlib import Path

import pytest
from ground_truth.asides import aside
from ground_truth.speakers import SYNTHETIC, SYNTHETIC_LOW

pytestmark = pytest.mark.slow

sys.path.append(str(Path(__file__).parent / "benchmarks"))


@pytest.fixture(scope="module")
def heard():
    from accuracy_side_talk import side_talk

    return lambda below_db: side_talk(
        aside(4, below_db=below_db, voices=(SYNTHETIC, SYNTHETIC_LOW), colleague=SYNTHETIC_LOW)
    )


def test_a_distant_voice_in_a_hold_is_for_a_human(heard):
    found = heard(18.0)
    assert (found.verdict, found.reason_code) == ("needs_review", "distant_voice")


def test_a_silent_hold_is_none(heard):
    assert heard(None).verdict == "pass"
