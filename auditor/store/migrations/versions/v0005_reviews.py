"""People's work on audits: decisions, their history, and who reviews what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_SQLITE = (
    """
    CREATE TRIGGER steps_never_change BEFORE UPDATE ON steps
    BEGIN SELECT RAISE(ABORT, 'the history of decisions is never changed'); END
    """,
    """
    CREATE TRIGGER steps_go_with_their_call BEFORE DELETE ON steps
    WHEN EXISTS (SELECT 1 FROM recordings WHERE id = OLD.recording_id)
    BEGIN SELECT RAISE(ABORT, 'the history of decisions goes only with its call'); END
    """,
)
_POSTGRESQL = (
    """
    CREATE FUNCTION steps_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            RAISE EXCEPTION 'the history of decisions is never changed' USING ERRCODE = 'check_violation';
        END IF;
        IF EXISTS (SELECT 1 FROM recordings WHERE id = OLD.recording_id) THEN
            RAISE EXCEPTION 'the history of decisions goes only with its call'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN OLD;
    END $$
    """,
    """
    CREATE TRIGGER steps_only_grow BEFORE UPDATE OR DELETE ON steps
    FOR EACH ROW EXECUTE FUNCTION steps_only_grow()
    """,
)


def upgrade() -> None:
    """Make the tables and the triggers, and keep rulebooks whole and when a call was judged."""
    op.add_column("rulebooks", sa.Column("content", sa.LargeBinary(), nullable=True))
    op.add_column("audits", sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True))
    _decisions()
    _cards()
    _assignments()
    for statement in _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("proof", sa.LargeBinary(32), nullable=False),
        sa.Column("machine", sa.SmallInteger(), nullable=False),
        sa.Column("verdict", sa.SmallInteger(), nullable=True),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appealed_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_decisions_recording_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint(
            "recording_id", "rule", "proof", name=op.f("uq_decisions_recording_id_rule_proof")
        ),
    )
    op.create_index(op.f("ix_decisions_state_changed_at"), "decisions", ["state", "changed_at"])
    op.create_table(
        "steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.SmallInteger(), nullable=False),
        sa.Column("action", sa.SmallInteger(), nullable=False),
        sa.Column("verdict_before", sa.SmallInteger(), nullable=False),
        sa.Column("verdict_after", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("audit_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_steps_decision_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name=op.f("fk_steps_recording_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps")),
        sa.UniqueConstraint("decision_id", "number", name=op.f("uq_steps_decision_id_number")),
    )
    op.create_index(op.f("ix_steps_recording_id"), "steps", ["recording_id"])


def _cards() -> None:
    op.create_table(
        "rulings",
        sa.Column("audit_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("verdict", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audits.id"], name=op.f("fk_rulings_audit_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_rulings_decision_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["rule_id"], ["rules.id"], name=op.f("fk_rulings_rule_id")),
        sa.PrimaryKeyConstraint("audit_id", "rule_id", name=op.f("pk_rulings")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_rulings_decision_id"), "rulings", ["decision_id"])
    op.create_table(
        "reviewed_cards",
        sa.Column("audit_id", sa.Integer(), nullable=False),
        sa.Column("result", sa.SmallInteger(), nullable=False),
        sa.Column("earned", sa.Float(53), nullable=False),
        sa.Column("possible", sa.Float(53), nullable=False),
        sa.Column("percent", sa.Float(53), nullable=True),
        sa.Column("best_percent", sa.Float(53), nullable=True),
        sa.Column("worst_percent", sa.Float(53), nullable=True),
        sa.Column("critical", sa.SmallInteger(), nullable=False),
        sa.Column("critical_in_review", sa.SmallInteger(), nullable=False),
        sa.Column("in_review", sa.SmallInteger(), nullable=False),
        sa.Column("decided", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audits.id"], name=op.f("fk_reviewed_cards_audit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_reviewed_cards")),
    )


def _assignments() -> None:
    op.create_table(
        "assignments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Text(), nullable=False),
        sa.Column("inspector", sa.Text(), nullable=False),
        sa.Column("probability", sa.Float(53), nullable=False),
        sa.Column("risks", sa.JSON(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_assignments_agent_id")),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_assignments_recording_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
        sa.UniqueConstraint("recording_id", name=op.f("uq_assignments_recording_id")),
    )
    op.create_index(op.f("ix_assignments_agent_id_week"), "assignments", ["agent_id", "week"])
    op.create_index(
        "ix_assignments_open",
        "assignments",
        ["inspector", "week"],
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
