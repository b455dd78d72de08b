"""The sampling plan: as many as asked, as likely as said, evenly handed out, and the same every time."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given
from reviewing import MONDAY, OTHER, PLAN, ZONE, planned, refused
from sqlalchemy import select

from auditor.errors import UsageError
from auditor.store import (
    RunTally,
    close_run,
    fullest_edition,
    latest_edition,
    open_run,
    purge_older_than,
    review,
)
from auditor.store.drawing import Candidate, Plan, assign, draw, probabilities, week_of
from auditor.store.queues import assigned_calls, finish_call, open_rules, waiting_calls
from auditor.store.review_tables import AssignmentRow
from auditor.store.standing import reviewed_call


def candidates(*risks, agent=1):
    return [Candidate(number, agent, each) for number, each in enumerate(risks)]


@given(st.lists(st.floats(1, 9), min_size=1, max_size=40), st.integers(1, 12), st.floats(0.05, 1))
def test_probabilities_add_up_to_the_calls_that_are_drawn(weights, calls, share):
    found = probabilities(weights, plan=Plan(MONDAY, calls=calls, random_share=share))
    assert sum(found) == pytest.approx(min(calls, len(weights)))
    assert all(0 < each <= 1 for each in found)


def test_every_call_is_drawn_as_often_as_its_probability_says():
    calls = candidates(("critical",), ("unsure",), *[()] * 10)
    counts = Counter()
    draws = 4000
    for seed in range(draws):
        drawn = draw(calls, plan=replace(PLAN, seed=seed))
        assert len(drawn) == 4
        counts.update(candidate.recording_id for candidate, _ in drawn)
    expected = probabilities([each.weight for each in calls], plan=PLAN)
    for call, share in zip(calls, expected, strict=True):
        assert counts[call.recording_id] / draws == pytest.approx(share, abs=0.03)
    assert expected[0] > expected[1] > expected[2]


def test_a_mean_weighted_by_the_probabilities_is_that_of_all_calls():
    calls = candidates(*[("critical",)] * 6, *[()] * 24)
    faulty = {each.recording_id for each in calls[:9]}  # risk and fault go together
    total = plain = 0.0
    for seed in range(3000):
        drawn = draw(calls, plan=replace(PLAN, seed=seed))
        weights = {candidate.recording_id: 1 / share for candidate, share in drawn}
        total += sum(weight for id_, weight in weights.items() if id_ in faulty) / len(calls)
        plain += sum(id_ in faulty for id_ in weights) / len(weights)
    assert total / 3000 == pytest.approx(0.3, abs=0.015)
    assert plain / 3000 > 0.4  # what unweighted figures would say


def test_the_same_seed_draws_the_same_calls_whatever_their_order():
    calls = candidates(*[()] * 30)
    assert draw(calls, plan=PLAN) == draw(calls[::-1], plan=PLAN)
    assert draw(calls, plan=PLAN) != draw(calls, plan=replace(PLAN, seed=1))


def test_an_agent_with_few_calls_has_them_all_drawn():
    assert {share for _, share in draw(candidates((), ()), plan=PLAN)} == {1.0}


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), st.integers(1, 5))
def test_calls_are_handed_out_evenly(agents, inspectors):
    drawn = [(Candidate(number, agent, ()), 1.0) for number, agent in enumerate(agents)]
    names = [f"i{number}" for number in range(inspectors)]
    counts = Counter(each.inspector for each in assign(drawn, inspectors=names, load=Counter()))
    assert max(counts.values()) - min(counts[name] for name in names) <= 1


def test_who_has_calls_already_gets_fewer():
    drawn = [(Candidate(number, 1, ()), 1.0) for number in range(3)]
    found = assign(drawn, inspectors=["a", "b"], load=Counter(a=2))
    assert [each.inspector for each in found] == ["b", "b", "a"]


def test_impossible_plans_are_refused():
    for wrong in ({"monday": date(2026, 11, 3)}, {"calls": 0}, {"random_share": 0.0}):
        with pytest.raises(UsageError):
            Plan(**{"monday": MONDAY, **wrong})


@pytest.fixture
def store(empty_sqlite):
    return empty_sqlite


def test_a_week_is_planned_once_in_the_centres_time_zone(store, edition):
    drawn = planned(store, edition)
    assert sorted(Counter(each.candidate.agent_id for each in drawn).values()) == [4, 4]
    assert planned(store, edition) == ()
    with store.reading() as session:
        rows = session.scalars(select(AssignmentRow)).all()
    assert Counter(row.inspector for row in rows) == {"chen": 4, "zhao": 4}
    assert {row.week for row in rows} == {"2026-11-02"}
    assert all("critical" in row.risks for row in rows)
    starts = {call.started_at for call in assigned_calls(store, edition=edition)}
    assert {week_of(start, zone=ZONE) for start in starts} == {MONDAY}


def test_nobody_to_review_is_said(store, edition):
    with pytest.raises(UsageError, match="users add"):
        planned(store, edition, inspectors=[])


def test_a_call_is_finished_when_what_is_open_was_decided(store, edition):
    planned(store, edition)
    call = assigned_calls(store, edition=edition, inspector="chen")[0]
    refused("undecided", finish_call, store, call.audit_id, actor="chen", role="inspector")
    for rule in open_rules(reviewed_call(store, call.audit_id)):
        review(store, call.audit_id, rule=rule, verdict="pass", seen=0, **OTHER)
    assert finish_call(store, call.audit_id, actor="chen", role="inspector") > 5
    assert finish_call(store, call.audit_id, actor="chen", role="inspector") == 0
    left = assigned_calls(store, edition=edition, inspector="chen")
    assert call.audit_id not in {each.audit_id for each in left}
    (done,) = assigned_calls(store, edition=edition, inspector="chen", done=True)
    assert (done.audit_id, done.in_review, done.critical) == (call.audit_id, 0, 0)
    standings = reviewed_call(store, call.audit_id).standings.values()
    assert not [each for each in standings if each.state == "open" and each.finding.verdict == "pass"]


def test_what_people_decided_waits_no_longer(store, edition):
    waiting = waiting_calls(store, editions=[edition], what="critical")
    assert len(waiting) == 16 and waiting[0].started_at > waiting[-1].started_at
    review(store, waiting[0].audit_id, rule="C11d", verdict="fail", seen=0, **OTHER)
    assert len(waiting_calls(store, editions=[edition], what="critical")) == 15
    (left,) = waiting_calls(store, editions=[edition], what="review")
    assert left.audit_id == waiting[0].audit_id
    assert waiting_calls(store, editions=[edition], what="critical", limit=5, offset=12) == tuple(
        each for each in waiting[13:] if each.audit_id != left.audit_id
    )


def test_a_new_rulebook_takes_no_call_off_the_lists(store, edition, save, make_call, other_book):
    planned(store, edition)
    drawn = assigned_calls(store, edition=edition)
    model = make_call().evidence.model
    run = open_run(store, book=other_book, model=model, command="batch")
    again = [make_call(number, book=other_book, agent_id="8000", team="一组") for number in (0, 900)]
    made = [save(audit, book=other_book) for audit in again]
    close_run(store, run, state="complete", tally=RunTally(audited=2))
    newer = latest_edition(store)
    assert newer != edition and fullest_edition(store) == edition
    waiting = waiting_calls(store, editions=[newer, edition], what="critical")
    assert len(waiting) == 17 and len({each.call_id for each in waiting}) == 17
    assert set(made) <= {each.audit_id for each in waiting}
    assert {each.call_id for each in assigned_calls(store, edition=newer)} == {each.call_id for each in drawn}


def test_a_forgotten_call_is_assigned_to_nobody(store, edition):
    planned(store, edition)
    purge_older_than(store, datetime.now(UTC) + timedelta(days=900))
    with store.reading() as session:
        assert session.scalars(select(AssignmentRow)).all() == []
