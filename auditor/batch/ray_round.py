"""One execution of the stages on the nodes that a cluster has now.

Ray Data streams: calls are put on the board as there is room, and come back as they are done. A thread
consumes them, so that the batch can look around meanwhile. A round that lost a node is given up as a whole:
Ray would wait for room to start the lost actors again, which may never come.
"""

from __future__ import annotations

import pickle
import queue
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from auditor.batch.engine import Done, Failed, Started
from auditor.batch.ray_stages import Board, Hearing, Listening, StageTask, read
from auditor.batch.stage_process import packed
from auditor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.batch.ray_cluster import Sizing
    from auditor.batch.stage_process import StageSetup
    from auditor.batch.worker import Job

_END_S = 30.0


class Round:
    """Calls in, outcomes out."""

    def __init__(self, setup: StageSetup, *, sizing: Sizing) -> None:
        import ray  # noqa: PLC0415
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy  # noqa: PLC0415

        self._home = ray.get_runtime_context().get_node_id()
        here = NodeAffinitySchedulingStrategy(self._home, soft=False)
        self._board: Any = (
            ray.remote(Board).options(num_cpus=0, max_concurrency=1000, scheduling_strategy=here).remote()
        )
        self._sizing = sizing
        self._jobs: dict[int, Job] = {}
        self._out: dict[int, Job] = {}  # came out since it was asked which were begun
        self._outcomes: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.over = False
        self.touched: set[int] = set()  # numbers of the calls that were begun
        stages = self._stages(replace(setup, gpu=sizing.gpus > 0))
        self._thread = threading.Thread(target=self._consume, args=(stages,), daemon=True)
        self._thread.start()

    @property
    def in_hand(self) -> tuple[Job, ...]:
        """Calls that were put in and have not come out, in their order."""
        return tuple(self._jobs.values())

    @property
    def room(self) -> int:
        """How many more calls may be put in."""
        return self._sizing.window - len(self._jobs)

    def put(self, job: Job) -> None:
        """Have a call heard."""
        self._jobs[job.number] = job
        self._board.add.remote([packed(job)])

    def end(self) -> None:
        """No more calls will be put in."""
        self._board.end.remote()

    def stop(self) -> None:
        """Calls that no actor has in hand are left; the others are finished."""
        self._board.stop.remote()

    def begun(self) -> Iterator[Started]:
        """Calls begun since this was asked last."""
        import ray  # noqa: PLC0415

        for number, node, process_id in ray.get(self._board.begun.remote()):
            job = self._jobs.get(number) or self._out.get(number)
            if job is not None:
                self.touched.add(number)
                yield Started(job, process_id, node)
        self._out.clear()

    def take(self, *, timeout_s: float) -> Done | Failed | None:
        """The next outcome; None: there was none in time, or the round is over.

        Raises:
            UsageError: model, rulebook or installation of a node cannot be used.
        """
        try:
            number, kind, data = self._outcomes.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if kind == "over":
            self.over = True
            return None
        if kind == "useless":
            raise UsageError(pickle.loads(data))
        job = self._jobs.pop(number, None)
        if job is not None:
            self._out[number] = job
        if job is None or kind == "left":  # or it came twice: a block was made once more for a lost one
            return None
        if kind == "failed":
            made = pickle.loads(data)
            return Failed(job, made.code, made.reason, made.attempts)
        return Done(job, pickle.loads(data))

    def give_up(self) -> None:
        """End at once, whatever is in hand."""
        if not self.over:
            self._board.give_up.remote()
        self._thread.join(_END_S)

    def _stages(self, setup: StageSetup) -> Any:
        import ray.data  # noqa: PLC0415
        from ray.data import ActorPoolStrategy  # noqa: PLC0415

        context = ray.data.DataContext.get_current()
        context.target_max_block_size = 1  # a block a call
        context.enable_progress_bars = False
        sizing, task = self._sizing, StageTask(setup, self._board, self._home)
        calls = ray.data.read_datasource(_source(self._board), override_num_blocks=1, num_cpus=0)
        common: dict[str, Any] = {
            "batch_size": 1,
            "batch_format": "pyarrow",
            "zero_copy_batch": True,
            "fn_constructor_args": (task,),
        }
        listened = calls.map_batches(
            Listening,
            compute=ActorPoolStrategy(size=sizing.listening, max_tasks_in_flight_per_actor=2),
            num_cpus=sizing.listening_processors,
            **common,
        )
        return listened.map_batches(
            Hearing,
            compute=ActorPoolStrategy(size=sizing.hearing, max_tasks_in_flight_per_actor=2),
            num_cpus=sizing.hearing_processors,
            num_gpus=sizing.gpus,
            **common,
        )

    def _consume(self, stages: Any) -> None:
        try:
            for table in stages.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
                for number, kind, data in zip(
                    *(table[name].to_pylist() for name in ("number", "kind", "data")), strict=True
                ):
                    self._outcomes.put((number, kind, data))
        except Exception as error:
            self._outcomes.put((0, "over", error))
        else:
            self._outcomes.put((0, "over", None))


def _source(board: Any) -> Any:
    """The board as a source of Ray Data."""
    from ray.data.block import BlockMetadata  # noqa: PLC0415
    from ray.data.datasource import Datasource, ReadTask  # noqa: PLC0415

    class Calls(Datasource):
        def estimate_inmemory_data_size(self) -> int | None:
            return None

        def get_read_tasks(self, parallelism: int, *_more: object, **_options: object) -> list[Any]:
            del parallelism
            facts = BlockMetadata(num_rows=None, size_bytes=None, input_files=None, exec_stats=None)
            return [ReadTask(lambda: read(board), facts)]

    return Calls()
