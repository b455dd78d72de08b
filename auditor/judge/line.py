"""The line of a call: the call record's, else that of the script which the call itself shows.

::

    confidence = confidence of the line's best script · Π (1 - confidence of every other line's script)

A script whose words other lines have, too (``also_on``), yields to the script of such a line: the secretary
desk greets callers of other networks as the hotline does. Where no script is shown the line is the
rulebook's ``default_line``. Nothing of an earlier settling is used, so another rulebook decides anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING

from auditor.kinds.scripts import shown_scripts, traced_lines

if TYPE_CHECKING:
    from auditor.kinds.scripts import Shown
    from auditor.records import Evidence
    from auditor.rulebook.schema import Rulebook


@dataclass(frozen=True, slots=True)
class Reading:
    """The line that a call shows; ``others``: lines that it may be of as well."""

    line: str
    confidence: float
    others: tuple[str, ...] = ()


def settle_line(evidence: Evidence, *, book: Rulebook) -> Evidence:
    """The evidence with the line that its call record names or its script shows, and the confidence."""
    reading = read_line(evidence, book=book)
    return replace(evidence, line=reading.line, line_confidence=round(reading.confidence, 3))


def read_line(evidence: Evidence, *, book: Rulebook) -> Reading:
    """Which line a call is of, and which else it may be of."""
    if evidence.call_record.line:
        return Reading(evidence.call_record.line, 1.0)
    settings = book.settings
    best: dict[str, Shown] = {}
    for shown in shown_scripts(evidence, book=book):
        line = shown.script.line
        if line not in best or shown.confidence > best[line].confidence:
            best[line] = shown
    own = [each for each in best.values() if not _yields(each, best=best, limit=settings.line_confidence)]
    traced = traced_lines(evidence, book=book)
    if not own:
        return _reading(settings.default_line, settings.default_line_confidence, own=own, traced=traced)
    # Between equals the script that says more about its line: its words are no other line's.
    first = max(own, key=lambda each: (each.confidence, not set(each.script.also_on) & set(best)))
    doubt = prod(1 - each.confidence for each in own if each is not first)
    traced = (*traced, settings.default_line)
    return _reading(first.script.line, first.confidence * doubt, own=own, traced=traced)


def _reading(line: str, confidence: float, *, own: list[Shown], traced: tuple[str, ...]) -> Reading:
    others = dict.fromkeys((*(each.script.line for each in own), *traced))
    return Reading(line, confidence, tuple(other for other in others if other != line))


def _yields(shown: Shown, *, best: dict[str, Shown], limit: float) -> bool:
    """Whether a line that has these words, too, is shown well enough by words of its own."""
    return any(
        line in best and line != shown.script.line and best[line].confidence >= limit
        for line in shown.script.also_on
    )
