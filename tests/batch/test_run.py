"""`auditor batch` end to end: a store that a rerun leaves as it is."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from auditor.store import editions, failures, iter_audits, open_store

ROOT = Path(__file__).resolve().parents[2]
SAMPLE_CALLS = ROOT / "sample_calls"


def copy(stem, folder, *, transcript=True, suffix=".wav"):
    """A sample call and its papers; returns the recording."""
    shutil.copy(SAMPLE_CALLS / f"{stem}{suffix}", folder)
    shutil.copy(SAMPLE_CALLS / f"{stem}.record.json", folder)
    if transcript:
        shutil.copy(SAMPLE_CALLS / f"{stem}.transcript.json", folder)
    return folder / f"{stem}{suffix}"


def rows(database):
    """What counts of a store: every audit's content, without ids and times of saving."""
    with open_store(f"sqlite:///{database}", create=False) as store:
        every = {
            (a.call_id, a.scorecard.result, a.evidence.call_record.agent_id or "", repr(a.findings))
            for edition in editions(store)
            for a in iter_audits(store, edition=edition)
        }
    return sorted(every)


def events(log):
    """The log so far; a line that is being written does not count yet."""
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines(True) if line[-1] == "\n"]


@contextmanager
def killing_the_first_worker(log):
    """Kill -9 the worker that begins the first call, once."""

    def kill():
        until = time.monotonic() + 120
        while time.monotonic() < until:
            begun = [each for each in events(log) if each["event"] == "started"] if log.exists() else []
            if begun:
                os.kill(begun[0]["process_id"], signal.SIGKILL)
                return
            time.sleep(0.02)

    thread = threading.Thread(target=kill)
    thread.start()
    yield
    thread.join()


def test_a_batch_hears_once_judges_corrections_and_keeps_failures_apart(run_auditor, tmp_path):
    """One story, because starting workers takes seconds."""
    calls = tmp_path / "calls"
    calls.mkdir()
    copy("swearing_agent", calls)
    record = copy("wrong_order", calls).with_suffix(".record.json")
    (calls / "rubbish.wav").write_bytes(b"RIFF" + bytes(100))
    given = ("batch", calls, "--log", "log.jsonl", "--workers", "1")

    with killing_the_first_worker(tmp_path / "log.jsonl"):
        code, out, err = run_auditor(*given)
    assert code == 3
    assert "3 of 3 calls: 2 audited, 0 judged again, 0 unchanged, 1 failed" in out
    assert "1 passed, 1 failed cards" in out
    assert "failures by reason: input 1" in out
    assert err.count("failed: ") == 1
    assert "Traceback" not in err
    first = rows(tmp_path / "audits.db")
    assert len(first) == 2
    with open_store("sqlite:///audits.db") as store:
        (failure,) = failures(store)
    assert failure.reason_code == "input"

    code, out, _ = run_auditor(*given)
    assert code == 3
    assert "0 audited, 0 judged again, 2 unchanged, 1 failed (1 of them before)" in out
    assert rows(tmp_path / "audits.db") == first

    (calls / "rubbish.wav").unlink()
    corrected = json.loads(record.read_text(encoding="utf-8")) | {"agent_id": "9999"}
    record.write_text(json.dumps(corrected), encoding="utf-8")
    code, out, _ = run_auditor(*given, "--fail-on-card")
    assert code == 1
    assert "0 audited, 1 judged again, 1 unchanged, 0 failed" in out
    changed = [new for new, old in zip(rows(tmp_path / "audits.db"), first, strict=True) if new != old]
    assert [(call, agent) for call, _, agent, _ in changed] == [(corrected["call_id"], "9999")]

    told = [event["event"] for event in events(tmp_path / "log.jsonl")]
    assert told.count("audited") == 2
    started = [e["process_id"] for e in events(tmp_path / "log.jsonl") if e["event"] == "started"]
    assert len(set(started)) == 2  # the killed worker's call was begun again by another
    assert len(started) == 4
    assert (told.count("begin"), told.count("end"), told.count("judged")) == (3, 3, 1)


def test_all_faults_are_told_before_anything_is_audited(run_auditor, tmp_path):
    copy("wrong_order", tmp_path)
    (tmp_path / "calls.csv").write_text("audio,direction\nwrong_order.wav,sideways\ngone.wav,呼入\n", "utf-8")
    code, _, err = run_auditor("batch", "--manifest", "calls.csv")
    assert code == 2
    assert "row 2, column 'direction'" in err
    assert "row 3, column 'audio'" in err
    assert "nothing was audited: correct these 2 faults" in err
    assert not (tmp_path / "audits.db").exists()


def test_a_batch_of_nothing_says_what_to_give(run_auditor):
    code, _, err = run_auditor("batch")
    assert code == 2
    assert "nothing is named" in err


@pytest.mark.slow
def test_bad_rows_are_skipped_when_asked_and_the_exit_code_tells(run_auditor, tmp_path):
    copy("wrong_order", tmp_path)
    (tmp_path / "calls.csv").write_text("audio\nwrong_order.wav\ngone.wav\n")
    code, out, _ = run_auditor("batch", "--manifest", "calls.csv", "--skip-bad-rows")
    assert code == 3
    assert "1 of 1 calls: 1 audited" in out


@pytest.mark.slow
def test_failures_are_tried_again_when_asked_or_when_the_file_is_new(run_auditor, tmp_path):
    calls = tmp_path / "calls"
    calls.mkdir()
    path = copy("wrong_order", calls)
    whole = path.read_bytes()
    path.write_bytes(whole[:20])
    assert run_auditor("batch", calls)[0] == 3
    assert "1 failed (1 of them before)" in run_auditor("batch", calls)[1]
    _, out, _ = run_auditor("batch", calls, "--retry-failed")
    assert "1 failed\n" in out
    time.sleep(0.05)
    path.write_bytes(whole)
    code, out, _ = run_auditor("batch", calls)
    assert code == 0
    assert "1 audited" in out
    with open_store("sqlite:///audits.db") as store:
        assert failures(store) == ()


@pytest.mark.slow
def test_the_shipped_checkpoint_hears_a_batch_as_score_does(run_auditor, score_json, tmp_path):
    calls = tmp_path / "calls"
    calls.mkdir()
    path = copy("wei_opening", calls, transcript=False)
    _, alone = score_json(path)
    code, _, err = run_auditor("batch", calls)
    assert code == 0, err
    with open_store("sqlite:///audits.db") as store:
        (audit,) = iter_audits(store, edition=editions(store)[0])
    assert audit.provenance.model_sha256 == alone["provenance"]["model_sha256"]
    assert {f.rule: f.verdict for f in audit.findings} == {f["rule"]: f["verdict"] for f in alone["findings"]}
    assert [turn.text for turn in audit.evidence.turns] == [turn["text"] for turn in alone["turns"]]
    assert "1 unchanged" in run_auditor("batch", calls)[1]


def start(folder, *more):
    """The command line in a process of its own, as a shell starts it."""
    command = [sys.executable, "-m", "auditor.cli", "batch", *more]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(log, event, process):
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        if log.exists() and any(each["event"] == event for each in events(log)):
            return
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_batch_that_is_stopped_or_killed_goes_on_where_it_was(tmp_path, how):
    calls = tmp_path / "calls"
    calls.mkdir()
    for stem in ("swearing_agent", "wrong_order", "wei_opening", "no_greeting", "ends_together"):
        copy(stem, calls)
    whole = start(tmp_path, "calls", "--store", "sqlite:///whole.db")
    assert whole.wait(300) == 0
    process = start(tmp_path, "calls", "--workers", "1", "--log", "log.jsonl")
    wait_for(tmp_path / "log.jsonl", "audited", process)
    process.send_signal(how)
    out, err = process.communicate(timeout=120)
    if how != signal.SIGKILL:
        assert process.returncode == 3, err
        assert "run the same command again" in out
        assert "stopping after the calls in hand" in err
        assert "Traceback" not in err
    audited = sum(event["event"] == "audited" for event in events(tmp_path / "log.jsonl"))
    assert 1 <= audited < 5
    again = start(tmp_path, "calls", "--log", "log.jsonl")
    out, err = again.communicate(timeout=300)
    assert again.returncode == 0, err
    assert rows(tmp_path / "audits.db") == rows(tmp_path / "whole.db")
    assert sum(event["event"] == "audited" for event in events(tmp_path / "log.jsonl")) in (5, 6)


@pytest.mark.slow
def test_a_second_signal_stops_at_once_and_keeps_what_was_saved(tmp_path):
    calls = tmp_path / "calls"
    calls.mkdir()
    # More than the one that is heard and the next that is read already: after the first signal some are left.
    stems = ("swearing_agent", "wrong_order", "wei_opening", "no_greeting", "ends_together", "good_call")
    for stem in stems:
        copy(stem, calls)
    process = start(tmp_path, "calls", "--workers", "1", "--log", "log.jsonl")
    wait_for(tmp_path / "log.jsonl", "audited", process)
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 3
    kept = sum(event["event"] == "audited" for event in events(tmp_path / "log.jsonl"))
    assert 1 <= kept < len(stems)
    assert sqlite3.connect(tmp_path / "audits.db").execute("select count(*) from audits").fetchone() == (
        kept,
    )


@pytest.mark.slow
def test_what_is_deleted_between_listing_and_hearing_costs_that_call_only(tmp_path):
    from auditor.batch.manifest import list_calls
    from auditor.batch.run import Plan, run_batch
    from auditor.batch.stopping import Stop
    from auditor.batch.tally import Tally
    from auditor.batch.worker import WorkerSetup
    from auditor.inputs.config import Settings
    from auditor.judge import open_rulebook

    recordings = [copy(stem, tmp_path) for stem in ("wrong_order", "wei_opening", "swearing_agent")]
    listing = list_calls([str(tmp_path)], settings=Settings())
    recordings[0].unlink()
    recordings[1].with_suffix(".transcript.json").unlink()
    plan = Plan(listing.calls, WorkerSetup(), open_rulebook(), None, {}, workers=1)
    tally = Tally()
    with open_store(f"sqlite:///{tmp_path / 'audits.db'}") as store:
        run_batch(plan, store=store, tally=tally, tell=lambda _event, **_facts: None, stop=Stop())
        found = {Path(failure.paths[0]).name: failure.reason_code for failure in failures(store)}
    assert found == {"wrong_order.wav": "input", "wei_opening.wav": "usage"}
    assert (tally.audited, tally.failed) == (1, 2)
