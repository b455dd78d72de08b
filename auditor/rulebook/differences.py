"""What a centre's rulebook says otherwise than the one it extends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.rulebook.schema import Rulebook


@dataclass(frozen=True, slots=True)
class Difference:
    """One key that differs.

    Attributes:
        path: from the top of the file; a rule by its id: ``("rules", "P3.1", "weight")``.
        old: what the base says, None where it says nothing.
        new: what the file says, None where it takes something away.
    """

    path: tuple[str, ...]
    old: Any
    new: Any


def differences(book: Rulebook, *, base: Rulebook) -> tuple[Difference, ...]:
    """All that differs, in the order of the base, then what is new. Lists of phrases: item by item."""
    return tuple(_compare((), _by_id(base), _by_id(book)))


def _by_id(book: Rulebook) -> dict[str, Any]:
    content = book.model_dump(
        mode="json", exclude={"sha256", "version", "valid_from", "changelog", "on_line"}
    )
    content["on_line"] = book.model_dump(mode="json", include={"on_line"}, exclude_defaults=True).get(
        "on_line"
    )
    content["lexicons"] = {
        name: {"add": [entry.say for entry in edits.add], "remove": list(edits.remove)}
        for name, edits in book.lexicons.items()
    }
    content["rules"] = {rule["id"]: rule for rule in content["rules"]}
    for key in ("probes", "scripts"):
        content[key] = {part["name"]: part for part in content[key]}
    return content


def _compare(path: tuple[str, ...], old: Any, new: Any) -> Iterator[Difference]:
    if path[:1] == ("on_line",) and (isinstance(old, dict) or isinstance(new, dict)):
        old, new = old or {}, new or {}
    if path[:1] == ("lexicons",):  # what the base does not change has no edits
        old, new = old or type(new)(), new or type(old)()
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from _compare((*path, str(key)), old.get(key), new.get(key))
    elif path[:1] in (("phrases",), ("lexicons",)) and isinstance(old, list) and isinstance(new, list):
        gone = [phrase for phrase in old if phrase not in new]
        come = [phrase for phrase in new if phrase not in old]
        if gone or come:
            yield Difference(path, gone or None, come or None)
    elif old != new:
        yield Difference(path, old, new)
