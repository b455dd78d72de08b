"""`auditor export`: what counts of a store, all of it or nothing."""

import csv
import json

import pytest

from auditor.store import RunTally, close_run, open_run, open_store, save_audit


@pytest.fixture
def fill(tmp_path, make_call, book, key_of):
    """A store of some calls in the current folder; one of them without a start."""

    def fill(count=4, *, complete=True):
        with open_store(f"sqlite:///{tmp_path}/audits.db") as store:
            run = open_run(store, book=book, model=make_call().evidence.model, command="batch")
            for number in range(count):
                audit = make_call(number, **({"started_at": None} if number == 3 else {}))
                save_audit(store, audit, evidence_key=key_of(audit), book=book, run_id=run)
            if complete:
                close_run(store, run, state="complete", tally=RunTally(audited=count))

    return fill


def test_jsonl_has_every_call_of_the_last_complete_run(run_auditor, fill):
    fill()
    code, out, err = run_auditor("export", "jsonl")
    assert code == 0
    assert [json.loads(line)["call"]["id"] for line in out.splitlines()] == ["0", "1", "2", "3"]
    assert err.startswith("4 calls by rulebook 2026.11 and ")


def test_days_are_chosen_with_their_last_one(run_auditor, fill):
    fill()
    code, out, _ = run_auditor("export", "jsonl", "--from", "2026-11-02", "--to", "2026-11-02")
    assert (code, len(out.splitlines())) == (0, 3)
    assert run_auditor("export", "jsonl", "--to", "2026-11-01")[1] == ""
    code, _, err = run_auditor("export", "jsonl", "--from", "02.11.2026")
    assert code == 2
    assert "--from '02.11.2026' is no date" in err


def test_a_table_is_written_for_excel(run_auditor, fill, tmp_path):
    fill()
    code, out, _ = run_auditor("export", "csv", "-o", "calls.csv")
    assert (code, out) == (0, "")
    raw = (tmp_path / "calls.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    with (tmp_path / "calls.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["通话编号"] for row in csv.DictReader(file)] == ["0", "1", "2", "3"]
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_calls_without_a_start_make_no_vcon_and_that_is_told(run_auditor, fill):
    fill()
    code, out, err = run_auditor("export", "vcon")
    assert (code, len(out.splitlines())) == (0, 3)
    assert "left out: 1 calls whose start nobody knows" in err
    assert "3 calls by rulebook" in err


def test_an_export_that_breaks_leaves_the_old_file(run_auditor, fill, tmp_path, monkeypatch):
    fill()
    (tmp_path / "calls.csv").write_text("old")

    def breaks(audits):
        yield "half"
        raise KeyboardInterrupt

    monkeypatch.setattr("auditor.report.export.csv_lines", breaks)
    assert run_auditor("export", "csv", "-o", "calls.csv")[0] == 130
    assert (tmp_path / "calls.csv").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".db") == ["calls.csv"]


def test_a_store_without_a_complete_run_says_what_to_do(run_auditor, fill):
    fill(1, complete=False)
    code, _, err = run_auditor("export", "csv")
    assert code == 2
    assert "no run of this store is complete yet; run `auditor batch` to its end first" in err
