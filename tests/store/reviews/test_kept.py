"""What the two databases must keep alike of reviews: nobody overwritten, nothing lost, nothing left."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from reviewing import OTHER, planned, refused
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from auditor.errors import DecisionError
from auditor.store import appeal, judge_appeal, purge_older_than, review, reviewed_call
from auditor.store.queues import appeals, assigned_calls, finish_call, open_rules, waiting_calls
from auditor.store.review_tables import DecisionRow, ReviewedCardRow, RulingRow, StepRow
from auditor.store.tables import Base


def test_the_second_of_two_reviewers_is_told_and_sees_the_first_decision(decide, look):
    decide("V3", "pass")
    refused("stale", decide, "V3", "fail", actor="zhao", reason="语速确实太快。")
    assert [step.actor for step in look("V3").steps] == ["chen"]
    decide("V3", "fail", seen=1, actor="zhao", reason="语速确实太快。")
    assert [step.verdict_after for step in look("V3").steps] == ["pass", "fail"]


def test_the_same_decision_sent_twice_is_one(decide, look):
    assert decide("V3", "pass") == decide("V3", "pass")
    assert look("V3").version == 1


def test_an_agent_appeals_and_the_judgement_closes_it(object_to, settle, look, decide):
    decision = object_to("V3")
    assert (look("V3").state, look("V3").verdict, look("V3").ruled) == ("appealed", "fail", None)
    settle(decision, "pass", seen=1, reason="录音里语速正常。")
    standing = look("V3")
    assert (standing.state, standing.verdict) == ("closed", "pass")
    assert [step.action for step in standing.steps] == ["appeal", "judge"]
    refused("closed", decide, "V3", "fail", seen=2, reason="再看一次。")
    refused("once", object_to, "V3", seen=2)
    refused("not_appealed", settle, decision, "fail", seen=2)


def test_a_decision_holds_for_the_same_proof_under_another_rulebook(
    save, make_call, other_book, decide, look, store
):
    decide("V3", "pass")
    later = save(make_call(book=other_book), book=other_book)
    assert look("V3", later).verdict == "pass"
    assert [step.actor for step in look("V3", later).steps] == ["chen"]
    with store.reading() as session:
        rows = session.scalars(select(RulingRow.audit_id).order_by(RulingRow.audit_id)).all()
        assert rows.count(later) == 1
        assert session.get(ReviewedCardRow, later) is not None


def test_the_history_is_never_changed_nor_deleted(store, decide):
    decide("V3", "pass")
    for statement in (update(StepRow).values(reason="!"), delete(StepRow), delete(DecisionRow)):
        with pytest.raises((DBAPIError, Exception), match="history of decisions"), store.writing() as session:
            session.execute(statement)
    with store.reading() as session:
        assert session.scalars(select(StepRow.reason)).all() == [OTHER["reason"]]


def test_a_forgotten_call_takes_its_decisions_and_reasons_along(store, decide, object_to):
    decide("V3", "pass")
    object_to("P3.2a")
    purge_older_than(store, datetime.now(UTC) + timedelta(days=1))
    with store.reading() as session:
        left = {
            name: session.scalar(select(func.count()).select_from(Base.metadata.tables[name]))
            for name in ("decisions", "steps", "rulings", "reviewed_cards", "recordings")
        }
    assert set(left.values()) == {0}


def test_what_queries_see_is_what_the_call_shows(store, decide, object_to, settle, audit_id):
    decide("C11d", "fail", reason="")
    settle(object_to("P3.2a"), "pass", seen=1)
    call = reviewed_call(store, audit_id)
    with store.reading() as session:
        row = session.get(ReviewedCardRow, audit_id)
        ruled = session.execute(
            text(
                "SELECT rules.rule, rulings.decision_id FROM rulings JOIN rules ON rules.id = rulings.rule_id"
                " WHERE audit_id = :audit"
            ),
            {"audit": audit_id},
        ).all()
    card = call.card
    assert (row.result, row.earned, row.possible, row.percent) == (
        card.result,
        card.points.earned,
        card.points.possible,
        card.points.percent,
    )
    assert (row.critical, row.critical_in_review, row.decided) == (1, 0, 2)
    assert {rule for rule, decision in ruled if decision is not None} == {"C11d", "P3.2a"}
    assert {rule for rule, decision in ruled if decision is None} == {"P1", "C1"}


def test_lists_name_what_waits_for_whom(store, edition):
    planned(store, edition)
    call = assigned_calls(store, edition=edition, inspector="chen")[0]
    assert (call.result, call.critical, call.inspector, call.week) == ("fail", 1, "chen", "2026-11-02")
    words = {"rule": "V3", "reason": "不快。", "agent_id": call.agent, "actor": "wang", "seen": 0}
    decision = appeal(store, call.audit_id, **words)
    (waiting,) = appeals(store, edition=edition, agent=call.agent)
    assert (waiting.decision_id, waiting.audit_id, waiting.rule) == (decision, call.audit_id, "V3")
    judge_appeal(
        store, decision, verdict="fail", reason="录音里很快。", actor="li", role="supervisor", seen=1
    )
    assert appeals(store, edition=edition) == ()
    (closed,) = appeals(store, edition=edition, state="closed")
    assert (closed.judged_by, closed.judged_reason, closed.verdict) == ("li", "录音里很快。", "fail")
    for rule in open_rules(reviewed_call(store, call.audit_id)):
        review(store, call.audit_id, rule=rule, verdict="pass", seen=0, **OTHER)
    finish_call(store, call.audit_id, actor="chen", role="inspector")
    assert len(waiting_calls(store, editions=[edition], what="critical")) == 15
    assert waiting_calls(store, editions=[edition], what="review") == ()  # the others are critical
    (done,) = assigned_calls(store, edition=edition, done=True)
    assert done.audit_id == call.audit_id


def test_of_many_reviewers_at_the_same_moment_one_is_first(store, decide, look):
    def try_it(number):
        try:
            decide("V3", "pass", actor=f"i{number}", reason=f"{number}")
        except DecisionError as error:
            return error.code
        return "kept"

    with ThreadPoolExecutor(6) as pool:
        outcomes = Counter(pool.map(try_it, range(6)))
    assert outcomes == {"kept": 1, "stale": 5}
    assert look("V3").version == len(look("V3").steps) == 1
