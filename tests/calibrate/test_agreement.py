"""Figures of agreement: against counts by hand, a published κ, scikit-learn and simulation."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rated_calls import rating
from sklearn.metrics import cohen_kappa_score

from auditor.calibrate.agreement import calibrate, effective, kappa, measure, score_error, share
from auditor.calibrate.ratings import Gathered, ScoredCall


def ratings(both, false, missed, neither, **more):
    return [
        *[rating("fail", "fail", **more) for _ in range(both)],
        *[rating("fail", "pass", **more) for _ in range(false)],
        *[rating("pass", "fail", **more) for _ in range(missed)],
        *[rating("pass", "not_applicable", **more) for _ in range(neither)],
    ]


def test_precision_and_recall_are_those_counted_by_hand():
    clause = measure(
        [*ratings(18, 2, 4, 30), *[rating("needs_review", "fail") for _ in range(2)]],
        rule="V3",
        title="",
        examples=0,
    )
    assert clause.precision.value == pytest.approx(18 / 20)
    assert clause.recall.value == pytest.approx(18 / 24)
    assert clause.flagged.value == pytest.approx(20 / 24)
    assert (clause.precision.low, clause.precision.high) == pytest.approx((0.699, 0.972), abs=0.001)


def test_kappa_is_the_published_one():
    # Sim & Wright, Physical Therapy 85 (2005), table 2: 22, 2, 4, 11: κ = 0.67, SE 0.123 for κ ≠ 0.
    found = kappa(ratings(22, 2, 4, 11))
    assert found.value == pytest.approx(0.67, abs=0.005)
    assert (found.high - found.low) / (2 * 1.96) == pytest.approx(0.123, abs=0.003)


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.floats(0.1, 1)), min_size=10, max_size=60))
@settings(max_examples=40)
def test_kappa_is_scikit_learns_weighted_or_not(rows):
    made = [
        rating("fail" if machine else "pass", "fail" if human else "pass", probability=probability)
        for machine, human, probability in rows
    ]
    found = kappa(made)
    one, other, weights = zip(*[(m, h, 1 / p) for m, h, p in rows], strict=True)
    if found is None:
        assert len(set(one)) == len(set(other)) == 1
    else:
        assert found.value == pytest.approx(cohen_kappa_score(one, other, sample_weight=weights), abs=1e-9)
        assert found.low <= found.value <= found.high


def test_the_interval_of_kappa_holds_the_truth_nineteen_times_in_twenty():
    chance = random.Random(7)
    cells = (
        [("fail", "fail")] * 30 + [("fail", "pass")] * 5 + [("pass", "fail")] * 10 + [("pass", "pass")] * 55
    )
    truth = cohen_kappa_score([m for m, _ in cells], [h for _, h in cells])
    held = 0
    for _ in range(400):
        found = kappa([rating(*chance.choice(cells)) for _ in range(120)])
        held += found.low <= truth <= found.high
    assert 0.91 <= held / 400 <= 0.98


def test_risky_calls_that_were_drawn_more_often_do_not_spoil_precision():
    """100 fails, 80 right; the 20 wrong ones were ten times likelier to be drawn."""
    drawn = [rating("fail", "fail", probability=0.1) for _ in range(8)] + [
        rating("fail", "pass", probability=1.0) for _ in range(20)
    ]
    figure = share(drawn[:8], of=drawn)
    assert figure.value == pytest.approx(0.8)
    assert figure.n == 28 and effective(r.weight for r in drawn) == pytest.approx(100**2 / 820)


def test_under_ten_labels_there_are_counts_and_no_figures():
    clause = measure(ratings(5, 1, 1, 2), rule="V3", title="", examples=0)
    assert clause.too_few and (clause.hits, clause.false_alarms, clause.missed) == (5, 1, 1)
    assert clause.precision is clause.recall is clause.kappa is clause.mcnemar_p is None
    few_fails = measure(ratings(5, 1, 0, 20), rule="V3", title="", examples=0)
    assert not few_fails.too_few and few_fails.precision is None


def test_labels_of_one_call_are_no_independent_ones():
    """Ten calls with ten labels each, all right or all wrong, are as sure as ten labels."""
    same = [
        rating("fail", "fail" if n < 8 else "pass", call=f"call {n}") for n in range(10) for _ in range(10)
    ]
    each = [rating("fail", "fail" if n % 10 < 8 else "pass") for n in range(100)]
    clustered, free = (share([r for r in rows if r.human == "fail"], of=rows) for rows in (same, each))
    assert clustered.value == free.value == 0.8
    assert clustered.high - clustered.low > 2.5 * (free.high - free.low)


def test_full_agreement_is_not_certainty():
    found = kappa(ratings(10, 0, 0, 10))
    assert found.value == pytest.approx(1.0) and found.high == 1.0 and 0.5 < found.low < 0.8


def test_where_both_always_say_the_same_chance_alone_would_agree():
    assert kappa(ratings(0, 0, 0, 20)) is None


def test_mcnemar_is_exact():
    assert measure(ratings(5, 8, 1, 10), rule="", title="", examples=0).mcnemar_p == pytest.approx(
        2 * (1 + 9) / 2**9
    )
    assert measure(ratings(5, 4, 4, 10), rule="", title="", examples=0).mcnemar_p == 1.0


def test_examples_are_disagreements_the_surest_false_alarms_first():
    rows = [
        *ratings(10, 0, 1, 5),
        rating("fail", "pass", confidence=0.6, call="a"),
        rating("fail", "pass", confidence=0.9, call="b"),
    ]
    clause = measure(rows, rule="V3", title="", examples=2)
    assert [each.call for each in clause.examples] == ["b", "a"]


def test_calls_that_somebody_chose_enter_no_figure():
    made = calibrate(
        Gathered("x", tuple(ratings(20, 0, 0, 5)), chosen=tuple(ratings(1, 9, 0, 0, probability=None)))
    )
    assert made.everything.precision.value == 1.0
    assert made.chosen == {"V3": (1, 9)}


def scored(machine, human, weight=1.0):
    return ScoredCall("c", None, machine, human, "pass", "pass", weight)


def test_the_score_error_is_people_less_machine():
    error = score_error([scored(80, 80 + k) for k in range(20)])
    assert error.mean == pytest.approx(9.5)
    assert (error.range_low, error.range_high) == (0, 18)
    assert error.low < 9.5 < error.high and error.same_result == 20
    assert score_error([scored(80, 90)] * 9) is None


def test_the_score_error_weighs_calls_that_stand_for_more():
    assert score_error([scored(80, 90, 3.0)] * 10 + [scored(80, 80, 1.0)] * 10).mean == pytest.approx(7.5)
