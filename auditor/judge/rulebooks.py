"""A rulebook that can be judged by: read, and every rule's parameters checked by its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.judge.lexicon_edits import wrong_edits
from auditor.kinds import check_params
from auditor.rulebook.faults import Complaint
from auditor.rulebook.load import Reading, book_of, read_rulebook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from auditor.rulebook.schema import Rulebook


def open_rulebook(path: Path | None = None) -> Rulebook:
    """The rulebook in ``path`` (or the one that ships), with every rule's parameters checked by its kind.

    Raises:
        RulebookError: one sentence that names file, line, rule and key.
    """
    return book_of(examine_rulebook(path))


def examine_rulebook(path: Path | None = None) -> Reading:
    """The rulebook with all its faults, those that its kinds find included."""
    reading = read_rulebook(path)
    if reading.draft is None or reading.places is None:
        return reading
    return reading.with_faults(reading.located(_complaints(reading.draft, places=reading.places)))


def _complaints(book: Rulebook, *, places: dict[str, int]) -> Iterator[Complaint]:
    yield from wrong_edits(book)
    known: set[tuple[str, str]] = set()
    for rule in book.rules:
        if rule.kind is not None and rule.same_as is None:
            for problem in check_params(rule, book=book)[1]:
                known.add((rule.id, problem.what))
                yield Complaint(("rules", places[rule.id], *problem.path), rule.id, problem.what)
    for line, changes in book.on_line.items():
        for rule in book.rules:
            if rule.kind is None or rule.id not in changes:
                continue
            for problem in check_params(rule.changed(changes[rule.id]), book=book)[1]:
                if (rule.id, problem.what) not in known:
                    what = f"on_line.{line}: {problem.what}"
                    yield Complaint(("on_line", line, rule.id, *problem.path), rule.id, what)
