"""What one text holds of the phrases that it is asked for; every phrase is looked for once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from auditor.text.catalogue import catalogue
from auditor.text.outline import outline
from auditor.text.patterns import pattern
from auditor.text.units import units

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from auditor.text.patterns import Pattern

Found = TypeVar("Found")


class Search(Generic[Found]):
    """A text that is searched within a distance, and what was found so far.

    Two threads may ask at once: what one of them forgets of the other is only looked for again.
    """

    __slots__ = ("_absent", "_catalogue", "_found", "_look", "_max_distance", "_possible", "_text", "_top")

    def __init__(
        self,
        text: str,
        max_distance: float,
        *,
        look: Callable[[str, Sequence[Pattern], float], list[Found]],
    ) -> None:
        self._text, self._max_distance, self._look = text, max_distance, look
        self._catalogue = catalogue()
        self._possible = (0, 0)
        self._absent = 0
        self._found: dict[int, list[Found]] = {}

    def held(self, phrases: tuple[str, ...]) -> list[list[Found]]:
        """What ``look`` finds of each of the phrases that the text holds, in their order.

        Raises:
            ValueError: a phrase cannot be searched for.
        """
        known = self._catalogue.known(phrases)
        bits, top = self._possible
        if top < known.top:
            bits, _ = self._possible = self._catalogue.layers(self._max_distance).held_by(self._text)
        bits &= known.bits & ~self._absent
        if not bits:
            return []
        found = (self._of(number) for number in known.numbers if bits >> number & 1)
        return [each for each in found if each]

    def _of(self, number: int) -> list[Found]:
        found = self._found.get(number)
        if found is None:
            near = self._candidates(number)
            found = self._look(self._text, near, self._max_distance) if near else []
            if found:
                self._found[number] = found
            else:
                self._absent |= 1 << number
        return found

    def _candidates(self, number: int) -> list[Pattern]:
        """The wordings of a phrase that may be near enough, read; those that begin alike stand together."""
        known = outline(self._catalogue.phrases[number])
        row = units(self._text)
        return [pattern(one) for one in known.possible(row, max_distance=self._max_distance)]
