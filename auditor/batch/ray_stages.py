"""The pipeline as stages of Ray Data: calls come from a board, are listened to, are heard.

::

    Board ─ number, job ─> Listening (CPU actors) ─ + what was found ─> Hearing (actors with a model) ─ audit

A row is one call; a block has one row, so that no call waits for another. ``kind`` says what ``data`` is:
``job``, ``listened``, ``heard``, ``failed`` (`NotMade`), ``left`` (the batch was stopped), ``useless`` (a
sentence: no call can be heard).
The work is done by a process that the actor holds (`stage_process`): Ray itself would try a call that kills
its actor for ever.
"""

from __future__ import annotations

import asyncio
import os
import pickle
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.batch.stage_process import Made, NotMade, Stage, StageProcess, StageSetup, UselessError, packed

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from auditor.batch.worker import Job

_GIVEN_UP = "the batch gave this round up"


class Board:
    """Calls to hand out, and which were begun; an actor beside the batch.

    What was handed out stays, so that reading can begin again from the start.
    """

    def __init__(self) -> None:
        self._jobs: list[bytes] = []
        self._begun: list[tuple[int, str, int]] = []
        self._ended = False
        self._given_up = False
        self._stopped = False

    async def add(self, jobs: list[bytes]) -> None:
        """More calls."""
        self._jobs += jobs

    async def end(self) -> None:
        """No more calls will come."""
        self._ended = True

    async def give_up(self) -> None:
        """Have the reading fail, which ends everything behind it."""
        self._given_up = True

    async def stop(self) -> None:
        """No more calls will come, and those that no stage has in hand are left."""
        self._ended = self._stopped = True

    async def stopped(self) -> bool:
        """Whether calls are left."""
        return self._stopped

    async def job(self, index: int) -> bytes | None:
        """The call at a position, as soon as it is there; None: there will be none."""
        while not self._given_up:
            if index < len(self._jobs):
                return self._jobs[index]
            if self._ended:
                return None
            await asyncio.sleep(0.05)
        raise RuntimeError(_GIVEN_UP)

    async def begin(self, number: int, node: str, process_id: int) -> None:
        """A call is begun."""
        self._begun.append((number, node, process_id))

    async def begun(self) -> list[tuple[int, str, int]]:
        """Calls begun since this was asked last."""
        begun, self._begun = self._begun, []
        return begun


def row(number: int, kind: str, *, data: bytes, job: bytes = b"") -> pa.Table:
    """One call as a block of one row."""
    import pyarrow as pa  # noqa: PLC0415

    columns = {
        "number": pa.array([number], type=pa.int64()),
        "kind": pa.array([kind]),
        "job": pa.array([job], type=pa.binary()),
        "data": pa.array([data], type=pa.large_binary()),
    }
    return pa.table(columns)


def read(board: Any) -> Iterator[pa.Table]:
    """The board's calls, one row each, as they come."""
    import ray  # noqa: PLC0415

    index = 0
    while (job := ray.get(board.job.remote(index))) is not None:
        yield row(pickle.loads(job).number, "job", data=b"", job=job)
        index += 1


@dataclass(frozen=True, slots=True)
class StageTask:
    """What an actor is made with. ``home``: the node of the batch itself."""

    setup: StageSetup
    board: Any
    home: str


class _Stage:
    """An actor of one stage."""

    takes: str
    stage: Stage

    def __init__(self, task: StageTask) -> None:
        import ray  # noqa: PLC0415

        self._task = task
        self._node = ray.get_runtime_context().get_node_id()
        self._process = StageProcess(replace(task.setup, stage=self.stage))

    def __call__(self, table: pa.Table) -> pa.Table:
        """Work on one call; one that an earlier stage made nothing of is passed on."""
        kind = table["kind"][0].as_py()
        if kind != self.takes:
            return table
        import ray  # noqa: PLC0415

        number, packed_job = table["number"][0].as_py(), table["job"][0].as_py()
        if ray.get(self._task.board.stopped.remote()):
            return row(number, "left", data=b"")
        job: Job = pickle.loads(packed_job)
        try:
            made = self.work(job, table["data"][0].as_buffer())
        except UselessError as error:
            return row(number, "useless", data=packed(str(error)))
        if isinstance(made, NotMade):
            return row(number, "failed", data=packed(made))
        return row(number, self.gives, data=made.data, job=packed_job)

    @property
    def gives(self) -> str:
        """The kind of its rows."""
        return {"listen": "listened", "hear": "heard"}[self.stage]

    def work(self, job: Job, given: Any) -> Made | NotMade:
        """Have the process work on a call."""
        return self._process.make(job, given=memoryview(given))


class Listening(_Stage):
    """Decodes, finds speech and measures."""

    takes = "job"
    stage: Stage = "listen"

    def work(self, job: Job, given: Any) -> Made | NotMade:
        """As a stage does, and tell that the call is begun."""
        import ray  # noqa: PLC0415

        address = ray.util.get_node_ip_address()
        self._task.board.begin.remote(job.number, address, os.getpid())
        if self._node != self._task.home:
            for path in (*job.paths, *([job.transcript] if job.transcript else [])):
                if isinstance(path, Path) and not path.exists():
                    return NotMade(
                        "input",
                        f"{path} cannot be seen from the node {address}; put it where every node sees it"
                        " under this name (a share, an object store).",
                        attempts=1,
                    )
        return super().work(job, given)


class Hearing(_Stage):
    """Holds the model: words, parties, figures, verdicts."""

    takes = "listened"
    stage: Stage = "hear"
