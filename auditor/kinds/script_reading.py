"""What of a script was said in a call, what was not, and what excuses it.

A step is *lacking* when it is due and not heard, or heard at a place that breaks the order. Every lack is
either proven, or has a doubt; one that nobody could help is excused and is no lack.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auditor.kinds.listening import Doubt, is_settled, listen_for
from auditor.kinds.opening import (
    CUT_OFF,
    LAST_WORDS,
    closing_window,
    is_cut_off,
    is_transferred_in,
    why_no_goodbye,
)
from auditor.kinds.steps import Place, best_order
from auditor.text.clock import clock
from auditor.text.match import find_any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.kinds.steps import DueStep, Step
    from auditor.kinds.triggers import Trigger
    from auditor.records import Evidence, Turn
    from auditor.rulebook.schema import Rulebook

# A goodbye may be followed by a word or two.
CLOSING_TURNS = 3


@dataclass(frozen=True, slots=True)
class Lack:
    """A step that is not where it should be; without a doubt that is proven.

    ``place`` and ``other``: where it was said, and the step that it should not stand before or behind.
    """

    step: Step
    confidence: float
    doubt: Doubt | None = None
    place: Place | None = None
    other: tuple[Step, Place] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A script against a call: steps said (with the place, None for a goodbye), lacking and excused."""

    said: tuple[tuple[Step, Place | None], ...]
    lacks: tuple[Lack, ...]
    excused: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Hearer:
    """What a script is read with.

    Attributes:
        trigger: what called for the script.
        window: the agent's turns in which steps count, in time order.
        backwards: whether turns before the trigger count, which may lie before the file or be a colleague's.
        excuses: the agent's last words after which nothing more is due (a transfer, a lost line).
        chance_s: silence after the customer's last words that gives the agent his chance.
    """

    trigger: Trigger
    window: tuple[Turn, ...]
    backwards: bool
    excuses: tuple[str, ...]
    chance_s: float
    evidence: Evidence
    book: Rulebook

    def read(self, due: Sequence[DueStep]) -> Reading:
        """Which of the due steps were said, which are lacking, which are excused."""
        script = [one for one in due if not one.step.goodbye]
        chain = best_order(script)
        said: list[tuple[Step, Place | None]] = [(script[n].step, chain[n]) for n in sorted(chain)]
        lacks: list[Lack] = []
        excused: list[Step] = []
        for number, one in enumerate(script):
            if number in chain:
                continue
            lack = (
                self._misplaced(one, number=number, script=script, chain=chain)
                if one.places
                else self._missing(one, number=number, chain=chain)
            )
            if lack:
                lacks.append(lack)
            else:
                excused.append(one.step)
        for one in due:
            if one.step.goodbye:
                found = self._goodbye(one.step)
                if found == "said":
                    said.append((one.step, None))
                elif isinstance(found, Lack):
                    lacks.append(found)
                else:
                    excused.append(one.step)
        return Reading(tuple(said), tuple(lacks), tuple(excused))

    def _misplaced(
        self, one: DueStep, *, number: int, script: Sequence[DueStep], chain: dict[int, Place]
    ) -> Lack:
        """A step said before one that it should follow, or behind one that it should precede."""
        place = one.places[0]
        others = [n for n in chain if (n < number) == place.before(chain[n])]
        other = min(others, key=lambda n: abs(n - number)) if others else min(chain)
        sure = all(p.match.exact and not p.noted for p in (place, chain[other]))
        doubt = one.doubt
        if not (sure and is_settled(self.evidence)):
            doubt = Doubt("order", "文字不足以断定先后,请听录音确认")
        return Lack(
            one.step,
            self.book.settings.human_confidence,
            doubt,
            place,
            (script[other].step, chain[other]),
        )

    def _missing(self, one: DueStep, *, number: int, chain: dict[int, Place]) -> Lack | None:
        """A step that was nowhere said; None: it had no chance, or there was no need."""
        leading = self.backwards and not any(n < number for n in chain)
        trailing = not any(n > number for n in chain)
        ending = self._ending() if trailing else None
        if ending is not None and ending.code == "excused":
            return None
        if leading and is_transferred_in(self.evidence):
            return None
        if one.step.excuses and self._waved_off(one.step, number=number, chain=chain):
            return None
        between = self._between(number, chain=chain)
        heard = self._listen(one.step, turns=between)
        doubt = one.doubt or ending or heard.doubt
        if doubt is None and leading and is_cut_off(self.evidence, book=self.book):
            doubt = CUT_OFF
        return replace(heard, doubt=doubt)

    def _listen(self, step: Step, *, turns: tuple[Turn, ...]) -> Lack:
        """What was heard of a step in the turns in which it belongs."""
        book, evidence = self.book, self.evidence
        wanted = book.words(*step.says, *step.noted)
        heard = listen_for(wanted, turns=turns, evidence=evidence, book=book)
        doubt = heard.doubt
        if doubt is None and step.partial:
            some = listen_for(book.words(*step.partial), turns=turns, evidence=evidence, book=book)
            if some.said == "said":
                doubt = Doubt("partial", f"客服说了「{some.quote}」,请听录音确认是否足够")
        return Lack(step, heard.confidence, doubt or self._other_speaker(wanted))

    def _other_speaker(self, wanted: Sequence[str]) -> Doubt | None:
        """The step among the words of others: perhaps the speakers were taken for each other."""
        limit = self.book.settings.phrase_distance
        for turn in self.evidence.turns:
            late = self.backwards or turn.start_s >= self.trigger.turn.start_s
            if late and turn.role in ("customer", "unknown"):
                match = find_any(turn.text, wanted, max_distance=limit)
                if match:
                    return Doubt(
                        "other_speaker",
                        f"{clock(turn.start_s)} 的「{match.text}」记在别人名下,请听录音确认是谁说的",
                    )
        return None

    def _between(self, number: int, *, chain: dict[int, Place]) -> tuple[Turn, ...]:
        """The agent's turns from the step before to the step behind, both included."""
        order = {id(turn): index for index, turn in enumerate(self.evidence.turns)}
        first = max((chain[n].index for n in chain if n < number), default=-1)
        last = min((chain[n].index for n in chain if n > number), default=len(order))
        return tuple(turn for turn in self.window if first <= order[id(turn)] <= last)

    def _waved_off(self, step: Step, *, number: int, chain: dict[int, Place]) -> bool:
        """Whether the customer closed the matter before the agent did."""
        book = self.book
        limit = book.settings.phrase_distance
        farewells = book.phrases.get("goodbyes", ())
        before = [chain[n].turn.start_s for n in chain if n < number]
        from_s = max([self.trigger.turn.start_s, *before])
        closings = [t for t in self.window if find_any(t.text, farewells, max_distance=limit)]
        until_s = closings[-1].start_s if closings else float("inf")
        return any(
            find_any(turn.text, book.words(*step.excuses), max_distance=limit)
            for turn in self.evidence.turns_of("customer")
            if from_s <= turn.start_s < until_s
        )

    def _ending(self) -> Doubt | None:
        """Why the end of the call gave no chance (code ``excused``) or perhaps none; None: it gave one."""
        ending = why_no_goodbye(
            self.evidence,
            book=self.book,
            window=closing_window(self.evidence, turns=LAST_WORDS),
            excuses=self.excuses,
            chance_s=self.chance_s,
        )
        if ending is None:
            return None
        code = "excused" if ending.verdict == "not_applicable" else ending.reason_code
        return Doubt(code, ending.reason)

    def _goodbye(self, step: Step) -> Lack | str:
        """The end of the script: ``said``, ``excused``, or what is lacking."""
        window = closing_window(self.evidence, turns=CLOSING_TURNS)
        heard = listen_for(
            self.book.words(*step.says, *step.noted),
            turns=window,
            evidence=self.evidence,
            book=self.book,
            proof=window[-LAST_WORDS:],
        )
        if heard.said == "said":
            return "said"
        ending = self._ending()
        if ending is not None and ending.code == "excused":
            return "excused"
        return Lack(step, heard.confidence, ending or heard.doubt)
