"""Which of all phrases that were ever searched for a text may hold, as one number.

A rulebook asks a turn for hundreds of sets of phrases, nearly all of which have nothing in it. So every
phrase has a number, and what a text may hold is found once for all of them: bit n stands for phrase n, a set
is the bits of its phrases, and most questions end with one ``&``.

How the bits of a text are found: a text that lacks at most k of a wording's syllables has one of any k + 1 of
them. Each wording gives such a group to each *layer*; a phrase is listed in a layer under all syllables of
its wordings' groups. A text may hold what is listed under one of its syllables in every layer. That only
rules out: what remains is asked wording by wording (`auditor.text.outline`) and aligned.

The catalogue grows as sets are first asked for and knows nothing of rulebooks; all it keeps follows from the
phrases and texts themselves.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from auditor.text.grammar import wordings
from auditor.text.outline import needs_of
from auditor.text.patterns import SLACK
from auditor.text.units import units

if TYPE_CHECKING:
    from auditor.text.outline import Need, Needs

LAYERS = 3
# More phrases than this are those of many rulebooks: a fresh catalogue then begins without the old ones.
MOST_PHRASES = 1 << 14


class PhraseSet(NamedTuple):
    """Phrases by number, in their order; ``bits``: the same as one number; ``top``: above all of them."""

    numbers: tuple[int, ...]
    bits: int
    top: int


class Catalogue:
    """Numbered phrases and the layers for each distance."""

    def __init__(self) -> None:
        self.phrases: list[str] = []
        self.known = lru_cache(maxsize=1 << 13)(self._known)
        self._numbers: dict[str, int] = {}
        self._layers: dict[float, Layers] = {}
        self._growing = Lock()

    def _known(self, phrases: tuple[str, ...]) -> PhraseSet:
        """A set of phrases, numbered where they are new; ValueError as `wordings`."""
        for phrase in phrases:
            wordings(phrase)
        with self._growing:
            for phrase in phrases:
                if phrase not in self._numbers:
                    self._numbers[phrase] = len(self.phrases)
                    self.phrases.append(phrase)
        numbers = tuple(self._numbers[phrase] for phrase in phrases)
        return PhraseSet(numbers, sum(1 << n for n in set(numbers)), max(numbers, default=-1) + 1)

    def layers(self, max_distance: float) -> Layers:
        """The layers for a distance, with all phrases that are known by now."""
        layers = self._layers.setdefault(max_distance, Layers(max_distance))
        if layers.top < len(self.phrases):
            with self._growing:
                layers.add(self.phrases)
        return layers


class Layers:
    """Phrases by the syllables that a text must have to hold them within a distance.

    ``top``: how many of the catalogue's phrases are listed.
    """

    def __init__(self, max_distance: float) -> None:
        self.top = 0
        self._max_distance = max_distance
        self._listed: dict[str, list[int]] = {}  # per class the bits of each layer
        self._everywhere = [0] * LAYERS
        self._often: Counter[Need] = Counter()

    def add(self, phrases: list[str]) -> None:
        """List the phrases that are not listed yet."""
        new = [needs_of(phrase) for phrase in phrases[self.top :]]
        for needs in new:
            self._often.update(needs.each)
        for number, needs in enumerate(new, start=self.top):
            bit = 1 << number
            for layer, group in enumerate(self._groups(needs)):
                if group is None:
                    self._everywhere[layer] |= bit
                    continue
                for one in frozenset[str]().union(*group):
                    self._listed.setdefault(one, [0] * LAYERS)[layer] |= bit
        self.top += len(new)

    def _groups(self, needs: Needs) -> list[set[Need] | None]:
        """Per layer needs of which any text that holds the phrase has one; None: there is no such group.

        The fewer texts have one of them, the better: so what many wordings share, and few phrases need, is
        taken first.
        """
        allowed = [int(self._max_distance * weight + SLACK) for weight in needs.weights]
        # wanting[n]: the wordings that give more than n needs to the layer.
        wanting = [
            sum(1 << place for place, most in enumerate(allowed) if most >= n)
            for n in range(max(allowed) + 1)
        ]
        unused = list(needs.having)
        return [self._group(needs, unused=unused, wanting=list(wanting)) for _ in range(LAYERS)]

    def _group(self, needs: Needs, *, unused: list[int], wanting: list[int]) -> set[Need] | None:
        group: set[Need] = set()
        while wanting[0]:
            gains = [(having & wanting[0]).bit_count() for having in unused]
            best = max(
                range(len(gains)), key=lambda k: gains[k] / (1 + self._often[needs.each[k]]), default=None
            )
            if best is None or not gains[best]:
                return None
            group.add(needs.each[best])
            given = unused[best] & wanting[0]
            unused[best] &= ~given
            for n, still in enumerate(wanting):
                wanting[n] = still & ~given | (wanting[n + 1] & given if n + 1 < len(wanting) else 0)
        return group

    def held_by(self, text: str) -> tuple[int, int]:
        """The bits of the phrases that a text may hold, and how many phrases that says something of."""
        top = self.top
        known = [self._listed[one] for one in units(text).classes & self._listed.keys()]
        bits = (1 << top) - 1
        for layer, everywhere in enumerate(self._everywhere):
            found = everywhere
            for each in known:
                found |= each[layer]
            bits &= found
        return bits, top


_catalogues: list[Catalogue] = []


def catalogue() -> Catalogue:
    """The catalogue of this process."""
    if not _catalogues or len(_catalogues[-1].phrases) > MOST_PHRASES:
        _catalogues[:] = [Catalogue()]
    return _catalogues[-1]
