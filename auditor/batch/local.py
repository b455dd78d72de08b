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

import time
from collections import deque
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING

from auditor.batch.engine import DEFAULTS, Done, Failed, FailureCode, Limits, Started
from auditor.batch.worker_process import Try, Worker, start_worker
from auditor.errors import AuditError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from auditor.batch.engine import Engine
    from auditor.batch.stopping import Stop
    from auditor.batch.worker import Job, Message, WorkerSetup

_TICK_S = 0.25
_BIRTHS = 3  # workers in a row that die before they are ready, after which the fault is not a call's


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
        _Pool(iter(jobs), setup=setup, wanted=max(1, workers), limits=limits, on_start=on_start),
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
        pool = _Pool(
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


def _hear(pool: _Pool, *, stop: Stop, on_tick: Callable[[], None]) -> Iterator[Done | Failed]:
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


class _Pool:
    """The workers and what they have in hand."""

    def __init__(
        self,
        jobs: Iterator[Job],
        *,
        setup: WorkerSetup,
        wanted: int,
        limits: Limits,
        on_start: Callable[[Started], None],
        standing: list[Worker] | None = None,
    ) -> None:
        self._jobs = jobs
        self._setup = setup
        self._wanted = wanted
        self._limits = limits
        self._on_start = on_start
        self._workers: list[Worker] = [] if standing is None else standing
        self._standing = standing is not None
        self._again: deque[Try] = deque()  # to be tried alone
        self._back: deque[Try] = deque()  # given back untouched
        self._ended = False
        self._winding_down = False
        self._stillborn = 0

    @property
    def busy(self) -> bool:
        """Whether anything is in hand or waits to be."""
        return any(worker.in_hand for worker in self._workers) or (
            not self._winding_down and bool(self._again or self._back or not self._ended)
        )

    def wind_down(self) -> None:
        """Take no more calls; workers end after the one that they hear."""
        if self._winding_down:
            return
        self._winding_down = True
        for worker in list(self._workers):
            if worker.in_hand:
                worker.send(("stop",))
            else:
                self._remove(worker)

    def fill(self) -> None:
        """Start workers and give each a call to hear and one to open meanwhile."""
        if self._winding_down:
            return
        for room in (1, 2):  # a call for everyone before a second for anyone
            for worker in list(self._workers):
                if not worker.ready or len(worker.in_hand) >= room or any(t.alone for t in worker.in_hand):
                    continue
                following = self._take(beside=bool(worker.in_hand), fresh=worker.fresh)
                if following is None:
                    continue
                if not worker.in_hand:
                    worker.deadline = time.monotonic() + self._limits.call_s
                worker.fresh = False
                worker.in_hand.append(following)
                worker.send(("call", following.job))
        idle = [worker for worker in self._workers if not worker.in_hand]
        if self._again and not any(worker.fresh for worker in self._workers):
            if idle and len(self._workers) >= self._wanted:
                self._remove(idle[0])
            if len(self._workers) < self._wanted:
                self._start()
        elif len(self._workers) < self._wanted and not idle and self._more():
            self._start()

    def _more(self) -> bool:
        if self._again or self._back:
            return True
        job = None if self._ended else next(self._jobs, None)
        if job is None:
            self._ended = True
            return False
        self._back.append(Try(job))
        return True

    def _take(self, *, beside: bool, fresh: bool) -> Try | None:
        """The next call for a worker; ``beside``: it has one in hand already."""
        if fresh and self._again:
            return self._again.popleft()
        if self._back and not (beside and self._back[0].given_back):
            return self._back.popleft()
        job = None if self._ended or self._back else next(self._jobs, None)
        if job is None:
            self._ended = self._ended or not self._back
            return None
        return Try(job)

    def _start(self) -> None:
        self._workers.append(start_worker(self._setup, start_s=self._limits.start_s))

    def step(self) -> Iterator[Done | Failed]:
        """Wait a moment for messages, and for workers that died or hang."""
        by_connection = {worker.connection: worker for worker in self._workers}
        for connection in wait(list(by_connection), timeout=_TICK_S):
            assert isinstance(connection, Connection)
            worker = by_connection[connection]
            try:
                message: Message = connection.recv()
            except BlockingIOError:  # frozen in the middle of a message
                yield from self._give_up(worker)
            except (EOFError, OSError):
                yield from self._bury(worker)
            else:
                yield from self._read(worker, message)
        now = time.monotonic()
        for worker in [w for w in self._workers if now > w.deadline and (w.in_hand or not w.ready)]:
            if not worker.connection.poll():  # else it has told something, which nobody has heard yet
                yield from self._give_up(worker)

    def _read(self, worker: Worker, message: Message) -> Iterator[Done | Failed]:
        word, *rest = message
        now = time.monotonic()
        if word == "ready":
            worker.ready = True
            self._stillborn = 0
        elif word == "useless":
            raise UsageError(rest[0])
        elif word == "loading":
            worker.deadline = now + self._limits.start_s
        elif word == "started":
            worker.deadline = now + self._limits.call_s
            self._on_start(Started(worker.in_hand[0].job, worker.process.pid or 0))
        elif word == "opened":
            worker.deadline = now + self._limits.call_s + self._limits.call_per_audio_s * rest[1]
        elif word == "done":
            yield Done(worker.in_hand.popleft().job, rest[1])
        elif word == "stopped":
            self._remove(worker)
        elif word == "failed":
            tried = worker.in_hand.popleft()
            _number, code, reason = rest
            if code in ("internal", "unreachable"):
                self._remove(worker)
                yield from self._again_or_failed(tried, code, reason)
            else:
                yield Failed(tried.job, code, reason, tried.attempts + 1)

    def _bury(self, worker: Worker) -> Iterator[Done | Failed]:
        """A worker is dead."""
        cause = worker.cause()
        tried = worker.in_hand.popleft() if worker.in_hand else None
        self._remove(worker)
        if tried is not None:
            yield from self._again_or_failed(tried, "crashed", f"the worker that heard it died ({cause})")
        elif not worker.ready and not self._winding_down:
            self._stillborn += 1
            if self._stillborn >= _BIRTHS:
                raise AuditError(
                    f"{_BIRTHS} workers in a row ended before they were ready ({cause}); is there"
                    " memory for as many? Try --workers 1."
                )

    def _give_up(self, worker: Worker) -> Iterator[Done | Failed]:
        """A worker takes too long: with the call that it hears, or with starting."""
        if not worker.in_hand:
            raise AuditError(
                f"a worker was not ready after {self._limits.start_s:.0f} s; is the machine overloaded?"
            )
        tried = worker.in_hand.popleft()
        self._remove(worker)
        yield from self._again_or_failed(tried, "hung", "it was not done in the time that its length allows")

    def _again_or_failed(self, tried: Try, code: FailureCode, reason: str) -> Iterator[Failed]:
        tried.attempts += 1
        if tried.attempts >= 2:
            yield Failed(tried.job, code, reason, tried.attempts)
        else:
            self._again.append(tried)

    def _remove(self, worker: Worker) -> None:
        """End a worker; calls that it had not begun go back."""
        self._workers.remove(worker)
        for tried in reversed(worker.in_hand):
            tried.given_back = True
            self._back.appendleft(tried)
        worker.in_hand.clear()
        worker.end()

    def close(self) -> None:
        """End all workers, but those that wait for the next batch."""
        for worker in list(self._workers):
            if not (self._standing and worker.ready and not worker.in_hand):
                self._remove(worker)
