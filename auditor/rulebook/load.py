"""Read a rulebook, with what it extends, or refuse it in sentences that name file, line, rule and key."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError

from auditor.errors import RulebookError
from auditor.rulebook import faults as check
from auditor.rulebook.merge import merge
from auditor.rulebook.nodes import Fault, place_of, read_nodes, to_data
from auditor.rulebook.schema import Rulebook

if TYPE_CHECKING:
    from collections.abc import Iterable

SHIPPED_NAME = "china_mobile"
SHIPPED = f"{SHIPPED_NAME}.yaml"
CHECK = "`auditor rules check FILE` lists them all"


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading one file.

    Attributes:
        book: the rulebook; None when there are faults.
        draft: whatever of it is well-formed; None when nothing is.
        faults: all that is wrong, in the order of the file.
        base: what the file extends.
        tree: the resolved nodes, None when the file is no YAML.
        places: rule id -> index in the resolved list.
    """

    name: str
    book: Rulebook | None
    draft: Rulebook | None
    faults: tuple[Fault, ...]
    base: Reading | None = None
    tree: yaml.Node | None = None
    places: dict[str, int] | None = None

    def located(self, complaints: Iterable[check.Complaint]) -> tuple[Fault, ...]:
        """The complaints as faults, each with its file and line."""
        assert self.tree is not None
        return tuple(Fault(*place_of(self.tree, c.path), c.rule, c.what) for c in complaints)

    def with_faults(self, found: Iterable[Fault]) -> Reading:
        """The same with more faults; outside of rules a line that has one already needs no other."""
        known = {(fault.file, fault.line) for fault in self.faults}
        new = [f for f in dict.fromkeys(found) if f.rule is not None or (f.file, f.line) not in known]
        faults = sorted((*self.faults, *new), key=lambda fault: (fault.file, fault.line or 0))
        return replace(self, faults=tuple(faults), book=None if faults else self.book)


def load_rulebook(path: Path | None = None) -> Rulebook:
    """The rulebook in ``path``, or the one that ships.

    The kinds and their parameters are checked by `auditor.judge.open_rulebook`, which callers want.

    Raises:
        RulebookError: the file is missing, no YAML, or says something that no rulebook may say.
    """
    return book_of(read_rulebook(path))


def book_of(reading: Reading) -> Rulebook:
    """The rulebook that was read.

    Raises:
        RulebookError: it has faults; the message is the first, and says how to see the others.
    """
    if reading.book is not None:
        return reading.book
    first, *others = (str(fault) for fault in reading.faults)
    more = f" ({len(others)} more; {CHECK}.)" if others else ""
    raise RulebookError(first + more)


def read_rulebook(path: Path | None = None) -> Reading:
    """Read a file (default: the one that ships) and all it extends, and find all its faults."""
    return _shipped() if path is None else _read(path, name=str(path), above=())


@lru_cache(maxsize=1)
def _shipped() -> Reading:
    return _resolve((files(__package__) / SHIPPED).read_bytes(), name=SHIPPED, folder=None, above=())


def _read(path: Path, *, name: str, above: tuple[Path, ...]) -> Reading:
    try:
        data = path.read_bytes()
    except OSError as error:
        what = f"the rulebook cannot be read ({error.strerror}); give the path of a YAML file."
        return Reading(name, None, None, (Fault(name, None, None, what),))
    return _resolve(data, name=name, folder=path.parent, above=(*above, path.resolve()))


def parse_rulebook(data: bytes, *, name: str) -> Rulebook:
    """A rulebook from the bytes of a YAML file; ``name`` stands in the error messages.

    Raises:
        RulebookError: see `load_rulebook`.
    """
    return book_of(_resolve(data, name=name, folder=None, above=()))


def _resolve(data: bytes, *, name: str, folder: Path | None, above: tuple[Path, ...]) -> Reading:
    root, broken = read_nodes(data, name=name)
    if root is None:
        return Reading(name, None, None, broken)
    if not isinstance(root, yaml.MappingNode):
        what = "a rulebook is a mapping with version, phrases and rules."
        return Reading(name, None, None, (*broken, Fault(name, 1, None, what)))
    base = None
    extends = next((pair for pair in root.value if pair[0].value == "extends"), None)
    if extends is not None:
        base = _base(extends, name=name, folder=folder, above=above)
        if base.tree is None or base.book is None:
            return Reading(name, None, None, (*broken, *base.faults), base=base)
        assert isinstance(base.tree, yaml.MappingNode)
        root, wrong = merge(base.tree, root)
        broken = (*broken, *wrong)
    raw, impossible = to_data(root, name=name)
    broken = (*broken, *impossible)
    if impossible:
        return Reading(name, None, None, broken, base=base)
    return _check(Reading(name, None, None, broken, base=base, tree=root), raw=raw)


def _base(
    extends: tuple[yaml.Node, yaml.Node], *, name: str, folder: Path | None, above: tuple[Path, ...]
) -> Reading:
    """What a file extends: the name of the rulebook that ships, or a path from the file on."""
    key, value = extends
    line, wanted = key.start_mark.line + 1, value.value

    def refused(what: str) -> Reading:
        return Reading(name, None, None, (Fault(name, line, None, what),))

    if not isinstance(value, yaml.ScalarNode) or not wanted:
        return refused(f"extends: write {SHIPPED_NAME} or the path of a file.")
    if wanted == SHIPPED_NAME:
        return _shipped()
    path = (folder or Path()) / wanted
    if not path.is_file():
        return refused(
            f"extends names {wanted}, which is no file; write {SHIPPED_NAME} or a path from here on."
        )
    if path.resolve() in above:
        circle = " → ".join([*(each.name for each in above), path.name])
        return refused(f"extends runs in a circle ({circle}); let one of them extend {SHIPPED_NAME}.")
    return _read(path, name=str(path), above=above)


def _check(reading: Reading, *, raw: dict[str, Any]) -> Reading:
    """Everything but the kinds' parameters, which `auditor.judge` adds."""
    complaints: list[check.Complaint] = []
    if "sha256" in raw:
        complaints.append(check.Complaint(("sha256",), None, "the key sha256 is computed; leave it out."))
        raw = {key: value for key, value in raw.items() if key != "sha256"}
    book = None
    try:
        book = Rulebook.model_validate(raw)
    except ValidationError as error:
        complaints += check.of_shape(error, raw=raw)
    draft, places = check.sound_part(raw)
    complaints += check.of_rules(draft, raw=raw)
    complaints += [c for c in check.of_phrases(draft) if c.path not in {each.path for each in complaints}]
    if book is not None:
        draft = book = book.model_copy(update={"sha256": _hash(book)})
        complaints += check.of_whole(book)
    # Without any phrase sets every parameter would seem to name one that is not there.
    can_bind = isinstance(raw.get("phrases"), dict)
    read = replace(reading, book=book, draft=draft if can_bind else None, places=places)
    return read.with_faults(read.located(complaints))


def _hash(book: Rulebook) -> str:
    """SHA-256 of what the book judges by, whatever files, comments, hints and order of keys say it.

    The lexicons that its rules and probes name are part of what it says, byte for byte.
    """
    content = book.model_dump(mode="json", exclude={"sha256": True, "rules": {"__all__": {"hint", "how"}}})
    asked = {name for spec in book.probes for name in spec.lexicons}
    named = sorted(asked | {name for rule in book.rules for name in _listed(rule.params.get("lexicons"))})
    folder = files(__package__) / "lexicons"
    lexicons = {
        name: hashlib.sha256(file.read_bytes()).hexdigest()
        for name in named
        if (file := folder / f"{name}.yaml").is_file()
    }
    text = json.dumps([content, lexicons], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _listed(value: Any) -> list[str]:
    """The names in a list; nothing for what is no list of names (another check says so)."""
    return [name for name in value if isinstance(name, str)] if isinstance(value, list | tuple) else []


def parse_yaml(data: bytes, *, name: str) -> Any:
    """The YAML document in ``data``; a key that stands twice is an error.

    Raises:
        RulebookError: no YAML, with the line.
    """
    root, broken = read_nodes(data, name=name)
    raw, impossible = to_data(root, name=name) if root is not None else (None, ())
    if broken or impossible:
        raise RulebookError(str((*broken, *impossible)[0]))
    return raw


def explain(error: ValidationError, *, raw: dict[str, Any]) -> str:
    """The first complaint of pydantic as the end of a sentence: rule, key, what is wrong."""
    _, rule, what = next(check.of_shape(error, raw=raw))
    return f"rule {rule}: {what}" if rule else what
