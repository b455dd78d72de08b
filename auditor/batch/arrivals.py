"""What arrives in folders: which calls are all there, and have not been audited as they are now.

A call is all there when its files, its record and its transcript have not changed for a while: size and times
as the file system tells them. So a copy that goes on, a rename into place and a record that comes after its
recording are waited for, on network shares, too, where nothing announces a change. A record that comes
later still makes its call due again: it is judged by the record then. Names of unfinished copies
(``.part``, ``.tmp``, hidden files) are no calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.batch.calls import look_of, shown
from auditor.inputs.call_files import files_under, is_half, may_hold_sound, names_beside, pair_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

Paths = tuple["Path", ...]

# One party's file waits so many times longer for the other's.
_HALF = 10
_PAPERS = (".record.json", ".transcript.json")


@dataclass(slots=True)
class _Seen:
    """A call as it looks, since when, and how it looked when it was audited."""

    looks: tuple[str, ...]
    since_s: float
    audited: tuple[str, ...] | None = None


class Arrivals:
    """Folders that are looked at again and again."""

    def __init__(self, folders: Sequence[Path], *, settle_s: float, say: Callable[[str], None]) -> None:
        """Watch folders.

        Args:
            folders: with all that is in them.
            settle_s: how long nothing of a call may change before it is due.
            say: told when a folder cannot be read, and when it can again.
        """
        self._folders: dict[Path, dict[Path, str]] = {folder: {} for folder in folders}
        self._settle_s = settle_s
        self._say = say
        self._away: set[Path] = set()
        self._refused: set[str] = set()
        self._seen: dict[Paths, _Seen] = {}

    def due(self, now_s: float) -> list[Paths]:
        """The calls that are all there and not audited as they are, the longest settled first."""
        for folder in self._folders:
            self._look(folder)
        files = {path: look for found in self._folders.values() for path, look in found.items()}
        seen: dict[Paths, _Seen] = {}
        for paths in pair_up(path for path in files if may_hold_sound(path)):
            papers = (paper for ending in _PAPERS for paper in names_beside(paths, ending))
            looks = tuple(files.get(path, "") for path in (*paths, *papers))
            known = self._seen.get(paths) or _Seen(looks, now_s)
            if known.looks != looks:
                known.looks, known.since_s = looks, now_s
            seen[paths] = known
        self._seen = seen
        due = [paths for paths, call in seen.items() if self._is_due(paths, call, now_s=now_s)]
        return sorted(due, key=lambda paths: seen[paths].since_s)

    def note_audited(self, calls: Iterable[Paths]) -> None:
        """These were audited, or failed, as they looked when they were due.

        What cannot be reached now will be due again when it can.
        """
        for paths in calls:
            call = self._seen.get(paths)
            if call is not None:
                call.audited = call.looks if all(look_of(path) for path in paths) else None

    def origins(self) -> set[str]:
        """The origins of the calls that are there."""
        return {shown(paths[0]) for paths in self._seen}

    def _is_due(self, paths: Paths, call: _Seen, *, now_s: float) -> bool:
        wait_s = self._settle_s * (_HALF if is_half(paths) else 1)
        due = call.audited != call.looks and now_s - call.since_s >= wait_s
        return due and all(look_of(path) for path in paths)  # its folder may be away

    def _look(self, folder: Path) -> None:
        """Note what a folder holds; one that is away holds what it held."""
        if not _is_there(folder):
            if folder not in self._away:
                self._away.add(folder)
                self._say(f"{shown(folder)} is not there; waiting for it.")
            return
        if folder in self._away:
            self._away.remove(folder)
            self._say(f"{shown(folder)} is there again.")
        refused: list[str] = []
        found = {path: look_of(path) for path in files_under(folder, on_fault=refused.append)}
        if not _is_there(folder):  # it went away meanwhile: half of it is not what it holds
            return
        self._folders[folder] = {path: look for path, look in found.items() if look}
        for sentence in refused:
            if sentence not in self._refused:
                self._say(sentence)
        self._refused = set(refused)


def _is_there(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except OSError:
        return False
