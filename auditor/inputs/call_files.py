"""Which files of a folder are calls: one recording each, or the two files of a pair.

Two files are a pair when they lie in one folder and their names differ in one word that names the party,
between dots, dashes, underscores or spaces: ``20260310-8001.agent.wav`` and ``20260310-8001.customer.wav``,
``客服_0017.wav`` and ``客户_0017.wav``. Switches' own words (in/out, rx/tx, caller/callee) name directions
of the sound rather than parties and are not read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from auditor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

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
        *(".docx", ".py", ".db", ".sqlite", ".zip", ".gz", ".part", ".png", ".jpg", ".jpeg", ".pt"),
    }
)


def find_calls(folder: Path) -> tuple[tuple[Path, ...], ...]:
    """The calls under a folder, by name: ``(recording,)`` or ``(agent's file, customer's file)``.

    Raises:
        UsageError: there is no such folder.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder; name a folder with recordings.")
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return pair_up(path for path in files if path.suffix.lower() not in _NO_SOUND)


def pair_up(files: Iterable[Path]) -> tuple[tuple[Path, ...], ...]:
    """Files as calls, in order of their names; a party's file whose other half is missing stands alone."""
    halves: dict[tuple[Path, tuple[str, ...]], dict[int, Path]] = {}
    calls: list[tuple[Path, ...]] = []
    for path in sorted(files):
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
    return tuple(sorted(calls))
