"""Tables as rows (manifests, labels): CSV (UTF-8 or GB18030, with or without BOM), XLSX, JSONL.

Rows are numbered as a spreadsheet shows them, the heading being row 1; of JSONL the line counts.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.errors import UsageError
from auditor.inputs.files import read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from auditor.inputs.storage import File

SUFFIXES = (".csv", ".tsv", ".xlsx", ".jsonl")
_LARGEST_CELL = 1_000_000
_BRACKETS = re.compile(r"[(\[{<【「].*?[)\]}>】」]")
_GLUE = re.compile(r"[\s_\-.]+")


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``cells`` by heading; of CSV all text."""

    number: int
    cells: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Table:
    """A table's headings and rows; ``faults``: (row, sentence) of rows that cannot be read."""

    path: File
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    faults: tuple[tuple[int, str], ...] = ()


def plain(heading: str) -> str:
    """A heading as it is compared: without case, blanks, dashes, underscores, brackets and their content."""
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return _GLUE.sub("", _BRACKETS.sub("", folded))


def read_table(path: File, *, what: str = "manifest") -> Table:
    """Read a table; ``what`` it is, for messages.

    Raises:
        UsageError: the file is missing, of another kind, damaged, or holds no heading.
    """
    suffix = path.suffix.lower()
    if suffix == ".jsonl":
        return _from_jsonl(path, what=what)
    if suffix == ".xlsx":
        return _from_cells(path, _xlsx_rows(path, what=what), what=what)
    if suffix in (".csv", ".tsv"):
        return _from_cells(path, _csv_rows(path, what=what), what=what)
    raise UsageError(f"{path}: a {what} is a .csv, .tsv, .xlsx or .jsonl file; save it as one of these.")


def _csv_rows(path: File, *, what: str) -> Iterable[Sequence[object]]:
    text = read_text(path, what=what).replace("\0", "")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)  # of equals the comma
    csv.field_size_limit(_LARGEST_CELL)
    try:
        yield from (
            [*row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        )
    except csv.Error as error:
        raise UsageError(f"{path}: the {what} is not readable CSV ({error}); save it again.") from None


def _xlsx_rows(path: File, *, what: str) -> Iterable[Sequence[object]]:
    import openpyxl  # noqa: PLC0415
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        with path.open("rb") as file:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            sheet = book.worksheets[0]
            for row in sheet.iter_rows(values_only=True):
                yield [cell if cell is not None else "" for cell in row]
            book.close()
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such {what}; check the path.") from None
    except (zipfile.BadZipFile, InvalidFileException, KeyError, IndexError, ValueError, OSError) as error:
        raise UsageError(f"{path}: not a readable XLSX workbook ({error}); save it again.") from None


def _from_cells(path: File, lines: Iterable[Sequence[object]], *, what: str) -> Table:
    headings: tuple[str, ...] | None = None
    rows, faults = [], []
    for number, cells in enumerate(lines, start=1):
        if not any(str(cell).strip() for cell in cells):
            continue
        if headings is None:
            headings = tuple(str(cell).strip() for cell in cells)
            doubled = sorted({name for name in headings if name and headings.count(name) > 1})
            if doubled:
                raise UsageError(f"{path}: two columns are called {doubled[0]!r}; rename one of them.")
            continue
        if len(cells) > len(headings) and any(str(cell).strip() for cell in cells[len(headings) :]):
            faults.append((number, f"has {len(cells)} cells under {len(headings)} headings; correct the row"))
            continue
        rows.append(Row(number, {name: cell for name, cell in zip(headings, cells, strict=False) if name}))
    if headings is None:
        raise UsageError(f"{path}: the {what} is empty; its first row names the columns.")
    return Table(path, headings, tuple(rows), tuple(faults))


def _from_jsonl(path: File, *, what: str) -> Table:
    rows, faults, headings = [], [], dict[str, None]()
    for number, line in enumerate(read_text(path, what=what).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            loaded = json.loads(line)
        except json.JSONDecodeError as error:
            faults.append((number, f"is not JSON: {error.msg}"))
            continue
        if not isinstance(loaded, dict):
            faults.append((number, f"must be one JSON object, not a {type(loaded).__name__}"))
            continue
        headings.update(dict.fromkeys(loaded))
        rows.append(Row(number, {key: value for key, value in loaded.items() if value is not None}))
    if not rows and not faults:
        raise UsageError(f"{path}: the {what} is empty; every line is one JSON object.")
    return Table(path, tuple(headings), tuple(rows), tuple(faults))
