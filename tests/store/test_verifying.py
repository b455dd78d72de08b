"""`auditor verify` names what is damaged, and `auditor store rebuild` mends what can be made anew."""

import hashlib
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from reviewing import OTHER
from sqlalchemy import delete, insert, select, text, update

from auditor.judge.scorecard import score
from auditor.records import AgentSpell
from auditor.store import RunTally, close_run, open_run, open_store, review, save_audit
from auditor.store.rebuilding import rebuild_store
from auditor.store.review_tables import ReviewedCardRow, RulingRow
from auditor.store.search_tables import INDEX, TranscriptRow
from auditor.store.sum_tables import DaySumRow, MonthSumRow
from auditor.store.tables import (
    AuditRow,
    EvidenceRow,
    FindingRow,
    MeasurementRow,
    PayloadRow,
    RecordingRow,
    RulebookRow,
    SpellRow,
)
from auditor.store.upserts import table_of
from auditor.store.verify_parts import Progress
from auditor.store.verifying import verify


@pytest.fixture
def make_call(make_call, book):
    """The made call, its card added up."""

    def make(*arguments, **record):
        audit = make_call(*arguments, **record)
        return replace(audit, scorecard=score(audit.findings, evidence=audit.evidence, book=book))

    return make


BOTH = pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)
_MADE = {}  # the filled store as bytes, and the ids of its audits: made once


@pytest.fixture
def store(request, tmp_path, fill):
    """A filled store: a file of its own, or the shared database of PostgreSQL."""
    if getattr(request, "param", "sqlite") == "postgresql":
        opened = request.getfixturevalue("empty_postgresql")
        fill(opened)
        yield opened
        return
    file = tmp_path / "audits.db"
    if not _MADE:
        with open_store(f"sqlite:///{file}") as opened:
            _MADE["ids"] = fill(opened)
        _MADE["content"] = file.read_bytes()
    file.write_bytes(_MADE["content"])
    with open_store(f"sqlite:///{file}") as opened:
        yield opened


@pytest.fixture
def fill(key_of, book, other_book, make_call):
    """Four calls: one judged by two rulebooks and reviewed, one transferred, one transcribed, one named."""

    def fill(store):
        run = open_run(store, book=book, model=make_call().evidence.model, command="batch")
        calls = [
            make_call(0),
            make_call(1, agents=(AgentSpell("8001", 0.0, 30.0), AgentSpell("8002", 30.0))),
            make_call(2, model=None, started_at=None, agent_id=None, team=None),
            make_call(3, call_id="C-3"),
        ]
        ids = [save_audit(store, each, evidence_key=key_of(each), book=book, run_id=run) for each in calls]
        close_run(store, run, state="complete", tally=RunTally(audited=4))
        again = make_call(0, book=other_book)
        save_audit(store, again, evidence_key=key_of(again), book=other_book)
        review(store, ids[0], rule="P3.2a", verdict="pass", seen=0, **OTHER)
        return ids

    return fill


@pytest.fixture
def filled(store):
    """The ids of the four calls' audits by the first rulebook."""
    with store.reading() as session:
        return session.scalars(select(AuditRow.id).order_by(AuditRow.id)).all()[:4]


@pytest.fixture
def change(store):
    """Run statements on the store, as nothing in the auditor does."""

    def change(*statements):
        with store.writing() as session:
            for statement in statements:
                session.execute(statement)

    return change


def found(store, **options):
    """Check -> what it found."""
    results = verify(store, progress=Progress(), **options)
    return {each.name: each.told for each in results if each.faults}


@BOTH
def test_a_store_that_was_only_written_by_the_auditor_is_whole(store, filled):
    assert found(store) == {}


def test_a_call_that_got_its_call_id_later_is_whole(store, filled, make_call, key_of, book):
    named = make_call(0, call_id="C-0")
    save_audit(store, named, evidence_key=key_of(named), book=book)
    assert found(store) == {}


def test_looking_changes_nothing(store, filled):
    def rows():
        with store.reading() as session:
            tables = (AuditRow, EvidenceRow, FindingRow, DaySumRow, TranscriptRow, RulingRow)
            return [session.execute(select(table_of(each))).all() for each in tables]

    before = rows()
    found(store)
    assert rows() == before


@BOTH
def test_a_flipped_byte_in_packed_evidence_is_named_with_its_call(store, filled, change):
    with store.reading() as session:
        id_, payload = session.execute(
            select(EvidenceRow.id, EvidenceRow.payload).order_by(EvidenceRow.id).limit(1)
        ).one()
    damaged = bytearray(payload)
    damaged[len(damaged) // 2] ^= 1
    change(update(EvidenceRow).where(EvidenceRow.id == id_).values(payload=bytes(damaged)))
    (told,) = found(store)["evidence"]
    assert told.startswith(f"evidence {id_} (0) cannot be unpacked")


def test_evidence_of_another_recording_is_named(store, filled, change):
    change(update(RecordingRow).where(RecordingRow.call_id == "C-3").values(sha256="e" * 64))
    (told,) = found(store)["evidence"]
    assert "is of another recording than C-3 has" in told


def test_a_changed_figure_is_named(store, filled, change):
    with store.reading() as session:
        evidence, measure = session.execute(
            select(MeasurementRow.evidence_id, MeasurementRow.measure_id).limit(1)
        ).one()
    change(
        update(MeasurementRow)
        .where(MeasurementRow.evidence_id == evidence, MeasurementRow.measure_id == measure)
        .values(value=1.5)
    )
    (told,) = found(store)["evidence"]
    assert "other figures than the table of measurements" in told


def test_changed_points_are_named_with_those_of_the_findings(store, filled, change):
    change(update(AuditRow).where(AuditRow.id == filled[3]).values(earned=AuditRow.earned + 5))
    told = found(store)["scorecards"]
    assert any(each.startswith(f"C-3 (audit {filled[3]}): it has ") and "add up to" in each for each in told)


def test_a_changed_verdict_is_named(store, filled, change):
    card = FindingRow.audit_id == filled[3]
    with store.reading() as session:
        rule = session.scalar(select(FindingRow.rule_id).where(card, FindingRow.verdict == "fail").limit(1))
    change(update(FindingRow).where(card, FindingRow.rule_id == rule).values(verdict="pass"))
    told = found(store)
    assert any("its findings are not those of the table of findings" in each for each in told["scorecards"])
    assert told["sums by day"]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("result", "not_scored", "(result)"),
        ("line", "1258", "(line)"),
        ("key", "f" * 64, "its key is not that of its call, evidence, record and rulebook"),
        ("risk", 2.5, "(risk)"),
    ],
)
def test_a_changed_column_of_a_scorecard_is_named(store, filled, change, column, value, said):
    change(update(AuditRow).where(AuditRow.id == filled[3]).values({column: value}))
    assert any(said in each for each in found(store)["scorecards"])


def test_an_agents_changed_part_is_named(store, filled, change):
    change(update(SpellRow).where(SpellRow.audit_id == filled[1], SpellRow.number == 1).values(earned=99.0))
    assert any("its agents' parts" in each for each in found(store)["scorecards"])


def test_a_missing_payload_is_named(store, filled, change):
    change(delete(PayloadRow).where(PayloadRow.audit_id == filled[3]))
    (told,) = found(store)["scorecards"]
    assert told == f"C-3 (audit {filled[3]}): what was judged is missing"


def test_a_rulebook_that_is_kept_as_another_is_named(store, filled, change, other_book):
    with store.reading() as session:
        content = session.scalar(select(RulebookRow.content).where(RulebookRow.version != other_book.version))
    change(update(RulebookRow).where(RulebookRow.version == other_book.version).values(content=content))
    (told,) = found(store)["rulebooks"]
    assert told.startswith("rulebook 2027.01 (bbbbbbbbbbbb) is kept as another")


def test_a_call_that_would_count_twice_or_not_at_all_is_named(store, filled, change):
    change(
        update(AuditRow).where(AuditRow.id == filled[0]).values(latest=True),
        update(AuditRow).where(AuditRow.id == filled[3]).values(latest=False),
    )
    assert set(found(store)["calls"]) == {
        "0: more than one scorecard counts as its newest",
        "C-3: none of its scorecards counts",
    }


@BOTH
def test_a_deleted_row_of_sums_is_named_by_its_day_and_made_anew(store, filled, change):
    change(delete(DaySumRow).where(DaySumRow.day >= 0))
    told = found(store)["sums by day"]
    assert {each.partition(",")[0] for each in told} == {"2026-11-02"}
    rebuild_store(store)
    assert found(store) == {}


def test_changed_sums_of_a_month_are_named_and_made_anew(store, filled, change):
    change(update(MonthSumRow).where(MonthSumRow.day >= 0).values(calls=MonthSumRow.calls + 1))
    told = found(store)
    assert {each.partition(",")[0] for each in told["sums by month"]} == {"2026-11"}
    assert set(told) == {"sums by month"}
    rebuild_store(store)
    assert found(store) == {}


def test_sums_that_no_audit_gives_are_named(store, filled, change):
    change(update(DaySumRow).where(DaySumRow.day == -1).values(calls=DaySumRow.calls + 1))
    (told,) = found(store)["sums by day"]
    assert told.startswith("calls without a start, rulebook 2026.11:")


@BOTH
def test_a_call_without_words_for_the_search_is_named_and_made_anew(store, filled, change):
    forget = text(f"INSERT INTO {INDEX} ({INDEX}) VALUES ('delete-all')")
    if store.dialect == "postgresql":
        forget = text(f"DELETE FROM {INDEX}")
    with store.reading() as session:
        last = session.scalar(select(RecordingRow.id).where(RecordingRow.call_id == "C-3"))
    change(forget, delete(TranscriptRow).where(TranscriptRow.recording_id == last))
    told = found(store)["words of the search"]
    assert "C-3: the search has no words of it" in told
    assert "0: its words do not find it" in told
    rebuild_store(store)
    assert found(store) == {}


def test_words_under_another_agent_are_named(store, filled, change):
    change(update(TranscriptRow).values(scope="a99"))
    told = found(store)["words of the search"]
    assert "C-3: the search has it under other agents, team, month or evidence" in told


@BOTH
def test_a_card_after_review_that_nobody_decided_is_named_and_made_anew(store, filled, change):
    with store.reading() as session:
        card = dict(session.execute(select(table_of(ReviewedCardRow)).limit(1)).one()._mapping)
    change(
        update(ReviewedCardRow).values(earned=ReviewedCardRow.earned + 1),
        insert(table_of(ReviewedCardRow)).values(**{**card, "audit_id": filled[3]}),
    )
    told = found(store)["reviews"]
    assert f"0 (audit {filled[0]}): its card after review is not what was decided" in told
    assert f"audit {filled[3]}: it has a card after review and nobody decided anything" in told
    rebuild_store(store)
    assert found(store) == {}


def test_a_missing_index_is_named(store, change):
    change(text("DROP INDEX ix_runs_state_id"))
    assert found(store)["tables"] == ("the index ix_runs_state_id is missing: questions will be slow",)


def test_a_row_that_refers_to_none_is_named(store, tmp_path, run_auditor):
    store.close()
    with sqlite3.connect(tmp_path / "audits.db") as connection:
        connection.execute("INSERT INTO payloads (audit_id, payload) VALUES (17, x'00')")
    code, out, _ = run_auditor("verify")
    assert code == 3
    assert "FAULT  database: 1 found" in out
    assert "row 17 of payloads refers to a row of audits that is not there" in out
    assert "what to do: restore a saved copy" in out


def test_a_whole_store_is_said_to_be_whole(store, tmp_path, run_auditor):
    code, out, err = run_auditor("verify")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "sqlite:///audits.db:"
    assert out.endswith("all is well.\n")
    assert run_auditor("verify", "--store", "sqlite:///other.db")[0] == 2


def test_pages_that_were_overwritten_are_named_and_the_rest_is_looked_at(store, tmp_path, run_auditor):
    store.close()
    file = tmp_path / "audits.db"
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 8192] = bytes(8192)
    file.write_bytes(content)
    code, out, _ = run_auditor("verify")
    assert code == 3
    assert "FAULT  database" in out and "scorecards" in out


def test_recordings_that_are_gone_or_replaced_are_named(store, change, tmp_path):
    for number, name in enumerate(("whole", "replaced", "gone", "whole")):
        path = tmp_path / f"{name}.wav"
        path.write_bytes(name.encode())
        digest = hashlib.sha256(name.encode()).hexdigest()
        change(
            update(RecordingRow).where(RecordingRow.id == number + 1).values(path=str(path), sha256=digest)
        )
    Path(tmp_path / "replaced.wav").write_bytes(b"another call")
    Path(tmp_path / "gone.wav").unlink()
    assert "recordings" not in found(store)
    replaced, gone = found(store, recordings=True)["recordings"]
    assert replaced.startswith(f"1: {tmp_path}/replaced.wav is not what was heard (SHA-256 ")
    assert gone == f"2: {tmp_path}/gone.wav does not exist"


def test_faults_beyond_the_first_are_counted(store, change, monkeypatch):
    monkeypatch.setattr("auditor.store.verifying.NAMED", 2)
    change(update(AuditRow).values(judged_share=0.123))
    (result,) = (each for each in verify(store, progress=Progress()) if each.name == "scorecards")
    assert (result.looked, result.faults, len(result.told)) == (5, 5, 2)
