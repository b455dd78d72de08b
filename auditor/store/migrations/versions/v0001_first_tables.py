"""The first tables of the store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    _names()
    _calls()
    _parts()


def _names() -> None:
    """What rows refer to by a small number."""
    op.create_table(
        "models",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_models")),
        sa.UniqueConstraint("sha256", name=op.f("uq_models_sha256")),
    )
    op.create_table(
        "rulebooks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("pass_mark", sa.Float(53), nullable=False),
        sa.Column("too_short_s", sa.Float(53), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rulebooks")),
        sa.UniqueConstraint("sha256", name=op.f("uq_rulebooks_sha256")),
    )
    op.create_table(
        "rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rules")),
        sa.UniqueConstraint(
            "rule", "clause", "title", "section", name=op.f("uq_rules_rule_clause_title_section")
        ),
    )
    op.create_table(
        "reasons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reasons")),
        sa.UniqueConstraint("code", name=op.f("uq_reasons_code")),
    )
    op.create_table(
        "measures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("party", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measures")),
        sa.UniqueConstraint("party", "name", "unit", name=op.f("uq_measures_party_name_unit")),
    )
    op.create_table(
        "teams",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("name", name=op.f("uq_teams_name")),
    )
    op.create_table(
        "agents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agents")),
        sa.UniqueConstraint("code", name=op.f("uq_agents_code")),
    )
    op.create_table(
        "files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("path_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
        sa.UniqueConstraint("path_sha256", name=op.f("uq_files_path_sha256")),
    )


def _calls() -> None:
    """Recordings, what was heard of them, and what was made of that."""
    op.create_table(
        "recordings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identity", sa.LargeBinary(32), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("customer_path", sa.Text(), nullable=True),
        sa.Column("customer_sha256", sa.LargeBinary(32), nullable=True),
        sa.Column("duration_s", sa.Float(53), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
        sa.UniqueConstraint("identity", name=op.f("uq_recordings_identity")),
    )
    op.create_index(op.f("ix_recordings_call_id"), "recordings", ["call_id"])
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("auditor", sa.Text(), nullable=False),
        sa.Column("rulebook_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=True),
        sa.Column("audited", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("audio_s", sa.Float(53), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_runs_model_id")),
        sa.ForeignKeyConstraint(["rulebook_id"], ["rulebooks.id"], name=op.f("fk_runs_rulebook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_state_id"), "runs", ["state", "id"])
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(32), nullable=False),
        sa.Column("evidence_version", sa.SmallInteger(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.Column("engine", sa.Text(), nullable=True),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("measuring_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("masked", sa.Boolean(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_evidence_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("key", name=op.f("uq_evidence_key")),
    )
    op.create_table(
        "audits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(32), nullable=False),
        sa.Column("recording_id", sa.Integer(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("rulebook_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("record_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("direction", sa.SmallInteger(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duration_s", sa.Float(53), nullable=False),
        sa.Column("too_short", sa.Boolean(), nullable=False),
        sa.Column("result", sa.SmallInteger(), nullable=False),
        sa.Column("earned", sa.Float(53), nullable=False),
        sa.Column("possible", sa.Float(53), nullable=False),
        sa.Column("percent", sa.Float(53), nullable=True),
        sa.Column("best_percent", sa.Float(53), nullable=True),
        sa.Column("worst_percent", sa.Float(53), nullable=True),
        sa.Column("judged_share", sa.Float(53), nullable=False),
        sa.Column("critical", sa.SmallInteger(), nullable=False),
        sa.Column("critical_in_review", sa.SmallInteger(), nullable=False),
        sa.Column("in_review", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_audits_agent_id")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_audits_evidence_id")),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_audits_model_id")),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"], name=op.f("fk_audits_recording_id")),
        sa.ForeignKeyConstraint(["rulebook_id"], ["rulebooks.id"], name=op.f("fk_audits_rulebook_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_audits_run_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_audits_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audits")),
        sa.UniqueConstraint("key", name=op.f("uq_audits_key")),
    )
    op.create_index(
        "ix_audits_critical",
        "audits",
        ["started_at"],
        sqlite_where=sa.text("critical > 0"),
        postgresql_where=sa.text("critical > 0"),
    )
    op.create_index(op.f("ix_audits_evidence_id"), "audits", ["evidence_id"])
    op.create_index(op.f("ix_audits_recording_id"), "audits", ["recording_id"])
    op.create_index(op.f("ix_audits_result_started_at"), "audits", ["result", "started_at"])
    op.create_index(op.f("ix_audits_rulebook_id_started_at"), "audits", ["rulebook_id", "started_at"])
    op.create_index(op.f("ix_audits_run_id"), "audits", ["run_id"])
    op.create_index(op.f("ix_audits_team_id_started_at"), "audits", ["team_id", "started_at"])
    op.create_table(
        "failures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call", sa.LargeBinary(32), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("customer_path", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_failures_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failures")),
        sa.UniqueConstraint("call", name=op.f("uq_failures_call")),
    )
    op.create_index(op.f("ix_failures_reason_code"), "failures", ["reason_code"])
    op.create_index(op.f("ix_failures_run_id"), "failures", ["run_id"])


def _parts() -> None:
    """What stands once per rule, figure or agent of an audit."""
    op.create_table(
        "measurements",
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Float(53), nullable=False),
        sa.Column("error", sa.Float(53), nullable=True),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_measurements_evidence_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["measure_id"], ["measures.id"], name=op.f("fk_measurements_measure_id")),
        sa.PrimaryKeyConstraint("evidence_id", "measure_id", name=op.f("pk_measurements")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "payloads",
        sa.Column("audit_id", sa.Integer(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audits.id"], name=op.f("fk_payloads_audit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_payloads")),
    )
    op.create_table(
        "spells",
        sa.Column("audit_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("from_s", sa.Float(53), nullable=False),
        sa.Column("to_s", sa.Float(53), nullable=True),
        sa.Column("earned", sa.Float(53), nullable=False),
        sa.Column("possible", sa.Float(53), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_spells_agent_id")),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audits.id"], name=op.f("fk_spells_audit_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_spells_team_id")),
        sa.PrimaryKeyConstraint("audit_id", "number", name=op.f("pk_spells")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_spells_agent_id_started_at"), "spells", ["agent_id", "started_at"])
    op.create_table(
        "findings",
        sa.Column("audit_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.SmallInteger(), nullable=False),
        sa.Column("reason_id", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Float(53), nullable=False),
        sa.Column("critical", sa.Boolean(), nullable=False),
        sa.Column("confidence", sa.Float(53), nullable=False),
        sa.Column("spell", sa.SmallInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audits.id"], name=op.f("fk_findings_audit_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["reason_id"], ["reasons.id"], name=op.f("fk_findings_reason_id")),
        sa.ForeignKeyConstraint(["rule_id"], ["rules.id"], name=op.f("fk_findings_rule_id")),
        sa.PrimaryKeyConstraint("audit_id", "rule_id", name=op.f("pk_findings")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_findings_faults",
        "findings",
        ["rule_id", "verdict", "audit_id"],
        sqlite_where=sa.text("verdict IN (1, 3)"),
        postgresql_where=sa.text("verdict IN (1, 3)"),
    )
