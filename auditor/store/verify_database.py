"""Is the database sound by itself: its pages, its references, its tables, the rulebooks that it keeps?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect, select, text

from auditor.store.faults import one_sentence
from auditor.store.rulebooks import unpack_rulebook
from auditor.store.search_tables import INDEX
from auditor.store.tables import Base, RulebookRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.store.database import Store
    from auditor.store.verify_parts import Progress


def damaged_pages(store: Store, progress: Progress) -> Iterator[str]:
    """What SQLite finds in its own file; PostgreSQL answers for its own."""
    del progress
    if store.dialect != "sqlite":
        return
    with one_sentence(store.shown), store.engine.connect() as connection:
        for (told,) in connection.execute(text("PRAGMA integrity_check")):
            if told != "ok":
                yield " ".join(str(told).split())
        for table, row, parent, _ in connection.execute(text("PRAGMA foreign_key_check")):
            where = f"row {row} of {table}" if row is not None else f"a row of {table}"
            yield f"{where} refers to a row of {parent} that is not there"


def missing_tables(store: Store, progress: Progress) -> Iterator[str]:
    """Tables, columns and indexes that this auditor's version of a store has and this one lacks."""
    del progress
    with one_sentence(store.shown), store.engine.connect() as connection:
        found = inspect(connection)
        there = set(found.get_table_names())
        for table in Base.metadata.sorted_tables:
            if table.name not in there:
                yield f"the table {table.name} is missing"
                continue
            columns = {column["name"] for column in found.get_columns(table.name)}
            yield from (
                f"{table.name}.{column.name} is missing"
                for column in table.columns
                if column.name not in columns
            )
            indexes = {index["name"] for index in found.get_indexes(table.name)}
            yield from (
                f"the index {index.name} is missing: questions will be slow"
                for index in sorted(table.indexes, key=lambda each: str(each.name))
                if index.name not in indexes
            )
        if INDEX not in there:
            yield f"the table {INDEX} is missing"


def damaged_rulebooks(store: Store, progress: Progress) -> Iterator[str]:
    """Rulebooks that cannot be read any more, or are not the ones that calls were judged by.

    Those that an older auditor did not keep are no damage: the next run that judges by one keeps it.
    """
    with store.reading() as session:
        kept = RulebookRow.content.is_not(None)
        rows = session.scalars(select(RulebookRow).where(kept).order_by(RulebookRow.id)).all()
        progress.calls = len(rows)
        for row in rows:
            name = f"rulebook {row.version} ({row.sha256[:12]})"
            try:
                book = unpack_rulebook(row.content or b"")
            except Exception as error:  # whatever a damaged byte makes of it
                yield f"{name} cannot be unpacked ({type(error).__name__})"
                continue
            told = (book.sha256, book.version, book.pass_mark, book.not_scored.duration_s)
            if told != (row.sha256, row.version, row.pass_mark, row.too_short_s):
                yield f"{name} is kept as another: {book.version} ({book.sha256[:12]})"
            progress.went(1)
