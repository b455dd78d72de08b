"""What the process tells its caller."""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """What the process tells its caller."""

    AUDITED = 0
    CARD_FAILED = 1
    USAGE = 2
    NOT_AUDITED = 3
    INTERNAL = 4
