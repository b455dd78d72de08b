"""The tables of the site's accounts: who may sign in, who is signed in, and what everybody looked at.

Teams and agents are named as call records name them, not by row: an account may be made before the first
call of its agent is audited. ``activities`` only grows: the database itself refuses changes (migration).
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from auditor.store.columns import Code, Digest
from auditor.store.tables import Base

AccountRole = Literal["admin", "inspector", "supervisor", "agent"]
ROLES: tuple[AccountRole, ...] = get_args(AccountRole)


class AccountRow(Base):
    """Someone who may sign in. ``password`` is an argon2 hash; empty: only through OpenID Connect."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True, doc="What is typed to sign in, in lower case.")
    shown_name: Mapped[str]
    role: Mapped[str] = mapped_column(Code(*ROLES))
    agent: Mapped[str | None] = mapped_column(doc="An agent's own id (工号) in call records.")
    password: Mapped[str | None]
    issuer: Mapped[str | None] = mapped_column(doc="OpenID Connect: who vouches, bound at the first sign-in.")
    subject: Mapped[str | None] = mapped_column(doc="… and for whom.")
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class AccountTeamRow(Base):
    """A team that a supervisor answers for."""

    __tablename__ = "account_teams"
    __table_args__ = ({"sqlite_with_rowid": False},)

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    team: Mapped[str] = mapped_column(primary_key=True)


class SessionRow(Base):
    """Someone who is signed in: the hash of what his cookie holds, so that the store lets nobody in."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(Digest, unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class RefusedSignInRow(Base):
    """Wrong passwords in a row, per name, per address, and per both (`logins`)."""

    __tablename__ = "refused_sign_ins"

    key: Mapped[str] = mapped_column(Digest, primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)


class ActivityRow(Base):
    """One look or change. The name stays when the account goes; numbers in a search are not kept."""

    __tablename__ = "activities"
    __table_args__ = (Index(None, "name", "id"), Index(None, "action", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    account_id: Mapped[int | None]
    name: Mapped[str]
    address: Mapped[str]
    action: Mapped[str]
    target: Mapped[str] = mapped_column(doc="What it was about, as its path on the site.")
    detail: Mapped[str]


class SecretRow(Base):
    """Keys that the site signs with; made once, shared by all its processes."""

    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[bytes]


__all__ = [
    "ROLES",
    "AccountRole",
    "AccountRow",
    "AccountTeamRow",
    "ActivityRow",
    "RefusedSignInRow",
    "SecretRow",
    "SessionRow",
]
