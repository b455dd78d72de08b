"""A worker as the local engine holds it: its process, its pipe, and the calls that it has in hand."""

from __future__ import annotations

import multiprocessing
import os
import socket
import struct
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auditor.batch.stopping import signals_held_back
from auditor.batch.worker import Job, Message, WorkerSetup, work

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

_GRACE_S = 5.0
# For one message to go through; a worker that is frozen in the middle of one must not hold up the others.
MESSAGE_S = 30


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
        self.process.join(_GRACE_S)  # it may still be dying, of its own cause
        code = self.process.exitcode
        if code is None:
            return "no exit code"
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def end(self) -> None:
        """End its process."""
        self.process.kill()
        self.process.join(_GRACE_S)
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


def limit_messages(connection: Connection) -> None:
    """Let reading and writing fail with `BlockingIOError` where a message does not end in time."""
    if os.name != "posix":
        return
    limit = struct.pack("ll", MESSAGE_S, 0)
    with socket.socket(fileno=os.dup(connection.fileno())) as end:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
