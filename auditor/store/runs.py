"""Runs, and the edition that reports use: one rulebook and one model, never a sum across."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from sqlalchemy import ColumnElement, and_, func, insert, select, true, update

from auditor import __version__
from auditor.store.database import transact
from auditor.store.names import model_id_of, rulebook_id_of
from auditor.store.tables import AuditRow, ModelRow, RulebookRow, RunRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from auditor.records import ModelFacts
    from auditor.rulebook.schema import Rulebook
    from auditor.store.database import Store


@dataclass(frozen=True, slots=True)
class RunTally:
    """What a run did: calls newly audited, calls that were there already, failures, seconds of audio."""

    audited: int = 0
    unchanged: int = 0
    failed: int = 0
    audio_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Edition:
    """One rulebook and one model: what may be added up. ``model_id`` None: transcripts alone."""

    rulebook_id: int
    model_id: int | None
    rulebook: str
    rulebook_sha256: str
    model: str | None
    model_sha256: str | None

    def holds(self) -> ColumnElement[bool]:
        """The condition of audits that count in this edition: each call once."""
        of_model: ColumnElement[bool] = AuditRow.model_id.is_(None)
        if self.model_id is not None:
            of_model |= AuditRow.model_id == self.model_id
        return and_(AuditRow.rulebook_id == self.rulebook_id, AuditRow.current, of_model)


def open_run(
    store: Store, *, book: Rulebook, model: ModelFacts | None, command: str, calls: int | None = None
) -> int:
    """Note that a run begins; a run that is never closed stays ``open``.

    Args:
        store: an open store.
        book: what it judges by.
        model: what hears; None: transcripts alone.
        command: what was asked for, for people.
        calls: how many calls it sets out to audit.

    Returns:
        The run's id; later runs have higher ones.
    """

    def work(session: Session) -> int:
        values = {
            "state": "open",
            "command": command,
            "auditor": __version__,
            "rulebook_id": rulebook_id_of(session, book),
            "model_id": model_id_of(session, *((model.sha256, model.name) if model else (None, None))),
            "started_at": datetime.now(UTC),
            "calls": calls,
        }
        made: int | None = session.scalar(insert(RunRow).values(**values).returning(RunRow.id))
        assert made is not None
        return made

    return transact(store, work)


def close_run(store: Store, run_id: int, *, state: Literal["complete", "stopped"], tally: RunTally) -> None:
    """Note how a run ended: ``complete`` when every call was audited or failed, ``stopped`` when asked to."""

    def work(session: Session) -> None:
        values = {"state": state, "ended_at": datetime.now(UTC), **asdict(tally)}
        session.execute(update(RunRow).where(RunRow.id == run_id).values(**values))

    transact(store, work)


def latest_edition(store: Store) -> Edition | None:
    """The edition of the last run that was complete; None before there is one."""
    return next(iter(_editions(store, RunRow.state == "complete")), None)


def editions(store: Store) -> tuple[Edition, ...]:
    """Every rulebook and model that runs used, the last first."""
    return _editions(store, true())


def _editions(store: Store, wanted: ColumnElement[bool]) -> tuple[Edition, ...]:
    last = func.max(RunRow.id)
    used = (
        select(RunRow.rulebook_id, RunRow.model_id, last.label("run"))
        .where(wanted)
        .group_by(RunRow.rulebook_id, RunRow.model_id)
        .subquery()
    )
    query = (
        select(
            used.c.rulebook_id,
            used.c.model_id,
            RulebookRow.version,
            RulebookRow.sha256,
            ModelRow.name,
            ModelRow.sha256,
        )
        .join(RulebookRow, RulebookRow.id == used.c.rulebook_id)
        .outerjoin(ModelRow, ModelRow.id == used.c.model_id)
        .order_by(used.c.run.desc())
    )
    with store.reading() as session:
        return tuple(Edition(*row) for row in session.execute(query))
