"""The tables of people's work on audits: decisions, their history, what they change, who reviews what.

::

    recordings ─┬─< decisions ─< steps       one decision per finding of a call; its history, append-only
                └── assignments              calls drawn for review, and for whom
    audits ─┬─< rulings >─ decisions         where a decision holds, and the verdict it gives there
            └── reviewed_cards               the scorecard after people have ruled

``decisions`` and ``steps`` belong to the recording, not to one of its audits: a decision holds for every
audit whose finding has the same proof (`standing.proof_of`). ``rulings`` and ``reviewed_cards`` are made from
them, for queries over many calls (`standing.project`); they may be thrown away and made again. Rows of
``steps`` are never changed, and go only with their recording: triggers of the migration see to it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Float, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from auditor.store.account_tables import ROLES
from auditor.store.columns import Code, Digest
from auditor.store.tables import RESULTS, VERDICTS, Base

STATES = ("reviewed", "appealed", "closed")
ACTIONS = ("review", "appeal", "judge")


class DecisionRow(Base):
    """What people made of one finding, now; ``version`` counts the steps that led there."""

    __tablename__ = "decisions"
    __table_args__ = (
        UniqueConstraint("recording_id", "rule", "proof"),
        Index(None, "state", "changed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    rule: Mapped[str]
    proof: Mapped[str] = mapped_column(Digest, doc="Of verdict, times and quote of the finding.")
    machine: Mapped[str] = mapped_column(Code(*VERDICTS), doc="The machine's verdict.")
    verdict: Mapped[str | None] = mapped_column(
        Code(*VERDICTS), doc="People's; empty: appealed, not reviewed."
    )
    state: Mapped[str] = mapped_column(Code(*STATES))
    version: Mapped[int]
    changed_at: Mapped[datetime]
    appealed_at: Mapped[datetime | None]
    appealed_by: Mapped[str | None] = mapped_column(doc="The agent_id (工号) of who appealed; set once.")


class StepRow(Base):
    """One thing that somebody did about a finding."""

    __tablename__ = "steps"
    __table_args__ = (UniqueConstraint("decision_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id", ondelete="CASCADE"))
    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), index=True)
    number: Mapped[int] = mapped_column(doc="The version of the decision after it.")
    happened_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(doc="The account's name.")
    role: Mapped[str] = mapped_column(Code(*ROLES))
    action: Mapped[str] = mapped_column(Code(*ACTIONS))
    verdict_before: Mapped[str] = mapped_column(Code(*VERDICTS))
    verdict_after: Mapped[str] = mapped_column(Code(*VERDICTS))
    state: Mapped[str] = mapped_column(Code(*STATES), doc="After it.")
    reason: Mapped[str]
    audit_id: Mapped[int | None] = mapped_column(doc="The scorecard that was looked at.")


class RulingRow(Base):
    """A decision holds for a finding of an audit; without one: the verdict follows another finding's."""

    __tablename__ = "rulings"
    __table_args__ = ({"sqlite_with_rowid": False},)

    audit_id: Mapped[int] = mapped_column(ForeignKey("audits.id", ondelete="CASCADE"), primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("rules.id"), primary_key=True)
    decision_id: Mapped[int | None] = mapped_column(
        ForeignKey("decisions.id", ondelete="CASCADE"), index=True
    )
    verdict: Mapped[str] = mapped_column(Code(*VERDICTS), doc="After people have ruled.")


class ReviewedCardRow(Base):
    """The scorecard of an audit after people have ruled; there is none where nobody has."""

    __tablename__ = "reviewed_cards"

    audit_id: Mapped[int] = mapped_column(ForeignKey("audits.id", ondelete="CASCADE"), primary_key=True)
    result: Mapped[str] = mapped_column(Code(*RESULTS))
    earned: Mapped[float]
    possible: Mapped[float]
    percent: Mapped[float | None]
    best_percent: Mapped[float | None]
    worst_percent: Mapped[float | None]
    critical: Mapped[int] = mapped_column(SmallInteger, doc="Critical fails that people confirmed.")
    critical_in_review: Mapped[int] = mapped_column(
        SmallInteger, doc="Critical ones still to be listened to."
    )
    in_review: Mapped[int] = mapped_column(SmallInteger, doc="Findings for review that carry weight.")
    decided: Mapped[int] = mapped_column(SmallInteger, doc="Findings that people ruled on.")


class AssignmentRow(Base):
    """A call drawn for review, for one inspector; ``probability`` is how likely it was to be drawn."""

    __tablename__ = "assignments"
    __table_args__ = (
        Index(None, "agent_id", "week"),
        Index(
            "ix_assignments_open",
            "inspector",
            "week",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), unique=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    week: Mapped[str] = mapped_column(doc="Its Monday, as YYYY-MM-DD.")
    inspector: Mapped[str] = mapped_column(doc="The account's name.")
    probability: Mapped[float] = mapped_column(Float(53))
    risks: Mapped[list[str]] = mapped_column(doc="Codes of what made the call likelier to be drawn.")
    assigned_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]


__all__ = ["AssignmentRow", "DecisionRow", "ReviewedCardRow", "RulingRow", "StepRow"]
