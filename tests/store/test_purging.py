"""What is older than the date is forgotten altogether, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from auditor.store import (
    Purged,
    failures,
    open_store,
    purge_older_than,
    save_audit,
    save_failure,
)
from auditor.store.tables import Base, RecordingRow

FORGOTTEN = ("recordings", "audits", "payloads", "findings", "spells", "evidence", "measurements", "failures")


@pytest.fixture
def save(store, book, key_of):
    def save(audit, **more):
        return save_audit(store, audit, evidence_key=key_of(audit), book=audit_book(audit, book), **more)

    def audit_book(audit, book):
        return book.model_copy(update={"sha256": audit.provenance.rulebook_sha256})

    return save


def calls(store):
    with store.reading() as session:
        return set(session.scalars(select(RecordingRow.call_id)))


def rows(store):
    with store.reading() as session:
        return {
            name: session.scalar(select(func.count()).select_from(Base.metadata.tables[name]))
            for name in FORGOTTEN
        }


def test_old_calls_are_forgotten_with_all_their_scorecards(store, save, make_call, noon, other_book):
    for number in range(4):
        save(make_call(number))
    save(make_call(0, book=other_book))
    save(make_call(1, agent_id="8002"))
    purged = purge_older_than(store, noon + timedelta(minutes=2))
    assert purged == Purged(recordings=2, audits=4, failures=0)
    assert calls(store) == {"2", "3"}
    kept = rows(store)
    assert (kept["audits"], kept["payloads"], kept["evidence"]) == (2, 2, 2)


def test_nothing_of_a_forgotten_call_is_left(store, save, make_call):
    save(make_call())
    save_failure(store, call_id=None, paths=["/calls/9.wav"], reason_code="hang", message="…")
    purge_older_than(store, datetime.now(UTC) + timedelta(days=1))
    assert set(rows(store).values()) == {0}
    assert failures(store) == ()


def test_more_calls_than_go_in_one_transaction_are_forgotten(store, save, make_call, monkeypatch):
    monkeypatch.setattr("auditor.store.purge._STRIDE", 2)
    for number in range(5):
        save(make_call(number))
    assert purge_older_than(store, datetime.now(UTC)).recordings == 5


def test_a_call_without_a_date_counts_from_when_it_was_first_seen(store, save, make_call):
    save(make_call(started_at=None))
    assert purge_older_than(store, datetime.now(UTC) - timedelta(days=1)).recordings == 0
    assert purge_older_than(store, datetime.now(UTC) + timedelta(days=1)).recordings == 1


def test_evidence_that_another_call_shares_stays_with_it(store, save, make_call, noon):
    old, new = make_call(0, call_id="old"), make_call(0, call_id="new", started_at=noon + timedelta(days=9))
    save(old)
    save(new)
    purge_older_than(store, noon + timedelta(days=1))
    assert calls(store) == {"new"}
    assert rows(store)["evidence"] == 1


def test_the_words_are_gone_from_the_file_of_the_database(tmp_path, book, make_call, key_of, noon):
    secret = "/calls/geheimnis-8001.wav"
    with open_store(f"sqlite:///{tmp_path}/audits.db") as store:
        audit = make_call(paths=(secret,))
        save_audit(store, audit, evidence_key=key_of(audit), book=book)
        purge_older_than(store, noon + timedelta(days=1))
        for file in tmp_path.iterdir():
            assert secret.encode() not in file.read_bytes(), file.name
