"""Telephone numbers of the Chinese plan as call records and file names write them."""

from __future__ import annotations

import hashlib
import re

MOBILE = re.compile(r"(?:0086|86|0)?1[3-9][0-9]{9}")
FIXED = re.compile(r"(?:0(?:10|[2-9][0-9]{1,2}))?[2-9][0-9]{6,7}")
# Lines that anybody may call: operators, emergency, public services, banks, 400 and 800 numbers.
SERVICE = re.compile(
    r"1[01][0-9]|1[01]0[0-9]{2,5}|12[0-9]{3}|123[0-9]{2}|1258|186[01]|9[56][0-9]{3,4}|[48]00[0-9]{7}"
)
# Digits of a number in a record, with what may part them.
RUN = re.compile(r"[0-9](?:[\s()-]*[0-9])*")

_SHORTEST = 4
_MOBILE_DIGITS = 11
_AREA = re.compile(r"0(?:10|[2-9][0-9]{1,2})(?=[2-9][0-9]{6,7}$)")
_CHECKS = 4096


def numbers_in(number: str) -> tuple[str, ...]:
    """The digits of a number of a call record: one number, or what its stars have left of it."""
    runs = ("".join(filter(str.isdecimal, run)) for run in RUN.findall(number))
    return tuple(run for run in runs if len(run) >= _SHORTEST and not SERVICE.fullmatch(run))


def mobile_numbers(name: str) -> tuple[str, ...]:
    """Mobile numbers in the name of a file or a call, which may also hold times and counters."""
    return tuple(run for run in re.findall(r"(?<![0-9])[0-9]{11,15}(?![0-9])", name) if MOBILE.fullmatch(run))


def readable_digits(number: str) -> int:
    """How many digits of a telephone number say whose network it is of; 0 for what is none.

    Three of a mobile number, four in blocks that networks share; three of any other telephone.
    """
    digits = re.sub(r"[\s()+-]", "", number)
    mobile = re.fullmatch(r"(0086|86|0)?(1[0-9*x]{10})", digits)
    if mobile:
        shared = mobile[2].startswith(("134", "170", "174"))
        return len(mobile[1] or "") + (4 if shared else 3)
    return 3 if FIXED.fullmatch(digits) else 0


def subscriber(digits: str) -> str | None:
    """A telephone number without the codes of country and area; None for what is none."""
    if MOBILE.fullmatch(digits):
        return digits[-_MOBILE_DIGITS:]
    if not FIXED.fullmatch(digits):
        return None
    area = _AREA.match(digits)
    return digits[area.end() :] if area else digits


def check_of(digits: str, *, salt: str) -> int:
    """One of 4096 values that equal numbers share, and one in 4096 of the others.

    So few that it is no way back: of the 100 million numbers behind 139 it fits 24,000.
    """
    return int.from_bytes(hashlib.sha256(f"{salt}:{digits}".encode()).digest()[:4], "big") % _CHECKS
