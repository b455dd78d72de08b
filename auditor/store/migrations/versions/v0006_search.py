"""Full-text search in transcripts; the calls that are there are indexed later, by whoever serves the site."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_SQLITE = """
CREATE VIRTUAL TABLE transcript_words USING fts5(
    agent, customer, other, scope, content='', columnsize=0,
    tokenize="unicode61 remove_diacritics 0 categories 'L* N* Co' tokenchars '_'"
)
"""
_POSTGRESQL = (
    """
    CREATE TABLE transcript_words (
        recording_id INTEGER NOT NULL PRIMARY KEY REFERENCES transcripts (recording_id) ON DELETE CASCADE,
        words TSVECTOR NOT NULL
    )
    """,
    "CREATE INDEX ix_transcript_words_words ON transcript_words USING gin (words)",
)


def upgrade() -> None:
    """Make the tables and the index of words."""
    op.create_table(
        "transcripts",
        sa.Column("recording_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("turns", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_transcripts_recording_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_transcripts")),
    )
    op.create_table(
        "search_backlog",
        sa.Column("up_to", sa.Integer(), nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("up_to", name=op.f("pk_search_backlog")),
    )
    op.execute("INSERT INTO search_backlog SELECT max(id) FROM recordings HAVING max(id) IS NOT NULL")
    for statement in (_SQLITE,) if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
