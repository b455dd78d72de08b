"""What is older than the date is forgotten altogether, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from auditor.store import (
    Purgeable,
    Purged,
    failures,
    known_sha256,
    open_store,
    purge_older_than,
    purgeable,
    remember_sha256,
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


def test_what_a_purge_would_forget_is_what_it_forgets(store, save, make_call, noon):
    for number in range(4):
        save(make_call(number, **({"started_at": None} if number == 3 else {})))
    save_failure(store, call_id=None, paths=["/calls/9.wav"], reason_code="hang", message="…")
    soon = datetime.now(UTC) + timedelta(days=1)
    assert purgeable(store, noon + timedelta(minutes=2)) == Purgeable(2, 0, 2, 0)
    assert purgeable(store, soon) == Purgeable(4, 1, 4, 1)
    assert purge_older_than(store, soon) == Purged(4, 4, 1)
    assert purgeable(store, soon) == Purgeable(0, 0, 0, 0)


def test_what_files_held_is_forgotten_with_their_calls(store, save, make_call, noon):
    for number in (0, 1):
        save(make_call(number))
    remember_sha256(store, [(f"/calls/{number}.wav", "stamp", "a" * 64) for number in (0, 1)])
    purge_older_than(store, noon + timedelta(minutes=1))
    assert known_sha256(store, [(f"/calls/{number}.wav", "stamp") for number in (0, 1)]) == {
        "/calls/1.wav": "a" * 64
    }


@pytest.fixture
def filled(tmp_path, book, make_call, key_of):
    """A store of three calls in the current folder."""
    url = f"sqlite:///{tmp_path}/audits.db"
    with open_store(url) as store:
        for number in range(3):
            audit = make_call(number, **({"started_at": None} if number == 2 else {}))
            save_audit(store, audit, evidence_key=key_of(audit), book=book)
    return url


def held(url):
    with open_store(url) as store:
        return calls(store)


def test_a_dry_run_forgets_nothing(run_auditor, filled):
    code, out, _ = run_auditor("purge", "--older-than", "2026-11-03", "--dry-run")
    assert code == 0
    assert "2 calls from before 2026-11-03 00:00 +0800, with 2 scorecards, and 0 failures" in out
    assert "nothing was forgotten" in out
    assert held(filled) == {"0", "1", "2"}


def test_nothing_is_forgotten_unasked(run_auditor, filled, monkeypatch):
    code, _, err = run_auditor("purge", "--older-than", "2026-11-03")
    assert code == 2
    assert "give --yes to forget them, or --dry-run" in err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda _question: False)
    assert "nothing was forgotten" in run_auditor("purge", "--older-than", "2026-11-03")[1]
    assert held(filled) == {"0", "1", "2"}


def test_with_yes_old_calls_are_forgotten_and_undated_ones_by_when_they_came(run_auditor, filled):
    code, out, _ = run_auditor("purge", "--older-than", "2026-11-03", "--yes")
    assert (code, held(filled)) == (0, {"2"})
    assert "forgotten: 2 calls, 2 scorecards, 0 failures" in out
    code, out, _ = run_auditor("purge", "--older-than", "2099-01-01", "--yes")
    assert "(1 of them by when they came, as nobody knows when they began)" in out
    assert held(filled) == set()


@pytest.mark.parametrize("text", ["", "d", "90", "last year", "2026-13-01"])
def test_what_is_neither_date_nor_days_says_so(run_auditor, filled, text):
    code, _, err = run_auditor("purge", "--older-than", text, "--yes")
    assert code == 2
    assert "write it as 2026-01-01 or 90d" in err


def test_days_are_counted_from_now(run_auditor, filled):
    assert "0 calls from before" in run_auditor("purge", "--older-than", "30000d")[1]
