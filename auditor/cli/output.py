"""Where a command's output goes: all of it, or nothing."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from auditor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def check_output(output: Path | None) -> None:
    """Refuse an output path before minutes of work, not after."""
    if output is None:
        return
    if output.is_dir():
        raise UsageError(f"{output}: this is a folder; name the file to write with -o.")
    if not output.parent.is_dir():
        raise UsageError(f"{output}: the folder {output.parent} does not exist; create it first.")


def write_output(output: Path, content: str | bytes) -> None:
    """Write all or nothing: a reader never sees half a report."""
    partial = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        partial.replace(output)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UsageError(f"{output}: cannot be written ({error.strerror}); choose another place.") from None


@contextmanager
def stream_output(output: Path | None) -> Iterator[TextIO]:
    """A text file that is there when all of it is written, and not before; None: the terminal.

    Line ends are written as they come.

    Raises:
        UsageError: it cannot be written.
    """
    if output is None:
        yield sys.stdout
        return
    partial = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        try:
            with partial.open("w", encoding="utf-8", newline="") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            partial.replace(output)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{output}: cannot be written ({error.strerror}); choose another place.") from None
