"""Who is signed in, and how often somebody tried in vain.

A session ends at its time, when nobody used it for a while, when its account is disabled or gets another
password, and when it is closed. Wrong passwords are counted per name, per address and per both; after some
in a row the next try has to wait, twice as long each time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from auditor.store.account_tables import AccountRow, AccountTeamRow, RefusedSignInRow, SessionRow
from auditor.store.accounts import folded
from auditor.store.database import transact
from auditor.store.tables import AgentRow, TeamRow
from auditor.store.upserts import upsert

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from auditor.store.account_tables import AccountRole
    from auditor.store.database import Store

# Tries in a row that cost nothing: per name and address, per address, per name. A whole floor may share an
# address; a name must not be locked by whoever types it elsewhere [O].
FREE = {"both": 5, "address": 30, "name": 50}
FIRST_WAIT_S = 15.0
LONGEST_WAIT_S = 900.0
FORGOTTEN_S = 3600.0
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whose session it is. Team and agent are rows of the store; unknown ones are left out."""

    session_id: int
    account_id: int
    name: str
    shown_name: str
    role: AccountRole
    teams: tuple[str, ...]
    team_ids: frozenset[int]
    agent: str | None
    agent_id: int | None


def open_session(store: Store, account_id: int, *, token: str, lasts: timedelta) -> None:
    """Sign an account in; sessions that are over are swept away.

    Args:
        store: an open store.
        account_id: whose.
        token: what the cookie holds.
        lasts: how long at most.
    """
    now = datetime.now(UTC)

    def work(session: Session) -> None:
        session.execute(delete(SessionRow).where(SessionRow.ends_at < now))
        session.execute(
            insert(SessionRow).values(
                token=_digest(token), account_id=account_id, opened_at=now, seen_at=now, ends_at=now + lasts
            )
        )

    transact(store, work)


def signed_in(store: Store, token: str, *, idle: timedelta) -> SignedIn | None:
    """Whose session a token opens; None: nobody's, or it is over."""
    now = datetime.now(UTC)
    query = (
        select(SessionRow, AccountRow)
        .join(AccountRow, AccountRow.id == SessionRow.account_id)
        .where(
            SessionRow.token == _digest(token),
            SessionRow.ends_at > now,
            SessionRow.seen_at > now - idle,
            AccountRow.disabled_at.is_(None),
        )
    )
    with store.reading() as session:
        found = session.execute(query).one_or_none()
        if found is None:
            return None
        row, account = found
        who = _signed_in(session, row, account)
        stale = now - row.seen_at > min(_SEEN_EVERY, idle / 4)
    if stale:
        seen = update(SessionRow).where(SessionRow.id == who.session_id).values(seen_at=now)
        transact(store, lambda session: session.execute(seen))
    return who


def close_session(store: Store, session_id: int) -> None:
    """Sign out."""
    gone = delete(SessionRow).where(SessionRow.id == session_id)
    transact(store, lambda session: session.execute(gone))


def wait_s(store: Store, *, name: str, address: str) -> float:
    """Seconds until this name may be tried again from this address; 0: now."""
    now = datetime.now(UTC)
    keys = _keys(name, address)
    with store.reading() as session:
        rows = session.scalars(select(RefusedSignInRow).where(RefusedSignInRow.key.in_(keys))).all()
        counts = {row.key: (row.count, (now - row.last_at).total_seconds()) for row in rows}
    waits: list[float] = [
        min(FIRST_WAIT_S * 2.0 ** min(count - FREE[what], 16), LONGEST_WAIT_S) - ago
        for key, what in keys.items()
        for count, ago in [counts.get(key, (0, FORGOTTEN_S))]
        if count >= FREE[what] and ago < FORGOTTEN_S
    ]
    return max([0.0, *waits])


def count_refusal(store: Store, *, name: str, address: str) -> None:
    """Note a wrong password."""
    now = datetime.now(UTC)

    def work(session: Session) -> None:
        old = RefusedSignInRow.last_at < now - timedelta(seconds=FORGOTTEN_S)
        session.execute(delete(RefusedSignInRow).where(old))
        for key in sorted(_keys(name, address)):
            statement = upsert(session, RefusedSignInRow).values(key=key, count=1, last_at=now)
            again = {"count": RefusedSignInRow.count + 1, "last_at": now}
            session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=again))

    transact(store, work)


def forget_refusals(store: Store, *, name: str, address: str) -> None:
    """The right password: this name may again be mistyped from this address."""
    mine = [key for key, what in _keys(name, address).items() if what == "both"]
    gone = delete(RefusedSignInRow).where(RefusedSignInRow.key.in_(mine))
    transact(store, lambda session: session.execute(gone))


def _signed_in(session: Session, row: SessionRow, account: AccountRow) -> SignedIn:
    teams: tuple[str, ...] = ()
    team_ids: frozenset[int] = frozenset()
    agent_id = None
    if account.role == "supervisor":
        named = select(AccountTeamRow.team).where(AccountTeamRow.account_id == account.id)
        teams = tuple(sorted(session.scalars(named)))
        team_ids = frozenset(session.scalars(select(TeamRow.id).where(TeamRow.name.in_(teams))))
    elif account.role == "agent":
        agent_id = session.scalar(select(AgentRow.id).where(AgentRow.code == account.agent))
    return SignedIn(
        session_id=row.id,
        account_id=account.id,
        name=account.name,
        shown_name=account.shown_name,
        role=account.role,  # type: ignore[arg-type]
        teams=teams,
        team_ids=team_ids,
        agent=account.agent,
        agent_id=agent_id,
    )


def _keys(name: str, address: str) -> dict[str, str]:
    name = folded(name)
    return {
        _digest(f"both\n{name}\n{address}"): "both",
        _digest(f"address\n{address}"): "address",
        _digest(f"name\n{name}"): "name",
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
