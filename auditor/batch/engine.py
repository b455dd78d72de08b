"""What hears the calls of a batch: one protocol, whether in processes of this machine or on a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from auditor.inputs.config import BatchSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from auditor.batch.stopping import Stop
    from auditor.batch.worker import Heard, Job, WorkerSetup

FailureCode = Literal["input", "usage", "internal", "unreachable", "crashed", "hung", "changed"]
# What was given explains these: another try would end the same way.
EXPLAINED: frozenset[FailureCode] = frozenset({"input", "usage", "changed"})


@dataclass(frozen=True, slots=True)
class Limits:
    """When a call hangs; see `[batch]` of the settings (`inputs.config.BatchSettings`).

    Attributes:
        call_s: for opening a call, and beside what its length allows.
        call_per_audio_s: seconds for each second of audio.
        start_s: for starting a worker and loading its model.
    """

    call_s: float = BatchSettings().call_timeout_s
    call_per_audio_s: float = BatchSettings().call_timeout_per_audio_s
    start_s: float = BatchSettings().start_timeout_s


DEFAULTS = Limits()


@dataclass(frozen=True, slots=True)
class Done:
    """A call that was audited."""

    job: Job
    heard: Heard


@dataclass(frozen=True, slots=True)
class Failed:
    """A call that was not, tried again unless the code is among `EXPLAINED`; ``attempts`` in this run."""

    job: Job
    code: FailureCode
    reason: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Started:
    """A worker has taken a call in hand; ``node`` is its address on a cluster, empty on this machine."""

    job: Job
    process_id: int
    node: str = ""


class Engine(Protocol):
    """Audits calls: `local.hear_calls`, and `ray_engine.hear_calls` on a cluster."""

    def __call__(
        self,
        jobs: Iterable[Job],
        *,
        setup: WorkerSetup,
        workers: int,
        stop: Stop,
        limits: Limits = DEFAULTS,
        on_start: Callable[[Started], None] = lambda _started: None,
        on_tick: Callable[[], None] = lambda: None,
    ) -> Generator[Done | Failed, None, None]:
        """Every job comes out once, in the order of their ends.

        Args:
            jobs: taken one by one as there is room, in their order.
            setup: what the workers load.
            workers: how many calls are heard at a time, at least 1.
            stop: asked between messages; at ``soon`` calls in hand are finished and no more are taken, at
                ``now`` the workers are killed.
            limits: when a call hangs.
            on_start: told when a worker begins a call.
            on_tick: called a few times a second.

        Raises:
            UsageError: model or rulebook cannot be used.
            AuditError: workers cannot be started.
        """
