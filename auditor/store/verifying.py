"""A store looked through for damage: what is wrong, in one sentence each, and what to do. Nothing is changed.

::

    database ─ pages, references, tables       of the database itself
    rulebooks, evidence, scorecards, calls     does each row fit what it was made from
    sums, search, reviews                      does what was made for quick answers fit the rows
    recordings                                 on request: are the files still what was heard

Rows are read some at a time, each stretch in one state of the store, so that a store of any size and one that
is being written can be checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.errors import StoreError
from auditor.store.verify_calls import damaged_evidence, damaged_scorecards, miscounted_calls
from auditor.store.verify_database import damaged_pages, damaged_rulebooks, missing_tables
from auditor.store.verify_recordings import changed_recordings
from auditor.store.verify_sums import wrong_day_sums, wrong_month_sums, wrong_reviews, wrong_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auditor.store.database import Store
    from auditor.store.verify_parts import Progress

NAMED = 20  # faults of a check that are told one by one

_COPY = "restore a saved copy of the store; the same `auditor batch` commands bring back what came since"
_POSTGRESQL = "PostgreSQL holds its references itself; its pages are checked by pg_amcheck"
_REBUILD = "nothing that was heard, judged or decided is lost; `auditor store rebuild` makes it anew"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its faults, found one after the other, and what to do about them."""

    name: str
    faults: Callable[[Store, Progress], Iterator[str]]
    remedy: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check found.

    Attributes:
        name: of the check.
        looked: rows that it went through; 0: it does not count.
        faults: how many.
        told: the first of them.
        remedy: what to do.
        note: what a check that finds nothing leaves open; empty: nothing.
    """

    name: str
    looked: int
    faults: int
    told: tuple[str, ...]
    remedy: str
    note: str = ""


CHECKS = (
    Check("database", damaged_pages, _COPY),
    Check("tables", missing_tables, _COPY),
    Check("rulebooks", damaged_rulebooks, _COPY),
    Check("evidence", damaged_evidence, _COPY),
    Check("scorecards", damaged_scorecards, _COPY),
    Check("calls", miscounted_calls, _COPY),
    Check("sums by day", wrong_day_sums, _REBUILD),
    Check("sums by month", wrong_month_sums, _REBUILD),
    Check("words of the search", wrong_words, _REBUILD),
    Check("reviews", wrong_reviews, _REBUILD),
)
RECORDINGS = Check(
    "recordings",
    changed_recordings,
    "put them back where they were; until then scorecards stay as they are and nobody can listen",
)


def verify(store: Store, *, recordings: bool = False, progress: Progress) -> Iterator[Verified]:
    """Look a store through, check by check.

    Args:
        store: an open store.
        recordings: whether every recording is read, too.
        progress: told how far each check is.

    Raises:
        UsageError: recordings lie in an object store whose driver is missing.
    """
    for check in (*CHECKS, RECORDINGS) if recordings else CHECKS:
        progress.begin(check.name)
        told: list[str] = []
        faults = 0
        try:
            for fault in check.faults(store, progress):
                faults += 1
                if len(told) < NAMED:
                    told.append(fault)
        except (
            StoreError,
            ValueError,
            LookupError,
            TypeError,
        ) as error:  # damage where no row can be read any more
            faults += 1
            told.append(f"it could not be finished: {error}")
        foreign = check.faults is damaged_pages and store.dialect != "sqlite"
        note = _POSTGRESQL if foreign else ""
        yield Verified(check.name, progress.done, faults, tuple(told), check.remedy, note)
