"""A worker as the local engine holds it: its process, its pipe, and the calls that it has in hand."""

from __future__ import annotations

import multiprocessing
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auditor.batch.held_process import GRACE_S, cause_of, limit_messages
from auditor.batch.stopping import signals_held_back
from auditor.batch.worker import Job, Message, WorkerSetup, work

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess


@dataclass(eq=False)
class Try:
    """One call on its way: how often it was tried, and whether it was opened and given back."""

    job: Job
    attempts: int = 0
    given_back: bool = False

    @property
    def alone(self) -> bool:
        """Whether it is heard by a worker that has nothing else in hand."""
        return self.attempts > 0


@dataclass(eq=False)
class Worker:
    """One process. ``fresh``: it has not been given a call; ``deadline`` by the monotonic clock."""

    process: SpawnProcess
    connection: Connection
    deadline: float
    ready: bool = False
    fresh: bool = True
    in_hand: deque[Try] = field(default_factory=deque)

    def send(self, message: Message) -> None:
        """Tell it something; one that is dead is found out by reading from it."""
        with suppress(OSError):
            self.connection.send(message)

    def cause(self) -> str:
        """What it died of."""
        self.process.join(GRACE_S)
        return cause_of(self.process.exitcode)

    def end(self) -> None:
        """End its process."""
        self.process.kill()
        self.process.join(GRACE_S)
        self.connection.close()


def start_worker(setup: WorkerSetup, *, start_s: float) -> Worker:
    """Start a process; it says when it is ready.

    Spawned, not forked: torch's threads do not survive a fork.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    limit_messages(ours)
    process = context.Process(target=work, args=(theirs, setup), daemon=True)
    with signals_held_back():
        process.start()
    theirs.close()
    return Worker(process, ours, time.monotonic() + start_s)
