"""The local engine: worker processes on this machine, one bad call at a time.

::

    jobs, long ones first ─> parent ─ pipe ─> worker (model, rulebook): opens the next while it hears one
                             parent <─ pipe ─ started, opened, done or failed

A worker that dies (crash, out of memory, kill) or takes too long is replaced. The call that it heard is tried
once more, alone in a fresh worker; then it is a failure with its reason, and only that call is lost. A call
that was only opened meanwhile goes back, and is not opened beside another one again: should it be what killed
the worker, it shows when it is heard. An error that the input explains is not tried again.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from auditor.batch.engine import DEFAULTS, Done, Failed, Limits, Started
from auditor.batch.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from auditor.batch.engine import Engine
    from auditor.batch.stopping import Stop
    from auditor.batch.worker import Job, WorkerSetup
    from auditor.batch.worker_process import Worker


def hear_calls(
    jobs: Iterable[Job],
    *,
    setup: WorkerSetup,
    workers: int,
    stop: Stop,
    limits: Limits = DEFAULTS,
    on_start: Callable[[Started], None] = lambda _started: None,
    on_tick: Callable[[], None] = lambda: None,
) -> Generator[Done | Failed, None, None]:
    """Audit calls in ``workers`` processes; see `engine.Engine`."""
    yield from _hear(
        Pool(iter(jobs), setup=setup, wanted=max(1, workers), limits=limits, on_start=on_start),
        stop=stop,
        on_tick=on_tick,
    )


@contextmanager
def standing_engine() -> Iterator[Engine]:
    """The local engine for one batch after the other, of one setup: its workers wait in between.

    So a model that takes a minute to load is loaded once, and not for every few calls that arrive.
    """
    waiting: list[Worker] = []

    def hear(
        jobs: Iterable[Job],
        *,
        setup: WorkerSetup,
        workers: int,
        stop: Stop,
        limits: Limits = DEFAULTS,
        on_start: Callable[[Started], None] = lambda _started: None,
        on_tick: Callable[[], None] = lambda: None,
    ) -> Generator[Done | Failed, None, None]:
        pool = Pool(
            iter(jobs),
            setup=setup,
            wanted=max(1, workers),
            limits=limits,
            on_start=on_start,
            standing=waiting,
        )
        yield from _hear(pool, stop=stop, on_tick=on_tick)

    try:
        yield hear
    finally:
        for worker in waiting:
            worker.end()


def _hear(pool: Pool, *, stop: Stop, on_tick: Callable[[], None]) -> Iterator[Done | Failed]:
    try:
        while True:
            if stop.level >= 2:
                return
            if stop.level == 1:
                pool.wind_down()
            pool.fill()
            if not pool.busy:
                return
            yield from pool.step()
            on_tick()
    finally:
        pool.close()
