"""Column types: what the two databases keep differently, and codes and hashes that should stay small."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote_from_bytes, unquote_to_bytes

from sqlalchemy import DateTime, LargeBinary, SmallInteger, Text
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

_ESCAPED = "bytes:"


class Digest(TypeDecorator[str]):
    """A SHA-256: 64 hexadecimal digits outside, 32 bytes inside."""

    impl = LargeBinary(32)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """Digits to bytes."""
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Bytes to digits."""
        return None if value is None else bytes(value).hex()


class Code(TypeDecorator[str]):
    """One of a closed list of words, kept as its number: the list may only grow at its end."""

    impl = SmallInteger
    cache_ok = True

    def __init__(self, *words: str) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: str | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Word to number.

        Raises:
            ValueError: the word is not in the list.
        """
        return None if value is None else self.words.index(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Number to word."""
        return None if value is None else self.words[value]


class AnyText(TypeDecorator[str]):
    """Text from outside: file names that are not UTF-8 and NUL, which databases refuse, are kept escaped."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Text to text that every database takes."""
        return None if value is None else escaped(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """The text as it was."""
        return None if value is None else unescaped(value)


def escaped(text: str) -> str:
    """The text itself where it is plain UTF-8 without NUL, else percent-encoded behind ``bytes:``."""
    raw = text.encode("utf-8", "surrogateescape")
    try:
        plain = raw.decode("utf-8")
    except UnicodeDecodeError:
        return _ESCAPED + quote_from_bytes(raw)
    if "\x00" in plain or plain.startswith(_ESCAPED):
        return _ESCAPED + quote_from_bytes(raw)
    return plain


def unescaped(text: str) -> str:
    """What `escaped` was given."""
    if not text.startswith(_ESCAPED):
        return text
    return unquote_to_bytes(text.removeprefix(_ESCAPED)).decode("utf-8", "surrogateescape")


class UtcTime(TypeDecorator[datetime]):
    """A moment: with a zone outside, UTC inside (SQLite keeps no zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Any zone to UTC.

        Raises:
            ValueError: the time has no zone, so that nobody knows which moment it is.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value.isoformat()}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """UTC, with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
