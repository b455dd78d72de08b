"""Keeps the log of looks: gathered for a moment, written together, and waited for.

A page is sent only when its look is kept. One thread writes what all pages of a moment saw in one
transaction: fifty readers cost one flush of the disk, not fifty.
"""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from auditor.errors import StoreError
from auditor.store import add_activities, transact

if TYPE_CHECKING:
    from auditor.store import Activity, Store

_MOST = 500
_PATIENCE_S = 30.0


class Logbook:
    """The writer of one site's log; its thread starts with the first note and ends with `close`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._notes: queue.SimpleQueue[tuple[Activity, Future[None]] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def note(self, activity: Activity) -> Future[None]:
        """Have an activity kept; the future is done when it is.

        Raises:
            StoreError: the logbook is closed.
        """
        future: Future[None] = Future()
        with self._lock:
            if self._closed:
                raise StoreError("The site is stopping and keeps no log any more; try again in a moment.")
            if self._thread is None:
                self._thread = threading.Thread(target=self._write, name="logbook", daemon=True)
                self._thread.start()
            self._notes.put((activity, future))
        return future

    def keep(self, activity: Activity) -> None:
        """Have an activity kept and wait until it is.

        Raises:
            StoreError: it cannot be kept.
        """
        wait_for(self.note(activity))

    def close(self) -> None:
        """Write what is left and stop."""
        with self._lock:
            self._closed = True
            thread = self._thread
        if thread is not None:
            self._notes.put(None)
            thread.join(timeout=_PATIENCE_S)

    def _write(self) -> None:
        ended = False
        while not ended:
            gathered = [self._notes.get()]
            while len(gathered) < _MOST and not self._notes.empty():
                gathered.append(self._notes.get())
            ended = None in gathered
            self._keep([each for each in gathered if each is not None])

    def _keep(self, notes: list[tuple[Activity, Future[None]]]) -> None:
        try:
            if notes:
                transact(self._store, lambda session: add_activities(session, [each for each, _ in notes]))
        except BaseException as error:
            for _, future in notes:
                future.set_exception(error)
        else:
            for _, future in notes:
                future.set_result(None)


def wait_for(future: Future[None]) -> None:
    """Wait until a note is kept.

    Raises:
        StoreError: it cannot be kept, or not in time.
    """
    try:
        future.result(timeout=_PATIENCE_S)
    except TimeoutError:
        raise StoreError(
            "The log of the site cannot be written in time; nothing is shown unlogged."
        ) from None
