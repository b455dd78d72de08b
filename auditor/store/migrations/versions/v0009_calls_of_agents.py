"""What an agent's lists need of his calls, without reading each of them."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_audits_agent", "audits", ["agent_id", "rulebook_id", "started_at", "risk", "critical"]
    )
