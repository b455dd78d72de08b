"""What it takes to open a database as a store: its URL checked, its settings, its version."""

from __future__ import annotations

import os
import sqlite3
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING

from sqlalchemy import URL, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from auditor.errors import StoreError
from auditor.store.migrations import VERSION_TABLE

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

OLDEST_SQLITE = (3, 35)
OLDEST_POSTGRESQL = 15
_PAUSE_S = 0.2
_BUSY_S = 30.0  # for another process with SQLite's lock, which is held for milliseconds


def checked_url(given: str, *, create: bool) -> URL:
    """The URL, if it can be a store's."""
    try:
        url = make_url(given)
    except ArgumentError:
        raise StoreError(
            f"{given!r} is not the URL of a store; write sqlite:///FILE or postgresql://USER@HOST/NAME."
        ) from None
    shown = url.render_as_string(hide_password=True)
    backend = url.get_backend_name()
    if backend in ("postgresql", "postgres"):
        if find_spec("psycopg") is None:
            raise StoreError(
                f"{shown}: the driver of PostgreSQL is missing; run `pip install"
                " 'phone-etiquette-auditor[postgres]'`."
            )
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise StoreError(f"{shown}: a store is SQLite or PostgreSQL, not {backend}.")
    if url.database and url.database != ":memory:" and not create and not os.path.exists(url.database):  # noqa: PTH110
        raise StoreError(f"{shown}: there is no such store; run `auditor batch` first or check --store.")
    return url


def engine_of(url: URL, *, patience_s: float) -> tuple[Engine, str]:
    """An engine for a URL, and the URL without its password.

    Raises:
        StoreError: the URL cannot be used.
    """
    shown = url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)
    try:
        if url.get_backend_name() == "sqlite":
            engine = create_engine(url, connect_args={"timeout": min(patience_s, _BUSY_S)})
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        else:
            engine = create_engine(
                url, pool_pre_ping=True, connect_args={"connect_timeout": 10, "client_encoding": "utf8"}
            )
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(f"{shown}: this URL cannot be used ({error}).") from None
    return engine, shown


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says so
    for pragma in ("foreign_keys=ON", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}").close()
    until = time.monotonic() + _BUSY_S
    while True:  # two processes that make one store: the change to WAL does not wait by itself
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() >= until:
                raise
        time.sleep(_PAUSE_S)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("auditor_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def version_of(connection: Connection, *, shown: str) -> str | None:
    """The store's version; None in an empty database.

    Raises:
        StoreError: the server is too old or not in UTF-8, or the tables are another program's.
    """
    if connection.dialect.name == "postgresql":
        (number,) = connection.execute(text("SHOW server_version_num")).one()
        (encoding,) = connection.execute(text("SHOW server_encoding")).one()
        if int(number) // 10000 < OLDEST_POSTGRESQL:
            raise StoreError(
                f"{shown}: PostgreSQL {int(number) // 10000} is too old; {OLDEST_POSTGRESQL} is needed."
            )
        if encoding != "UTF8":
            raise StoreError(f"{shown}: the database is in {encoding}; make one with ENCODING 'UTF8'.")
    elif sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise StoreError(f"{shown}: SQLite {sqlite3.sqlite_version} is too old; 3.35 is needed.")
    tables = inspect(connection).get_table_names()
    if VERSION_TABLE in tables:
        found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
        return None if found is None else str(found)
    if tables:
        raise StoreError(
            f"{shown}: this database belongs to something else (it has a table {min(tables)!r}); name another"
            " file or an empty database."
        )
    return None
