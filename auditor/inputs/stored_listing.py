"""What an address names in an object store or behind sftp: one file, a folder's files, those of a pattern."""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING

from auditor.errors import InputError
from auditor.inputs.storage import address_in, as_listed, check_address, note_listed
from auditor.inputs.stored_drivers import reaching, system_of

if TYPE_CHECKING:
    from auditor.inputs.storage import StoredFile


def find_stored(text: str) -> tuple[str, tuple[StoredFile, ...]]:
    """What an address or pattern names: ``("file" | "folder" | "pattern", files)``.

    Files of a folder are those under it, hidden ones left out.

    Raises:
        UsageError: see `check_address`; or the driver is missing.
        InputError: there is nothing of that name, or the store cannot be reached.
    """
    check_address(text)
    given = text.rstrip("/")
    try:
        with reaching(text):
            system, path = system_of(given)
            facts = system.info(path)
    except FileNotFoundError:
        is_pattern = any(each in text for each in "*?[")
        found = _matching(text) if is_pattern else ()
        if not found:
            what = "no file fits the pattern" if is_pattern else "there is no such file"
            raise InputError(f"{text}: {what}; check the address.") from None
        return "pattern", found
    if facts["type"] != "directory":
        return "file", (as_listed(given, facts),)
    with reaching(text):
        under = system.find(path, detail=True)
    files = [as_listed(address_in(given, path, name), facts) for name, facts in sorted(under.items())]
    note_listed(files)
    depth = len(given) + 1
    return "folder", tuple(file for file in files if not _is_hidden(file.address[depth:]))


def _matching(pattern: str) -> tuple[StoredFile, ...]:
    fixed = re.split(r"[*?\[]", pattern, maxsplit=1)[0].rpartition("/")[0]
    with reaching(pattern):
        system, path = system_of(pattern)
        found = system.glob(path, detail=True)
        _, base = system_of(fixed)
    return tuple(
        as_listed(address_in(fixed, base, name), facts)
        for name, facts in sorted(found.items())
        if facts["type"] == "file"
    )


def _is_hidden(relative: str) -> bool:
    return any(fnmatch.fnmatch(part, ".*") for part in relative.split("/"))
