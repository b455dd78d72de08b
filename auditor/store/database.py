"""A store opened by its URL: SQLite or PostgreSQL, made and upgraded, faults as one sentence.

SQLite runs in WAL mode with foreign keys on and every commit on the disk (``synchronous=FULL``); what is
deleted is overwritten. Writers take the write lock when they begin, so that none has to give up halfway.
PostgreSQL is 15 or newer, in UTF-8.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from auditor.errors import StoreError
from auditor.store.connecting import checked_url, engine_of, version_of
from auditor.store.faults import one_sentence, passes
from auditor.store.migrations import HEAD, REVISIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

DEFAULT_URL = "sqlite:///audits.db"
# How long a write waits for others, and for a database that is starting again.
PATIENCE_S = 60.0
_PAUSE_S = 0.2

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Store:
    """An open store. ``shown`` is its URL without the password."""

    engine: Engine
    shown: str
    patience_s: float = PATIENCE_S

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the store and changes nothing.

        Raises:
            StoreError: the store cannot be read.
        """
        with one_sentence(self.shown), Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are all kept at the end, or none.

        Raises:
            StoreError: the store cannot be written.
        """
        with one_sentence(self.shown):
            bound = self.engine.execution_options(auditor_writes=True)
            with Session(bound, expire_on_commit=False) as session, session.begin():
                yield session

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def store_url(given: str | None = None) -> str:
    """The URL of the store: the flag's, else AUDITOR_STORE, else audits.db in the current folder."""
    return given or os.environ.get("AUDITOR_STORE") or DEFAULT_URL


def open_store(url: str | None = None, *, create: bool = True, patience_s: float = PATIENCE_S) -> Store:
    """Open a store; a new one is made.

    Args:
        url: ``sqlite:///FILE`` or ``postgresql://user@host/name``; None: see `store_url`.
        create: whether to make a store where there is none.
        patience_s: how long a write waits for a lock or for a database that is starting again.

    Raises:
        StoreError: no such database, not a store, an older or newer one, locked or unreadable.
    """
    store = _store(store_url(url), create=create, patience_s=patience_s)
    try:
        with one_sentence(store.shown), store.engine.connect() as connection:
            found = version_of(connection, shown=store.shown)
        if found is None:
            if not create:
                raise StoreError(
                    f"{store.shown}: this database holds no store yet; run `auditor batch` first."
                )
            upgrade(store)
        elif found not in REVISIONS:
            raise StoreError(
                f"{store.shown}: this store was made by a newer auditor (its version is {found}, this one"
                f" knows {HEAD}); upgrade the auditor."
            )
        elif found != HEAD:
            raise StoreError(
                f"{store.shown}: this store is of version {found} and this auditor needs {HEAD}; save a copy,"
                " then run `auditor store upgrade`."
            )
    except BaseException:
        store.close()
        raise
    return store


def upgrade_store(url: str | None = None) -> tuple[str, str]:
    """Bring an old store to the tables of this auditor, in one transaction.

    Returns:
        The version it had and the version it has.

    Raises:
        StoreError: as `open_store`, but for the age.
    """
    store = _store(store_url(url), create=False, patience_s=PATIENCE_S)
    try:
        with one_sentence(store.shown), store.engine.connect() as connection:
            found = version_of(connection, shown=store.shown)
        if found is None or found not in REVISIONS:
            known = "holds no store" if found is None else f"was made by a newer auditor (version {found})"
            raise StoreError(f"{store.shown}: this database {known}; there is nothing to upgrade.")
        upgrade(store)
    finally:
        store.close()
    return found, HEAD


def upgrade(store: Store) -> None:
    """Run all migrations that the database lacks; two processes at once do it once."""
    from auditor.store.migrations.running import run_migrations  # noqa: PLC0415

    with one_sentence(store.shown):
        bound = store.engine.execution_options(auditor_writes=True)
        with bound.begin() as connection:
            if store.dialect == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('auditor store'))"))
            run_migrations(connection)


def transact(store: Store, work: Callable[[Session], T]) -> T:
    """Do ``work`` in one transaction, again while the store is locked, restarting or out of reach.

    ``work`` must be idempotent: a connection that breaks during the commit leaves open whether it was kept.

    Raises:
        StoreError: the fault lasted, or waiting does not mend it.
    """
    return _patiently(store, store.writing, work)


def inquire(store: Store, work: Callable[[Session], T]) -> T:
    """Read in one transaction, as patiently as `transact` writes.

    Raises:
        StoreError: the fault lasted, or waiting does not mend it.
    """
    return _patiently(store, store.reading, work)


def _patiently(
    store: Store, begin: Callable[[], AbstractContextManager[Session]], work: Callable[[Session], T]
) -> T:
    until = time.monotonic() + store.patience_s
    while True:
        try:
            with begin() as session:
                return work(session)
        except StoreError as error:
            passing = isinstance(error.__cause__, DBAPIError) and passes(error.__cause__)
            if not passing or time.monotonic() >= until:
                raise
        time.sleep(_PAUSE_S)


def _store(given: str, *, create: bool, patience_s: float) -> Store:
    engine, shown = engine_of(checked_url(given, create=create), patience_s=patience_s)
    return Store(engine=engine, shown=shown, patience_s=patience_s)
