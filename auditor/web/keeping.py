"""Reports kept for a moment: several people look at the same team in the same minute."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from time import monotonic
from typing import Any, TypeVar

T = TypeVar("T")

_KEPT_S = 60.0
_MOST = 200


class Keeper:
    """Values by what they are of; one that is being made is waited for, not made twice.

    What is kept is the same for everybody: who may see it is asked before, every time.
    """

    def __init__(self, *, kept_s: float = _KEPT_S) -> None:
        self._kept_s = kept_s
        self._lock = threading.Lock()
        self._values: dict[Hashable, tuple[float, Any]] = {}
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value, made now unless it is fresh."""
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                found = self._values.get(key)
            if found is not None and monotonic() - found[0] < self._kept_s:
                return found[1]  # type: ignore[no-any-return]
            value = make()
            with self._lock:
                if len(self._values) >= _MOST:
                    self._values.clear()
                    self._making = {key: making}
                self._values[key] = (monotonic(), value)
        return value
