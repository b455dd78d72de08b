"""Rulebooks as the store keeps them: whole, so that what was judged by them can be added up years later."""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.rulebook.load import load_rulebook
from auditor.rulebook.schema import Rulebook
from auditor.store.tables import RulebookRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from auditor.store.database import Store


def pack_rulebook(book: Rulebook) -> bytes:
    """The resolved rulebook as bytes."""
    return zlib.compress(book.model_dump_json().encode("utf-8"))


def stored_rulebook(store: Store, rulebook_id: int) -> Rulebook | None:
    """The rulebook of that row; None: a store of an older auditor did not keep it."""
    with store.reading() as session:
        return rulebook_of(session, rulebook_id)


def rulebook_of(session: Session, rulebook_id: int) -> Rulebook | None:
    """The same within a transaction."""
    row = session.get(RulebookRow, rulebook_id)
    if row is None:
        return None
    if row.content is not None:
        return unpack_rulebook(row.content)
    shipped = load_rulebook()
    return shipped if shipped.sha256 == row.sha256 else None


@lru_cache(maxsize=8)
def unpack_rulebook(content: bytes) -> Rulebook:
    """What `pack_rulebook` packed."""
    return Rulebook.model_validate_json(zlib.decompress(content))
