"""How a batch grows with workers: one worker on one core, two on two, and Ray on two nodes of one core each.

    python tests/benchmarks/batch_scaling.py [--calls 60] [--engines local1 local2 ray] [--repeats 1]

Every call is `sample_calls/good_call.wav` with a few samples of its own, heard by the checkpoint that ships
with one thread. Each run is a process of its own with an empty store, bound to one core or two; nodes of the
cluster share the two. Told are calls per minute from the outcome that follows the start (two outcomes a
worker) to the last, and of the whole run with its start. Goals: two workers >= 1.8 x one, Ray within 15 % of
two workers. The quieter the machine, the more it means.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

SAMPLE = Path(__file__).resolve().parents[2] / "sample_calls" / "good_call.wav"
WORKERS = {"local1": 1, "local2": 2, "ray": 2}


def make_calls(folder: Path, *, count: int) -> None:
    """Recordings of one length and different content: nothing is heard for two."""
    content = SAMPLE.read_bytes()
    for number in range(count):
        mark = f"{number:08d}".encode()
        (folder / f"{number:05d}.wav").write_bytes(content[: -len(mark)] + mark)


def run(engine: str, folder: Path) -> dict[str, float]:
    """One batch in this process; rates in calls per minute."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: WORKERS[engine]])
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
    os.environ["RAY_AUTH_MODE"] = "disabled"
    from auditor.asr.whisper import describe_engine
    from auditor.batch import local
    from auditor.batch.manifest import list_calls
    from auditor.batch.plan import Plan
    from auditor.batch.run import run_batch
    from auditor.batch.stopping import Stop
    from auditor.batch.tally import Tally
    from auditor.batch.worker import WorkerSetup
    from auditor.inputs.config import Settings
    from auditor.judge import open_rulebook
    from auditor.store import open_store

    facts, options = describe_engine(None)
    listing = list_calls([str(folder)], settings=Settings())
    tally, ends = Tally(), list[float]()

    def tell(event: str, **_facts: object) -> None:
        if event == "audited":
            ends.append(time.perf_counter())

    with ExitStack() as stack:
        hear_calls = local.hear_calls
        if engine == "ray":
            from ray.cluster_utils import Cluster

            from auditor.batch.ray_cluster import connect
            from auditor.batch.ray_engine import engine_for

            cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
            stack.callback(cluster.shutdown)
            cluster.add_node(num_cpus=1)
            stack.enter_context(connect(cluster.address))
            hear_calls = engine_for(facts)
        plan = Plan(
            listing.calls,
            WorkerSetup(),
            open_rulebook(),
            facts,
            options,
            workers=WORKERS[engine],
            engine=hear_calls,
        )
        store = stack.enter_context(open_store(f"sqlite:///{folder}/{engine}.db"))
        began = time.perf_counter()
        run_batch(plan, store=store, tally=tally, tell=tell, stop=Stop())
    if tally.audited != len(listing.calls):
        raise SystemExit(f"{engine}: only {tally.audited} of {len(listing.calls)} calls were audited")
    first = 2 * WORKERS[engine]
    steady = 60 * (len(ends) - first) / (ends[-1] - ends[first - 1])
    return {"steady": steady, "whole": 60 * len(ends) / (ends[-1] - began)}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=60)
    parser.add_argument("--engines", nargs="+", choices=WORKERS, default=list(WORKERS))
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--run", nargs=2, metavar=("ENGINE", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        print(json.dumps(run(given.run[0], Path(given.run[1]))))
        return
    steady: dict[str, float] = {}
    for engine in given.engines:
        found = []
        for _ in range(given.repeats):
            with tempfile.TemporaryDirectory() as folder:
                make_calls(Path(folder), count=given.calls)
                command = [sys.executable, __file__, "--run", engine, folder]
                done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
                found.append(json.loads(done.stdout.splitlines()[-1]))
        steady[engine] = statistics.median(each["steady"] for each in found)
        whole = statistics.median(each["whole"] for each in found)
        print(
            f"{engine}: {steady[engine]:.1f} calls/min once started, {whole:.1f} with its start"
            f" ({given.calls} calls, {given.repeats} runs)",
            flush=True,
        )
    for one, other in (("local1", "local2"), ("local2", "ray")):
        if {one, other} <= steady.keys():
            print(f"{other} / {one}: {steady[other] / steady[one]:.2f}")


if __name__ == "__main__":
    main()
