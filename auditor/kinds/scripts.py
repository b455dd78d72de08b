"""Which line's script the agent's words show, and who called whom.

A script is shown by its opening, by what is characteristic of it, or by both (`scripts` of the rulebook).
Words that were not heard well show a script, too, but only with half of the ``line_confidence`` that a
verdict needs; nor can a script be shown that only one direction has when the call record says the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.kinds.listening import is_settled
from auditor.kinds.opening import find_opening
from auditor.kinds.triggers import says, text_doubt
from auditor.text.match import find_any, find_written

if TYPE_CHECKING:
    from auditor.records import Direction, Evidence, Turn
    from auditor.rulebook.schema import Rulebook, Script
    from auditor.text.match import Match

# A script that was not heard well counts for this share of the confidence that a line needs.
UNHEARD_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Shown:
    """A script that the call shows.

    Attributes:
        confidence: how likely the call is of the script's line, going by this script alone.
        to_the_letter: every sign that the script has was heard well, in the very characters.
    """

    script: Script
    confidence: float
    to_the_letter: bool


def shown_scripts(evidence: Evidence, *, book: Rulebook) -> tuple[Shown, ...]:
    """Every script of which the agent's words show enough, in the rulebook's order."""
    if not evidence.turns_of("agent"):
        return ()
    found = (
        _shown(script, evidence=evidence, book=book)
        for script in book.scripts
        if _fits_record(script, evidence=evidence)
    )
    return tuple(shown for shown in found if shown is not None)


def traced_lines(evidence: Evidence, *, book: Rulebook) -> tuple[str, ...]:
    """Lines of whose openings automatic text has something that sounds a little alike."""
    if is_settled(evidence) or not evidence.turns_of("agent"):
        return ()
    limit = book.settings.weak_distance
    return tuple(
        dict.fromkeys(
            script.line
            for script in book.scripts
            if _fits_record(script, evidence=evidence)
            and any(
                find_any(turn.text, book.words(*script.opening), max_distance=limit)
                for turn in _opening_turns(script, evidence=evidence, book=book)
            )
        )
    )


def direction_of(evidence: Evidence, *, book: Rulebook) -> tuple[Direction, bool]:
    """Who called whom, and whether that is certain.

    The call record decides. Without one:

    * a line of the record that only calls out (``outbound_lines``) makes the call outbound for certain;
    * a script that only outbound calls have, shown with the ``line_confidence`` that a verdict needs, makes
      the call outbound; that is certain only if the script is marked so, all of it was heard to the letter,
      and nothing speaks of an inbound call;
    * else the agent's offer of help in his first two turns makes it inbound, for certain where no script of
      outbound calls is shown beside it;
    * otherwise nobody fails by the direction: outbound where a script of such calls is shown at all.
    """
    recorded = evidence.call_record.direction
    if recorded:
        return recorded, True
    line = evidence.call_record.line or ""
    if book.lines.get(line, line) in book.outbound_lines:
        return "outbound", True
    shown = shown_scripts(evidence, book=book)
    outbound = [each for each in shown if each.script.direction == "outbound"]
    sure = [each for each in outbound if each.confidence >= book.settings.line_confidence]
    offers = book.phrases.get("offers", ())
    offered = any(
        find_any(turn.text, offers, max_distance=book.settings.phrase_distance)
        for turn in evidence.turns_of("agent")[:2]
    )
    if sure:
        inbound = offered or any(each.script.direction == "inbound" for each in shown)
        proven = any(each.script.direction_certain and each.to_the_letter for each in sure)
        return "outbound", proven and not inbound
    if offered:
        return "inbound", not outbound
    return ("outbound" if outbound else "inbound"), False


def _fits_record(script: Script, *, evidence: Evidence) -> bool:
    recorded = evidence.call_record.direction
    return recorded is None or script.direction in (None, recorded)


def _shown(script: Script, *, evidence: Evidence, book: Rulebook) -> Shown | None:
    content_turns = evidence.turns_of("agent")[: script.content_turns]
    opening = _find(
        _opening_turns(script, evidence=evidence, book=book), script.opening, evidence=evidence, book=book
    )
    content = _find(content_turns, script.content, evidence=evidence, book=book)
    heard = _confidence(script, opening=opening is not None, content=content is not None)
    well = _confidence(
        script, opening=opening is not None and opening[1], content=content is not None and content[1]
    )
    if well > 0:
        signs = [sign for sign, names in ((opening, script.opening), (content, script.content)) if names]
        exact = all(sign is not None and sign[1] and sign[0].exact for sign in signs)
        return Shown(script, well, exact)
    if heard > 0:
        return Shown(script, min(heard, UNHEARD_SHARE * book.settings.line_confidence), False)
    return None


def _confidence(script: Script, *, opening: bool, content: bool) -> float:
    if opening and content:
        return script.confidence.both
    if opening:
        return script.confidence.opening
    return script.confidence.content if content else 0.0


def _opening_turns(script: Script, *, evidence: Evidence, book: Rulebook) -> tuple[Turn, ...]:
    return find_opening(evidence, book=book).window[: script.opening_turns]


def _find(
    turns: tuple[Turn, ...], names: tuple[str, ...], *, evidence: Evidence, book: Rulebook
) -> tuple[Match, bool] | None:
    """The first sign in these turns, one that was heard well before others; and whether it was."""
    unsure = None
    for turn in turns if names else ():
        if is_settled(evidence):  # a person's text is taken at its word, which is the quicker search, too
            match = next(iter(find_written(turn.text, *book.words(*names))), None)
        else:
            match = says(turn, book.words(*names), book=book)
        if match is None:
            continue
        if text_doubt([turn], evidence=evidence, book=book) is None:
            return match, True
        unsure = unsure or match
    return None if unsure is None else (unsure, False)
