"""What a database says when it cannot, as one sentence that names the store and says what to do."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from auditor.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def one_sentence(shown: str) -> Iterator[None]:
    """Whatever the database says becomes one sentence that names the store."""
    try:
        yield
    except DBAPIError as error:
        if isinstance(error.orig, (sqlite3.IntegrityError, sqlite3.ProgrammingError)):
            raise
        raise StoreError(f"{shown}: {_what(error)}") from error


def passes(error: DBAPIError) -> bool:
    """Whether the fault may be gone in a moment."""
    if error.connection_invalidated:
        return True
    message = str(error.orig).lower()
    if isinstance(error.orig, sqlite3.OperationalError):
        return "locked" in message or "busy" in message
    state = getattr(error.orig, "sqlstate", None)
    # Deadlock and serialisation; lost connections; shut down, crashed or still starting. No state: no answer.
    return state is None or state in ("40001", "40P01") or state[:2] == "08" or state[:3] == "57P"


def _what(error: DBAPIError) -> str:
    message = (
        str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    )
    hints = {
        "locked": "another process holds its lock; end that one or try again",
        "unable to open database file": "it cannot be opened; check that its folder exists and is writable",
        "not a database": "this file is not a SQLite database; name another file",
        "malformed": "the database is damaged; restore a copy",
        "readonly": "it may not be written; check the permissions of the file and its folder",
        "is full": "there is no room left on its disk; make some and run again",
        "disk i/o error": "its disk cannot be read or written; check the disk and its free room",
        "no space left": "there is no room left on the server's disk; make some and run again",
        "does not exist": "the server knows no such database or user; create it first",
        "password": "the server refuses the user or the password",
        "connection": "the server cannot be reached; check host and port and that it runs",
    }
    hint = next((hint for sign, hint in hints.items() if sign in message.lower()), None)
    return f"{hint} ({message})." if hint else f"the database says: {message}."
