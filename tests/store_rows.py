"""What a store holds, in a form in which two stores that hold the same are equal.

No ids, no clock times, no stamps of files, no runs: those tell how a store came about, not what it holds.
A row that refers to another is shown with what that one holds.
"""

import hashlib
import zlib

from sqlalchemy import select

from auditor.store import open_store
from auditor.store.columns import UtcTime
from auditor.store.sum_tables import CLAUSE, DaySumRow, MonthSumRow
from auditor.store.tables import Base

HOW_IT_CAME_ABOUT = {"run_id", "attempts", "stamp", "call_state"}
MADE_OF_IDS = {"scope"}  # of a transcript's index: agent, team and month in one word, shown by the audit
TIMES_OF_CALLS = {"started_at", "as_of"}
NO_CONTENT = {"runs"}
SUMS = {row.__tablename__ for row in (DaySumRow, MonthSumRow)}
PACKED = zlib.compress(b"", 6)[:2]


def store_rows(url):
    """Table -> its rows, each as a line of text, sorted."""
    shown, content = {}, {}
    with open_store(url, create=False) as store, store.reading() as session:
        for table in sorted(Base.metadata.sorted_tables, key=lambda table: table.name in SUMS):
            if table.name in NO_CONTENT:
                continue
            lines = []
            for row in session.execute(select(table)).mappings():
                parts = []
                for column in table.columns:
                    if not is_content(column):
                        continue
                    value = row[column.name]
                    if column.name.endswith("_id"):  # a reference, with a foreign key or by its name
                        referred = {key.column.table.name for key in column.foreign_keys}
                        name = referred.pop() if referred else named_by(column)
                        value = content.get((name, value), value)
                    elif table.name in SUMS and column.name == "clauses":
                        clauses = CLAUSE.iter_unpack(value)
                        value = sorted((content["rules", rule], *counts) for rule, *counts in clauses)
                    parts.append(f"{column.name}={readable(value)}")
                line = f"{table.name}: {' '.join(parts)}"
                lines.append(line)
                if "id" in row:
                    content[table.name, row["id"]] = hashlib.sha256(line.encode()).hexdigest()[:16]
            shown[table.name] = sorted(lines)
    return shown


def named_by(column):
    """The table that a column without a foreign key refers to."""
    name = column.name.removesuffix("_id")
    return name if name in Base.metadata.tables else f"{name}s"


def is_content(column):
    """Whether a column says what is held, whenever and in whatever order it was written."""
    if column.name == "id" and column.primary_key:
        return False
    if isinstance(column.type, UtcTime):
        return column.name in TIMES_OF_CALLS
    return column.name not in HOW_IT_CAME_ABOUT | MADE_OF_IDS


def readable(value):
    """Packed payloads are compared as what was packed, so that a difference can be read."""
    if isinstance(value, bytes) and value.startswith(PACKED):
        return zlib.decompress(value).decode()
    return repr(value)
