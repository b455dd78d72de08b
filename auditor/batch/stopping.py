"""SIGINT and SIGTERM: the first ends a batch after the calls in hand, the second at once."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass
class Stop:
    """How soon to stop: 0 not at all, 1 after the calls in hand, 2 at once."""

    level: int = 0


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Count signals instead of dying of them; in a thread that may not listen to signals, none comes.

    Nothing else is done in the handler: it may come in the middle of a write.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def note(_number: int, _frame: object) -> None:
        stop.level += 1

    before = {number: signal.signal(number, note) for number in SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def signals_held_back() -> Iterator[None]:
    """Processes that are started inside never get the signals: Ctrl-C goes to all of a terminal's processes.

    For this process they wait until the end.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
