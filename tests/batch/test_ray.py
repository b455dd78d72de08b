"""The Ray engine on real clusters: a node killed, a worker killed, rubbish, a stop."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.batch.engine import Done
from auditor.batch.manifest import list_calls
from auditor.batch.plan import Plan
from auditor.batch.ray_cluster import Node, size
from auditor.batch.run import run_batch
from auditor.batch.stopping import Stop
from auditor.batch.tally import Tally
from auditor.batch.worker import Job, WorkerSetup
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


def test_an_address_without_the_engine_and_an_engine_without_ray_are_one_sentence(
    run_auditor, monkeypatch, tmp_path
):
    copy("wrong_order", tmp_path, transcript=True)
    code, _, err = run_auditor("batch", tmp_path, "--ray-address", "10.0.0.1:6379")
    assert (code, err) == (2, "auditor: --ray-address is for --engine ray; give both, or neither.\n")
    monkeypatch.setattr("auditor.batch.ray_cluster.find_spec", lambda _name: None)
    code, _, err = run_auditor("batch", tmp_path, "--engine", "ray")
    assert code == 2
    assert "the Ray engine needs Ray; run `pip install 'phone-etiquette-auditor[ray]'`" in err
    assert not (tmp_path / "audits.db").exists()


# What needs one.


@contextmanager
def cluster_of(head, *others):
    """A cluster of nodes with so many processors each, on this machine, loopback only."""
    pytest.importorskip("ray", reason="the Ray engine's tests want Ray")
    from ray.cluster_utils import Cluster

    from auditor.batch.ray_cluster import connect

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": head})
    added = [cluster.add_node(num_cpus=processors) for processors in others]
    try:
        with connect(cluster.address):
            yield cluster, *added
    finally:
        cluster.shutdown()


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """As `ray_cluster.connect` has it for a cluster of its own."""
    monkeypatch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")


@pytest.fixture
def two_nodes():
    """With one processor each."""
    with cluster_of(1, 1) as made:
        yield made


@pytest.fixture
def one_far_node():
    """The only processors are on another node than the batch's."""
    with cluster_of(0, 2) as made:
        yield made


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


def hear(jobs, *, stop=None, on_start=lambda _started: None, model_sha256=None):
    from auditor.batch.ray_engine import hear_calls

    return list(
        hear_calls(
            jobs,
            setup=WorkerSetup(),
            workers=2,
            stop=stop or Stop(),
            on_start=on_start,
            model_sha256=model_sha256,
        )
    )


@pytest.mark.slow
def test_what_a_node_cannot_see_a_stop_and_another_model(one_far_node, tmp_path):
    """One story, because rounds take seconds to start."""
    names = [str(SAMPLE_CALLS / f"{stem}.wav") for stem in ("wrong_order", "wei_opening", "no_greeting")]
    calls = list_calls(names, settings=Settings()).calls
    known = [Job(n, call.paths, call.record, call.transcript) for n, call in enumerate(calls)]

    begun = []
    outcomes = {
        one.job.number: one for one in hear([*known, Job(9, (tmp_path / "a.wav",))], on_start=begun.append)
    }
    assert [isinstance(outcomes[n], Done) for n in (0, 1, 2)] == [True, True, True]
    assert outcomes[9].code == "input"
    assert "a.wav cannot be seen from the node" in outcomes[9].reason
    assert sorted(started.job.number for started in begun) == [0, 1, 2, 9]
    assert all(started.node and started.process_id for started in begun)

    stop = Stop()

    def soon(_started):
        stop.level = 1

    finished = hear((replace(known[0], number=n) for n in range(100)), stop=stop, on_start=soon)
    assert all(isinstance(one, Done) for one in finished)
    assert len(finished) <= 8  # what was in hand, and nothing else
    assert hear(known, stop=Stop(level=2)) == []

    unheard = [replace(known[1], transcript=None)]
    with pytest.raises(UsageError, match="is another file than here"):
        hear(unheard, model_sha256="0" * 64)


LOOK = """
import os
from auditor.batch.ray_cluster import connect, nodes
with connect(None, processors=1):
    import ray
    import psutil  # which Ray brings along
    from ray._common.usage import usage_lib
    session = ray._private.worker._global_node.get_session_dir_path()
    every = [psutil.Process(), *(p for p in psutil.process_iter() if session in " ".join(p.cmdline()))]
    heard = {c.laddr.ip for p in every for c in p.net_connections("inet") if c.status == "LISTEN"}
    print(usage_lib.usage_stats_enabled(), len(nodes()), os.environ["RAY_AUTH_MODE"], *sorted(heard))
"""


@pytest.mark.slow
def test_a_cluster_of_the_batch_alone_listens_on_loopback_only_and_sends_nothing(tmp_path):
    """In a process of its own: what Ray reads from the environment it reads once."""
    pytest.importorskip("ray", reason="the Ray engine's tests want Ray")
    (tmp_path / "look.py").write_text(LOOK, encoding="utf-8")
    root = Path(__file__).resolve().parents[2]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    found = subprocess.run(
        [sys.executable, tmp_path / "look.py"],
        env=environment | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert (found.returncode, found.stderr) == (0, "")
    stats, count, mode, *addresses = found.stdout.split()
    assert (stats, count, mode) == ("False", "1", "token")
    assert addresses
    assert {address.removeprefix("::ffff:") for address in addresses} <= {"127.0.0.1", "::1"}
