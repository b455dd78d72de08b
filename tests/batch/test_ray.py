"""The Ray engine on real clusters: a node killed, a worker killed, rubbish, a stop."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.batch.manifest import list_calls
from auditor.batch.plan import Plan
from auditor.batch.ray_cluster import Node, size
from auditor.batch.run import run_batch
from auditor.batch.stopping import Stop
from auditor.batch.tally import Tally
from auditor.batch.worker import WorkerSetup
from auditor.errors import UsageError
from auditor.inputs.config import Settings
from auditor.judge import open_rulebook
from auditor.store import editions, failures, iter_audits, open_store

SAMPLE_CALLS = Path(__file__).resolve().parents[2] / "sample_calls"


# What needs no cluster.


def machine(processors, gpus=0, name="a"):
    return Node(name, "10.0.0.1", processors, gpus)


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("processors", [(1,), (1, 1), (4, 2), (16, 8, 8), (3, 5)])
def test_hearing_actors_fit_however_the_listening_ones_lie(processors, threads):
    sizing = size(tuple(machine(p, name=str(k)) for k, p in enumerate(processors)), threads=threads)
    fits = [p // threads for p in processors] if max(processors) >= threads else [1] * len(processors)
    assert sizing.hearing == sum(fits)
    all_listening = sizing.listening * sizing.listening_processors
    assert all(
        n * sizing.hearing_processors + all_listening <= p + 1e-9
        for n, p in zip(fits, processors, strict=True)
        if n
    )


def test_where_there_are_gpus_models_are_on_gpus_only():
    sizing = size((machine(8), machine(8, gpus=2)), threads=4)
    assert (sizing.hearing, sizing.gpus) == (2, 1)


def test_a_cluster_without_processors_is_one_sentence():
    with pytest.raises(UsageError, match="no node with processors"):
        size((), threads=1)


# What needs one.


@pytest.fixture
def two_nodes(monkeypatch):
    """A cluster of two nodes with one processor each, on this machine, loopback only."""
    monkeypatch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    pytest.importorskip("ray", reason="the Ray engine's tests want Ray")
    from ray.cluster_utils import Cluster

    from auditor.batch.ray_cluster import connect

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    other = cluster.add_node(num_cpus=1)
    try:
        with connect(cluster.address):
            yield cluster, other
    finally:
        cluster.shutdown()


def copy(stem, folder, *, transcript):
    for ending in (".wav", ".record.json", *([".transcript.json"] if transcript else [])):
        shutil.copy(SAMPLE_CALLS / f"{stem}{ending}", folder)


def plan_of(folder, **more):
    from auditor.asr.whisper import describe_engine

    listing = list_calls([str(folder)], settings=Settings())
    facts, options = describe_engine(None)
    return Plan(listing.calls, WorkerSetup(), open_rulebook(), facts, options, workers=2, **more)


def contents(store):
    """Every audit without ids and times of saving, and every failure."""
    audits = {
        audit.call_id: replace(audit, call_id="")
        for edition in editions(store)
        for audit in iter_audits(store, edition=edition)
    }
    return audits, {failure.paths: (failure.reason_code, failure.message) for failure in failures(store)}


def run(plan, database, *, tell=lambda _event, **_facts: None, stop=None):
    tally = Tally()
    with open_store(f"sqlite:///{database}") as store:
        run_batch(plan, store=store, tally=tally, tell=tell, stop=stop or Stop())
        return tally, contents(store)


@pytest.mark.slow
def test_a_node_killed_in_the_middle_costs_time_only(two_nodes, tmp_path):
    from auditor.batch.ray_engine import engine_for

    cluster, other = two_nodes
    calls = tmp_path / "calls"
    calls.mkdir()
    for stem in ("wrong_order", "no_greeting", "ends_together", "too_fast", "late_reply"):
        copy(stem, calls, transcript=True)
    for stem in ("wei_opening", "swearing_agent"):
        copy(stem, calls, transcript=False)
    (calls / "rubbish.wav").write_bytes(b"RIFF" + bytes(200))
    plan = plan_of(calls)
    _, undisturbed = run(plan, tmp_path / "local.db")
    told = []

    def tell(event, **facts):
        told.append(event)
        if told.count("audited") == 2 and other in cluster.worker_nodes:
            cluster.remove_node(other, allow_graceful=False)

    tally, disturbed = run(replace(plan, engine=engine_for(plan.model)), tmp_path / "ray.db", tell=tell)
    assert other not in cluster.worker_nodes
    assert (tally.audited, dict(tally.failures)) == (7, {"input": 1})
    assert disturbed == undisturbed
    assert told.count("audited") == 7  # nothing came twice
    assert told.count("started") > 8  # what was on its way was begun again
