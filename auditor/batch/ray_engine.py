"""The Ray engine: the pipeline's stages on a cluster, results written by the batch itself.

What happens to a call is as with the local engine: see `stage_process`. When a node is lost, what had come
stays, and the calls that were on their way are heard again on the nodes that are left; one that joins is used
as soon as the calls on their way are done.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.batch import ray_cluster
from auditor.batch.engine import DEFAULTS, Done, Failed, Limits, Started
from auditor.batch.ray_round import Round
from auditor.batch.stage_process import StageSetup, version_here
from auditor.errors import AuditError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from auditor.batch.engine import Engine
    from auditor.batch.stopping import Stop
    from auditor.batch.worker import Job, WorkerSetup
    from auditor.records import ModelFacts

_TICK_S = 0.25
_LOOK_S = 2.0  # how often nodes are counted
_LOSSES = 4  # rounds that end with a call in hand, after which it is taken for the cause
_VAIN_ROUNDS = 3  # rounds in a row that end without an outcome, after which something is wrong for good


def hear_calls(
    jobs: Iterable[Job],
    *,
    setup: WorkerSetup,
    workers: int,
    stop: Stop,
    limits: Limits = DEFAULTS,
    on_start: Callable[[Started], None] = lambda _started: None,
    on_tick: Callable[[], None] = lambda: None,
    model_sha256: str | None = None,
) -> Generator[Done | Failed, None, None]:
    """Audit calls on the cluster that `ray_cluster.connect` reached; see `engine.Engine`.

    ``workers``: hearing actors at most; ``model_sha256``: of the model that every node must have.
    """
    from auditor.judge import open_rulebook  # noqa: PLC0415

    stage = StageSetup(
        stage="listen",
        worker=replace(setup, model=_absolute_model(setup.model, folders=setup.model_folders)),
        book=open_rulebook(setup.rulebook),
        model_sha256=model_sha256,
        version=version_here(),
        limits=limits,
    )
    engine = _Engine(iter(jobs), setup=stage, workers=workers, stop=stop)
    vain = 0
    while engine.more():
        before = engine.outcomes
        yield from engine.round(on_start=on_start, on_tick=on_tick)
        vain = 0 if engine.outcomes > before else vain + 1
        if vain >= _VAIN_ROUNDS and engine.more():
            raise AuditError(
                f"the Ray cluster was lost {vain} times in a row before any call was done; `ray status` and"
                " Ray's logs say why."
            )


class _Engine:
    """Calls on their way through one round after the other."""

    def __init__(self, jobs: Iterator[Job], *, setup: StageSetup, workers: int, stop: Stop) -> None:
        self._jobs = jobs
        self._setup = setup
        self._workers = workers
        self._stop = stop
        self._again: deque[Job] = deque()
        self._ended = False
        self._losses: Counter[int] = Counter()
        self.outcomes = 0

    def more(self) -> bool:
        """Whether a call is left to hear and may be begun."""
        if self._stop.level:
            return False
        if not self._again and not self._ended:
            following = next(self._jobs, None)
            if following is None:
                self._ended = True
            else:
                self._again.append(following)
        return bool(self._again)

    def round(
        self, *, on_start: Callable[[Started], None], on_tick: Callable[[], None]
    ) -> Iterator[Done | Failed]:
        """Hear calls until there are none, a node is lost or has joined, or the batch is stopped."""
        machines = ray_cluster.nodes()
        sizing = ray_cluster.size(machines, threads=self._setup.worker.threads, most=self._workers)
        current = Round(self._setup, sizing=sizing)
        closed = stopped = False
        looked = time.monotonic()
        try:
            while not current.over and self._stop.level < 2:
                while not closed and current.room > 0 and self.more():
                    current.put(self._again.popleft())
                if not closed and not self.more():
                    closed = True
                    current.end()
                if self._stop.level == 1 and not stopped:
                    stopped = True
                    current.stop()
                outcome = current.take(timeout_s=_TICK_S)
                for started in current.begun():
                    on_start(started)
                if outcome is not None:
                    self.outcomes += 1
                    yield outcome
                on_tick()
                if time.monotonic() - looked >= _LOOK_S:
                    looked = time.monotonic()
                    now = ray_cluster.nodes()
                    if not set(machines) <= set(now):
                        break
                    if not closed and len(now) > len(machines):
                        closed = True
                        current.end()
        finally:
            current.give_up()
        yield from self._lost(current)

    def _lost(self, lost: Round) -> Iterator[Failed]:
        """Calls that a round did not finish are heard again; not for ever: one may be what ends rounds."""
        for job in reversed(lost.in_hand):
            self._losses[job.number] += job.number in lost.touched
            if self._losses[job.number] < _LOSSES:
                self._again.appendleft(job)
            elif not self._stop.level:
                self.outcomes += 1
                yield Failed(
                    job, "crashed", f"the cluster was lost {_LOSSES} times while it was heard", _LOSSES
                )


def engine_for(model: ModelFacts | None) -> Engine:
    """The engine, for a batch whose calls are heard by this model and no other.

    Args:
        model: None: every call brings its transcript.
    """
    return partial(hear_calls, model_sha256=model.sha256 if model else None)


def _absolute_model(model: str | Path | None, *, folders: tuple[Path, ...]) -> str | Path | None:
    """How every node finds the model: a path by its whole name, a name in its own folders.

    A name is looked for on each node as `asr.checkpoints.find_checkpoint` does.
    """
    from auditor.asr.checkpoints import locate  # noqa: PLC0415

    if model is None:
        return None
    path, official = locate(str(model), folders=folders)
    return model if path is None or official is not None else path.absolute()
