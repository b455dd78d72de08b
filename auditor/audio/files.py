"""A recording as a file: may it be opened, and what is its fingerprint."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from auditor.errors import InputError
from auditor.inputs.files import sha256_of
from auditor.inputs.storage import File, StoredFile, fetch


@contextmanager
def at_hand(recording: File) -> Iterator[tuple[Path, str]]:
    """A recording as a file of this machine, and its SHA-256.

    One in an object store is read once, into a temporary file that goes when the block ends: what is decoded
    is what was hashed, and a connection that is lost cannot pass for a damaged recording.

    Raises:
        InputError: missing, empty, no file, it may not be read, or its store does not answer.
    """
    if isinstance(recording, Path):
        check_file(recording)
        yield recording, recording_sha256(recording)
        return
    try:
        with tempfile.NamedTemporaryFile(suffix=recording.suffix) as copy:
            digest = _copy(recording, copy=Path(copy.name))
            yield Path(copy.name), digest
    except FileNotFoundError:
        raise InputError(f"{recording} does not exist; check the address.") from None


def _copy(recording: StoredFile, *, copy: Path) -> str:
    try:
        with copy.open("wb") as file:
            digest = fetch(recording, into=file)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise InputError(
            f"{recording} needs more temporary disk space ({error.strerror}); free some, or set TMPDIR."
        ) from None
    if copy.stat().st_size == 0:
        raise InputError(f"{recording} is empty (0 bytes); export the recording again.")
    return digest


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


def recording_sha256(path: Path) -> str:
    """The recording's SHA-256 in hexadecimal.

    Raises:
        InputError: the file may not be read.
    """
    try:
        return sha256_of(path)
    except PermissionError:
        raise InputError(f"{path} may not be read; ask for permission to read it.") from None
