"""Ratings from labels and from the store's reviews."""

from datetime import date

import pytest
from sqlalchemy import delete

from auditor.calibrate.agreement import calibrate
from auditor.calibrate.gathering import from_labels, from_reviews
from auditor.calibrate.labels import read_labels
from auditor.calibrate.ratings import Label
from auditor.errors import UsageError
from auditor.store import review, reviewed_call
from auditor.store.drawing import Plan
from auditor.store.queues import assigned_calls, finish_call, open_rules
from auditor.store.review_tables import AssignmentRow
from auditor.store.sampling import plan_week

WORDS = {"reason": "听过。", "actor": "chen", "role": "inspector"}


def test_labels_meet_the_verdicts_of_their_calls(store, edition, labels_csv, paces):
    found = from_labels(store, read_labels(labels_csv), edition=edition, path=labels_csv)
    machine = {r.call: r.machine for r in found.ratings}
    assert machine["000"] == "pass" and machine["019"] == "fail"
    clause = calibrate(found).clauses[0]
    assert (clause.n, clause.hits) == (20, sum(pace > 440 for pace in paces))
    assert all(r.machine == "fail" and r.human == "pass" for r in clause.examples)


@pytest.mark.parametrize("name", ["005", "/calls/005.wav", "005.wav"])
def test_a_call_is_known_by_its_id_its_path_or_its_files_name(store, edition, name, tmp_path):
    found = from_labels(store, [Label(name, "V3", "pass", row=2)], edition=edition, path=tmp_path)
    assert [r.call for r in found.ratings] == ["005"]


def test_calls_and_rules_that_are_not_there_are_all_named(store, edition, tmp_path):
    labels = [
        Label("nobody", "V3", "pass", row=2),
        Label("%.wav", "V3", "pass", row=3),
        Label("005", "Z9", "pass", row=4),
    ]
    with pytest.raises(UsageError) as caught:
        from_labels(store, labels, edition=edition, path=tmp_path)
    for said in (
        "row 2, call: 'nobody'",
        "row 3, call: '%.wav'",
        "row 4, rule: the rulebook has no rule 'Z9'",
    ):
        assert said in str(caught.value)


def test_a_call_with_all_its_rules_labelled_has_a_score(store, edition, filled, tmp_path):
    call = reviewed_call(store, filled[1][0])
    labels = [
        Label("000", f.rule, "pass", row=n)
        for n, f in enumerate(call.audit.findings, start=2)
        if f.verdict != "not_applicable" or f.rule == "C1"
    ]
    (scored,) = from_labels(store, labels, edition=edition, path=tmp_path).scored
    assert scored.human_percent == 100.0
    assert scored.machine_percent == call.audit.scorecard.points.percent
    assert from_labels(store, labels[:3], edition=edition, path=tmp_path).scored == ()


def test_reviews_of_drawn_calls_are_weighted_and_the_others_told_apart(store, edition, filled):
    from zoneinfo import ZoneInfo

    with store.writing() as session:
        session.execute(delete(AssignmentRow))
    plan = Plan(date(2026, 11, 2), calls=4)
    plans = plan_week(store, plan, edition=edition, inspectors=["chen"], zone=ZoneInfo("Asia/Shanghai"))
    drawn = assigned_calls(store, edition=edition)
    assert len(drawn) == 4
    by_recording = {each.candidate.recording_id: each.probability for each in plans}
    probability = {
        call.call_id: by_recording[reviewed_call(store, call.audit_id).recording_id] for call in drawn
    }
    for call in drawn:
        for rule in open_rules(reviewed_call(store, call.audit_id)):
            review(store, call.audit_id, rule=rule, verdict="pass", seen=0, **WORDS)
        finish_call(store, call.audit_id, actor="chen", role="inspector")
    other = next(id_ for id_ in reversed(filled[1]) if id_ not in {call.audit_id for call in drawn})
    review(store, other, rule="V3", verdict="pass", seen=0, **WORDS)
    found = from_reviews(store, edition=edition)
    assert {r.call for r in found.ratings} == {call.call_id for call in drawn}
    assert {r.probability for r in found.ratings} == {probability[r.call] for r in found.ratings}
    assert {r.rule for r in found.chosen} == {"V3"} and {r.probability for r in found.chosen} == {None}
    assert len(found.scored) == 4
    assert from_reviews(store, edition=edition, most_calls=1).ratings == ()
    with store.writing() as session:  # leave the shared store as it was
        session.execute(delete(AssignmentRow))
    assert calibrate(found).everything.n == len(found.ratings)
