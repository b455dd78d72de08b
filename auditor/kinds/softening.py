"""Whether an apology, a reason or another way stands beside a blunt word and excuses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from auditor.kinds.listening import doubt_about, is_settled, silence_doubt
from auditor.text.match import find_any
from auditor.text.normalise import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable

    from auditor.kinds.hits import Hit
    from auditor.records import Evidence, Turn
    from auditor.rulebook.entries import LexiconFile
    from auditor.rulebook.schema import Rulebook


def softening(
    turn: Turn, *, hits: Iterable[Hit], content: LexiconFile, evidence: Evidence, book: Rulebook
) -> Literal["yes", "maybe", "no"]:
    """Whether a softener of the lexicon stands in this or the speaker's next turn.

    ``maybe``: words that may be one (`LexiconFile.hints`), other words enough to hold one, something that
    only sounds like one, or turns that were not heard well.
    """
    if not content.softeners:
        return "no"
    following = next((t for t in evidence.turns if t.role == turn.role and t.start_s > turn.start_s), None)
    near = [turn] if following is None else [turn, following]
    own = _without(turn.text, hits)
    texts = [own, *(t.text for t in near[1:])]
    distance = book.settings.phrase_distance
    if _any_in(texts, content.softeners, distance=distance):
        return "yes"
    settled = is_settled(evidence)
    unclear = (
        _any_in(texts, content.hints, distance=distance)
        or (content.other_words is not None and len(normalise(own).text) > content.other_words)
        or (not settled and _any_in(texts, content.softeners, distance=book.settings.weak_distance))
        or doubt_about(near, evidence=evidence, book=book) is not None
        or (not settled and silence_doubt(evidence, book=book) is not None)
    )
    return "maybe" if unclear else "no"


def _any_in(texts: Iterable[str], phrases: tuple[str, ...], *, distance: float) -> bool:
    return any(find_any(text, phrases, max_distance=distance) for text in texts)


def _without(text: str, hits: Iterable[Hit]) -> str:
    """The text's other words: a phrase is no excuse for itself."""
    for hit in hits:
        text = text[: hit.start] + "\u3002" * (hit.end - hit.start) + text[hit.end :]
    return text
