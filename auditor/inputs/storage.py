"""Recordings in object stores and behind sftp: by their address, through fsspec.

``s3://bucket/key``, ``oss://bucket/key`` and ``sftp://[user@]host[:port]/path``. What a driver needs to know
(keys, endpoint, region, proxy) it takes from its own environment and files: no address holds a secret.

A folder is listed, never copied: its listing says of each file how large it is and which content it has (the
store's entity tag, else the time of its last change), so that a rerun need not read what it knows. A file is
read once, in ranges, when its turn comes. A range that does not arrive is asked for again; a recording of
which a part is missing must not look like a call that broke off.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from auditor.errors import ChangedError, InputError, UnreachableError, UsageError
from auditor.inputs.stored_drivers import patiently, reaching, system_of

SCHEMES = ("s3", "oss", "sftp")
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_CONTENT = re.compile(r'\d+:"?[0-9a-fA-F]{32}"?')
_RANGE_BYTES = 8 * 1024**2


@dataclass(frozen=True, slots=True, order=True)
class StoredFile:
    """A file by its address; for the rest it answers like a `Path`.

    Attributes:
        address: with its scheme; of equal files the same.
        size_bytes: as it was listed.
        stamp: changes whenever the content does; empty where the store tells neither tag nor time.
    """

    address: str
    size_bytes: int = field(default=0, compare=False)
    stamp: str = field(default="", compare=False)

    def __str__(self) -> str:
        return self.address

    @property
    def tells_content(self) -> bool:
        """Whether its stamp is that of equal files only: size and MD5, as S3 tags what came in one piece."""
        return _CONTENT.fullmatch(self.stamp) is not None

    @property
    def parts(self) -> tuple[str, ...]:
        """What stands between slashes, to sort by."""
        return tuple(self.address.split("/"))

    @property
    def parent(self) -> str:
        """The address of its folder."""
        return self.address.rpartition("/")[0]

    @property
    def name(self) -> str:
        """What stands behind the last slash."""
        return self.address.rpartition("/")[2]

    @property
    def stem(self) -> str:
        """Its name without the last ending."""
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        """The last ending of its name, with the dot."""
        return PurePosixPath(self.name).suffix

    def with_name(self, name: str) -> StoredFile:
        """The neighbour of that name, as it was listed."""
        return _neighbours(self.parent).get(name, StoredFile(f"{self.parent}/{name}"))

    def is_file(self) -> bool:
        """Whether its folder's listing has it."""
        return self.name in _neighbours(self.parent)

    def read_bytes(self) -> bytes:
        """Its content.

        Raises:
            FileNotFoundError: it is not there.
            InputError: it cannot be read.
        """
        return _content(self, self.stamp)

    def open(self, mode: str = "rb") -> BinaryIO:
        """Its content as a file to read."""
        if mode != "rb":
            raise ValueError(f"a stored file is read as bytes, not {mode!r}")
        return BytesIO(self.read_bytes())


@lru_cache(maxsize=2048)  # papers beside recordings are small and asked for several times
def _content(file: StoredFile, _stamp: str) -> bytes:
    content = BytesIO()
    fetch(file, into=content)
    return content.getvalue()


File = Path | StoredFile
_LISTED: dict[str, dict[str, StoredFile]] = {}  # folder's address -> its files, for one listing of calls


def is_address(text: str) -> bool:
    """Whether a name is an address rather than a path."""
    return _ADDRESS.match(text) is not None


def note_listed(files: Iterable[StoredFile]) -> None:
    """These files are there, as they were listed just now."""
    for file in files:
        _LISTED.setdefault(file.parent, {})[file.name] = file


def forget_listings() -> None:
    """Ask again what folders hold."""
    _LISTED.clear()


def check_address(text: str) -> None:
    """Refuse an address that is not read here.

    Raises:
        UsageError: its scheme is unknown, or it holds a password.
    """
    scheme = text.partition("://")[0].lower()
    if scheme not in SCHEMES:
        known = ", ".join(f"{each}://" for each in SCHEMES)
        raise UsageError(f"{text}: addresses are {known}; mount a share, or copy the recordings to a folder.")
    user, at, _host = text.partition("://")[2].partition("/")[0].rpartition("@")
    if at and ":" in user:
        hidden = text.replace(user, user.partition(":")[0] + ":…", 1)
        raise UsageError(f"{hidden}: an address holds no password; use a key or the driver's settings.")


def stored_file(address: str) -> StoredFile:
    """One file, as its folder's listing has it.

    Raises:
        UsageError: see `check_address`; or the driver is missing.
        InputError: it is not there, or the store cannot be reached.
    """
    check_address(address)
    plain = StoredFile(address)
    found = _neighbours(plain.parent).get(plain.name)
    if found is None:
        raise InputError(f"{address} does not exist; check the address.")
    return found


def fetch(file: StoredFile, *, into: BinaryIO) -> str:
    """Read a file in ranges; returns its SHA-256 in hexadecimal.

    Raises:
        FileNotFoundError: it is not there.
        UnreachableError: the connection is lost and does not come back.
        ChangedError: it is not what it was when it was listed.
        InputError: it may not be read.
    """
    with reaching(file.address):
        system, path = system_of(file.address)
        size = file.size_bytes or int(patiently(lambda: system.info(path), address=file.address)["size"] or 0)
        digest, trouble = hashlib.sha256(), None
        try:
            came = 0
            for data in _ranges(system, path, size=size, file=file):
                digest.update(data)
                into.write(data)
                came += len(data)
            if came != size:
                trouble = UnreachableError(
                    f"{file} could not be read: {came} of its {size} bytes came; try again."
                )
        except UnreachableError as error:
            trouble = error
        system.invalidate_cache()
        now = as_listed(file.address, patiently(lambda: system.info(path), address=file.address))
    if file.stamp not in ("", now.stamp) or now.size_bytes != size:
        raise ChangedError(f"{file} changed while the batch ran; run it again.")
    if trouble is not None:
        raise trouble
    return digest.hexdigest()


def _ranges(system: Any, path: str, *, size: int, file: StoredFile) -> Iterator[bytes]:
    came = 0
    while came < size:
        ask = partial(system.cat_file, path, start=came, end=min(size, came + _RANGE_BYTES))
        data: bytes = patiently(ask, address=file.address)
        if not data:
            return
        yield data
        came += len(data)


def as_listed(address: str, facts: Mapping[str, Any]) -> StoredFile:
    """A file as a driver's listing tells it."""
    size = int(facts.get("size") or 0)
    mark = facts.get("ETag") or facts.get("mtime") or facts.get("LastModified") or ""
    return StoredFile(address, size, f"{size}:{mark}" if mark else "")


def address_in(given: str, path: str, name: str) -> str:
    """The address of what a driver calls ``name``, given the address that it calls ``path``."""
    return given + name[len(path.rstrip("/")) :]


def _neighbours(folder: str) -> dict[str, StoredFile]:
    """The files of a folder by name, listed once."""
    if folder not in _LISTED:
        with reaching(folder):
            system, path = system_of(folder)
            try:
                listed = system.ls(path, detail=True)
            except FileNotFoundError:
                listed = []
        named = [(address_in(folder, path, facts["name"]), facts) for facts in listed]
        files = [as_listed(address, facts) for address, facts in named if facts["type"] == "file"]
        _LISTED[folder] = {file.name: file for file in files}
    return _LISTED[folder]
