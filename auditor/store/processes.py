"""Which process does a run, and whether it is still there: a killed one cannot say so itself."""

from __future__ import annotations

import os
import platform
from pathlib import Path

_SEPARATOR = "/"


def this_process() -> str:
    """Name of this process that no other has: machine, its boot, process id and when that began."""
    return _name(os.getpid())


def is_here(process: str) -> bool:
    """Whether a process of that name is or was one of this machine, so that `is_gone` can tell."""
    return process.split(_SEPARATOR, maxsplit=1)[0] == _machine()


def is_gone(process: str) -> bool:
    """Whether a process of this machine has ended; its id may be another's by now."""
    number = process.split(_SEPARATOR)[2]
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # another user's
        pass
    return _name(int(number)) != process


def _name(number: int) -> str:
    boot = _read("/proc/sys/kernel/random/boot_id")
    return _SEPARATOR.join((_machine(), boot, str(number), _began(number)))


def _machine() -> str:
    return platform.node().replace(_SEPARATOR, "-")


def _began(number: int) -> str:
    """Clock ticks from the boot to the process's start; empty where nobody tells, and of a zombie."""
    fields = _read(f"/proc/{number}/stat").rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 and fields[0] != "Z" else ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
