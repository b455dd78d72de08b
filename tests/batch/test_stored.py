"""A batch over an object store: read once, known again by its tags, a lost connection costs one call."""

import json
from pathlib import Path

import pytest

from auditor import pipeline
from auditor.batch.engine import Done, Failed
from auditor.batch.manifest import list_calls
from auditor.batch.plan import Plan
from auditor.batch.run import run_batch
from auditor.batch.stopping import Stop
from auditor.batch.tally import Tally
from auditor.batch.worker import Heard, WorkerSetup, explain, open_job
from auditor.inputs import storage
from auditor.inputs.config import Settings
from auditor.judge import open_rulebook
from auditor.store import editions, failures, iter_audits, open_store

SAMPLE_CALLS = Path(__file__).resolve().parents[2] / "sample_calls"
STEMS = ("wrong_order", "wei_opening")


def hear_here(jobs, *, setup, **_unused):
    """An engine without processes: the pipeline itself, call by call."""
    book = open_rulebook()
    for job in jobs:
        try:
            call, sound = open_job(job, setup=setup)
        except Exception as error:
            code, reason = explain(error)
            yield Failed(job, code, reason, 1)
            continue
        evidence = pipeline.hear(sound, call=call, engine=None, book=book)
        yield Done(job, Heard(pipeline.audit(evidence, book=book), 0.1))


def run(database):
    listing = list_calls(["s3://night/"], settings=Settings())
    assert listing.faults == ()
    plan = Plan(listing.calls, WorkerSetup(), open_rulebook(), None, {}, workers=1, engine=hear_here)
    tally = Tally()
    with open_store(f"sqlite:///{database}") as store:
        run_batch(plan, store=store, tally=tally, tell=lambda _event, **_facts: None, stop=Stop())
        audits = [a for edition in editions(store) for a in iter_audits(store, edition=edition)]
        return tally, audits, failures(store)


@pytest.fixture
def night(bucket, monkeypatch):
    """Two calls with their papers; returns put and the list of recordings that were read."""
    for stem in STEMS:
        for ending in (".wav", ".record.json", ".transcript.json"):
            bucket(f"{stem}{ending}", (SAMPLE_CALLS / f"{stem}{ending}").read_bytes())
    read = []
    real = storage._ranges

    def noting(system, path, *, size, file):
        if path.endswith(".wav"):
            read.append(Path(path).stem)
        return real(system, path, size=size, file=file)

    monkeypatch.setattr(storage, "_ranges", noting)
    return bucket, read


def test_stored_calls_are_read_once_and_known_again_by_their_tags(night, tmp_path):
    put, read = night
    tally, audits, _ = run(tmp_path / "audits.db")
    assert (tally.audited, tally.failed) == (2, 0)
    assert sorted(read) == sorted(STEMS)
    assert {a.evidence.recording.paths for a in audits} == {(f"s3://night/{stem}.wav",) for stem in STEMS}

    tally, _, _ = run(tmp_path / "audits.db")
    assert (tally.audited, tally.unchanged) == (0, 2)
    record = json.loads((SAMPLE_CALLS / "wrong_order.record.json").read_bytes())
    put("wrong_order.record.json", json.dumps(record | {"agent_id": "9999"}).encode())
    tally, audits, _ = run(tmp_path / "audits.db")
    assert (tally.audited, tally.judged, tally.unchanged) == (0, 1, 1)
    assert "9999" in {a.evidence.call_record.agent_id for a in audits}
    assert len(read) == 2  # nothing was read again

    put("moved/wrong_order.wav", (SAMPLE_CALLS / "wrong_order.wav").read_bytes())
    put("moved/wrong_order.transcript.json", (SAMPLE_CALLS / "wrong_order.transcript.json").read_bytes())
    put("moved/wrong_order.record.json", json.dumps(record | {"call_id": "another"}).encode())
    tally, _, _ = run(tmp_path / "audits.db")
    assert (tally.audited, tally.judged, tally.unchanged) == (0, 1, 2)  # known by its tag
    assert len(read) == 2

    put("wei_opening.wav", (SAMPLE_CALLS / "wei_opening.wav").read_bytes() + bytes(16))
    tally, _, _ = run(tmp_path / "audits.db")
    assert (tally.audited, tally.unchanged) == (1, 2)
    assert read[2:] == ["wei_opening"]


def test_a_lost_connection_costs_one_call_until_it_is_back(night, tmp_path, monkeypatch):
    _, _ = night
    real = storage._ranges

    def losing(system, path, *, size, file):
        if path.endswith("wrong_order.wav"):
            raise storage.UnreachableError(f"{file} could not be read: the connection was lost.")
        return real(system, path, size=size, file=file)

    with monkeypatch.context() as patched:
        patched.setattr(storage, "_ranges", losing)
        tally, _, failed = run(tmp_path / "audits.db")
    assert (tally.audited, dict(tally.failures)) == (1, {"unreachable": 1})
    assert failed[0].paths == ("s3://night/wrong_order.wav",)
    tally, _, failed = run(tmp_path / "audits.db")
    assert (tally.audited, tally.unchanged, failed) == (1, 1, ())
