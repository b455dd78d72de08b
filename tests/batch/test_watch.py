"""`auditor watch` on folders that something happens to, by a clock of the test's own."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from batch.disturbed import engine_here, spoken, write_call
from sqlalchemy import func, select
from store_rows import store_rows

from auditor.batch.arrivals import Arrivals
from auditor.batch.plan import Plan
from auditor.batch.stopping import Stop
from auditor.batch.tally import Tally
from auditor.batch.watch import Clock, watch
from auditor.batch.worker import WorkerSetup
from auditor.inputs.config import Settings
from auditor.judge import open_rulebook
from auditor.store import open_store
from auditor.store.tables import AuditRow, RunRow

ROOT = Path(__file__).resolve().parents[2]
SETTLE_S = 30.0


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.fixture
def run(folder, sqlite_url):
    """Watch while steps (second -> what happens) are done: returns dated events, sentences and the tally."""

    def run(steps, *, until, engine=None):
        now, left, stop = 0.0, sorted(steps.items()), Stop()
        events, sentences, tally = [], [], Tally()

        def sleep(seconds):
            nonlocal now
            now += seconds
            while left and left[0][0] <= now:
                left.pop(0)[1]()
            if now >= until:
                stop.level = 1

        sleep(0)
        watch(
            Arrivals([folder], settle_s=SETTLE_S, say=sentences.append),
            plan=Plan((), WorkerSetup(), open_rulebook(), None, {}, 1, engine=engine or engine_here()),
            settings=Settings(),
            store=sqlite_url,
            every_s=1.0,
            tally=tally,
            tell=lambda event, **facts: events.append((now, event, facts)),
            say=sentences.append,
            stop=stop,
            clock=Clock(now=lambda: now, sleep=sleep),
        )
        return [each for each in events if each[1] in ("audited", "judged", "failed")], sentences, tally

    return run


def paper(path, number=0):
    path.with_name(f"{path.stem}.transcript.json").write_text(spoken(number), encoding="utf-8")


def runs(url):
    with open_store(url) as store, store.reading() as session:
        return [(run.state, run.audited) for run in session.scalars(select(RunRow).order_by(RunRow.id))]


def test_a_recording_is_audited_when_it_has_stopped_growing(folder, run, sqlite_url, undisturbed):
    path = folder / "call.wav"
    whole = write_call(folder / "whole.tmp", 1, record=False, transcript=False).read_bytes()

    def append(start, end):
        with path.open("ab") as file:
            file.write(whole[start:end])

    events, _, tally = run(
        {
            0: lambda: paper(path, 1),
            10: lambda: append(0, 9_000),
            30: lambda: append(9_000, 20_000),
            55: lambda: append(20_000, None),
        },
        until=200,
    )
    assert [(event, facts["duration_s"]) for _, event, facts in events] == [("audited", 1.0)]
    assert 55 + SETTLE_S <= events[0][0] <= 55 + SETTLE_S + 3
    assert (tally.audited, tally.failed) == (1, 0)
    assert store_rows(sqlite_url) == undisturbed(folder)
    assert runs(sqlite_url) == [("complete", 1)]


def test_what_is_renamed_into_place_is_audited_and_unfinished_names_are_not(folder, run):
    def finish():
        (folder / "call.wav.part").rename(folder / "call.wav")

    steps = {0: lambda: write_call(folder / "call.wav.part", 1, record=False, transcript=False)}
    paper(folder / "call.wav", 1)
    write_call(folder / ".hidden.wav", 2, record=False, transcript=False)
    write_call(folder / "never.wav.tmp", 3, record=False, transcript=False)
    events, _, tally = run(steps | {100: finish}, until=200)
    assert [Path(facts["paths"][0]).name for _, _, facts in events] == ["call.wav"]
    assert events[0][0] >= 100 + SETTLE_S
    assert tally.calls == 1


def test_a_record_that_comes_late_judges_again_and_counts_the_call_once(folder, run, sqlite_url):
    path = write_call(folder / "call.wav", 2, record=False)

    def record():
        write_call(path.with_name("other.wav"), 2, transcript=False).unlink()
        path.with_name("other.record.json").rename(path.with_name("call.record.json"))

    events, _, _ = run({100: record}, until=200)
    assert [event for _, event, _ in events] == ["audited", "judged"]
    with open_store(sqlite_url) as store, store.reading() as session:
        counted = session.scalars(select(AuditRow).where(AuditRow.current)).all()
        assert session.scalar(select(func.count()).select_from(AuditRow)) == 2
    assert len(counted) == 1 and counted[0].agent_id is not None
    assert runs(sqlite_url) == [("complete", 2)]


def test_a_record_that_comes_soon_is_waited_for(folder, run):
    path = write_call(folder / "call.wav", 2, record=False)
    events, _, _ = run({20: lambda: write_call(path, 2)}, until=200)
    assert [event for _, event, _ in events] == ["audited"]
    assert events[0][2]["call_id"] == "C-2"


def test_one_party_waits_longer_for_the_other(folder, run):
    for party in ("agent", "customer"):
        write_call(folder / f"{party}_7.wav", 7, record=False, transcript=False)
    (folder / "agent_7.transcript.json").write_text(spoken(7), encoding="utf-8")
    (folder / "customer_7.wav").rename(folder.parent / "customer_7.wav")
    arrives = {90: lambda: (folder.parent / "customer_7.wav").rename(folder / "customer_7.wav")}
    events, _, _ = run(arrives, until=200)
    assert [len(facts["paths"]) for _, _, facts in events] == [2]


def test_a_folder_that_goes_away_is_waited_for(folder, run, sqlite_url, undisturbed):
    write_call(folder / "first.wav", 1)
    away = folder.with_name("away")

    def vanish(job, moment):
        if job.paths[0].name == "second.wav" and moment == "before" and not away.exists():
            folder.rename(away)

    steps = {
        60: lambda: write_call(folder / "second.wav", 2),
        150: lambda: away.rename(folder),
    }
    events, sentences, tally = run(steps, until=300, engine=engine_here(vanish_once(vanish)))
    assert [event for _, event, _ in events] == ["audited", "failed", "audited"]
    assert sentences == [f"{folder} is not there; waiting for it.", f"{folder} is there again."]
    assert tally.calls == 3
    assert store_rows(sqlite_url) == undisturbed(folder)


def vanish_once(vanish):
    done = []

    def disturb(job, moment):
        if not done and job.paths[0].name == "second.wav":
            done.append(job)
            vanish(job, moment)

    return disturb


def test_what_failed_is_tried_again_when_it_has_changed_and_not_before(folder, run):
    path = write_call(folder / "call.wav", 1)
    whole = path.read_bytes()
    path.write_bytes(b"RIFF")
    events, _, _ = run({150: lambda: path.write_bytes(whole)}, until=300)
    assert [event for _, event, _ in events] == ["failed", "audited"]
    assert events[1][0] >= 150 + SETTLE_S


def test_a_record_with_a_fault_is_told_once_and_audited_when_it_is_mended(folder, run):
    path = write_call(folder / "call.wav", 2)
    record = path.with_name("call.record.json")
    good = record.read_text(encoding="utf-8")
    record.write_text('{"direction": "sideways"}')
    events, sentences, _ = run({150: lambda: record.write_text(good, encoding="utf-8")}, until=300)
    assert [event for _, event, _ in events] == ["audited"]
    assert len(sentences) == 1 and "direction" in sentences[0]


def test_a_store_that_is_out_of_reach_is_waited_for(
    folder, run, tmp_path, sqlite_url, undisturbed, monkeypatch
):
    monkeypatch.setattr("auditor.store.database.PATIENCE_S", 0.1)
    monkeypatch.setattr(open_store, "__kwdefaults__", open_store.__kwdefaults__ | {"patience_s": 0.1})
    open_store(sqlite_url).close()
    write_call(folder / "call.wav", 2)
    holder = sqlite3.connect(tmp_path / "audits.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    events, sentences, tally = run({50: lambda: holder.execute("ROLLBACK")}, until=200)
    assert [event for _, event, _ in events] == ["audited"]
    assert "another process holds its lock" in sentences[0]
    assert (tally.calls, tally.done) == (1, 1)
    assert store_rows(sqlite_url) == undisturbed(folder)


def test_a_folder_that_was_never_there_is_a_usage_error(run_auditor):
    code, _, err = run_auditor("watch", "nowhere")
    assert code == 2
    assert "nowhere: there is no such folder" in err


@pytest.mark.slow
def test_sigterm_ends_watching_with_a_summary_and_one_worker_heard_it_all(tmp_path):
    (tmp_path / "in").mkdir()
    command = [sys.executable, "-m", "auditor.cli", "watch", "in", "--settle", "1", "--every", "0.3"]
    process = subprocess.Popen(
        [*command, "--workers", "1", "--log", "log.jsonl"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    log = tmp_path / "log.jsonl"
    for number in (1, 2):
        write_call(tmp_path / "in" / f"{number}.wav", number)
        until = time.monotonic() + 120
        while not log.exists() or log.read_text().count('"audited", "call_id"') < number:
            assert process.poll() is None and time.monotonic() < until
            time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "2 of 2 calls: 2 audited" in out
    assert "watching in" in err and "Traceback" not in err
    assert (
        len(
            {line.split('"process_id": ')[1] for line in log.read_text().splitlines() if "process_id" in line}
        )
        == 1
    )
    assert runs(f"sqlite:///{tmp_path}/audits.db") == [("complete", 2)]
