"""A night in small: one-minute calls through `auditor batch`, its memory, its overhead, and killed at random.

    python tests/benchmarks/batch.py FOLDER --calls 2000                # with transcripts
    python tests/benchmarks/batch.py FOLDER --calls 200 --heard         # by the checkpoint that ships
    python tests/benchmarks/batch.py FOLDER --calls 60 --kills 3        # a try

Every call is a sample call of about a minute with a few samples of its own, so that none is known already.

* memory: resident megabytes of the batch and of its workers, once each has heard two calls, by tenths.
* overhead: processor time of a call in the batch (what is beside the start, by the difference to a run of
  two calls) against a plain loop over the same calls in one process; and wall time by worker against the sum
  of the calls' own seconds, which needs a quiet machine. Goal: at most 3 % more.
* equality: the store of two workers against that of one that takes the calls in another order; and of a batch
  that is killed (-9, `--kills` times, at random moments) and resumed. Row for row (`tests/store_rows.py`).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from store_rows import store_rows  # noqa: E402

SAMPLES = ("good_call", "too_slow", "monotone", "dead_air")  # 44 to 68 s
PLAIN = 40  # calls of the plain loop
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclass
class Run:
    """One run of the command line."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    returncode: int = 0
    output: str = ""
    events: list[dict[str, object]] = field(default_factory=list)
    memory_mb: dict[str, list[float]] = field(default_factory=lambda: {"batch": [], "workers": []})

    def of(self, event: str) -> list[dict[str, object]]:
        """The events of that name."""
        return [each for each in self.events if each["event"] == event]


def make_calls(folder: Path, *, count: int, heard: bool) -> None:
    """Recordings of different content, each with its transcript unless they are to be heard."""
    folder.mkdir(parents=True, exist_ok=True)
    sounds = {stem: (ROOT / "sample_calls" / f"{stem}.wav").read_bytes() for stem in SAMPLES}
    for number in range(count):
        stem = SAMPLES[number % len(SAMPLES)]
        mark = f"{number:08d}".encode()
        path = folder / f"{number:05d}.wav"
        if not path.exists():
            path.write_bytes(sounds[stem][: -len(mark)] + mark)
        if not heard:
            shutil.copy(
                ROOT / "sample_calls" / f"{stem}.transcript.json", folder / f"{number:05d}.transcript.json"
            )
        known = {"call_id": f"B-{number}", "agent_id": f"8{number % 20:03}", "team": f"{number % 4}班"}
        path.with_suffix(".record.json").write_text(json.dumps(known), encoding="utf-8")


def run_batch(
    inputs: list[Path], *, url: str, log: Path, workers: int, kill_after_s: float | None = None
) -> Run:
    """`auditor batch` in a process of its own, watched every second."""
    log.unlink(missing_ok=True)
    run = Run()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    output = log.with_suffix(".out")
    command = [sys.executable, "-m", "auditor.cli", "batch", *map(str, inputs)]
    with output.open("w") as out:
        process = subprocess.Popen(
            [*command, "--store", url, "--log", str(log), "--workers", str(workers)],
            cwd=log.parent,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=out,
            stderr=out,
        )
        warm = False
        pause_s = 1.0 if kill_after_s is None else 0.02
        while process.poll() is None:
            if kill_after_s is None:
                warm = warm or (
                    log.exists() and log.read_text(encoding="utf-8").count('"audited"') >= 2 * workers
                )
                if warm:
                    _note_memory(run, process.pid)
            elif time.monotonic() - began >= kill_after_s:
                process.send_signal(signal.SIGKILL)
            time.sleep(pause_s)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    run.wall_s = time.monotonic() - began
    run.cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    run.returncode, run.output = process.returncode, output.read_text()
    if log.exists():
        lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
        run.events = [json.loads(line) for line in lines if line.endswith("\n")]
    return run


def _note_memory(run: Run, parent: int) -> None:
    """The batch's resident memory, and its workers' together."""
    try:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        workers = sum(_resident_mb(int(child)) for child in children)
        batch = _resident_mb(parent)
    except (OSError, IndexError):  # it is ending
        return
    if batch and len(children) > 1:  # the workers, and what tracks their resources
        run.memory_mb["batch"].append(batch)
        run.memory_mb["workers"].append(workers)


def _resident_mb(number: int) -> float:
    return int(Path(f"/proc/{number}/statm").read_text().split()[1]) * PAGE_MB


def plain_loop(folder: Path, *, count: int) -> float:
    """Processor seconds of a call by the pipeline alone, one after the other, in a process that is warm."""
    from auditor import pipeline
    from auditor.asr.whisper import load_engine
    from auditor.batch.manifest import list_calls
    from auditor.batch.worker import Job, WorkerSetup, audit_heard, open_job
    from auditor.inputs.config import Settings
    from auditor.judge import open_rulebook

    listing = list_calls([str(folder)], settings=Settings())
    setup, book = WorkerSetup(), open_rulebook()
    engine = None if listing.calls[0].transcript else load_engine(None, threads=1)
    spent: list[float] = []
    for number, call in enumerate(listing.calls[: count + len(SAMPLES)]):
        began = time.process_time()
        opened, sound = open_job(
            Job(number, call.paths, call.record, call.transcript, call.size_bytes), setup=setup
        )
        evidence = pipeline.hear(pipeline.listen(sound), call=opened, engine=engine, book=book)
        audit_heard(evidence, setup=setup, book=book, engine=engine)
        spent.append(time.process_time() - began)
    return statistics.fmean(spent[len(SAMPLES) :])


def tell_memory(run: Run) -> None:
    """By tenths of the run, and what was added from the first tenth to the last."""
    for name, values in run.memory_mb.items():
        tenths = [values[len(values) * k // 10] for k in range(10)] + values[-1:] if values else []
        print(f"  resident MB of the {name}, by tenths: {' '.join(f'{each:.0f}' for each in tenths)}")
        if tenths:
            print(f"    from the second tenth to the last: {100 * (tenths[9] / tenths[1] - 1):+.1f} %")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--heard", action="store_true")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=6)
    options = parser.parse_args()
    folder = options.folder.resolve()
    calls = folder / ("heard" if options.heard else "calls")
    make_calls(calls, count=options.calls, heard=options.heard)
    recordings = sorted(calls.glob("*.wav"))[: options.calls]
    for database in folder.glob("*.db*"):
        database.unlink()

    def url(name: str) -> str:
        return f"sqlite:///{folder / name}.db"

    whole = run_batch(recordings, url=url("whole"), log=folder / "whole.jsonl", workers=options.workers)
    print(f"{options.calls} calls, {options.workers} workers: exit code {whole.returncode}")
    print("  " + "\n  ".join(whole.output.strip().splitlines()[-3:]))
    tell_memory(whole)

    start = run_batch(recordings[:2], url=url("start"), log=folder / "start.jsonl", workers=1)
    single = run_batch(recordings[::-1], url=url("single"), log=folder / "single.jsonl", workers=1)
    each_s = (single.cpu_s - start.cpu_s) / (options.calls - 2)
    plain_s = plain_loop(calls, count=min(PLAIN, options.calls))
    own_s = sum(float(str(event["seconds"])) for event in single.of("audited"))
    print(f"processor seconds of a call: {each_s:.3f} in a batch, {plain_s:.3f} in a plain loop", end=": ")
    print(f"{100 * (each_s / plain_s - 1):+.1f} %")
    busy_s = single.wall_s - start.wall_s
    print(f"wall clock, one worker: {busy_s:.1f} s beside the start; the calls' own {own_s:.1f} s", end=": ")
    print(f"{100 * (busy_s / own_s - 1):+.1f} %")

    expected = store_rows(url("whole"))
    print(f"one worker, other order: {'equal' if store_rows(url('single')) == expected else 'DIFFERENT'}")

    chance = random.Random(options.seed)
    audited = 0
    for number in range(options.kills):
        # Long enough to get somewhere, and at any moment of the run that is left.
        left = (options.calls - audited) / options.calls
        after_s = start.wall_s * 0.7 + chance.random() * 2 * left * whole.wall_s / max(
            1, options.kills - number
        )
        run = run_batch(
            recordings,
            url=url("killed"),
            log=folder / "killed.jsonl",
            workers=options.workers,
            kill_after_s=after_s,
        )
        audited += len(run.of("audited"))
        ended = "killed" if run.returncode == -signal.SIGKILL else f"ended by itself ({run.returncode})"
        print(f"  {number + 1}: {ended} after {run.wall_s:.1f} s, {audited} audited so far", flush=True)
    last = run_batch(recordings, url=url("killed"), log=folder / "killed.jsonl", workers=options.workers)
    same = store_rows(url("killed")) == expected
    print(f"killed {options.kills} times and resumed: exit code {last.returncode}", end=", ")
    print("equal" if same else "DIFFERENT")


if __name__ == "__main__":
    main()
