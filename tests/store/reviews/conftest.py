"""What tests of reviews do: decide, appeal and judge the findings of one call."""

from datetime import UTC, datetime, timedelta

import pytest
from reviewing import OTHER

from auditor.store import (
    RunTally,
    appeal,
    close_run,
    judge_appeal,
    latest_edition,
    open_run,
    review,
    reviewed_call,
    save_audit,
)


@pytest.fixture
def save(store, key_of):
    def save(audit, *, book):
        book = book.model_copy(update={"sha256": audit.provenance.rulebook_sha256})
        return save_audit(store, audit, evidence_key=key_of(audit), book=book)

    return save


@pytest.fixture
def audit_id(save, make_call, book):
    return save(make_call(), book=book)


@pytest.fixture
def look(store, audit_id):
    """How a rule's finding stands now."""
    return lambda rule, audit=None: reviewed_call(store, audit or audit_id).standings[rule]


@pytest.fixture
def decide(store, audit_id):
    def decide(rule, verdict, *, seen=0, audit=None, **more):
        return review(
            store, audit or audit_id, **{"rule": rule, "verdict": verdict, "seen": seen, **OTHER, **more}
        )

    return decide


@pytest.fixture
def object_to(store, audit_id):
    def object_to(rule, *, agent_id="8001", seen=0, **more):
        words = {"reason": "我说了问候语。", "actor": "wang", **more}
        return appeal(store, audit_id, rule=rule, agent_id=agent_id, seen=seen, **words)

    return object_to


@pytest.fixture
def settle(store):
    def settle(decision_id, verdict, *, seen, **more):
        words = {"reason": "维持原判。", "actor": "li", "role": "supervisor", **more}
        return judge_appeal(store, decision_id, verdict=verdict, seen=seen, **words)

    return settle


@pytest.fixture
def edition(store, make_call, key_of, book):
    """Three weeks of two agents' calls."""
    run = open_run(store, book=book, model=make_call().evidence.model, command="batch")
    for number in range(16):
        start = datetime(2026, 11, 1, 15, 30, tzinfo=UTC) + timedelta(hours=14 * number)
        audit = make_call(number, started_at=start, agent_id=f"800{number % 2}", team="一组")
        save_audit(store, audit, evidence_key=key_of(audit), book=book, run_id=run)
    close_run(store, run, state="complete", tally=RunTally(audited=16))
    return latest_edition(store)
