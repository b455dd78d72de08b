"""The log of the site: every look and every change, by whom and when. Rows are added, never changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from sqlalchemy import insert, select

from auditor.store.account_tables import ActivityRow
from auditor.store.upserts import table_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from auditor.store.database import Store

Action = Literal[
    "sign_in", "sign_in_refused", "sign_out", "look", "listen", "search", "export", "change", "refused"
]

# Longer runs of digits may be somebody's telephone number: the log keeps no customer's.
_NUMBER = re.compile(r"\d{7,}")
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Activity:
    """One look or change; ``id`` is 0 until it is kept."""

    account_id: int | None
    name: str
    address: str
    action: Action
    target: str = ""
    detail: str = ""
    at: datetime | None = None
    id: int = 0


def add_activities(session: Session, activities: Sequence[Activity]) -> None:
    """Keep activities in the transaction of what they tell of."""
    rows = [
        {
            "at": each.at or datetime.now(UTC),
            "account_id": each.account_id,
            "name": each.name[:_LONGEST],
            "address": each.address[:_LONGEST],
            "action": each.action,
            "target": each.target[:_LONGEST],
            "detail": _NUMBER.sub(lambda found: "*" * len(found.group()), each.detail)[:_LONGEST],
        }
        for each in activities
    ]
    if rows:
        session.execute(insert(table_of(ActivityRow)), rows)


def activities(
    store: Store,
    *,
    account: str | None = None,
    action: Action | None = None,
    before: int | None = None,
    limit: int = 100,
) -> tuple[Activity, ...]:
    """What happened, the newest first.

    Args:
        store: an open store.
        account: only of the account with this name.
        action: only of this kind.
        before: only what has a lower id: the next page.
        limit: how many.
    """
    query = select(ActivityRow).order_by(ActivityRow.id.desc()).limit(limit)
    if account is not None:
        query = query.where(ActivityRow.name == account)
    if action is not None:
        query = query.where(ActivityRow.action == action)
    if before is not None:
        query = query.where(ActivityRow.id < before)
    with store.reading() as session:
        return tuple(
            Activity(
                account_id=row.account_id,
                name=row.name,
                address=row.address,
                action=row.action,  # type: ignore[arg-type]
                target=row.target,
                detail=row.detail,
                at=row.at,
                id=row.id,
            )
            for row in session.scalars(query)
        )
