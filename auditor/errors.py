"""What can go wrong, as one family: every message is one sentence that names the thing and what to do.

The command line prints the message and leaves with the class's exit code; nothing else in the
package prints or exits.
"""

from __future__ import annotations

from typing import ClassVar


class AuditError(Exception):
    """Root of every error that a user can cause or mend.

    The message is one sentence: it names the file, row or key and says what to do.
    """

    exit_code: ClassVar[int] = 4


class UsageError(AuditError):
    """A flag, setting, rulebook, record or model that cannot be used as given (exit code 2)."""

    exit_code: ClassVar[int] = 2


class RulebookError(UsageError):
    """A rulebook that cannot be used; the message names file, rule and key."""


class ModelError(UsageError):
    """A checkpoint that is missing, damaged or not a Whisper file."""


class StoreError(UsageError):
    """A store of audits that cannot be opened, read or written."""


class DecisionError(UsageError):
    """Something that nobody may do to a finding as it stands; ``code`` says what stands against it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class InputError(AuditError):
    """A recording or transcript that could not be audited (exit code 3)."""

    exit_code: ClassVar[int] = 3


class ChangedError(InputError):
    """A recording that is not what it was when it was listed."""


class UnreachableError(InputError):
    """A recording whose store does not answer; trying again may help."""
