"""Runs say which process does them and when it was last seen; failures say in which state the call was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns, empty for what is there."""
    op.add_column("runs", sa.Column("process", sa.Text(), nullable=True))
    op.add_column("runs", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("failures", sa.Column("call_state", sa.Text(), nullable=True))
