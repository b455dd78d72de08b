"""Lexicons: whole phrases that a clause forbids, as data, each with an example that proves it.

A file of ``lexicons/`` reads::

    lexicon: contempt
    clause: C10a
    title: 蔑视语
    entries:
      - {say: "[你|您]懂什么", hit: 你懂什么!, miss: 您懂什么是流量包吗?, not_in: ["懂什么[是|叫]"]}

The examples are part of the data: ``hit`` must be found, ``miss`` must not; a test walks them all.
Phrases are whole: no slots, so that only written words are ever found.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from auditor.errors import RulebookError
from auditor.rulebook.load import explain, parse_yaml
from auditor.rulebook.schema import Part
from auditor.text.grammar import wordings
from auditor.text.normalise import normalise
from auditor.text.pinyin import syllables

if TYPE_CHECKING:
    from auditor.text.pinyin import Syllable

    Sounds = tuple[Syllable | None, ...]

FOLDER = "lexicons"
SHORTEST = 2  # characters of a phrase that may stand inside a sentence
Severity = Literal["grave", "plain", "mild"]
Texts = Annotated[tuple[str, ...], BeforeValidator(lambda raw: (raw,) if isinstance(raw, str) else raw)]


class Entry(Part):
    """One forbidden phrase.

    Attributes:
        say: the phrase, in the phrase grammar without slots; a comma in it may be spoken over.
        severity: ``grave`` and ``plain`` prove a fault, ``mild`` depends on the tone: a human listens.
        alone: only when it is the whole sentence (不行。), not a part of one (不行的话).
        not_in: longer phrases that contain it and are harmless.
        hit: sentences in which it is found.
        miss: sentences that are easily confused and in which it is not.
    """

    say: str
    severity: Severity = "plain"
    alone: bool = False
    not_in: tuple[str, ...] = ()
    hit: Texts = Field(min_length=1)
    miss: Texts = ()


class LexiconFile(Part):
    """One file.

    Attributes:
        proof: ``text``: confident automatic text is proof; ``probe``: a probe must support it.
        softeners: an apology, reason or alternative in the same or the next turn that excuses every entry.
        not_in: harmless longer phrases for all entries.
    """

    lexicon: str
    clause: str
    title: str
    proof: Literal["text", "probe"] = "text"
    softeners: tuple[str, ...] = ()
    not_in: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = Field(min_length=1)


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

    def written_in(self, text: str) -> list[Entry]:
        """The entries whose characters stand in a normalised text: a quick look before the careful one."""
        found: dict[int, Entry] = {}
        for at in range(len(text)):
            for size in (1, 2):
                for wording in self.by_text.get(text[at : at + size], ()):
                    if text.startswith(wording.text, at) and len(text[at : at + size]) == size:
                        found[id(wording.entry)] = wording.entry
        return list(found.values())

    def sounding_in(self, text: str) -> list[tuple[Entry, int, int]]:
        """Entries of three and more syllables that only sound the same, tones included, and where."""
        row = _sounds(text)
        index = _by_sound(self)
        return [
            (wording.entry, at, at + len(wording.text))
            for at in range(len(row) - 2)
            for sounds, wording in index.get(row[at : at + 2], ())
            if row[at : at + len(sounds)] == sounds and not text.startswith(wording.text, at)
        ]


@lru_cache(maxsize=8192)
def _sounds(text: str) -> tuple[Syllable | None, ...]:
    return syllables(text)


@lru_cache(maxsize=64)
def _by_sound(lexicon: Lexicon) -> dict[Sounds, tuple[tuple[Sounds, Wording], ...]]:
    """Wordings that may be recognised by sound, by their first two syllables.

    Made when the first automatic text is judged: the pinyin of thousands of wordings takes seconds, and
    human text and the commands about rulebooks never ask for it.
    """
    index: dict[Sounds, list[tuple[Sounds, Wording]]] = {}
    for found in lexicon.by_text.values():
        for wording in found:
            if len(wording.text) >= 3 and wording.entry.severity != "mild" and not wording.entry.alone:
                sounds = syllables(wording.text)
                index.setdefault(sounds[:2], []).append((sounds, wording))
    return {key: tuple(found) for key, found in index.items()}


def names() -> tuple[str, ...]:
    """The lexicons that ship."""
    folder = files(__package__) / FOLDER
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


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
    by_text: dict[str, list[Wording]] = {}
    for entry in content.entries:
        for wording in _wordings(entry, name=name):
            if len(wording.text) < SHORTEST and not entry.alone:
                raise RulebookError(
                    f"{name}: entry {entry.say}: say: “{wording.text}” is no whole phrase; make it longer or"
                    " add alone: true."
                )
            by_text.setdefault(wording.text[:2], []).append(wording)
    _check_excuses(content, name=name)
    return Lexicon(content, {key: tuple(found) for key, found in by_text.items()})


def _entry_of(error: ValidationError, raw: Any) -> str:
    """'entry 你懂什么: ' when the complaint is about one."""
    where = error.errors()[0]["loc"]
    if len(where) > 1 and where[0] == "entries" and isinstance(where[1], int):
        entry = raw["entries"][where[1]]
        return f"entry {entry.get('say', where[1] + 1) if isinstance(entry, dict) else where[1] + 1}: "
    return ""


def _wordings(entry: Entry, *, name: str) -> list[Wording]:
    try:
        found = wordings(entry.say)
    except ValueError as error:
        raise RulebookError(f"{name}: entry {entry.say}: say: {error}.") from error
    if any(part.startswith("<") for wording in found for part in wording):
        raise RulebookError(
            f"{name}: entry {entry.say}: say: a slot is no whole phrase; write the words out."
        )
    texts = dict.fromkeys(normalise("".join(wording)).text for wording in found)
    return [Wording(text, entry) for text in texts]


def _check_excuses(content: LexiconFile, *, name: str) -> None:
    sets = [("softeners", content.softeners), ("not_in", content.not_in)]
    sets += [(f"entry {entry.say}: not_in", entry.not_in) for entry in content.entries]
    for where, phrases in sets:
        for phrase in phrases:
            try:
                wordings(phrase)
            except ValueError as error:
                raise RulebookError(f"{name}: {where}: {error}.") from error
