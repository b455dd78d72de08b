"""The tables: what is searched and added up stands in columns, what is only shown in packed payloads.

::

    recordings ─< audits >─ evidence ─< measurements >─ measures
                    │  └─ rulebooks, models, runs, agents, teams
                    ├─< findings >─ rules, reasons       verdict and weight: what sums are made of
                    ├─< spells >─ agents, teams          who held the line from when to when, and his points
                    └── payloads                         findings, scorecard and provenance to the letter

Keys are integers and the tables with a row per rule or figure are as narrow as they can be: a million audits
are ninety million findings. ``findings`` and ``measurements`` are ordered by their call (no row id on
SQLite), so that a card is one stretch of the file. A change of a table is a new migration, never an edit of
an old one.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    Index,
    SmallInteger,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from auditor.store.columns import Code, Digest
from auditor.store.name_tables import (
    VERDICTS,
    AgentRow,
    Base,
    MeasureRow,
    ModelRow,
    ReasonRow,
    RulebookRow,
    RuleRow,
    TeamRow,
)
from auditor.store.run_tables import FailureRow, FileRow, RunRow

RESULTS = ("pass", "fail", "needs_review", "not_scored")
DIRECTIONS = ("inbound", "outbound")


class RecordingRow(Base):
    """One call: known by its call_id, else by path and SHA-256 (`keys.call_identity`).

    ``call_id`` is what people are shown, with tokens for numbers that are masked; ``path`` is where the file
    lies, under its own name.
    """

    __tablename__ = "recordings"

    id: Mapped[int] = mapped_column(primary_key=True)
    identity: Mapped[str] = mapped_column(Digest, unique=True)
    call_id: Mapped[str] = mapped_column(index=True)
    path: Mapped[str]
    sha256: Mapped[str] = mapped_column(Digest)
    customer_path: Mapped[str | None] = mapped_column(doc="The customer's leg, of a pair of files.")
    customer_sha256: Mapped[str | None] = mapped_column(Digest)
    duration_s: Mapped[float]
    first_seen_at: Mapped[datetime]


class EvidenceRow(Base):
    """What was heard of one recording, packed, without call record and paths (`packing`)."""

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Digest, unique=True)
    evidence_version: Mapped[int] = mapped_column(SmallInteger)
    model_id: Mapped[int | None] = mapped_column(ForeignKey("models.id"))
    engine: Mapped[str | None]
    options: Mapped[dict[str, str]]
    measuring_sha256: Mapped[str] = mapped_column(Digest)
    masked: Mapped[bool] = mapped_column(doc="Whether numbers in the text are typed tokens.")
    heard_at: Mapped[datetime]
    payload: Mapped[bytes]


class MeasurementRow(Base):
    """One figure that has a value; those without are in the evidence, with their reason."""

    __tablename__ = "measurements"
    __table_args__ = ({"sqlite_with_rowid": False},)

    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id", ondelete="CASCADE"), primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"), primary_key=True)
    value: Mapped[float]
    error: Mapped[float | None]


class AuditRow(Base):
    """One scorecard: a recording's evidence, its call record and a rulebook (`keys.scorecard_key`).

    ``current``: the one that counts for its recording, rulebook and model, after corrections; ``latest``:
    the one that counts whatever the rulebook, which is what is judged again. ``model`` is empty where the
    text came from a transcript, which outranks every model.
    """

    __tablename__ = "audits"
    __table_args__ = (
        Index(None, "rulebook_id", "started_at"),
        Index(None, "team_id", "started_at"),
        Index(None, "result", "started_at"),
        Index(
            "ix_audits_critical",
            "started_at",
            sqlite_where=text("critical > 0"),
            postgresql_where=text("critical > 0"),
        ),
        Index("ix_audits_risk", "rulebook_id", "risk", "started_at", "team_id"),
        Index("ix_audits_agent", "agent_id", "rulebook_id", "started_at", "risk", "critical"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Digest, unique=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id"), index=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), index=True)
    rulebook_id: Mapped[int] = mapped_column(ForeignKey("rulebooks.id"))
    model_id: Mapped[int | None] = mapped_column(ForeignKey("models.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), index=True)
    record_sha256: Mapped[str] = mapped_column(Digest, doc="Of the call record.")
    judged_at: Mapped[datetime | None] = mapped_column(doc="When it was first saved; empty in old stores.")
    current: Mapped[bool]
    latest: Mapped[bool]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), doc="Who the call record names.")
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    line: Mapped[str]
    direction: Mapped[str | None] = mapped_column(Code(*DIRECTIONS))
    started_at: Mapped[datetime | None]
    duration_s: Mapped[float]
    too_short: Mapped[bool] = mapped_column(doc="Shorter than the rulebook scores: kept, out of averages.")
    result: Mapped[str] = mapped_column(Code(*RESULTS))
    earned: Mapped[float]
    possible: Mapped[float]
    percent: Mapped[float | None]
    best_percent: Mapped[float | None]
    worst_percent: Mapped[float | None]
    judged_share: Mapped[float]
    critical: Mapped[int] = mapped_column(SmallInteger, doc="Critical rules that failed.")
    critical_in_review: Mapped[int] = mapped_column(SmallInteger)
    in_review: Mapped[int] = mapped_column(SmallInteger, doc="Findings for review that carry weight.")
    risk: Mapped[float] = mapped_column(
        server_default=text("0"), doc="How urgently somebody should listen: 0 not at all, 3 and up first."
    )


class PayloadRow(Base):
    """Call record, findings, scorecard and provenance of one audit, packed (`packing`)."""

    __tablename__ = "payloads"

    audit_id: Mapped[int] = mapped_column(ForeignKey("audits.id", ondelete="CASCADE"), primary_key=True)
    payload: Mapped[bytes]


class SpellRow(Base):
    """Who held the line from when to when in one audit, and the points that are his (`charging`)."""

    __tablename__ = "spells"
    __table_args__ = (
        Index(None, "agent_id", "started_at"),
        Index(None, "team_id", "agent_id"),
        {"sqlite_with_rowid": False},
    )

    audit_id: Mapped[int] = mapped_column(ForeignKey("audits.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    started_at: Mapped[datetime | None] = mapped_column(doc="The call's start.")
    from_s: Mapped[float]
    to_s: Mapped[float | None]
    earned: Mapped[float]
    possible: Mapped[float]


class FindingRow(Base):
    """One verdict. A fail costs its weight; ``spell`` is whose it is; empty: nobody's in particular."""

    __tablename__ = "findings"
    __table_args__ = (
        Index(
            "ix_findings_faults",
            "rule_id",
            "verdict",
            "audit_id",
            sqlite_where=text("verdict IN (1, 3)"),
            postgresql_where=text("verdict IN (1, 3)"),
        ),
        {"sqlite_with_rowid": False},
    )

    audit_id: Mapped[int] = mapped_column(ForeignKey("audits.id", ondelete="CASCADE"), primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("rules.id"), primary_key=True)
    verdict: Mapped[str] = mapped_column(Code(*VERDICTS))
    reason_id: Mapped[int] = mapped_column(ForeignKey("reasons.id"))
    weight: Mapped[float]
    critical: Mapped[bool]
    confidence: Mapped[float]
    spell: Mapped[int | None] = mapped_column(SmallInteger)


__all__ = [
    "DIRECTIONS",
    "RESULTS",
    "VERDICTS",
    "AgentRow",
    "AuditRow",
    "Base",
    "EvidenceRow",
    "FailureRow",
    "FileRow",
    "FindingRow",
    "MeasureRow",
    "MeasurementRow",
    "ModelRow",
    "PayloadRow",
    "ReasonRow",
    "RecordingRow",
    "RuleRow",
    "RulebookRow",
    "RunRow",
    "SpellRow",
    "TeamRow",
]
