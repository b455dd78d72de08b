"""Rows that are made once whoever comes first: the same statements for both databases.

Statements that every call needs are put together once: that takes longer than running them.
"""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import Select
    from sqlalchemy.orm import Session
    from sqlalchemy.sql.dml import ReturningInsert

    from auditor.store.tables import Base

# Well under what SQLite and PostgreSQL allow as parameters of one statement.
CHUNK = 500

T = TypeVar("T")


def upsert(session: Session, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that has ``on_conflict_do_update`` and ``on_conflict_do_nothing``."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


@cache
def merging(
    table: type[Base], dialect: str, *, by: tuple[str, ...], changed: tuple[str, ...] = ()
) -> ReturningInsert[int]:
    """An INSERT for rows given as parameters that returns the id.

    Args:
        table: with a unique constraint on the columns ``by``, and a column ``id``.
        dialect: ``sqlite`` or ``postgresql``.
        by: what identifies a row.
        changed: columns that a row which is there takes over; none: it stays as it is, and no id comes back.
    """
    rows = table_of(table)
    fresh = postgresql.insert(rows) if dialect == "postgresql" else sqlite.insert(rows)
    if not changed:
        return fresh.on_conflict_do_nothing(index_elements=list(by)).returning(rows.c.id)
    taken = {name: fresh.excluded[name] for name in changed}
    return fresh.on_conflict_do_update(index_elements=list(by), set_=taken).returning(rows.c.id)


def dialect_of(session: Session) -> str:
    """``sqlite`` or ``postgresql``."""
    return session.get_bind().dialect.name


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
    query = _by_all(table, tuple(by))
    found = session.scalar(query, dict(by))
    if found is None:
        fresh = merging(table, dialect_of(session), by=tuple(by))
        found = session.scalar(fresh, {**by, **also}) or session.scalar(query, dict(by))
    assert isinstance(found, int)
    return found


@cache
def _by_all(table: type[Base], by: tuple[str, ...]) -> Select[int]:
    columns = table_of(table).c
    return select(columns.id).where(*(columns[name] == bindparam(name) for name in by))


def chunked(values: Iterable[T], *, size: int = CHUNK) -> Iterator[list[T]]:
    """The values in lists of at most ``size``."""
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk


@cache
def _by_first(table: type[Base], by: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    columns = [table_of(table).c[name] for name in by]
    return select(table_of(table).c.id, *columns).where(columns[0].in_(bindparam("first", expanding=True)))


def _known(
    session: Session, table: type[Base], rows: list[tuple[object, ...]], *, by: tuple[str, ...]
) -> dict[tuple[object, ...], int]:
    query = _by_first(table, by)
    found: dict[tuple[object, ...], int] = {}
    for chunk in chunked(rows):
        known = session.execute(query, {"first": list({row[0] for row in chunk})})
        found.update((tuple(values), number) for number, *values in known)
    return {row: found[row] for row in rows if row in found}
