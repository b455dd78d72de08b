"""Accounts of the site: made, found, disabled. Passwords come here as hashes only."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from auditor.errors import UsageError
from auditor.store.account_tables import AccountRow, AccountTeamRow, SecretRow, SessionRow
from auditor.store.database import transact
from auditor.store.upserts import upsert

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from auditor.store.account_tables import AccountRole
    from auditor.store.database import Store

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who may sign in; ``password`` is a hash, None: through OpenID Connect only."""

    id: int
    name: str
    shown_name: str
    role: AccountRole
    agent: str | None
    teams: tuple[str, ...]
    password: str | None
    issuer: str | None
    subject: str | None
    created_at: datetime
    disabled_at: datetime | None


def add_account(
    store: Store,
    *,
    name: str,
    role: AccountRole,
    password: str | None,
    shown_name: str | None = None,
    teams: Collection[str] = (),
    agent: str | None = None,
    only_first: bool = False,
) -> int:
    """Make an account.

    Args:
        store: an open store.
        name: what is typed to sign in; case does not matter.
        role: what the account may do.
        password: its argon2 hash; None: OpenID Connect only.
        shown_name: as people call him; default: the name.
        teams: of a supervisor.
        agent: an agent's id in call records.
        only_first: refuse unless there is no account at all yet (the set-up link).

    Returns:
        The account's id.

    Raises:
        UsageError: the name is taken or empty, or teams and agent do not fit the role.
        StoreError: the store cannot be written.
    """
    name = folded(name)
    _check(name, role=role, teams=teams, agent=agent)
    values = {
        "name": name,
        "shown_name": (shown_name or "").strip() or name,
        "role": role,
        "agent": agent,
        "password": password,
        "created_at": datetime.now(UTC),
    }

    def work(session: Session) -> int:
        if only_first:
            if store.dialect == "postgresql":
                session.execute(text("SELECT pg_advisory_xact_lock(hashtext('auditor set-up'))"))
            if session.scalar(select(func.count()).select_from(AccountRow)):
                raise UsageError("There are accounts already; sign in, or use `auditor users add`.")
        made: int | None = session.scalar(insert(AccountRow).values(**values).returning(AccountRow.id))
        assert made is not None
        _set_teams(session, made, teams)
        return made

    try:
        return transact(store, work)
    except IntegrityError:
        raise UsageError(f"There is an account {name!r} already; choose another name.") from None


def accounts(store: Store) -> tuple[Account, ...]:
    """All accounts by name."""
    with store.reading() as session:
        return tuple(
            _account(session, row) for row in session.scalars(select(AccountRow).order_by(AccountRow.name))
        )


def account_named(store: Store, name: str) -> Account | None:
    """The account of that name; None: there is none."""
    with store.reading() as session:
        row = session.scalar(select(AccountRow).where(AccountRow.name == folded(name)))
        return None if row is None else _account(session, row)


def account_vouched(store: Store, *, issuer: str, subject: str, name: str) -> Account | None:
    """The account that an OpenID provider vouches for: bound to it, or of that name and not yet bound.

    An account with a password is never bound by its name alone: who controls the provider's names would
    control it.
    """
    with store.reading() as session:
        row = session.scalar(
            select(AccountRow).where(AccountRow.issuer == issuer, AccountRow.subject == subject)
        )
        if row is None:
            row = session.scalar(
                select(AccountRow).where(
                    AccountRow.name == folded(name),
                    AccountRow.issuer.is_(None),
                    AccountRow.password.is_(None),
                )
            )
        return None if row is None else _account(session, row)


def bind_account(store: Store, account_id: int, *, issuer: str, subject: str) -> None:
    """From now on this account is the one that the provider calls ``subject``."""
    bound = update(AccountRow).where(AccountRow.id == account_id, AccountRow.issuer.is_(None))
    transact(store, lambda session: session.execute(bound.values(issuer=issuer, subject=subject)))


def disable_account(store: Store, name: str) -> None:
    """Let nobody in under that name any more; whoever is signed in under it is signed out.

    Raises:
        UsageError: there is no such account.
    """

    def work(session: Session) -> None:
        row = _wanted(session, name)
        row.disabled_at = row.disabled_at or datetime.now(UTC)
        session.execute(delete(SessionRow).where(SessionRow.account_id == row.id))

    transact(store, work)


def set_password(store: Store, name: str, *, password: str, keep_session: int | None = None) -> None:
    """Give an account another password; it is enabled again, and signed out everywhere else.

    Args:
        store: an open store.
        name: of the account.
        password: the hash.
        keep_session: the session that asked for it.

    Raises:
        UsageError: there is no such account.
    """

    def work(session: Session) -> None:
        row = _wanted(session, name)
        row.password, row.disabled_at = password, None
        session.execute(
            delete(SessionRow).where(SessionRow.account_id == row.id, SessionRow.id != (keep_session or 0))
        )

    transact(store, work)


def improve_hash(store: Store, account_id: int, *, password: str) -> None:
    """Keep the same password's newer hash."""
    transact(
        store,
        lambda s: s.execute(update(AccountRow).where(AccountRow.id == account_id).values(password=password)),
    )


def site_key(store: Store) -> bytes:
    """The key that the site signs cookies with: made at the first start, the same for all processes."""

    def work(session: Session) -> bytes:
        fresh = upsert(session, SecretRow).values(name="signing", value=secrets.token_bytes(_KEY_BYTES))
        session.execute(fresh.on_conflict_do_nothing(index_elements=["name"]))
        return session.execute(select(SecretRow.value).where(SecretRow.name == "signing")).scalar_one()

    return transact(store, work)


def folded(name: str) -> str:
    """A name as it is compared."""
    return name.strip().casefold()


def _wanted(session: Session, name: str) -> AccountRow:
    row = session.scalar(select(AccountRow).where(AccountRow.name == folded(name)))
    if row is None:
        raise UsageError(f"There is no account {name!r}; `auditor users list` shows all.")
    return row


def _check(name: str, *, role: AccountRole, teams: Collection[str], agent: str | None) -> None:
    if not name or len(name) > 64 or any(c.isspace() or not c.isprintable() for c in name):
        raise UsageError(f"{name!r} cannot be an account's name; use 1 to 64 characters without spaces.")
    if (role == "supervisor") != bool(teams):
        raise UsageError(
            "A supervisor needs --team, once for every team."
            if role == "supervisor"
            else f"Only a supervisor has teams; leave --team out for the role {role}."
        )
    if (role == "agent") != bool(agent):
        raise UsageError(
            "An agent's account needs --agent, the id (工号) that call records name him by."
            if role == "agent"
            else f"Only an agent's account has --agent; leave it out for the role {role}."
        )


def _set_teams(session: Session, account_id: int, teams: Collection[str]) -> None:
    rows = [{"account_id": account_id, "team": team} for team in sorted(set(teams))]
    if rows:
        session.execute(insert(AccountTeamRow), rows)


def _account(session: Session, row: AccountRow) -> Account:
    teams = session.scalars(
        select(AccountTeamRow.team).where(AccountTeamRow.account_id == row.id).order_by(AccountTeamRow.team)
    )
    return Account(
        id=row.id,
        name=row.name,
        shown_name=row.shown_name,
        role=row.role,  # type: ignore[arg-type]
        agent=row.agent,
        teams=tuple(teams),
        password=row.password,
        issuer=row.issuer,
        subject=row.subject,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
    )
