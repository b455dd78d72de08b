"""A Ray cluster: reached or started, its nodes, and how many calls it hears at a time.

Without an address Ray is started on this machine for this batch alone: bound to the loopback address, behind
a token that nobody else knows. Its statistics are sent nowhere.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import threading
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from auditor.batch.stopping import SIGNALS, signals_held_back
from auditor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PROCESSOR_FOR_LISTENING = 0.1


@dataclass(frozen=True, slots=True)
class Node:
    """One machine of the cluster."""

    id: str
    address: str
    processors: float
    gpus: int


@dataclass(frozen=True, slots=True)
class Sizing:
    """How many actors a cluster has room for, and what each of them takes.

    Attributes:
        hearing: actors with a model.
        listening: actors that decode and measure.
        hearing_processors: of each.
        listening_processors: of each: so little that they fit beside, wherever they come to lie.
        gpus: of each hearing actor, 0 or 1.
    """

    hearing: int
    listening: int
    hearing_processors: float
    listening_processors: float
    gpus: int

    @property
    def window(self) -> int:
        """How many calls are on their way at a time: one is heard, two wait, some are being listened to."""
        return 3 * self.hearing + self.listening


@contextmanager
def connect(address: str | None, *, processors: int | None = None) -> Iterator[None]:
    """Reach the cluster at an address, or start one here; it is left, or ended, at the end.

    Args:
        address: ``HOST:PORT`` of a cluster that this machine belongs to, or ``auto``; None: start one here.
        processors: of the one that is started.

    Raises:
        UsageError: Ray is not installed, or there is no cluster.
    """
    if find_spec("ray") is None:
        raise UsageError(
            "the Ray engine needs Ray; run `pip install 'phone-etiquette-auditor[ray]'` on every node."
        )
    _settle_environment(local=address is None)
    import ray  # noqa: PLC0415

    if ray.is_initialized():
        yield
        return
    _silence()
    given: dict[str, Any] = {"address": address or "local", "log_to_driver": False}
    if address is None:
        given |= {"include_dashboard": False, "num_cpus": processors}
    try:
        with _handlers_kept(), signals_held_back(), _quiet():
            ray.init(configure_logging=False, **given)
    except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
        first = str(error).strip().partition("\n")[0]
        raise UsageError(
            f"--ray-address {address or 'local'}: no Ray cluster can be reached there ({first}); start one"
            " with `ray start --head` and give HOST:PORT."
        ) from None
    try:
        yield
    finally:
        ray.shutdown()


def _settle_environment(*, local: bool) -> None:
    """What Ray reads when it is imported and hands on to its processes."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    if local:
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # its name for: loopback only
        if "RAY_AUTH_MODE" not in os.environ:
            os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}


def _silence() -> None:
    """Failures of calls are told by the batch; Ray's own lines go to its log files."""
    import ray.data  # noqa: PLC0415

    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module="ray")
    ray.data.DataContext.get_current().enable_progress_bars = False


@contextmanager
def _quiet() -> Iterator[None]:
    """Ray's core tells on stderr that it was told to be quiet."""
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123  (a descriptor is wanted)
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@contextmanager
def _handlers_kept() -> Iterator[None]:
    """Ray puts its own handler of SIGTERM in place."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def nodes() -> tuple[Node, ...]:
    """The machines that are alive and have processors to give."""
    import ray  # noqa: PLC0415

    found = []
    for facts in ray.nodes():
        resources: Mapping[str, float] = facts["Resources"]
        if facts["Alive"] and resources.get("CPU"):
            found.append(
                Node(
                    facts["NodeID"],
                    facts["NodeManagerAddress"],
                    resources["CPU"],
                    int(resources.get("GPU", 0)),
                )
            )
    return tuple(sorted(found, key=lambda node: node.id))


def size(machines: tuple[Node, ...], *, threads: int, most: int | None = None) -> Sizing:
    """How many actors machines have room for.

    Where any machine has a GPU, models are on GPUs only: half of a night heard in fp16 and half in fp32
    would be two models' results.

    Args:
        machines: of the cluster.
        threads: of a model on processors.
        most: hearing actors at most.

    Raises:
        UsageError: there is no machine with processors.
    """
    if not machines:
        raise UsageError("the Ray cluster has no node with processors; add one, `ray status` shows them.")
    gpus = sum(machine.gpus for machine in machines)
    if gpus:
        hearing = min(gpus, most or gpus)
        return Sizing(hearing, 2 * hearing, 0.5, 0.25, 1)
    room = sum(int(machine.processors // threads) for machine in machines)
    if not room:  # fewer processors than threads everywhere: one model a machine
        threads, room = max(1, int(min(m.processors for m in machines))), len(machines)
    hearing = min(room, most or room)
    # However the listening actors come to lie, the hearing ones still fit.
    share = max(0.0001, int(_PROCESSOR_FOR_LISTENING / hearing * 10_000) / 10_000)
    return Sizing(hearing, hearing, threads - _PROCESSOR_FOR_LISTENING, share, 0)
