"""What batches leave beside audits: runs, calls that could not be audited, and what files held."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from auditor.store.columns import Code, Digest
from auditor.store.name_tables import Base

RUN_STATES = ("open", "complete", "stopped", "died")


class RunRow(Base):
    """One go of the command line over some calls; ``complete`` when every call was audited or failed.

    ``process`` and ``seen_at`` tell a run that goes on from one whose process was killed (`runs.open_run`).
    """

    __tablename__ = "runs"
    __table_args__ = (Index(None, "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(Code(*RUN_STATES))
    command: Mapped[str]
    auditor: Mapped[str]
    rulebook_id: Mapped[int] = mapped_column(ForeignKey("rulebooks.id"))
    model_id: Mapped[int | None] = mapped_column(ForeignKey("models.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    calls: Mapped[int | None] = mapped_column(doc="How many the run set out to audit.")
    audited: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0, doc="Calls whose scorecard was there already.")
    failed: Mapped[int] = mapped_column(default=0)
    audio_s: Mapped[float] = mapped_column(default=0.0)
    process: Mapped[str | None] = mapped_column(doc="Of `processes.this_process`.")
    seen_at: Mapped[datetime | None] = mapped_column(doc="When the process last gave a sign of life.")


class FailureRow(Base):
    """A call that could not be audited, and why; gone as soon as it could."""

    __tablename__ = "failures"

    id: Mapped[int] = mapped_column(primary_key=True)
    call: Mapped[str] = mapped_column(Digest, unique=True, doc="The SHA-256 of call_id, else of the paths.")
    call_id: Mapped[str | None]
    path: Mapped[str]
    customer_path: Mapped[str | None]
    reason_code: Mapped[str] = mapped_column(index=True)
    message: Mapped[str]
    attempts: Mapped[int]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), index=True)
    failed_at: Mapped[datetime]
    call_state: Mapped[str | None] = mapped_column(doc="Changes when its files or what is known of it do.")


class FileRow(Base):
    """What a file held when it was last read, so that a rerun need not read it to know that."""

    __tablename__ = "files"

    id: Mapped[int] = mapped_column(primary_key=True)
    path_sha256: Mapped[str] = mapped_column(Digest, unique=True)
    stamp: Mapped[str]
    sha256: Mapped[str] = mapped_column(Digest)
