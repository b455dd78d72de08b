"""The tables of full-text search: what was said in each call, and an index of its words.

``transcripts`` holds the words of a call's newest scorecard, ready to show; the index itself is what each
database does best and no table of the mapping (`INDEX` names it):

* SQLite: an FTS5 table without content, in the order of recordings; its words come from ``transcripts``.
* PostgreSQL: a column of word positions (tsvector) under a GIN index, filled word by word: the server's own
  parsers know no Chinese, and trigrams find nothing of two characters.

What is in the index: the words of `auditor.text.grams` by who said them, and words of the scope (agents,
team, month), so that somebody who may see little is answered from little.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from auditor.store.tables import Base

INDEX = "transcript_words"


class TranscriptRow(Base):
    """What was said in one call; ``turns`` is packed JSON of ``[role, start_s, text]`` in time order."""

    __tablename__ = "transcripts"

    recording_id: Mapped[int] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    evidence_id: Mapped[int] = mapped_column(doc="Where the words are from.")
    scope: Mapped[str] = mapped_column(doc="The scope's words in the index.")
    turns: Mapped[bytes]


class SearchBacklogRow(Base):
    """Calls of an older store that are not in the index yet: those with ids up to this one, newest first."""

    __tablename__ = "search_backlog"

    up_to: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


__all__ = ["INDEX", "SearchBacklogRow", "TranscriptRow"]
