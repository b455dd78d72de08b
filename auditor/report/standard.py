"""What a report takes from the rulebook: the course's wording, limits of the voice, and which rule is what.

Findings carry titles and reasons; how it should have been said, and where the limits lie that a curve is
drawn against, stands in the rulebook alone. A report without a rulebook (`NO_STANDARD`) leaves these out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from auditor.kinds import bind, loudness, shouting

if TYPE_CHECKING:
    from auditor.records import Evidence, SegmentStats
    from auditor.rulebook.schema import Rule, Rulebook

_P = TypeVar("_P")


@dataclass(frozen=True, slots=True)
class PaceLimits:
    """字/分: between ``pass_min`` and ``pass_max`` passes, outside ``fail_min`` … ``fail_max`` fails."""

    fail_min: float
    pass_min: float
    pass_max: float
    fail_max: float


@dataclass(frozen=True, slots=True)
class Standard:
    """The rulebook as a report needs it.

    Attributes:
        wording: rule id -> what the course says in its place, as it is to be said.
        pace: limits of the speech rate, None where the rulebook has none.
        softness: limits of shouting (level and pitch over the agent's other phrases).
        burst_db: how far a sudden loud stretch rises over the agent's median level.
        hang_up_rules: ids of the rules whose place is the moment of hanging up.
        pass_mark: percent.
    """

    wording: Mapping[str, str] = field(default_factory=dict)
    pace: PaceLimits | None = None
    softness: shouting.Params | None = None
    burst_db: float | None = None
    hang_up_rules: frozenset[str] = frozenset()
    pass_mark: float | None = None

    def shouted(self, evidence: Evidence) -> list[SegmentStats]:
        """The agent's shouted phrases by the rulebook's limits."""
        if self.softness is None:
            return []
        return [phrase for phrase, _, _ in shouting.shouted_phrases(evidence, params=self.softness)]


NO_STANDARD = Standard()


def read_standard(book: Rulebook, *, line: str) -> Standard:
    """What reports need of a rulebook, as it judges calls of this line.

    Args:
        book: A rulebook that `open_rulebook` has checked.
        line: The call's line; rules may be otherwise on it.
    """
    rules = book.rules_on(line)
    softness = burst_db = pace = None
    for rule in rules:
        if rule.kind == "shouting":
            softness = _bound(rule, book, shouting.Params)
        elif rule.kind == "loudness":
            loud = _bound(rule, book, loudness.Params)
            burst_db = loud.burst_db if loud else None
        elif rule.params.get("measurement") == "articulation_char_per_min":
            pace = _pace(rule.params)
    by_id = {rule.id: rule for rule in rules}
    return Standard(
        wording={
            rule.id: said
            for rule in rules
            if (said := wording_of(by_id.get(rule.same_as or "", rule), book=book))
        },
        pace=pace,
        softness=softness,
        burst_db=burst_db,
        hang_up_rules=frozenset(rule.id for rule in rules if rule.kind == "release_order"),
        pass_mark=book.pass_mark,
    )


def wording_of(rule: Rule, *, book: Rulebook) -> str:
    """What the course says in its place, as it prints it: 「…」; empty where it only describes.

    The clause's own quotation comes first; then a parameter that quotes; then, for a phrase that must be
    said, the first of its phrases. ``wording: 什么时候能办`` describes: the clause says it better.
    """
    head, _, tail = rule.clause.partition("「")
    # 投诉:先说「首先,…」 keeps 先说, 首句「…」 loses 首句.
    if tail and (head.endswith("首句") or ":" in head):
        return f"{head.rpartition(':')[2].removeprefix('首句')}「{tail}"
    quoted = list(dict.fromkeys(_quotes_in(rule.params)))
    if quoted:
        return " → ".join(quoted)
    if rule.kind == "required_phrase":
        phrases = book.words(*rule.params.get("phrases", ())[:1])
        return f"「{phrases[0]}」" if phrases else ""
    return ""


def _quotes_in(value: object) -> Iterator[str]:
    """Mandated wordings among parameters, at any depth, in their order."""
    if isinstance(value, dict):
        said = value.get("wording")
        if isinstance(said, str) and "「" in said:
            yield said
        for key, each in value.items():
            if key != "wording":
                yield from _quotes_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _quotes_in(each)


def _bound(rule: Rule, book: Rulebook, kind: type[_P]) -> _P | None:
    params = bind(rule, book=book, name=f"rulebook {book.version}")
    return params if isinstance(params, kind) else None


def _pace(params: Mapping[str, Any]) -> PaceLimits | None:
    names = ("fail_min", "pass_min", "pass_max", "fail_max")
    if any(not isinstance(params.get(name), int | float) for name in names):
        return None
    return PaceLimits(*(float(params[name]) for name in names))
