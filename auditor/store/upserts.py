"""Rows that are made once whoever comes first: the same statements for both databases."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy.orm import Session

    from auditor.store.tables import Base

# Well under what SQLite and PostgreSQL allow as parameters of one statement.
CHUNK = 500

T = TypeVar("T")


def upsert(session: Session, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that has ``on_conflict_do_update`` and ``on_conflict_do_nothing``."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def table_of(row: type[Base]) -> Table:
    """The table itself: rows go into it faster than through the mapping, which has nothing to add."""
    assert isinstance(row.__table__, Table)
    return row.__table__


def ids_of(
    session: Session, table: type[Base], wanted: Iterable[tuple[object, ...]], *, by: tuple[str, ...]
) -> dict[tuple[object, ...], int]:
    """The ids of rows that a small table holds, or holds from now on.

    Args:
        session: in a transaction.
        table: with a unique constraint on the columns ``by``.
        wanted: what identifies the rows.
        by: the names of those columns, the most telling first.
    """
    rows = sorted(set(wanted), key=str)  # in one order, so that two writers never wait for each other
    found = _known(session, table, rows, by=by)
    missing = [dict(zip(by, row, strict=True)) for row in rows if row not in found]
    if missing:
        session.execute(upsert(session, table).on_conflict_do_nothing(index_elements=list(by)), missing)
        found = _known(session, table, rows, by=by)
    return found


def id_of(
    session: Session, table: type[Base], *, by: Mapping[str, object], also: Mapping[str, object]
) -> int:
    """The id of one row, made with ``also`` when nobody made it yet."""
    columns = [getattr(table, name) == value for name, value in by.items()]
    query = select(table.id).where(*columns)  # type: ignore[attr-defined]
    found = session.scalar(query)
    if found is None:
        fresh = upsert(session, table).values({**by, **also}).on_conflict_do_nothing(index_elements=list(by))
        session.execute(fresh)
        found = session.scalar(query)
    assert isinstance(found, int)
    return found


def chunked(values: Iterable[T], *, size: int = CHUNK) -> Iterator[list[T]]:
    """The values in lists of at most ``size``."""
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _known(
    session: Session, table: type[Base], rows: list[tuple[object, ...]], *, by: tuple[str, ...]
) -> dict[tuple[object, ...], int]:
    columns: list[Any] = [getattr(table, name) for name in by]
    found: dict[tuple[object, ...], int] = {}
    for chunk in chunked(rows):
        query = select(table.id, *columns).where(columns[0].in_({row[0] for row in chunk}))  # type: ignore[attr-defined]
        found.update((tuple(values), number) for number, *values in session.execute(query))
    return {row: found[row] for row in rows if row in found}
