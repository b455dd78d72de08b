"""Passwords: argon2id, and the least that one must be.

Parameters are argon2-cffi's defaults (RFC 9106's second recommendation: 64 MiB, 3 passes, 4 lanes). Few are
computed at once, so that a storm of sign-ins takes no machine's memory.
"""

from __future__ import annotations

from functools import cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from auditor.errors import UsageError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 10
LONGEST = 256
_AT_ONCE = BoundedSemaphore(4)


def hash_password(password: str) -> str:
    """The hash to keep.

    Raises:
        UsageError: too short, too long, or one character over and over.
    """
    if len(password) < SHORTEST:
        raise UsageError(f"The password has {len(password)} characters; use at least {SHORTEST}.")
    if len(password) > LONGEST:
        raise UsageError(f"The password has {len(password)} characters; use at most {LONGEST}.")
    if len(set(password)) < 4:
        raise UsageError("The password repeats the same few characters; use at least four different ones.")
    with _AT_ONCE:
        return _hasher().hash(password)


def verify(password: str, *, kept: str | None) -> bool:
    """Whether it is the password; as slow where there is none, so that nobody learns which names exist."""
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415

    if len(password) > LONGEST:
        return False
    with _AT_ONCE:
        try:
            return _hasher().verify(kept or _nobodys(), password) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher().check_needs_rehash(kept)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher  # noqa: PLC0415

    return PasswordHasher()


@cache
def _nobodys() -> str:
    return _hasher().hash("nobody's password")
