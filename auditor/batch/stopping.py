"""SIGINT and SIGTERM: the first ends a batch after the calls in hand, the second at once."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class Stop:
    """How soon to stop: 0 not at all, 1 after the calls in hand, 2 at once."""

    level: int = 0


@contextmanager
def stop_on_signals(on_first: Callable[[], None] = lambda: None) -> Iterator[Stop]:
    """Count signals instead of dying of them; in a thread that may not listen to signals, none comes."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def note(_number: int, _frame: object) -> None:
        stop.level += 1
        if stop.level == 1:
            on_first()

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
