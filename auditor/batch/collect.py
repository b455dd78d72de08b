"""Collecting calls from wherever they are named: nothing twice, and every fault of every one."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from auditor.audio.files import check_file
from auditor.batch.calls import Call, Listing, shown
from auditor.batch.file_names import NamePattern, compile_patterns, read_name
from auditor.batch.values import record_values
from auditor.errors import AuditError, InputError
from auditor.inputs.call_files import beside
from auditor.inputs.call_record import check_record, read_call_record
from auditor.inputs.storage import StoredFile
from auditor.inputs.transcript import read_transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auditor.inputs.config import Settings
    from auditor.inputs.storage import File

    Fault = Callable[[str, str], None]  # the field or column, and what is wrong with it


@dataclass
class Collector:
    """The calls so far. ``files`` and ``ids``: where each file and call id was named first."""

    settings: Settings
    calls: list[Call] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unmatched: int = 0
    files: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    patterns: tuple[NamePattern, ...] = ()

    def __post_init__(self) -> None:
        self.patterns = compile_patterns(self.settings.file_names)

    def listing(self) -> Listing:
        """What was collected."""
        notes = list(self.notes)
        if self.unmatched:
            notes.append(f"{self.unmatched} recordings have names that fit none of the settings' file_names.")
        return Listing(tuple(self.calls), tuple(self.faults), tuple(notes))

    def add_files(self, paths: tuple[File, ...], *, named: bool) -> None:
        """A recording or pair that no row describes; what has been listed already is passed over.

        Args:
            paths: its files.
            named: somebody named it: it has to be there. What a folder holds is found out when it is opened.
        """
        if any(real_name(path) in self.files for path in paths):
            return
        origin = shown(paths[0])

        def fault(key: str, what: str) -> None:
            where = f"{origin}: field {key!r} of its record " if key else ""
            self.faults.append(f"{where}{what.rstrip('.')}.")

        try:
            for path in paths:
                check_name(path)
                if named:
                    check_recording(path)
        except AuditError as error:
            fault("", str(error))
            return
        self.add(paths, cells={}, transcript=None, origin=origin, fault=fault)

    def add(
        self,
        paths: tuple[File, ...],
        *,
        cells: Mapping[str, object],
        transcript: File | None,
        origin: str,
        fault: Fault,
    ) -> None:
        """One call whose files are there: its record and transcript are read and checked."""
        before = len(self.faults)
        values: dict[str, object] = {}
        if self.patterns:
            in_name = read_name(paths[0].name, patterns=self.patterns)
            self.unmatched += in_name is None
            values |= record_values(in_name or {}, time_zone=self.settings.time_zone)
        try:
            if paper := beside(paths, ".record.json"):
                known = read_call_record(paper, time_zone=self.settings.time_zone)
                values |= {
                    f.name: v for f in fields(known) if (v := getattr(known, f.name)) not in (None, ())
                }
        except AuditError as error:
            fault("", str(error))
        values |= record_values(cells, time_zone=self.settings.time_zone)
        record, wrong = check_record(values, time_zone=self.settings.time_zone)
        for each in wrong:
            fault(each.field, each.what)
        transcript = transcript or beside(paths, ".transcript.json")
        if transcript is not None:
            try:
                read_transcript(transcript)
            except AuditError as error:
                fault("transcript" if cells else "", str(error))
        if record.call_id is not None:
            first = self.ids.setdefault(record.call_id, origin)
            if first != origin:
                fault("call_id", f"{record.call_id!r} is the id of {first}, too; every call has its own")
        if len(self.faults) > before:
            return
        self.files |= {real_name(path): origin for path in paths}
        try:
            size = sum(size_of(path) for path in paths)
        except OSError:  # deleted meanwhile: opening it will say so
            size = 0
        self.calls.append(Call(paths, record, transcript, origin, size))


def real_name(path: File) -> str:
    """By what it is known that two names mean one file."""
    return path.address if isinstance(path, StoredFile) else os.path.realpath(path)


def size_of(path: File) -> int:
    """A file's size in bytes; of a stored one as it was listed.

    Raises:
        OSError: it cannot be asked.
    """
    return path.size_bytes if isinstance(path, StoredFile) else path.stat().st_size


def check_name(path: File) -> None:
    """Refuse a name that cannot be kept as text.

    Raises:
        InputError: its bytes are not UTF-8.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise InputError(f"{str(path)!a} has a name that is not UTF-8; rename the file.") from None


def check_recording(path: File) -> None:
    """Refuse a file that cannot be opened.

    Raises:
        InputError: missing, a link that goes round, a folder, empty, or it may not be read.
    """
    if isinstance(path, StoredFile):
        if path.size_bytes == 0:
            raise InputError(f"{shown(path)} is empty (0 bytes); export the recording again.")
        return
    try:
        check_file(path)
    except OSError as error:
        raise InputError(f"{shown(path)} cannot be opened ({error.strerror}); check the path.") from None
    if not os.access(path, os.R_OK):
        raise InputError(f"{shown(path)} may not be read; ask for permission to read it.")
