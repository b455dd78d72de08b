"""A worker process as whoever holds it sees it: how long it may be silent, and what it died of.

The same for the workers of this machine (`worker_process`) and for the process beside an actor of a cluster
(`stage_process`).
"""

from __future__ import annotations

import os
import socket
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from auditor.batch.engine import Limits
    from auditor.batch.worker import Message

BIRTHS = 3  # processes in a row that die before they are ready, after which the fault is not a call's
GRACE_S = 5.0  # for a process to end; it may still be dying, of its own cause
# For one message to go through; a worker that is frozen in the middle of one must not hold up the others.
MESSAGE_S = 30
TOO_LONG = "it was not done in the time that its length allows"


def limit_messages(connection: Connection) -> None:
    """Let reading and writing fail with `BlockingIOError` where a message does not end in time."""
    if os.name != "posix":
        return
    limit = struct.pack("ll", MESSAGE_S, 0)
    with socket.socket(fileno=os.dup(connection.fileno())) as end:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)


def patience_s(message: Message, *, limits: Limits) -> float | None:
    """How long a process may take until it says the next thing; None: as long as before."""
    word = message[0]
    if word == "loading":
        return limits.start_s
    if word == "started":
        return limits.call_s
    if word == "opened":
        return limits.call_s + limits.call_per_audio_s * float(message[-1])
    return None


def cause_of(exit_code: int | None) -> str:
    """What a process died of."""
    if exit_code is None:
        return "no exit code"
    return f"signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"


def obituary(cause: str) -> str:
    """The reason of a call whose worker died."""
    return f"the worker that heard it died ({cause})"
