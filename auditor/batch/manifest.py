"""What rows of manifests and names on the command line come to: calls, or all that is wrong at once.

Every row, record and transcript is read and checked before the first call is audited. A call's record is put
together from the pattern of its file's name, the ``<stem>.record.json`` beside it, and its row; the later of
these outranks the earlier. A transcript is the row's, else ``<stem>.transcript.json`` beside the recording.

A recording that a row names is looked for as it stands, then under the manifest's folder, then under the
folders that were named; an absolute path of another machine is looked for under these, too. Whatever else
the folders hold is audited as well, without a row.
"""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.batch.calls import shown
from auditor.batch.collect import Collector, check_name, check_recording, real_name
from auditor.batch.columns import AUDIO, FILES, PAIR, map_columns
from auditor.batch.exporters import recognise
from auditor.errors import AuditError, InputError, UsageError
from auditor.inputs.call_files import find_calls, find_stored_calls, pair_up
from auditor.inputs.storage import forget_listings, is_address, stored_file
from auditor.inputs.tables import SUFFIXES, read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from auditor.batch.calls import Listing
    from auditor.inputs.config import Settings
    from auditor.inputs.storage import File
    from auditor.inputs.tables import Row


def list_calls(inputs: Sequence[str], *, manifests: Sequence[Path] = (), settings: Settings) -> Listing:
    """Everything that is named, each call once, with all faults.

    Args:
        inputs: folders, files, patterns (``*``, ``?``, ``**``), manifests, and addresses of stored
            recordings (``s3://bucket/night/``).
        manifests: more manifests.
        settings: for ``columns``, ``file_names`` and the time zone.

    Raises:
        UsageError: nothing is named, a manifest is none, a pattern of the settings is wrong, or the driver
            of an address is missing.
    """
    forget_listings()
    stored = [text for text in inputs if is_address(text)]
    tables, folders, files, missing = _sort_out([text for text in inputs if not is_address(text)])
    tables = [*manifests, *tables]
    if not (tables or folders or files or missing or stored):
        raise UsageError("nothing is named; give a folder, recordings, or --manifest.")
    collector = Collector(settings)
    collector.faults += missing
    for table in tables:
        _add_manifest(collector, table, folders=folders)
    for paths in pair_up(files):
        collector.add_files(paths, named=True)
    for text in stored:
        try:
            for kept in find_stored_calls(text):
                collector.add_files(kept, named=True)
        except InputError as error:
            collector.faults.append(str(error))
    for folder in folders:
        for paths in find_calls(folder, on_fault=collector.faults.append):
            collector.add_files(paths, named=False)
    return collector.listing()


def list_found(
    found: Iterable[tuple[Path, ...]], *, settings: Settings, ids: dict[str, str] | None = None
) -> Listing:
    """Calls that were found in a folder, with the records and transcripts beside them.

    Args:
        found: their files, see `inputs.call_files.find_calls`.
        settings: as in `list_calls`.
        ids: call id -> where it was named, of earlier listings; added to.
    """
    collector = Collector(settings, ids={} if ids is None else ids)
    for paths in found:
        collector.add_files(paths, named=False)
    return collector.listing()


def _sort_out(inputs: Sequence[str]) -> tuple[list[Path], list[Path], list[Path], list[str]]:
    """Names as manifests, folders and files; and a sentence for each that is none of them."""
    tables, folders, files, missing = list[Path](), list[Path](), list[Path](), list[str]()
    for text in inputs:
        names = [text]
        if not os.path.lexists(text) and glob.has_magic(text):
            names = sorted(glob.glob(text, recursive=True))  # noqa: PTH207  (absolute or not)
            if not names:
                missing.append(f"{text}: no file fits the pattern; check it.")
        for path in map(Path, names):
            if path.is_dir():
                folders.append(path)
            elif path.suffix.lower() in SUFFIXES:
                tables.append(path)
            elif path.suffix.lower() != ".json" or len(names) == 1:  # papers beside, caught by a pattern
                files.append(path)
    return tables, folders, files, missing


def _add_manifest(collector: Collector, path: Path, *, folders: Sequence[Path]) -> None:
    table = read_table(path)
    name = shown(path)
    exporter = recognise(table.headings)
    columns, faults, unread = map_columns(
        table.headings, wanted=collector.settings.columns, exporter=exporter
    )
    collector.faults += [f"{name}: {fault}." for fault in faults]
    if not faults and AUDIO not in columns.values() and not set(PAIR) <= set(columns.values()):
        collector.faults.append(
            f"{name}: no column names the recordings; call it 'audio' (录音文件), or 'agent_audio' and"
            " 'customer_audio', or say which one it is under [columns] of the settings."
        )
        return
    if faults:
        return
    if exporter:
        collector.notes.append(f"{name}: read as a table of {exporter.name}.")
    if unread:
        collector.notes.append(f"{name}: columns that are not read: {', '.join(unread)}.")
    collector.faults += [f"{name}: row {number} {what}." for number, what in table.faults]
    for row in table.rows:
        _add_row(collector, path, row, columns=columns, folders=folders)


def _add_row(
    collector: Collector, manifest: Path, row: Row, *, columns: Mapping[str, str], folders: Sequence[Path]
) -> None:
    headings = {field: heading for heading, field in columns.items()}
    cells = {columns[heading]: cell for heading, cell in row.cells.items() if heading in columns}
    origin = f"{shown(manifest)}: row {row.number}"

    def fault(key: str, what: str) -> None:
        where = f", column {headings[key]!r}" if key in headings else f", {key!r}" if key else ""
        collector.faults.append(f"{origin}{where}: {what.rstrip('.')}.")

    named = {key: text for key in FILES if (text := str(cells.pop(key, "")).strip())}
    wanted = (AUDIO,) if AUDIO in named else PAIR
    found: dict[str, File] = {}
    for key in (*wanted, "transcript"):
        if key not in named:
            if key != "transcript":
                fault(AUDIO if wanted == (AUDIO,) or AUDIO in headings else key, "no recording is named")
                return
            continue
        try:
            found[key] = _find(named[key], bases=(manifest.parent, *folders))
        except AuditError as error:
            fault(key, str(error))
    if set(found) != {*wanted, *({"transcript"} & named.keys())}:
        return
    paths = tuple(found[key] for key in wanted)
    for key in wanted:
        if first := collector.files.get(real_name(found[key])):
            fault(key, f"{shown(found[key])} is the recording of {first}, too; remove one of the rows")
            return
    collector.add(paths, cells=cells, transcript=found.get("transcript"), origin=origin, fault=fault)


def _find(text: str, *, bases: Sequence[Path]) -> File:
    """The file that a cell names; an address stands for itself.

    Raises:
        InputError: there is none, or it cannot be read.
    """
    if is_address(text):
        stored = stored_file(text)
        check_recording(stored)
        return stored
    path = Path(text.replace("\\", "/") if os.sep == "/" and not os.path.lexists(text) else text)
    inside = path.relative_to(path.anchor)
    tried = [*([path] if path.is_absolute() else []), *(base / inside for base in bases)]
    found = next((each for each in tried if os.path.lexists(each)), tried[0])
    check_name(found)
    check_recording(found)
    return found
