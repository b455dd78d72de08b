"""What is to be audited: one `Call` each, and all that stood in the way of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.inputs.storage import StoredFile

if TYPE_CHECKING:
    from auditor.inputs.storage import File
    from auditor.records import CallRecord


@dataclass(frozen=True, slots=True)
class Call:
    """One call before anything is opened.

    Attributes:
        paths: one recording, or the agent's and the customer's file.
        record: what the manifest's row, the record beside the recording and the file's name say.
        transcript: turns from elsewhere; None: it is heard.
        origin: where it was named, for messages: a manifest's row or the file.
        size_bytes: of its files together, at the time of listing.
    """

    paths: tuple[File, ...]
    record: CallRecord
    transcript: File | None
    origin: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Listing:
    """The calls in order of their naming; ``faults`` and ``notes`` are sentences."""

    calls: tuple[Call, ...]
    faults: tuple[str, ...]
    notes: tuple[str, ...] = ()


def look_of(path: File) -> str:
    """What changes whenever a file does: size and times in nanoseconds, of a stored one as it was listed.

    Empty where it cannot be asked.
    """
    if isinstance(path, StoredFile):
        return path.stamp
    try:
        facts = path.stat()
    except OSError:
        return ""
    return f"{facts.st_size}:{facts.st_mtime_ns}:{facts.st_ctime_ns}"


def shown(path: File) -> str:
    """A file's name in a message: on one line, whatever stands in it."""
    text = str(path)
    return text if text.isprintable() else repr(text)
