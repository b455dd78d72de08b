"""Drawing the calls of a week that are reviewed, so that the machine can be measured by them.

From each agent's calls of a week ``calls`` are drawn, the likelier the riskier, each at most once::

    inclusion probability of call i   π_i = min(1, ρ·n/N + (1 − ρ)·n·w_i/Σw)      until they add up to n

``n`` calls are drawn from ``N``; the share ``ρ`` is spread evenly over all calls, so that every call can be
drawn; the rest follows the risk ``w``. The draw is systematic (Madow 1949) through the calls in random
order, which gives exactly these probabilities and exactly ``n`` calls. ``π_i`` is kept: what is measured on
the drawn calls counts ``1/π_i`` times, and is then free of the plan's preference (Horvitz & Thompson 1952).

The same week, seed and calls give the same draw.
Calls are handed out evenly: each goes to the inspector who has the fewest, in turns.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from auditor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

# How much likelier a call is drawn than one without risk. [O]
RISKS = {"critical": 4.0, "near_pass_mark": 2.0, "unsure": 2.0, "in_review": 1.0}


@dataclass(frozen=True, slots=True)
class Plan:
    """How a week is drawn.

    Attributes:
        monday: of the week, in the time zone of the call centre.
        calls: how many of each agent.
        random_share: the share ρ that is spread evenly.
        seed: of the draw.
    """

    monday: date
    calls: int = 5
    random_share: float = 0.4
    seed: int = 0

    def __post_init__(self) -> None:
        if self.monday.weekday() != 0:
            raise UsageError(f"a week begins on Monday, and {self.monday} is none; give the week's Monday.")
        if self.calls < 1:
            raise UsageError("a plan draws at least one call of each agent; give a higher number.")
        if not 0 < self.random_share <= 1:
            raise UsageError("the random share lies above 0 and up to 1; with 0 nothing could be measured.")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A call that may be drawn, with the risks it carries (`RISKS`)."""

    recording_id: int
    agent_id: int
    risks: tuple[str, ...]

    @property
    def weight(self) -> float:
        """How likely it is drawn against one without risks."""
        return 1.0 + sum(RISKS[risk] for risk in self.risks)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A call that was drawn."""

    candidate: Candidate
    probability: float
    inspector: str


def draw(candidates: Sequence[Candidate], *, plan: Plan) -> tuple[tuple[Candidate, float], ...]:
    """The calls drawn of each agent, with their probabilities."""
    by_agent: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in sorted(candidates, key=lambda each: each.recording_id):
        by_agent[candidate.agent_id].append(candidate)
    drawn: list[tuple[Candidate, float]] = []
    for agent_id in sorted(by_agent):
        calls = by_agent[agent_id]
        chance = random.Random(f"{plan.seed}/{plan.monday}/{agent_id}")
        chance.shuffle(calls)
        shares = probabilities([each.weight for each in calls], plan=plan)
        mark, upto = chance.random(), 0.0
        for candidate, share in zip(calls, shares, strict=True):
            upto += share
            if upto > mark + 1e-9:
                drawn.append((candidate, share))
                mark += 1.0
    return tuple(drawn)


def probabilities(weights: Sequence[float], *, plan: Plan) -> tuple[float, ...]:
    """How likely each call of one agent is drawn; they add up to how many are.

    What would be above one is one, and the others share what is left.
    """
    size, total = len(weights), sum(weights)
    n = min(plan.calls, size)
    mixed = [plan.random_share / size + (1 - plan.random_share) * weight / total for weight in weights]
    certain: set[int] = set()
    while True:
        left = n - len(certain)
        rest = sum(share for i, share in enumerate(mixed) if i not in certain)
        scale = left / rest if rest > 0 else 0.0
        over = {i for i, share in enumerate(mixed) if i not in certain and share * scale >= 1 - 1e-12}
        if not over:
            return tuple(1.0 if i in certain else share * scale for i, share in enumerate(mixed))
        certain |= over


def assign(
    drawn: Sequence[tuple[Candidate, float]], *, inspectors: Sequence[str], load: Counter[str]
) -> tuple[Drawn, ...]:
    """Hand the calls out, agent by agent, each to who has the fewest; of equals the first in the list."""
    taken = Counter({name: load[name] for name in inspectors})
    order = {name: place for place, name in enumerate(inspectors)}
    result = []
    for candidate, probability in drawn:
        name = min(inspectors, key=lambda each: (taken[each], order[each]))
        taken[name] += 1
        result.append(Drawn(candidate, probability, name))
    return tuple(result)


def week_of(moment: datetime, *, zone: ZoneInfo) -> date:
    """The Monday of a moment's week."""
    day = moment.astimezone(zone).date()
    return day - timedelta(days=day.weekday())
