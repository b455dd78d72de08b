"""Short calls with transcripts, and a batch over them that a test can disturb at a chosen call.

The calls are a second of noise, so that thousands can be heard, but the first, which is long enough to be
scored; what is done with them is what is done with any call: decoded, measured, judged, saved. `engine_here`
hears in this process, which spares a test the start of worker processes; the faults of processes have tests
with real ones (`test_local`, `test_killed_batches`).
"""

import ctypes
import json
import os
import wave
from contextlib import contextmanager

import numpy as np
import pytest

from auditor import pipeline
from auditor.batch.engine import Done, Failed, Started
from auditor.batch.manifest import list_calls
from auditor.batch.plan import Plan
from auditor.batch.run import run_batch
from auditor.batch.stopping import Stop
from auditor.batch.tally import Tally
from auditor.batch.worker import Heard, WorkerSetup, audit_heard, explain, open_job
from auditor.inputs.config import Settings
from auditor.judge import open_rulebook
from auditor.store import open_store

NOBODY = 65534


def write_call(path, number, *, seconds=None, record=True, transcript=True):
    """A stereo recording of noise, another for every number, with its papers; number 0 is long enough."""
    seconds = seconds or (1.0 if number else 10.5)
    samples = np.random.default_rng(number).normal(scale=300.0, size=(int(8000 * seconds), 2))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples.astype("<i2").tobytes())
    if transcript:
        path.with_name(f"{path.stem}.transcript.json").write_text(spoken(number), encoding="utf-8")
    if record:
        known = {
            "call_id": f"C-{number}",
            "agent_id": f"80{number % 3:02}",
            "agent_name": ("王芳", "李娜", "陈军", "赵敏")[number % 4],  # one agent under several names
            "team": f"{number % 2}班",
            "started_at": f"2026-03-10T09:{number // 4 % 60:02}:00+08:00",  # several at one time
        }
        path.with_name(f"{path.stem}.record.json").write_text(json.dumps(known), encoding="utf-8")
    return path


def spoken(number):
    """A transcript, another for every number."""
    turns = [{"role": "agent", "start_s": 0.1, "end_s": 0.9, "text": f"您好,中国移动,工号{number}。"}]
    return json.dumps({"turns": turns}, ensure_ascii=False)


def make_calls(folder, count, *, first=0):
    """Calls 0, 1, …: every other one without a record, so that it is known by its path and content."""
    folder.mkdir(exist_ok=True)
    return [write_call(folder / f"call{n:05}.wav", n, record=n % 2 == 0) for n in range(first, first + count)]


def engine_here(disturb=lambda _job, _moment: None):
    """An engine that hears in this process; ``disturb`` is told each call before and after it is heard."""

    def hear_here(jobs, *, setup, workers, stop, limits=None, on_start=None, on_tick=None):
        book = open_rulebook(setup.rulebook)
        for job in jobs:
            disturb(job, "before")
            on_start(Started(job, os.getpid()))
            try:
                call, sound = open_job(job, setup=setup)
                evidence = pipeline.hear(pipeline.listen(sound), call=call, engine=None, book=book)
                heard = Heard(audit_heard(evidence, setup=setup, book=book, engine=None), 0.0)
            except Exception as error:
                yield Failed(job, *explain(error), 1)
            else:
                disturb(job, "after")
                yield Done(job, heard)
            on_tick()

    return hear_here


def audit(*inputs, url, engine=None, retry_failed=False, patience_s=60.0, manifests=(), stop=None):
    """`auditor batch` without its shell; returns the tally and the faults of the listing."""
    listing = list_calls([str(each) for each in inputs], manifests=manifests, settings=Settings())
    plan = Plan(
        listing.calls,
        WorkerSetup(),
        open_rulebook(),
        None,
        {},
        workers=1,
        retry_failed=retry_failed,
        engine=engine or engine_here(),
    )
    tally = Tally()
    with open_store(url, patience_s=patience_s) as store:
        run_batch(plan, store=store, tally=tally, tell=lambda _event, **_facts: None, stop=stop or Stop())
    return tally, listing.faults


@contextmanager
def without_privileges():
    """Files are opened as a user who is not root; root may read everything."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "setfsuid"):
        pytest.skip("root may read everything, and this system cannot lend a thread another user's rights")
    libc.setfsgid(NOBODY)
    libc.setfsuid(NOBODY)
    try:
        if not os.access(pytest.__file__, os.R_OK, effective_ids=True):
            pytest.skip("another user may not read this environment")
        yield
    finally:
        libc.setfsuid(os.geteuid())
        libc.setfsgid(os.getegid())
