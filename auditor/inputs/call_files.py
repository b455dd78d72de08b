"""Which files of a folder are calls: one recording each, or the two files of a pair.

Two files are a pair when they lie in one folder and their names differ in one word that names the party,
between dots, dashes, underscores or spaces: ``20260310-8001.agent.wav`` and ``20260310-8001.customer.wav``,
``客服_0017.wav`` and ``客户_0017.wav``. Switches' own words (in/out, rx/tx, caller/callee) name directions
of the sound rather than parties and are not read.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from auditor.errors import UsageError
from auditor.inputs.storage import File, StoredFile
from auditor.inputs.stored_listing import find_stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_File = TypeVar("_File", bound=Path | StoredFile)
_PARTY = {
    **dict.fromkeys(("agent", "客服", "坐席", "座席"), 0),
    **dict.fromkeys(("customer", "client", "客户"), 1),
}
_WORDS = re.compile(r"[._\- ]+")
# What lies beside recordings; whatever else there is, the decoder is asked.
_NO_SOUND = frozenset(
    {
        *(".json", ".jsonl", ".toml", ".yaml", ".yml", ".csv", ".tsv", ".xlsx", ".xls", ".txt", ".md"),
        *(".rst", ".srt", ".vtt", ".rttm", ".stm", ".html", ".htm", ".xml", ".log", ".pdf", ".doc"),
        *(
            ".docx",
            ".py",
            ".db",
            ".db-wal",
            ".db-shm",
            ".sqlite",
            ".zip",
            ".gz",
            *(".part", ".partial", ".filepart", ".crdownload", ".tmp"),  # not arrived yet
            ".png",
            ".jpg",
            ".jpeg",
            ".pt",
        ),
    }
)


def find_calls(
    folder: Path, *, on_fault: Callable[[str], None] | None = None
) -> tuple[tuple[Path, ...], ...]:
    """The calls under a folder, by name: ``(recording,)`` or ``(agent's file, customer's file)``.

    Args:
        folder: links to other folders are followed, each folder once, so that links may go round.
        on_fault: told one sentence for every folder under it that cannot be read.

    Raises:
        UsageError: there is no such folder.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder; name a folder with recordings.")
    files = files_under(folder, on_fault=on_fault or (lambda _sentence: None))
    return pair_up(path for path in files if may_hold_sound(path))


def find_stored_calls(text: str) -> tuple[tuple[StoredFile, ...], ...]:
    """The calls that an address names: a file, a folder in a store, or a pattern.

    Raises:
        UsageError: its scheme is unknown, its driver is missing, or it holds a password.
        InputError: there is nothing of that name, or the store cannot be reached.
    """
    kind, files = find_stored(text)
    if kind == "folder":
        files = tuple(file for file in files if file.suffix.lower() not in _NO_SOUND)
    elif kind == "pattern":
        files = tuple(file for file in files if file.suffix.lower() != ".json")
    return pair_up(files)


def may_hold_sound(path: Path) -> bool:
    """Whether a file of that name may be a recording."""
    return path.suffix.lower() not in _NO_SOUND


def files_under(folder: Path, *, on_fault: Callable[[str], None]) -> Iterable[Path]:
    """All files of a folder and those in it, hidden ones left out; see `find_calls`."""

    def refused(error: OSError) -> None:
        on_fault(f"{error.filename}: the folder cannot be read ({error.strerror}); ask for permission.")

    seen: set[tuple[int, int]] = set()
    for here, folders, names in os.walk(folder, onerror=refused, followlinks=True):
        try:
            facts = os.stat(here)  # noqa: PTH116
        except OSError as error:  # gone since it was listed
            refused(error)
            continue
        if (facts.st_dev, facts.st_ino) in seen:
            folders.clear()
            continue
        seen.add((facts.st_dev, facts.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            path = Path(here, name)
            if not name.startswith(".") and path.is_file():
                yield path


def is_half(call: Sequence[File]) -> bool:
    """Whether a call is one party's file, by its name, and the other party's may be on its way."""
    return len(call) == 1 and sum(word.lower() in _PARTY for word in _WORDS.split(call[0].stem)) == 1


def names_beside(call: Sequence[_File], ending: str) -> tuple[_File, ...]:
    """Where a paper of a call may lie: its first file's stem (of a pair also without the party) + ending."""
    first = call[0]
    stems = [first.stem]
    if len(call) > 1:
        words = _WORDS.split(first.stem)
        at = next((k for k, word in enumerate(words) if word.lower() in _PARTY), None)
        if at is not None:
            pattern = rf"^{re.escape(words[at])}[._\- ]+|[._\- ]+{re.escape(words[at])}(?=[._\- ]|$)"
            stems.append(re.sub(pattern, "", first.stem, count=1))
    return tuple(first.with_name(f"{stem}{ending}") for stem in stems)  # type: ignore[misc]


def beside(call: Sequence[File], ending: str) -> File | None:
    """The paper beside a call's first file."""
    for paper in names_beside(call, ending):
        try:
            if paper.is_file():
                return paper
        except OSError:  # the recording's name is as long as names can be: nothing lies beside it
            continue
    return None


def pair_up(files: Iterable[_File]) -> tuple[tuple[_File, ...], ...]:
    """Files as calls, in order of their names; a party's file whose other half is missing stands alone."""
    halves: dict[tuple[Path | str, tuple[str, ...]], dict[int, _File]] = {}
    calls: list[tuple[_File, ...]] = []
    for path in sorted(files, key=lambda file: file.parts):
        words = _WORDS.split(path.stem)
        parties = [k for k, word in enumerate(words) if word.lower() in _PARTY]
        if len(parties) != 1:
            calls.append((path,))
            continue
        (at,) = parties
        rest = (*words[:at], "", *words[at + 1 :], path.suffix.lower())
        party = _PARTY[words[at].lower()]
        taken = halves.setdefault((path.parent, rest), {})
        if party in taken:
            calls.append((path,))
        else:
            taken[party] = path
    calls += [tuple(half[party] for party in sorted(half)) for half in halves.values()]
    return tuple(sorted(calls, key=lambda call: [file.parts for file in call]))
