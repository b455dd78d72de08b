"""Runs: when one began and how it ended, also where nobody was left to say so."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from sqlalchemy import func, insert, select, update

from auditor import __version__
from auditor.errors import StoreError
from auditor.store.database import transact
from auditor.store.names import model_id_of, rulebook_id_of
from auditor.store.processes import is_gone, is_here, this_process
from auditor.store.tables import AuditRow, FailureRow, RunRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from auditor.records import ModelFacts
    from auditor.rulebook.schema import Rulebook
    from auditor.store.database import Store


# A run of another machine that gave no sign of life for that long has died.
_SILENT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class RunTally:
    """What a run did: calls newly audited, calls that were there already, failures, seconds of audio."""

    audited: int = 0
    unchanged: int = 0
    failed: int = 0
    audio_s: float = 0.0


def open_run(
    store: Store, *, book: Rulebook, model: ModelFacts | None, command: str, calls: int | None = None
) -> int:
    """Note that a run begins, and which earlier ones ended without a word.

    A run stays ``open`` until `close_run`. Where its process was killed the next run of the store finds it
    gone and calls it ``died``, with what the store holds of it; one of another machine when it has given no
    sign of life (`touch_run`) for an hour.

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
        _note_died(session)
        values = {
            "state": "open",
            "command": command,
            "auditor": __version__,
            "rulebook_id": rulebook_id_of(session, book),
            "model_id": model_id_of(session, *((model.sha256, model.name) if model else (None, None))),
            "started_at": datetime.now(UTC),
            "calls": calls,
            "process": this_process(),
            "seen_at": datetime.now(UTC),
        }
        made: int | None = session.scalar(insert(RunRow).values(**values).returning(RunRow.id))
        assert made is not None
        return made

    return transact(store, work)


def reopen_run(store: Store, run_id: int, *, calls: int) -> None:
    """Note that a run goes on after it was closed, now with so many calls in all."""
    values = {"state": "open", "ended_at": None, "calls": calls, "seen_at": datetime.now(UTC)}
    transact(
        store, lambda session: session.execute(update(RunRow).where(RunRow.id == run_id).values(**values))
    )


def close_run(store: Store, run_id: int, *, state: Literal["complete", "stopped"], tally: RunTally) -> None:
    """Note how a run ended: ``complete`` when every call was audited or failed, ``stopped`` when asked to."""

    def work(session: Session) -> None:
        values = {"state": state, "ended_at": datetime.now(UTC), **asdict(tally)}
        session.execute(update(RunRow).where(RunRow.id == run_id).values(**values))

    transact(store, work)


def touch_run(store: Store, run_id: int) -> None:
    """Note that a run goes on. A store that cannot be written now is passed over: this is no result."""
    with suppress(StoreError), store.writing() as session:
        session.execute(update(RunRow).where(RunRow.id == run_id).values(seen_at=datetime.now(UTC)))


def _note_died(session: Session) -> None:
    """Close the runs whose process has ended; their counts are those of the rows that they left."""
    for run in session.scalars(select(RunRow).where(RunRow.state == "open")).all():
        if not _died(run):
            continue
        audits = select(func.count(), func.coalesce(func.sum(AuditRow.duration_s), 0.0))
        run.audited, run.audio_s = session.execute(audits.where(AuditRow.run_id == run.id)).one()
        failed = select(func.count()).select_from(FailureRow).where(FailureRow.run_id == run.id)
        run.failed = session.scalar(failed) or 0
        run.state, run.ended_at = "died", run.seen_at or run.started_at


def _died(run: RunRow) -> bool:
    if run.process is not None and is_here(run.process):
        return is_gone(run.process)
    return datetime.now(UTC) - (run.seen_at or run.started_at) > _SILENT
