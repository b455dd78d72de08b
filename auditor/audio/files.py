"""A recording as a file: may it be opened, and what is its fingerprint."""

from __future__ import annotations

import hashlib
from pathlib import Path

from auditor.errors import InputError


def check_file(path: Path) -> None:
    """Refuse what cannot be opened as a file.

    Raises:
        InputError: missing, a folder, no regular file, or empty.
    """
    if not path.exists():
        raise InputError(f"{path} does not exist; check the path.")
    if path.is_dir():
        raise InputError(f"{path} is a folder; name one recording inside it.")
    if not path.is_file():
        raise InputError(f"{path} is not a regular file; copy the recording to a file first.")
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty (0 bytes); export the recording again.")


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hexadecimal, read in blocks.

    Raises:
        InputError: the file may not be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except PermissionError:
        raise InputError(f"{path} may not be read; ask for permission to read it.") from None
