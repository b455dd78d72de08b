"""Real worker processes on real recordings: killed, stopped, fed with rubbish."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from auditor.batch.engine import Done, Failed, Limits
from auditor.batch.local import hear_calls
from auditor.batch.manifest import list_calls
from auditor.batch.stopping import Stop
from auditor.batch.worker import Job, WorkerSetup
from auditor.errors import UsageError
from auditor.inputs.config import Settings

pytestmark = pytest.mark.slow  # workers take seconds to start; test_run kills one in the default suite
SAMPLE_CALLS = Path(__file__).resolve().parents[2] / "sample_calls"
STEMS = ("swearing_agent", "wrong_order", "wei_opening")


def jobs(*more):
    """Short sample calls with their transcripts, then the given files."""
    named = [str(SAMPLE_CALLS / f"{stem}.wav") for stem in STEMS]
    listing = list_calls(named, settings=Settings())
    known = [Job(n, call.paths, call.record, call.transcript) for n, call in enumerate(listing.calls)]
    return [*known, *(Job(len(known) + n, (path,)) for n, path in enumerate(more))]


def hear(given, *, workers=1, on_start=lambda _started: None, limits=None, stop=None, setup=None):
    return list(
        hear_calls(
            given,
            setup=setup or WorkerSetup(),
            workers=workers,
            stop=stop or Stop(),
            limits=limits or Limits(),
            on_start=on_start,
        )
    )


def outcomes(results):
    return {one.job.number: "done" if isinstance(one, Done) else one.code for one in results}


def test_bad_files_cost_themselves_and_a_killed_worker_costs_time_only(tmp_path):
    (tmp_path / "rubbish.wav").write_bytes(b"RIFF" + bytes(200))
    killed = []

    def harm(started):
        if started.job.number == 0 and not killed:
            killed.append(started.process_id)
            os.kill(started.process_id, signal.SIGKILL)

    results = hear(jobs(tmp_path / "rubbish.wav", tmp_path / "gone.wav"), on_start=harm)
    assert outcomes(results) == {0: "done", 1: "done", 2: "done", 3: "input", 4: "input"}
    assert len(results) == 5
    assert killed
    gone = next(one for one in results if one.job.number == 4)
    assert gone.reason.endswith("gone.wav does not exist; check the path.")
    first = next(one for one in results if one.job.number == 0)
    assert first.heard.audit.evidence.call_record == first.job.record
    assert first.heard.audit.evidence.transcript_source == "human"


def test_a_call_that_always_kills_its_worker_is_a_failure_of_its_own():
    def harm(started):
        if started.job.number == 1:
            os.kill(started.process_id, signal.SIGKILL)

    results = hear(jobs(), on_start=harm)
    assert outcomes(results) == {0: "done", 1: "crashed", 2: "done"}
    failed = next(one for one in results if isinstance(one, Failed))
    assert failed.attempts == 2
    assert "signal 9" in failed.reason


def test_a_worker_that_hangs_is_given_up_and_its_call_tried_again():
    stopped = []

    def freeze(started):
        if started.job.number == 0 and not stopped:
            stopped.append(started.process_id)
            os.kill(started.process_id, signal.SIGSTOP)

    limits = Limits(call_s=8.0, call_per_audio_s=1.0)
    results = hear(jobs()[:2], on_start=freeze, limits=limits)
    assert outcomes(results) == {0: "done", 1: "done"}
    with pytest.raises(ProcessLookupError):
        os.kill(stopped[0], 0)


def test_a_call_that_always_hangs_is_a_failure():
    def freeze(started):
        if started.job.number == 0:
            os.kill(started.process_id, signal.SIGSTOP)

    limits = Limits(call_s=5.0, call_per_audio_s=1.0)
    results = hear(jobs()[:2], on_start=freeze, limits=limits)
    assert outcomes(results) == {0: "hung", 1: "done"}


def test_a_first_stop_finishes_what_is_in_hand_and_a_second_stops_at_once():
    stop = Stop()

    def soon(_started):
        stop.level = 1

    results = hear(jobs(), on_start=soon, stop=stop)
    assert [one.job.number for one in results] == [0]
    assert hear(jobs(), stop=Stop(level=2)) == []


def test_a_model_that_is_not_there_ends_the_batch_with_a_sentence(tmp_path):
    shutil.copy(SAMPLE_CALLS / "wei_opening.wav", tmp_path / "a.wav")
    with pytest.raises(UsageError, match=r"none\.pt"):
        hear([Job(0, (tmp_path / "a.wav",))], setup=WorkerSetup(model=tmp_path / "none.pt"))
