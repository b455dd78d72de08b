"""One stage of the pipeline in a process of its own, so that a crash or a hang costs one call.

The holder sends a call's `Job` and what the stage before made of it; back comes what this stage makes of it,
as bytes that the holder passes on unread: `listen` makes a call listened to, `hear` an audit. A process that
dies or takes too long is replaced and the call tried once more, as the local engine does.

Messages of the process are tuples: ``ready``; ``loading`` (the model); ``opened`` seconds of audio; ``done``
(its bytes follow); ``failed`` code, sentence; ``useless`` sentence.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Literal

from auditor.batch.engine import EXPLAINED
from auditor.batch.held_process import (
    BIRTHS,
    GRACE_S,
    TOO_LONG,
    cause_of,
    limit_messages,
    obituary,
    patience_s,
)
from auditor.batch.worker import ONE_THREAD
from auditor.errors import AuditError

if TYPE_CHECKING:
    from auditor.batch.engine import FailureCode, Limits
    from auditor.batch.worker import Job, Message, WorkerSetup
    from auditor.rulebook.schema import Rulebook

Stage = Literal["listen", "hear"]


@dataclass(frozen=True, slots=True)
class StageSetup:
    """What a stage's process is given before its first call.

    Attributes:
        stage: which one.
        worker: what all calls have in common.
        book: by what calls are judged; sent along, so that it need not lie on every machine.
        model_sha256: of the model that it must find; None: no call is heard by one.
        version: of the auditor that it must be, see `version_here`.
        limits: when a call hangs.
        gpu: whether the model may use one.
    """

    stage: Stage
    worker: WorkerSetup
    book: Rulebook
    model_sha256: str | None
    version: str
    limits: Limits
    gpu: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """What a stage made of a call: the bytes of its product."""

    data: bytes


@dataclass(frozen=True, slots=True)
class NotMade:
    """Why a stage made nothing of a call."""

    code: FailureCode
    reason: str
    attempts: int


class UselessError(AuditError):
    """Model, rulebook or installation cannot be used: no call could be heard."""


def version_here() -> str:
    """What must be equal wherever calls are heard, so that they are heard alike."""
    from auditor import __version__  # noqa: PLC0415
    from auditor.measure.settings import measuring_sha256  # noqa: PLC0415

    return f"{__version__} with measuring {measuring_sha256()[:12]}"


class StageProcess:
    """Holds one process and replaces it as needed."""

    def __init__(self, setup: StageSetup) -> None:
        self._setup = setup
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None

    def make(self, job: Job, *, given: bytes | memoryview = b"") -> Made | NotMade:
        """Have a call worked on, twice if need be.

        Args:
            job: the call.
            given: what the stage before made of it.

        Raises:
            UselessError: no call could be worked on.
        """
        for attempt in (1, 2):
            connection = self._ready()
            try:
                connection.send(job)
                connection.send_bytes(given)
            except BlockingIOError:  # frozen
                outcome: Made | NotMade = NotMade("hung", TOO_LONG, attempt)
            except OSError:
                outcome = NotMade("crashed", self._obituary(), attempt)
            else:
                outcome = self._outcome(connection, attempt=attempt)
            if isinstance(outcome, Made) or outcome.code in EXPLAINED:
                return outcome
            self.end()
        return outcome

    def _outcome(self, connection: Connection, *, attempt: int) -> Made | NotMade:
        limits = self._setup.limits
        deadline = time.monotonic() + limits.call_s
        while connection.poll(max(0.0, deadline - time.monotonic())):
            try:
                message: Message = connection.recv()
                if message[0] == "done":
                    return Made(connection.recv_bytes())
            except BlockingIOError:  # frozen in the middle of a message
                break
            except (EOFError, OSError):
                return NotMade("crashed", self._obituary(), attempt)
            if message[0] == "useless":
                raise UselessError(message[1])
            if message[0] == "failed":
                return NotMade(message[1], message[2], attempt)
            allowed_s = patience_s(message, limits=limits)
            if allowed_s is not None:
                deadline = time.monotonic() + allowed_s
        return NotMade("hung", TOO_LONG, attempt)

    def _ready(self) -> Connection:
        """The connection to a process that waits for a call."""
        if self._process is not None and self._connection is not None and self._process.poll() is None:
            return self._connection
        self.end()
        for _ in range(BIRTHS):
            connection = self._start()
            try:
                connection.send(self._setup)
                if connection.poll(self._setup.limits.start_s):
                    word, *rest = connection.recv()
                    if word == "useless":
                        raise UselessError(rest[0])
                    return connection
            except (EOFError, OSError):
                pass
            why = self._obituary()
            self.end()
        raise UselessError(f"{BIRTHS} processes in a row ended before they were ready: {why}.")

    def _start(self) -> Connection:
        ours, theirs = Pipe()
        limit_messages(ours)
        environment = os.environ | ONE_THREAD
        if not self._setup.gpu:
            environment["CUDA_VISIBLE_DEVICES"] = ""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "auditor.batch.stage_worker", str(theirs.fileno())],
            pass_fds=(theirs.fileno(),),
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is meant for the batch, which lets calls be finished
        )
        theirs.close()
        self._connection = ours
        return ours

    def _obituary(self) -> str:
        code = None
        if self._process is not None:
            try:
                code = self._process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                code = None
        return obituary(cause_of(code))

    def end(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(GRACE_S)
        if self._connection is not None:
            self._connection.close()
        self._process = self._connection = None


def packed(product: object) -> bytes:
    """A stage's product as bytes."""
    return pickle.dumps(product, protocol=pickle.HIGHEST_PROTOCOL)
