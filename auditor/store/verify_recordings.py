"""Do the recordings still lie where they were, and are they what was heard?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from auditor.audio.files import at_hand
from auditor.errors import InputError
from auditor.inputs.storage import forget_listings, is_address, stored_file
from auditor.store.tables import RecordingRow
from auditor.store.verify_parts import stretches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.store.database import Store
    from auditor.store.verify_parts import Progress


def changed_recordings(store: Store, progress: Progress) -> Iterator[str]:
    """Recordings that are not there any more, cannot be read, or hold something else than was heard.

    Raises:
        UsageError: the driver of an object store is missing.
    """
    for ids in stretches(store, RecordingRow.id, progress=progress, size=20):
        with store.reading() as session:
            query = select(RecordingRow).where(RecordingRow.id.in_(ids)).order_by(RecordingRow.id)
            rows = session.scalars(query).all()
            session.expunge_all()
        forget_listings()
        for row in rows:
            legs = ((row.path, row.sha256), (row.customer_path, row.customer_sha256))
            for path, sha256 in legs:
                if path is None or sha256 is None:
                    continue
                told = _fault(path, sha256=sha256)
                if told is not None:
                    yield f"{row.call_id}: {told}"


def _fault(path: str, *, sha256: str) -> str | None:
    try:
        with at_hand(stored_file(path) if is_address(path) else Path(path)) as (_, found):
            if found == sha256:
                return None
            return f"{path} is not what was heard (SHA-256 {found[:12]}, heard was {sha256[:12]})"
    except InputError as error:
        return str(error).partition(";")[0]
    except OSError as error:
        return f"{path} cannot be read ({error.strerror})"
