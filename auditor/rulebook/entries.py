"""What a lexicon says: whole phrases that a clause forbids, each with an example that proves it.

A file of ``lexicons/`` reads::

    lexicon: contempt
    clause: C10a
    title: 蔑视语
    entries:
      - {say: "[你|您]懂什么", hit: 你懂什么!, miss: 您懂什么是流量包吗?, not_in: ["懂什么[是|叫]"]}

The examples are part of the data: ``hit`` must be found, ``miss`` must not; a test walks them all.
Phrases are whole: no slots, so that only written words are ever found. A centre's rulebook changes a
lexicon that ships::

    lexicons:
      impatience:
        add: [快着点, {say: "[你|您]甭问了", severity: mild, hit: 你甭问了。}]
        remove: [得了吧]
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from auditor.rulebook.part import Part
from auditor.text.grammar import wordings
from auditor.text.normalise import fold, is_word

FOLDER = "lexicons"
SHORTEST = 2  # characters of a phrase that may stand inside a sentence
Severity = Literal["grave", "plain", "mild"]
_ONE_OR_MORE = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
Texts = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda raw: (raw,) if isinstance(raw, str) else raw),
    WithJsonSchema(_ONE_OR_MORE),
]


class Entry(Part):
    """One forbidden phrase.

    Attributes:
        say: the phrase, in the phrase grammar without slots; a comma in it may be spoken over.
        severity: ``grave`` and ``plain`` prove a fault, ``mild`` depends on the tone: a human listens.
        alone: only when it is the whole sentence (不行。), not a part of one (不行的话).
        not_in: harmless phrases that hold it or a part of it.
        hit: sentences in which it is found; a lexicon that ships has one for every entry.
        miss: sentences that are easily confused and in which it is not.
    """

    say: str
    severity: Severity = "plain"
    alone: bool = False
    not_in: tuple[str, ...] = ()
    hit: Texts = ()
    miss: Texts = ()


class LexiconFile(Part):
    """One file.

    Attributes:
        proof: ``text``: confident automatic text is proof; ``probe``: a probe must support it.
        softeners: an apology, reason or alternative in the same or the next turn that excuses every entry.
        hints: words there that may be one: a human listens.
        other_words: more characters than these beside the phrases of a turn may be one, too; None: any.
        not_in: harmless phrases for all entries.
    """

    lexicon: str
    clause: str
    title: str
    proof: Literal["text", "probe"] = "text"
    softeners: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    other_words: int | None = Field(default=None, ge=0)
    not_in: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = Field(min_length=1)


def _as_entry(raw: Any) -> Any:
    return {"say": raw} if isinstance(raw, str) else raw


class LexiconEdits(Part):
    """What a centre has otherwise than a lexicon that ships.

    Attributes:
        add: entries of the centre's own; a bare phrase is one without examples.
        remove: words as reports quote them, that are no hits here.
    """

    add: tuple[Annotated[Entry, BeforeValidator(_as_entry)], ...] = ()
    remove: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """The lexicons that ship."""
    folder = files(__package__) / FOLDER
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


def texts_of(entry: Entry) -> tuple[str, ...]:
    """Every way to say an entry, normalised.

    Raises:
        ValueError: the end of a sentence that names the key and what to do.
    """
    try:
        found = wordings(fold(entry.say).text)
    except ValueError as error:
        raise ValueError(f"say: {str(error).rstrip('.')}.") from error
    if any(part.startswith("<") for wording in found for part in wording):
        raise ValueError("say: a slot is no whole phrase; write the words out.")
    said = ("".join(wording) for wording in found)
    texts = tuple(dict.fromkeys(text if text.isalnum() else "".join(filter(is_word, text)) for text in said))
    short = next((text for text in texts if len(text) < SHORTEST), None)
    if short and not entry.alone:
        raise ValueError(f"say: “{short}” is no whole phrase; make it longer or add alone: true.")
    check_excuses(entry.not_in, key="not_in")
    return texts


def check_excuses(phrases: tuple[str, ...], *, key: str) -> None:
    """Do nothing for phrases of the grammar.

    Raises:
        ValueError: the end of a sentence that names the key and what to do.
    """
    for phrase in phrases:
        try:
            wordings(phrase)
        except ValueError as error:
            raise ValueError(f"{key}: {str(error).rstrip('.')}.") from error
