"""What a store holds, in a form in which two stores that hold the same are equal.

No ids, no clock times, no count of attempts, no runs: those tell how a store came about, not what it holds.
A row that refers to another is shown with what that one holds.
"""

import hashlib
import zlib

from sqlalchemy import select

from auditor.store import open_store
from auditor.store.tables import Base

HOW_IT_CAME_ABOUT = {
    "recordings": {"first_seen_at"},
    "evidence": {"heard_at"},
    "audits": {"run_id"},
    "failures": {"failed_at", "attempts", "run_id"},
}
NO_CONTENT = {"runs", "day_sums"}  # the sums are made of the rest, with its ids packed in them


def store_rows(url):
    """Table -> its rows, each as a line of text, sorted."""
    shown, content = {}, {}
    with open_store(url, create=False) as store, store.reading() as session:
        for table in Base.metadata.sorted_tables:
            if table.name in NO_CONTENT:
                continue
            left_out = HOW_IT_CAME_ABOUT.get(table.name, set())
            lines = []
            for row in session.execute(select(table)).mappings():
                parts = []
                for column in table.columns:
                    if column.name in left_out or (column.name == "id" and column.primary_key):
                        continue
                    value = row[column.name]
                    for key in column.foreign_keys:
                        if value is not None and key.column.table.name not in NO_CONTENT:
                            value = content[key.column.table.name, value]
                    parts.append(f"{column.name}={readable(value)}")
                line = f"{table.name}: {' '.join(parts)}"
                lines.append(line)
                if "id" in row:
                    content[table.name, row["id"]] = hashlib.sha256(line.encode()).hexdigest()[:16]
            shown[table.name] = sorted(lines)
    return shown


def readable(value):
    """Packed payloads are compared as what was packed, so that a difference can be read."""
    if isinstance(value, bytes):
        return zlib.decompress(value).decode()
    return repr(value)
