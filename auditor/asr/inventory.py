"""Which checkpoints lie in the model folders, whether they are what they claim to be, and which is in use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from auditor.asr.catalogue import CATALOGUE, Official, official_entry
from auditor.asr.checkpoints import (
    SHIPPED,
    checkpoint_sha256,
    locate,
    model_folders,
    official_name,
    read_card,
    shipped_folder,
)
from auditor.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class State(StrEnum):
    """What the checksum says."""

    OK = "ok"
    DIFFERS = "differs"
    UNKNOWN = "unknown"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Held:
    """A checkpoint file, or an official checkpoint that is not here.

    Attributes:
        name: what ``--model`` calls it.
        path: None when it is absent.
        state: see `State`.
        note: what it was compared with, or what is wrong; a few words.
        size_bytes: of the file; of the official one when it is absent; None: unknown.
        official: its row of the catalogue.
        ships: came with the package.
        demonstration: its card says that it is not for real calls.
        in_use: the one that ``auditor score`` takes without ``--model``.
    """

    name: str
    path: Path | None
    state: State
    note: str
    size_bytes: int | None = None
    official: Official | None = None
    ships: bool = False
    demonstration: bool = False
    in_use: bool = False


def take_stock(*, in_use: str | None = None, folders: Sequence[Path] = ()) -> tuple[Held, ...]:
    """Every official checkpoint, here or not, best first, then every other that was found.

    Args:
        in_use: the name or path from the settings; None: the one that ships.
        folders: model folders that are searched first.
    """
    here = find_all(folders=folders)
    absent = [
        _absent(official, folders=folders)
        for official in CATALOGUE
        if official.name not in {one.name for one in here}
    ]
    wanted = in_use or SHIPPED
    path, official_wanted = locate(wanted, folders=folders)
    if path is not None and path.is_file():
        if not any(_same(one.path, path) for one in here):
            here = (*here, examine(path))
        held = [replace(one, in_use=_same(one.path, path)) for one in (*here, *absent)]
    else:
        held = [replace(one, in_use=one.name == official_wanted) for one in (*here, *absent)]
        if official_wanted is None:
            held.append(Held(wanted, None, State.ABSENT, "is asked for by the settings", in_use=True))
    order = [official.name for official in CATALOGUE]
    return tuple(sorted(held, key=lambda one: order.index(one.official.name) if one.official else len(order)))


def find_all(*, folders: Sequence[Path] = ()) -> tuple[Held, ...]:
    """Every ``.pt`` file in the model folders, in the order they are searched, each examined."""
    files: dict[Path, Path] = {}
    for folder in model_folders(folders):
        for path in sorted(folder.glob("*.pt")):
            if path.is_file():
                files.setdefault(path.resolve(), path)
    return tuple(examine(path) for path in files.values())


def examine(path: Path) -> Held:
    """Compare a checkpoint file with its card, else with Whisper's own checksums; never raises."""
    official = official_name(path.stem)
    state, note, demonstration = _compare(path, official=official)
    return Held(
        name=official or path.stem,
        path=path,
        state=state,
        note=note,
        size_bytes=path.stat().st_size,
        official=official_entry(official) if official else None,
        ships=path.stem == SHIPPED and path.resolve().parent == shipped_folder().resolve(),
        demonstration=demonstration,
    )


def _compare(path: Path, *, official: str | None) -> tuple[State, str, bool]:
    """State, note, and whether the card says that it is for demonstration."""
    card_path = path.with_suffix(".json")
    try:
        digest = checkpoint_sha256(path)
        card = read_card(card_path) if card_path.is_file() else None
    except ModelError as error:
        return State.DIFFERS, str(error), False
    if card is not None:
        if card.sha256 == digest:
            return State.OK, f"as its card {card_path.name} says", card.demonstration
        return State.DIFFERS, f"its card {card_path.name} has another SHA-256", card.demonstration
    state, note = _compare_with_whisper(digest, official=official)
    return state, note, False


def _compare_with_whisper(digest: str, *, official: str | None) -> tuple[State, str]:
    from auditor.asr.fetch import official_address  # noqa: PLC0415

    if official is not None and digest == official_address(official)[1]:
        return State.OK, "as OpenAI published it"
    if official is not None:
        return State.DIFFERS, f"is not OpenAI's {official}"
    known = {official_address(entry.name)[1]: entry.name for entry in CATALOGUE}
    if digest in known:
        return State.OK, f"is OpenAI's {known[digest]} under another name"
    return State.UNKNOWN, "has no card and no official name: nothing to compare it with"


def _absent(official: Official, *, folders: Sequence[Path]) -> Held:
    part = f"{official.name}.pt.part"
    begun = any((folder / part).is_file() for folder in model_folders(folders))
    note = "partly fetched: fetch it again to go on" if begun else "not here"
    return Held(official.name, None, State.ABSENT, note, size_bytes=official.size_bytes, official=official)


def _same(one: Path | None, other: Path) -> bool:
    return one is not None and one.resolve() == other.resolve()
