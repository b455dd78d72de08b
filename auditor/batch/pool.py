"""The local engine's workers and what each has in hand: who gets the next call, who is late, who died."""

from __future__ import annotations

import time
from collections import deque
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING

from auditor.batch.engine import EXPLAINED, Done, Failed, FailureCode, Limits, Started
from auditor.batch.held_process import BIRTHS, TOO_LONG, obituary, patience_s
from auditor.batch.worker_process import Try, Worker, start_worker
from auditor.errors import AuditError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auditor.batch.worker import Job, Message, WorkerSetup

_TICK_S = 0.25


class Pool:
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
        allowed_s = patience_s(message, limits=self._limits)
        if allowed_s is not None:
            worker.deadline = time.monotonic() + allowed_s
        if word == "ready":
            worker.ready = True
            self._stillborn = 0
        elif word == "useless":
            raise UsageError(rest[0])
        elif word == "started":
            self._on_start(Started(worker.in_hand[0].job, worker.process.pid or 0))
        elif word == "done":
            yield Done(worker.in_hand.popleft().job, rest[1])
        elif word == "stopped":
            self._remove(worker)
        elif word == "failed":
            tried = worker.in_hand.popleft()
            _number, code, reason = rest
            if code in EXPLAINED:
                yield Failed(tried.job, code, reason, tried.attempts + 1)
            else:
                self._remove(worker)
                yield from self._again_or_failed(tried, code, reason)

    def _bury(self, worker: Worker) -> Iterator[Done | Failed]:
        """A worker is dead."""
        cause = worker.cause()
        tried = worker.in_hand.popleft() if worker.in_hand else None
        self._remove(worker)
        if tried is not None:
            yield from self._again_or_failed(tried, "crashed", obituary(cause))
        elif not worker.ready and not self._winding_down:
            self._stillborn += 1
            if self._stillborn >= BIRTHS:
                raise AuditError(
                    f"{BIRTHS} workers in a row ended before they were ready ({cause}); is there"
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
        yield from self._again_or_failed(tried, "hung", TOO_LONG)

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
