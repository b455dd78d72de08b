"""Whole batches in processes of their own, killed at any moment: nothing is lost, nothing is left behind."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from batch.disturbed import audit, make_calls, write_call
from batch.test_local import hear
from store_rows import store_rows

from auditor.batch import held_process
from auditor.batch.engine import Done, Limits
from auditor.batch.worker import Job

pytestmark = pytest.mark.slow  # worker processes take seconds to start; `test_faults` kills forks of its own
ROOT = Path(__file__).resolve().parents[2]


def start(folder, *more):
    command = [sys.executable, "-m", "auditor.cli", "batch", "night", "--log", "log.jsonl", *more]
    return subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
    )


def told(folder, event):
    """The events of that name in the log so far."""
    log = folder / "log.jsonl"
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True) if log.exists() else []
    events = [json.loads(line) for line in lines if line.endswith("\n")]
    return [each for each in events if each["event"] == event]


def wait_until(condition, *, process):
    until = time.monotonic() + 180
    while not condition():
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < until
        time.sleep(0.02)


def is_running(number):
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_batch_that_is_killed_again_and_again_ends_as_one_that_was_not(tmp_path, undisturbed):
    make_calls(tmp_path / "night", 60)
    chance = random.Random(6)
    workers = set()
    for _ in range(3):
        before = len(told(tmp_path, "audited"))
        process = start(tmp_path, "--workers", "2")
        enough = before + chance.randrange(1, 15)
        wait_until(lambda enough=enough: len(told(tmp_path, "audited")) >= enough, process=process)
        time.sleep(chance.random() * 0.1)
        process.kill()
        process.communicate()
        workers |= {each["process_id"] for each in told(tmp_path, "started")}
    until = time.monotonic() + 30
    while any(map(is_running, workers)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not [number for number in workers if is_running(number)]  # workers end with their parent
    process = start(tmp_path, "--workers", "2")
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 0, out
    assert len(told(tmp_path, "audited")) <= 60 + 3  # at most one each time was saved and not told
    assert store_rows(f"sqlite:///{tmp_path}/audits.db") == undisturbed(tmp_path / "night")


def test_a_worker_that_is_killed_costs_no_row(tmp_path, undisturbed):
    make_calls(tmp_path / "night", 20)
    process = start(tmp_path, "--workers", "1")
    wait_until(lambda: len(told(tmp_path, "started")) > 5, process=process)
    os.kill(told(tmp_path, "started")[-1]["process_id"], signal.SIGKILL)
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 0, out
    assert len({each["process_id"] for each in told(tmp_path, "started")}) >= 2
    assert store_rows(f"sqlite:///{tmp_path}/audits.db") == undisturbed(tmp_path / "night")


def test_two_batches_at_once_with_workers_of_their_own_make_one_store(tmp_path, undisturbed):
    make_calls(tmp_path / "night", 30)
    both = [start(tmp_path, "--workers", "1") for _ in range(2)]
    for process in both:
        out, _ = process.communicate(timeout=300)
        assert process.returncode == 0, out
    assert store_rows(f"sqlite:///{tmp_path}/audits.db") == undisturbed(tmp_path / "night")


def test_whatever_is_heard_beside_a_call_it_comes_out_the_same(tmp_path, undisturbed):
    """One worker or two, one after the other or alone in a batch of its own."""
    paths = make_calls(tmp_path / "night", 12)
    process = start(tmp_path, "--workers", "2")
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 0, out
    rows = store_rows(f"sqlite:///{tmp_path}/audits.db")
    assert rows == undisturbed(tmp_path / "night")
    alone = f"sqlite:///{tmp_path}/alone.db"
    for path in reversed(paths):
        audit(path, url=alone)
    assert store_rows(alone) == rows


def test_a_worker_that_freezes_in_the_middle_of_a_message_holds_nobody_up(tmp_path, monkeypatch):
    """A card larger than the pipe, half of it sent."""
    monkeypatch.setattr(held_process, "MESSAGE_S", 2)
    paths = [write_call(tmp_path / f"{n}.wav", n, seconds=30, record=False) for n in range(2)]
    turns = [
        {"role": "agent", "start_s": n / 50, "end_s": n / 50 + 0.01, "text": f"第{n}句话,您好。" * 10}
        for n in range(1400)
    ]
    for path in paths:
        path.with_name(f"{path.stem}.transcript.json").write_text(json.dumps({"turns": turns}))
    frozen = []

    def freeze(started):
        if started.job.number == 0 and not frozen:
            # This process reads nothing meanwhile, so the worker gets stuck in the middle of its card.
            until = time.monotonic() + 300
            while not is_idle(started.process_id):
                assert time.monotonic() < until
            os.kill(started.process_id, signal.SIGSTOP)
            frozen.append(started.process_id)

    jobs = [
        Job(n, (path,), transcript=path.with_name(f"{path.stem}.transcript.json"))
        for n, path in enumerate(paths)
    ]
    results = hear(jobs, on_start=freeze, limits=Limits(call_s=600.0))
    assert [isinstance(one, Done) for one in results] == [True, True]
    assert frozen and not is_running(frozen[0])


def is_idle(number, *, for_s=3.0):
    """Whether a process has done nothing for some seconds."""
    before = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[11:13]
    time.sleep(for_s)
    return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[11:13] == before
