"""Which agents held the line for a team, without reading all spells."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the index."""
    op.create_index(op.f("ix_spells_team_id_agent_id"), "spells", ["team_id", "agent_id"])
