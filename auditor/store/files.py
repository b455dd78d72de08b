"""What files held when they were last read: a rerun over 100,000 files need not hash them again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from auditor.store.database import inquire, transact
from auditor.store.tables import FileRow
from auditor.store.upserts import chunked, upsert

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from auditor.store.database import Store


def known_sha256(store: Store, stamps: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The SHA-256 of files that are as they were.

    Args:
        store: an open store.
        stamps: path and stamp of each file. A stamp changes whenever the file does: size and times in
            nanoseconds, or an object store's entity tag.

    Returns:
        path -> SHA-256, of those whose stamp is the one that was remembered.
    """
    found: dict[str, str] = {}
    for chunk in chunked(stamps):
        paths = {_key(path): (path, stamp) for path, stamp in chunk}
        columns = select(FileRow.path_sha256, FileRow.stamp, FileRow.sha256)
        query = columns.where(FileRow.path_sha256.in_(paths))
        rows = inquire(store, lambda session, query=query: session.execute(query).all())  # type: ignore[misc]
        found |= {paths[key][0]: sha256 for key, stamp, sha256 in rows if stamp == paths[key][1]}
    return found


def sha256_of_stamps(store: Store, stamps: Iterable[str]) -> dict[str, str]:
    """Stamp -> SHA-256 of any file that was read with it; for stamps that tell content, not a time."""
    found: dict[str, str] = {}
    with store.reading() as session:
        for chunk in chunked(sorted(set(stamps))):
            query = select(FileRow.stamp, FileRow.sha256).where(FileRow.stamp.in_(chunk))
            found |= {row.stamp: row.sha256 for row in session.execute(query)}
    return found


def remember_sha256(store: Store, files: Iterable[tuple[str, str, str]]) -> None:
    """Remember path, stamp and SHA-256 of files; take the stamp before reading, so that a change shows."""
    rows = {_key(path): (stamp, sha256) for path, stamp, sha256 in files}

    def work(session: Session) -> None:
        for chunk in chunked(sorted(rows)):
            values = [{"path_sha256": k, "stamp": rows[k][0], "sha256": rows[k][1]} for k in chunk]
            statement = upsert(session, FileRow)
            fresh = {"stamp": statement.excluded.stamp, "sha256": statement.excluded.sha256}
            session.execute(
                statement.on_conflict_do_update(index_elements=["path_sha256"], set_=fresh), values
            )

    transact(store, work)


def forget_files(session: Session, paths: Iterable[str]) -> None:
    """Forget what these files held."""
    for chunk in chunked(paths):
        keys = [_key(path) for path in chunk]
        session.execute(delete(FileRow).where(FileRow.path_sha256.in_(keys)))


def _key(path: str) -> str:
    return hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()
