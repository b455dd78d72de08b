"""What tests of reviews do: decide, appeal and judge the findings of one call."""

import pytest
from reviewing import OTHER

from auditor.store import appeal, judge_appeal, review, reviewed_call, save_audit


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
