"""One worker process: it holds one model and one rulebook, and hears one call after the other.

While a call is heard the next one, if the parent has sent it, is decoded, its speech found and its legs
measured in a thread of its own; so at most two calls lie in memory. Nothing is written here: audits go to the
parent through the worker's own pipe, which a worker that is killed can spoil for nobody else.

Messages to the parent are tuples with a word in front: ``ready``; ``loading`` (the model); ``started``
number; ``opened`` number, seconds of audio; ``done`` number, `Heard`; ``failed`` number, code, sentence;
``useless`` sentence (model or rulebook cannot be used: no call could be heard); ``stopped``.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from auditor.errors import AuditError, ChangedError, InputError, ModelError, RulebookError, UnreachableError
from auditor.records import CallRecord, RecorderProfile

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

    from auditor.asr.engine import Engine
    from auditor.audio.decode import RawFormat
    from auditor.batch.engine import FailureCode
    from auditor.inputs.storage import File
    from auditor.pipeline import CallInput, Listened, Sound
    from auditor.records import CallAudit, Evidence
    from auditor.rulebook.schema import Rulebook

# Read by the libraries when they are loaded, which happens in the worker. Measuring takes one core: a second
# thread of its matrix products only spins. The model is told its threads when it is loaded.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """What all calls of a batch have in common.

    ``threads``: of the model, per worker; ``keep_numbers``: what is heard is not masked; the others as
    `pipeline.CallInput` and `inputs.config` name them.
    """

    model: str | Path | None = None
    model_folders: tuple[Path, ...] = ()
    rulebook: Path | None = None
    threads: int = 1
    agent_channel: str | None = None
    speaker_model: str = "mfcc"
    raw: RawFormat | None = None
    recorder: RecorderProfile = field(default_factory=RecorderProfile)
    max_duration_s: float = 4 * 3600
    keep_numbers: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One call for a worker; ``number`` is the parent's."""

    number: int
    paths: tuple[File, ...]
    record: CallRecord = field(default_factory=CallRecord)
    transcript: File | None = None
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Heard:
    """One audited call and how long its worker took for it, by the clock."""

    audit: CallAudit
    seconds: float


@dataclass
class Hearer:
    """A worker's model, loaded when first wanted, and rulebook.

    ``model_sha256``: of the model that it must be; None: whichever the setup's name means here.
    """

    setup: WorkerSetup
    connection: Connection
    book: Rulebook
    engine: Engine | None = None
    model_sha256: str | None = None

    def engine_for(self, call: CallInput) -> Engine | None:
        """The model; none for a call that brings its transcript.

        Raises:
            ModelError: it cannot be loaded, or is another one than was meant.
        """
        if call.transcript is not None:
            return None
        if self.engine is None:
            from auditor.asr.whisper import load_engine  # noqa: PLC0415

            self.connection.send(("loading",))
            self.engine = load_engine(
                self.setup.model, folders=self.setup.model_folders, threads=self.setup.threads
            )
            facts = self.engine.facts
            if self.model_sha256 not in (None, facts.sha256):
                raise ModelError(
                    f"the model {facts.name} of {socket.gethostname()} is another file than here"
                    f" (SHA-256 {facts.sha256[:12]}…); put the same one on every node."
                )
        return self.engine


def work(connection: Connection, setup: WorkerSetup) -> None:
    """The worker's life: jobs in, audits out, until the parent says stop or is gone."""
    for name in (signal.SIGINT, signal.SIGTERM):  # meant for the parent, which lets calls be finished
        signal.signal(name, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ |= ONE_THREAD
    try:
        from auditor.judge import open_rulebook  # noqa: PLC0415

        hearer = Hearer(setup, connection, open_rulebook(setup.rulebook))
        connection.send(("ready",))
        _serve(connection, hearer)
    except AuditError as error:
        connection.send(("useless", str(error)))
    except (EOFError, BrokenPipeError, ConnectionResetError):  # the parent is gone
        pass
    connection.close()
    os._exit(0)  # a thread that hangs in a decoder must not hold the process


def _end_with_parent() -> None:
    """A batch that was killed leaves nobody behind, not even at a long call."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@dataclass(frozen=True, slots=True, eq=False)
class _Ahead:
    """A call that a thread of its own opens and listens to while another is heard."""

    job: Job
    opened: Future[tuple[CallInput, Sound]]
    listened: Future[Listened]


def _serve(connection: Connection, hearer: Hearer) -> None:
    inbox: deque[_Ahead] = deque()
    opener = ThreadPoolExecutor(max_workers=1)
    while True:
        while not inbox or connection.poll():
            word, *rest = connection.recv()
            if word == "stop":
                connection.send(("stopped",))
                return
            opened = opener.submit(open_job, rest[0], setup=hearer.setup)
            inbox.append(_Ahead(rest[0], opened, opener.submit(_listen, opened)))
        ahead = inbox.popleft()
        number = ahead.job.number
        connection.send(("started", number))
        try:
            connection.send(("done", number, _hear(ahead, hearer=hearer)))
        except (ModelError, RulebookError):
            raise  # the same for every call
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise
        except Exception as error:
            connection.send(("failed", number, *explain(error)))


def explain(error: Exception) -> tuple[FailureCode, str]:
    """A failure's code and sentence."""
    if isinstance(error, UnreachableError):
        return "unreachable", str(error)
    if isinstance(error, ChangedError):
        return "changed", str(error)
    if isinstance(error, InputError):
        return "input", str(error)
    if isinstance(error, AuditError):
        return "usage", str(error)
    return "internal", f"{type(error).__name__}: {error}"


def open_job(job: Job, *, setup: WorkerSetup) -> tuple[CallInput, Sound]:
    """Decode a call's files and read its transcript.

    Raises:
        InputError: as `pipeline.open_call`.
        UsageError: the transcript cannot be used.
    """
    from auditor.inputs.transcript import read_transcript  # noqa: PLC0415
    from auditor.pipeline import CallInput, open_call  # noqa: PLC0415

    call = CallInput(
        paths=job.paths,
        record=job.record,
        transcript=read_transcript(job.transcript) if job.transcript else None,
        agent_channel=setup.agent_channel,
        speaker_model=setup.speaker_model,
        raw=setup.raw,
        recorder=setup.recorder,
        max_duration_s=setup.max_duration_s,
    )
    return call, open_call(call)


def _listen(opened: Future[tuple[CallInput, Sound]]) -> Listened:
    from auditor.pipeline import listen  # noqa: PLC0415

    return listen(opened.result()[1])


def _hear(ahead: _Ahead, *, hearer: Hearer) -> Heard:
    began = time.monotonic()
    call, sound = ahead.opened.result()
    opened = ("opened", ahead.job.number, sound.recording.duration_s)
    hearer.connection.send(opened)
    audited = hear_listened(ahead.listened.result(), call=call, hearer=hearer, opened=opened)
    return Heard(audited, time.monotonic() - began)


def hear_listened(listened: Listened, *, call: CallInput, hearer: Hearer, opened: Message) -> CallAudit:
    """An opened call heard and judged; ``opened`` is said again once the model is there: its time begins."""
    from auditor import pipeline  # noqa: PLC0415

    engine = hearer.engine_for(call)
    if engine is not None:
        hearer.connection.send(opened)
    evidence = pipeline.hear(listened, call=call, engine=engine, book=hearer.book)
    return audit_heard(evidence, setup=hearer.setup, book=hearer.book, engine=engine)


def audit_heard(
    evidence: Evidence, *, setup: WorkerSetup, book: Rulebook, engine: Engine | None
) -> CallAudit:
    """What was heard, masked unless numbers are to be kept, and then judged.

    In this order, so that the first verdicts are those of every later time.
    """
    from auditor.pipeline import audit  # noqa: PLC0415
    from auditor.store.masking import mask_evidence  # noqa: PLC0415

    kept = evidence if setup.keep_numbers else mask_evidence(evidence)
    return audit(kept, book=book, engine=engine)


Message = tuple[Any, ...]
