"""Sums by day, and how urgently a call should be listened to; both made for the calls that are there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

revision = "0003"
down_revision = "0002"

_NUMBERS = ("rulebook_id", "model_id", "agent_id", "team_id")
_COUNTS = (
    "calls", "scored", "alone", "passed", "failed", "pending", "critical", "critical_in_review", "in_review",
)  # fmt: skip
# As `auditor.store.writing` has it; verdicts 1 and 3 are fail and needs_review, results 2 and 3 needs_review
# and not_scored.
_RISK = """
UPDATE audits SET risk =
    CASE WHEN critical > 0 THEN 3 WHEN critical_in_review > 0 THEN 2 WHEN result = 2 THEN 1 ELSE 0 END
    + (SELECT CASE WHEN MIN(f.confidence) < 0.001 THEN 0.999 WHEN MIN(f.confidence) > 0.999 THEN 0.001
                   ELSE 1 - MIN(f.confidence) END
       FROM findings f WHERE f.audit_id = audits.id
       AND (f.verdict = 3 AND (f.weight > 0 OR f.critical) OR f.verdict = 1 AND f.critical))
WHERE critical > 0 OR critical_in_review > 0 OR (in_review > 0 AND result <> 3)
"""


def upgrade() -> None:
    """Make the table and the column, and fill both."""
    op.create_table(
        "day_sums",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _NUMBERS),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.Column("earned", sa.BigInteger(), nullable=False),
        sa.Column("possible", sa.BigInteger(), nullable=False),
        sa.Column("clauses", sa.LargeBinary(), nullable=False),
        sa.Column("values", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_sums")),
    )
    op.create_index(
        op.f("ix_day_sums_rulebook_id_agent_id_day_team_id_line_model_id"),
        "day_sums",
        ["rulebook_id", "agent_id", "day", "team_id", "line", "model_id"],
        unique=True,
    )
    op.create_index(
        op.f("ix_day_sums_rulebook_id_team_id_day"), "day_sums", ["rulebook_id", "team_id", "day"]
    )
    op.add_column("audits", sa.Column("risk", sa.Float(53), nullable=False, server_default=sa.text("0")))
    op.execute(_RISK)
    op.create_index("ix_audits_risk", "audits", ["rulebook_id", "risk", "started_at", "team_id"])
    _fill()


def _fill() -> None:
    from auditor.store.day_sums import rebuild  # noqa: PLC0415  (which imports what migrates)

    with Session(op.get_bind(), join_transaction_mode="create_savepoint") as session:
        rebuild(session)
        session.commit()
