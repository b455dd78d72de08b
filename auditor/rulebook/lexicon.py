"""The lexicons of forbidden speech, ready to be searched; what they say: `auditor.rulebook.entries`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from itertools import product
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from auditor.errors import RulebookError
from auditor.rulebook.entries import (
    FOLDER,
    SHORTEST,
    Entry,
    LexiconEdits,
    LexiconFile,
    check_excuses,
    names,
    texts_of,
)
from auditor.rulebook.load import explain, parse_yaml
from auditor.text.pinyin import readings, syllables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from auditor.records import ProbeSpec
    from auditor.rulebook.schema import Rulebook
    from auditor.text.pinyin import Sound

HEARD = 3  # syllables that a phrase must have to be recognised by sound


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to say an entry, in characters."""

    text: str
    entry: Entry


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """A lexicon that was read, with its wordings by their first two characters."""

    content: LexiconFile
    by_text: dict[str, tuple[Wording, ...]] = field(repr=False)

    def written_in(self, text: str) -> list[tuple[Entry, int, int]]:
        """Entries whose characters stand in a normalised text, and where."""
        found: list[tuple[Entry, int, int]] = []
        for size in (1, 2):
            for at in range(len(text) - size + 1):
                wordings = self.by_text.get(text[at : at + size])
                if wordings:
                    written = (w for w in wordings if text.startswith(w.text, at))
                    found += [(w.entry, at, at + len(w.text)) for w in written]
        return found

    def sounding_in(self, text: str) -> list[tuple[Entry, int, int]]:
        """Entries of three and more syllables that only sound the same, tones included, and where."""
        row = _heard(text)
        plain = [syllable and (syllable.initial, syllable.final) for syllable in row]
        index = _by_sound(self)
        return [
            (wording.entry, at, at + len(wording.text))
            for at in range(len(row) - HEARD + 1)
            for wordings in index.get(tuple(plain[at : at + HEARD]), ())
            for wording in wordings
            if _may_sound(wording.text, plain, at=at)
            and _heard(wording.text) == row[at : at + len(wording.text)]
            and not text.startswith(wording.text, at)
        ]


@lru_cache(maxsize=1 << 14)
def _heard(text: str) -> tuple[Any, ...]:
    return syllables(text)


def _may_sound(text: str, plain: Sequence[Sound | None], *, at: int) -> bool:
    """Whether every character of a wording can be read as what was heard, tones aside.

    A quick look before pypinyin reads the wording in its context, which costs a hundred times as much.
    """
    return len(text) <= len(plain) - at and all(
        plain[at + i] in readings(text[i]) for i in range(HEARD, len(text))
    )


@lru_cache(maxsize=64)
def _by_sound(lexicon: Lexicon) -> dict[tuple[Sound | None, ...], list[list[Wording]]]:
    """Wordings that may be recognised by sound, by every way to read their first three characters."""
    by_start: dict[str, list[Wording]] = {}
    for wordings in lexicon.by_text.values():
        for wording in wordings:
            audible = not wording.entry.alone and wording.entry.severity != "mild"
            if audible and len(wording.text) >= HEARD:
                by_start.setdefault(wording.text[:HEARD], []).append(wording)
    index: dict[tuple[Sound | None, ...], list[list[Wording]]] = {}
    for start, wordings_of_start in by_start.items():
        for sounds in product(*map(readings, start)):
            index.setdefault(sounds, []).append(wordings_of_start)
    return index


def lexicon_of(name: str, *, book: Rulebook) -> Lexicon:
    """The lexicon of that name with the changes that the rulebook makes; see `load_lexicon`."""
    edits = book.lexicons.get(name)
    return load_lexicon(name) if edits is None else edited_lexicon(name, edits)


def probes_of(book: Rulebook) -> tuple[ProbeSpec, ...]:
    """The rulebook's probes as an engine is asked: with the phrases of the lexicons that they name.

    A phrase that depends on its tone is left out, and so is a single syllable (靠), which is like too many
    others.
    """
    return tuple(
        replace(spec, phrases=tuple(dict.fromkeys((*spec.phrases, *_severe(spec, book=book)))), lexicons=())
        if spec.lexicons
        else spec
        for spec in book.probes
    )


def _severe(spec: ProbeSpec, *, book: Rulebook) -> Iterator[str]:
    for name in spec.lexicons:
        for found in lexicon_of(name, book=book).by_text.values():
            for wording in found:
                if wording.entry.severity != "mild" and len(wording.text) >= SHORTEST:
                    yield wording.text


@lru_cache(maxsize=64)
def edited_lexicon(name: str, edits: LexiconEdits) -> Lexicon:
    """A lexicon that ships with a centre's changes; the caller has checked them (`auditor.rulebook.faults`).

    What is removed is harmless wherever it stands: so one word takes every longer phrase along.
    """
    content = load_lexicon(name).content
    return _indexed(
        content.model_copy(
            update={
                "entries": (*content.entries, *edits.add),
                "not_in": (*content.not_in, *edits.remove),
            }
        ),
        name=name,
    )


@lru_cache(maxsize=64)
def load_lexicon(name: str) -> Lexicon:
    """The shipped lexicon of that name.

    Raises:
        RulebookError: there is none, or its file says what no lexicon may say (file, entry and key named).
    """
    if name not in names():
        raise RulebookError(f"the lexicon {name} is unknown; use one of {', '.join(names())}.")
    file = files(__package__) / FOLDER / f"{name}.yaml"
    return parse_lexicon(file.read_bytes(), name=f"{name}.yaml")


def parse_lexicon(data: bytes, *, name: str) -> Lexicon:
    """A lexicon from the bytes of its file; ``name`` is the file's, for the messages.

    Raises:
        RulebookError: see `load_lexicon`.
    """
    raw = parse_yaml(data, name=name)
    try:
        content = LexiconFile.model_validate(raw)
    except ValidationError as error:
        raise RulebookError(f"{name}: {_entry_of(error, raw)}{explain(error, raw={})}") from error
    if name != f"{content.lexicon}.yaml":
        raise RulebookError(f"{name}: lexicon: {content.lexicon} is not the file's name; make them agree.")
    for entry in content.entries:
        if not entry.hit:
            raise RulebookError(f"{name}: entry {entry.say}: hit: give a sentence in which it is found.")
    try:
        for key in ("softeners", "hints", "not_in"):
            check_excuses(getattr(content, key), key=key)
    except ValueError as error:
        raise RulebookError(f"{name}: {error}") from error
    return _indexed(content, name=name)


def _indexed(content: LexiconFile, *, name: str) -> Lexicon:
    by_text: dict[str, list[Wording]] = {}
    for entry in content.entries:
        try:
            texts = texts_of(entry)
        except ValueError as error:
            raise RulebookError(f"{name}: entry {entry.say}: {error}") from error
        for text in texts:
            by_text.setdefault(text[:2], []).append(Wording(text, entry))
    return Lexicon(content, {key: tuple(found) for key, found in by_text.items()})


def _entry_of(error: ValidationError, raw: Any) -> str:
    """'entry 你懂什么: ' when the complaint is about one."""
    where = error.errors()[0]["loc"]
    if len(where) > 1 and where[0] == "entries" and isinstance(where[1], int):
        entry = raw["entries"][where[1]]
        return f"entry {entry.get('say', where[1] + 1) if isinstance(entry, dict) else where[1] + 1}: "
    return ""
