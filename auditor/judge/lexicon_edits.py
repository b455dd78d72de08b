"""What is wrong with a centre's changes to the lexicons of forbidden speech, examples included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.kinds.hits import find_hits
from auditor.rulebook.entries import check_excuses, names, texts_of
from auditor.rulebook.faults import Complaint
from auditor.rulebook.lexicon import edited_lexicon, load_lexicon
from auditor.text.grammar import wordings
from auditor.text.normalise import normalise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.rulebook.entries import LexiconEdits
    from auditor.rulebook.schema import Rulebook


def wrong_edits(book: Rulebook) -> Iterator[Complaint]:
    """All complaints about ``lexicons``, in the order of the file."""
    for name, edits in book.lexicons.items():
        if name not in names():
            what = f"lexicons.{name}: there is no such lexicon; use one of {', '.join(names())}."
            yield Complaint(("lexicons", name), None, what)
            continue
        clause = load_lexicon(name).content.clause
        problems = list(_against_grammar(edits)) or _against_examples(name, edits)
        for key, index, what in problems:
            path = ("lexicons", name, key, index)
            yield Complaint(path, clause, f"lexicons.{name}.{key}: {what}")


def _against_grammar(edits: LexiconEdits) -> Iterator[tuple[str, int, str]]:
    for index, entry in enumerate(edits.add):
        try:
            texts_of(entry)
        except ValueError as error:
            yield "add", index, f"{entry.say}: {error}"
    for index, phrase in enumerate(edits.remove):
        try:
            check_excuses((phrase,), key=phrase)
        except ValueError as error:
            yield "remove", index, str(error)


def _against_examples(name: str, edits: LexiconEdits) -> Iterator[tuple[str, int, str]]:
    """Examples that do not hold their entry, counter-examples that do, removals that remove nothing."""
    lexicon = edited_lexicon(name, edits)
    for index, entry in enumerate(edits.add):
        for text, wanted in [(text, True) for text in entry.hit] + [(text, False) for text in entry.miss]:
            found = any(
                hit.entry == entry for hit in find_hits(text, lexicon, reports=(), sound_distance=None)
            )
            if found != wanted:
                what = "does not hold it" if wanted else "holds it"
                yield "add", index, f"{entry.say}: the example “{text}” {what}; correct one of the two."
    all_of_it = edited_lexicon(name, edits.model_copy(update={"remove": ()}))
    for index, phrase in enumerate(edits.remove):
        texts = [normalise("".join(wording)).text for wording in wordings(phrase)]
        if not any(all_of_it.written_in(text) for text in texts):
            yield "remove", index, f"nothing in “{phrase}” is forbidden; copy the words that a report quotes."
