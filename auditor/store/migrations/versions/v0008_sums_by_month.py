"""Sums by month, made of those by day; and an index for lists of all agents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

revision = "0008"
down_revision = "0007"

_NUMBERS = ("rulebook_id", "model_id", "agent_id", "team_id")
_COUNTS = (
    "calls", "scored", "alone", "passed", "failed", "pending", "critical", "critical_in_review", "in_review",
)  # fmt: skip
_LISTED = (
    "rulebook_id", "day", "agent_id", "team_id", "line", "model_id",
    "calls", "scored", "passed", "failed", "pending", "critical", "in_review", "earned", "possible",
)  # fmt: skip


def upgrade() -> None:
    """Make the table and fill it; make the index."""
    op.create_table(
        "month_sums",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _NUMBERS),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.Column("earned", sa.BigInteger(), nullable=False),
        sa.Column("possible", sa.BigInteger(), nullable=False),
        sa.Column("clauses", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_sums")),
    )
    op.create_index(
        op.f("ix_month_sums_rulebook_id_agent_id_day_team_id_line_model_id"),
        "month_sums",
        ["rulebook_id", "agent_id", "day", "team_id", "line", "model_id"],
        unique=True,
    )
    op.create_index(
        op.f("ix_month_sums_rulebook_id_team_id_day"), "month_sums", ["rulebook_id", "team_id", "day"]
    )
    op.create_index("ix_day_sums_counts", "day_sums", list(_LISTED))
    _fill()


def _fill() -> None:
    from auditor.store.day_sums import rebuild_months  # noqa: PLC0415  (which imports what migrates)

    with Session(op.get_bind(), join_transaction_mode="create_savepoint") as session:
        rebuild_months(session)
        session.commit()
