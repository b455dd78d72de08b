"""One stage in a process of its own: killed, frozen, told apart from other versions. No Ray is needed."""

import os
import pickle
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from auditor import pipeline
from auditor.batch.engine import Limits
from auditor.batch.manifest import list_calls
from auditor.batch.stage_process import Made, NotMade, StageProcess, StageSetup, UselessError, version_here
from auditor.batch.worker import Job, WorkerSetup, open_job
from auditor.inputs.config import Settings
from auditor.judge import open_rulebook

SAMPLE_CALLS = Path(__file__).resolve().parents[2] / "sample_calls"
SETUP = StageSetup("listen", WorkerSetup(keep_numbers=True), open_rulebook(), None, version_here(), Limits())


def job(stem="wei_opening"):
    (call,) = list_calls([str(SAMPLE_CALLS / f"{stem}.wav")], settings=Settings()).calls
    return Job(0, call.paths, call.record, call.transcript)


@pytest.fixture
def stage():
    """A stage's process, ended with the test."""
    begun = []

    def begin(setup):
        begun.append(StageProcess(setup))
        return begun[-1]

    yield begin
    for each in begun:
        each.end()


def harming(process, monkeypatch, *, how, times):
    """Send the process a signal as soon as it has a call; returns the ids of those that got it."""
    real, harmed = process._outcome, []

    def outcome(connection, *, attempt):
        if len(harmed) < times:
            harmed.append(process._process.pid)
            os.kill(harmed[-1], how)
        return real(connection, attempt=attempt)

    monkeypatch.setattr(process, "_outcome", outcome)
    return harmed


def test_two_stages_in_processes_make_what_the_pipeline_makes_even_when_one_is_killed(stage, monkeypatch):
    listening, hearing = stage(SETUP), stage(replace(SETUP, stage="hear"))
    killed = harming(listening, monkeypatch, how=signal.SIGKILL, times=1)
    listened = listening.make(job())
    assert isinstance(listened, Made)
    assert len(killed) == 1
    heard = hearing.make(job(), given=listened.data)
    assert isinstance(heard, Made)
    call, sound = open_job(job(), setup=SETUP.worker)
    here = pipeline.hear(sound, call=call, engine=None, book=SETUP.book)
    assert pickle.loads(heard.data).audit == pipeline.audit(here, book=SETUP.book)
    gone = listening._process
    listening._connection.close()  # as when whoever holds it dies
    assert gone.wait(10) == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "code", "said"),
    [(signal.SIGKILL, "crashed", "signal 9"), (signal.SIGSTOP, "hung", "in the time")],
)
def test_a_call_that_always_harms_its_process_is_a_failure_of_its_own(stage, monkeypatch, how, code, said):
    process = stage(replace(SETUP, limits=Limits(call_s=3.0, call_per_audio_s=0.0)))
    harmed = harming(process, monkeypatch, how=how, times=2)
    failed = process.make(job())
    assert isinstance(failed, NotMade)
    assert (failed.code, failed.attempts) == (code, 2)
    assert said in failed.reason
    assert len(set(harmed)) == 2
    monkeypatch.undo()
    patient = stage(SETUP)
    assert isinstance(patient.make(job("wrong_order")), Made)
    assert isinstance(patient.make(Job(1, (Path("gone.wav"),))), NotMade)


@pytest.mark.slow
def test_another_version_or_another_model_is_refused_in_a_sentence(stage):
    with pytest.raises(UselessError, match=r"has another auditor .* install the same one on every node"):
        stage(replace(SETUP, version="0.0")).make(job())
    listened = stage(SETUP).make(replace(job(), transcript=None))
    with pytest.raises(UselessError, match="is another file than here"):
        stage(replace(SETUP, stage="hear", model_sha256="0" * 64)).make(job(), given=listened.data)
