"""A clause for who inspects by it: how it is judged, verdict by verdict, and what its cases show."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.judge import judge_rule
from auditor.records import Span
from auditor.report import labels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from auditor.records import Finding, Turn
    from auditor.rulebook.cases import Case
    from auditor.rulebook.schema import Rule, Rulebook

TITLE_CHARACTERS = 26
REASON_CHARACTERS = 40
_VERDICTS = {name: verdict for verdict, name in labels.VERDICTS.items()}


@dataclass(frozen=True, slots=True)
class HowLine:
    """One line of ``how``: what gives this verdict; None: a sentence about the whole rule."""

    verdict: str | None
    text: str


@dataclass(frozen=True, slots=True)
class CaseShown:
    """A case as a page shows it.

    Attributes:
        verdict: what the rulebook at hand says, which a centre may have made another than the case expects.
        title: the line of its dialogue that decides, or that only this case has, shortened; without one, why
            it was decided so.
        reason: why it is judged so, as a scorecard would say it.
        line: the place of that turn in the dialogue, None without one.
    """

    case: Case
    verdict: str
    title: str
    reason: str
    line: int | None


def how_lines(rule: Rule) -> tuple[HowLine, ...]:
    """How a rule is judged, line by line; nothing where the rulebook does not say it."""
    return tuple(_line(each) for each in rule.how_it_is_judged().splitlines() if each.strip())


def how_on_lines(rule: Rule, *, book: Rulebook) -> dict[str, tuple[HowLine, ...]]:
    """The same on the lines whose own limits make it read otherwise, by the line's name."""
    plain = how_lines(rule)
    changed = {
        line: how_lines(rule.changed(changes[rule.id]))
        for line, changes in book.on_line.items()
        if rule.id in changes
    }
    return {labels.word(labels.LINES, line): said for line, said in changed.items() if said != plain}


def _line(text: str) -> HowLine:
    name, colon, rest = text.strip().replace("：", ":", 1).partition(":")
    verdict = _VERDICTS.get(name)
    return HowLine(verdict, rest.strip()) if colon and verdict else HowLine(None, text.strip())


def shown_cases(cases: Iterable[Case], *, book: Rulebook) -> tuple[CaseShown, ...]:
    """The cases of one rule with titles from their dialogues, in their order."""
    found = tuple(cases)
    said = Counter(text for case in found for text in {turn.text for turn in case.evidence.turns})
    return tuple(_shown(case, said=said, book=book) for case in found)


def _shown(case: Case, *, said: Counter[str], book: Rulebook) -> CaseShown:
    there = any(rule.id == case.rule for rule in book.rules)
    finding = judge_rule(case.evidence, rule_id=case.rule, book=book) if there else None
    verdict, reason = (finding.verdict, finding.reason) if finding else (case.expect, "")
    turns = case.evidence.turns
    line = _deciding(turns, finding=finding) if finding else None
    if line is None:
        line = _own_line(turns, said=said)
    if line is None:
        return CaseShown(case, verdict, _shortened(reason or case.name, most=REASON_CHARACTERS), reason, None)
    quote = finding.quote if finding and finding.quote else ""
    return CaseShown(case, verdict, f"「{_shortened(turns[line].text, quote=quote)}」", reason, line)


def _deciding(turns: tuple[Turn, ...], *, finding: Finding) -> int | None:
    """The turn that a finding rests on: the one it quotes, else the first of its places."""
    places = [place for place, turn in enumerate(turns) if _touches(turn, finding.at)]
    quote = finding.quote
    quoted = [place for place in places or range(len(turns)) if quote and quote in turns[place].text]
    return next(iter((*quoted, *places)), None)


def _own_line(turns: tuple[Turn, ...], *, said: Counter[str]) -> int | None:
    """The longest turn that no other case of the rule has: where nothing was found, what might have been."""
    own = [(len(turn.text), place) for place, turn in enumerate(turns) if said[turn.text] == 1]
    return max(own)[1] if own else None


def _touches(turn: Turn, spans: tuple[Span, ...]) -> bool:
    return any(turn.span.overlap_s(span) > 0 for span in spans)


def _shortened(text: str, *, quote: str = "", most: int = TITLE_CHARACTERS) -> str:
    """At most so many characters of a text, with the quoted words among them."""
    if len(text) <= most:
        return text
    place = max(text.find(quote), 0) if quote else 0
    end = min(max(place + len(quote), most), len(text))
    first = min(place, max(end - most, 0))
    last = min(first + most, len(text))
    return f"{'…' if first else ''}{text[first:last]}{'…' if last < len(text) else ''}"
