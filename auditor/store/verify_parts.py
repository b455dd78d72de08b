"""What the checks of a store share: how far they are, one state of the store at a time, ids in stretches."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from auditor.store.database import inquire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy.orm import InstrumentedAttribute, Session

    from auditor.store.database import Store

STRIDE = 100  # rows that are unpacked at once, whatever the store holds


@dataclass
class Progress:
    """How far a check is, as a progress bar asks for it.

    Attributes:
        what: the check's name.
        calls: how many rows it goes through; 0: it does not count.
        done: how many it has been through.
        tick: called whenever some are done.
    """

    what: str = ""
    calls: int = 0
    done: int = 0
    tick: Callable[[], None] = lambda: None

    def begin(self, what: str) -> None:
        """A new check."""
        self.what, self.calls, self.done = what, 0, 0
        self.tick()

    def went(self, rows: int) -> None:
        """Some more were looked at."""
        self.done += rows
        self.tick()

    def line(self) -> str:
        """Where it is, in one line."""
        return f"{self.what}: {self.done:,} of {self.calls:,}" if self.calls else self.what


@contextmanager
def snapshot(store: Store) -> Iterator[Session]:
    """A session that sees one state of the store through all its questions, whoever writes meanwhile."""
    with store.reading() as session:
        if store.dialect == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


def stretches(
    store: Store, ids: InstrumentedAttribute[int], *, progress: Progress, size: int = STRIDE
) -> Iterator[Sequence[int]]:
    """All ids of a table, some at a time; they count as looked at when the next are asked for."""
    progress.calls = inquire(store, lambda session: session.scalar(select(func.count(ids))) or 0)
    after = -1
    while True:
        query = select(ids).where(ids > after).order_by(ids).limit(size)
        found = inquire(store, lambda session, query=query: session.scalars(query).all())  # type: ignore[misc]
        if not found:
            return
        yield found
        progress.went(len(found))
        after = found[-1]
