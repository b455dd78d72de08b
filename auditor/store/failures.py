"""Calls that could not be audited: why, how often, and until they can."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select

from auditor.store.database import inquire, transact
from auditor.store.keys import failure_identity
from auditor.store.tables import FailureRow
from auditor.store.upserts import table_of, upsert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from auditor.store.database import Store


_FORGET = delete(table_of(FailureRow)).where(
    table_of(FailureRow).c.call.in_(bindparam("known_as", expanding=True))
)


@dataclass(frozen=True, slots=True)
class StoredFailure:
    """A call that could not be audited."""

    call_id: str | None
    paths: tuple[str, ...]
    reason_code: str
    message: str
    attempts: int
    failed_at: datetime
    call_state: str | None = None


def save_failure(
    store: Store,
    *,
    call_id: str | None,
    paths: Sequence[str],
    reason_code: str,
    message: str,
    run_id: int | None = None,
    call_state: str | None = None,
) -> None:
    """Keep that a call could not be audited: its last failure, and how many there were.

    Args:
        store: an open store.
        call_id: of its call record.
        paths: of its files.
        reason_code: see `batch.local.FailureCode`.
        message: a sentence.
        run_id: see `runs.open_run`.
        call_state: changes when its files, transcript or call record do: then another try is worth it.

    Raises:
        StoreError: the store cannot be written.
    """

    def work(session: Session) -> None:
        values = {
            "call_id": call_id,
            "path": paths[0],
            "customer_path": paths[1] if len(paths) > 1 else None,
            "reason_code": reason_code,
            "message": message,
            "run_id": run_id,
            "failed_at": datetime.now(UTC),
            "call_state": call_state,
        }
        identity = failure_identity(call_id=call_id, paths=paths)
        statement = upsert(session, FailureRow).values(call=identity, attempts=1, **values)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["call"], set_={**values, "attempts": FailureRow.attempts + 1}
            )
        )

    transact(store, work)


def failures(store: Store) -> tuple[StoredFailure, ...]:
    """The calls that could not be audited, the oldest first."""
    rows = inquire(store, lambda session: session.scalars(select(FailureRow).order_by(FailureRow.id)).all())
    return tuple(
        StoredFailure(
            call_id=row.call_id,
            paths=(row.path,) if row.customer_path is None else (row.path, row.customer_path),
            reason_code=row.reason_code,
            message=row.message,
            attempts=row.attempts,
            failed_at=row.failed_at,
            call_state=row.call_state,
        )
        for row in rows
    )


def forget_failure(session: Session, *, call_id: str | None, paths: Sequence[str]) -> None:
    """The call could be audited: drop its failure, under its id or from when nobody knew that."""
    known_as = {failure_identity(call_id=each, paths=paths) for each in (call_id, None)}
    session.execute(_FORGET, {"known_as": list(known_as)})
