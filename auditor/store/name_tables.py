"""What rows refer to by a small number: models, rulebooks, rules, reasons, figures, teams, agents.

And what all tables share (`Base`). The tables of calls are in `tables`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Float, LargeBinary, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from auditor.store.columns import AnyText, Code, Digest, UtcTime

VERDICTS = ("pass", "fail", "not_applicable", "needs_review")
PARTIES = ("agent", "customer", "call")


class Base(DeclarativeBase):
    """What all tables share: names of constraints that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: AnyText,
        float: Float(53),
        datetime: UtcTime,
        bytes: LargeBinary,
        list[str]: JSON,
        dict[str, str]: JSON,
    }


class ModelRow(Base):
    """A model that heard calls."""

    __tablename__ = "models"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(Digest, unique=True)
    name: Mapped[str]


class RulebookRow(Base):
    """A rulebook that calls were judged by."""

    __tablename__ = "rulebooks"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(Digest, unique=True)
    version: Mapped[str]
    pass_mark: Mapped[float]
    too_short_s: Mapped[float]
    content: Mapped[bytes | None] = mapped_column(doc="All of it, packed (`rulebooks`); empty in old stores.")


class RuleRow(Base):
    """A rule as findings show it; rulebooks that say the same of a rule share its row."""

    __tablename__ = "rules"
    __table_args__ = (UniqueConstraint("rule", "clause", "title", "section"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str]
    clause: Mapped[str]
    title: Mapped[str]
    section: Mapped[str]


class ReasonRow(Base):
    """A reason code of a finding."""

    __tablename__ = "reasons"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)


class MeasureRow(Base):
    """What a figure is: whose, its name and its unit."""

    __tablename__ = "measures"
    __table_args__ = (UniqueConstraint("party", "name", "unit"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    party: Mapped[str] = mapped_column(Code(*PARTIES))
    name: Mapped[str]
    unit: Mapped[str]


class TeamRow(Base):
    """A team."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class AgentRow(Base):
    """An agent; the name is that of the latest call record with one (``as_of``: when that call started)."""

    __tablename__ = "agents"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True, doc="The agent_id of call records (工号).")
    name: Mapped[str | None]
    as_of: Mapped[datetime | None]
