"""The process of one stage: ``python -m auditor.batch.stage_worker FD``, started by `stage_process`."""

from __future__ import annotations

import os
import pickle
import queue
import socket
import sys
import threading
import time
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from auditor.batch.stage_process import StageSetup, packed, version_here
from auditor.batch.worker import Heard, Hearer, Job, explain, hear_listened, open_job
from auditor.errors import AuditError, ModelError, RulebookError

if TYPE_CHECKING:
    from auditor.pipeline import CallInput, Listened

_Inbox = queue.SimpleQueue[tuple[Job, bytes]]


def main() -> None:
    """Work until the holder is gone."""
    connection = Connection(int(sys.argv[1]))
    try:
        setup: StageSetup = connection.recv()
        if setup.version != version_here():
            raise AuditError(
                f"{socket.gethostname()} has another auditor ({version_here()}) than the machine that asks"
                f" ({setup.version}); install the same one on every node."
            )
        hearer = Hearer(setup.worker, connection, setup.book, model_sha256=setup.model_sha256)
        connection.send(("ready",))
        inbox: _Inbox = queue.SimpleQueue()
        threading.Thread(target=_receive, args=(connection, inbox), daemon=True).start()
        while True:
            _work(*inbox.get(), setup=setup, hearer=hearer, connection=connection)
    except AuditError as error:
        connection.send(("useless", str(error)))
    except (EOFError, OSError):  # the holder is gone
        pass
    os._exit(0)  # a thread that hangs in a decoder must not hold the process


def _receive(connection: Connection, inbox: _Inbox) -> None:
    """Calls as they come; when the holder is gone nobody wants the one in hand any more."""
    try:
        while True:
            inbox.put((connection.recv(), connection.recv_bytes()))
    except (EOFError, OSError):
        os._exit(0)


def _work(job: Job, given: bytes, *, setup: StageSetup, hearer: Hearer, connection: Connection) -> None:
    try:
        if setup.stage == "listen":
            product = _listen(job, setup=setup, connection=connection)
        else:
            product = _hear(given, hearer=hearer)
    except (ModelError, RulebookError):
        raise  # the same for every call
    except (EOFError, BrokenPipeError, ConnectionResetError):
        raise
    except Exception as error:
        connection.send(("failed", *explain(error)))
    else:
        connection.send(("done",))
        connection.send_bytes(product)


def _listen(job: Job, *, setup: StageSetup, connection: Connection) -> bytes:
    from auditor.pipeline import listen  # noqa: PLC0415

    began = time.monotonic()
    call, sound = open_job(job, setup=setup.worker)
    connection.send(("opened", sound.recording.duration_s))
    return packed((call, listen(sound), time.monotonic() - began))


def _hear(given: bytes, *, hearer: Hearer) -> bytes:
    began = time.monotonic()
    call: CallInput
    listened: Listened
    call, listened, seconds = pickle.loads(given)
    opened = ("opened", listened.sound.recording.duration_s)
    hearer.connection.send(opened)
    audited = hear_listened(listened, call=call, hearer=hearer, opened=opened)
    return packed(Heard(audited, seconds + time.monotonic() - began))


if __name__ == "__main__":
    main()
