"""What a rulebook may say: versions, settings, phrases, probes and rules, all checked.

A rule is data: the clause, its title, the kind of rule that judges it, that kind's parameters, its
weight and the calls it applies to. The parameters are checked by the kind itself
(`auditor.kinds.bind`); everything else is checked here. Unknown keys are errors.

A file may hold only its differences from another one (``extends``, see `auditor.rulebook.merge`), and a
rule may be judged otherwise on a line::

    on_line:
      "1258":                         # a line's own name, not one that is judged like another
        P3.1: {weight: 3, params: {max_rings: 4}}

There ``params`` are merged into the rule's, key by key; ``weight`` and ``critical`` replace the rule's.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from auditor.records import Direction, ProbeSpec
from auditor.rulebook.entries import LexiconEdits
from auditor.rulebook.part import Part

AppliesRole = Literal["agent", "call"]
_SLOT = re.compile(r"\{(\w+)\}")
Change = Annotated[str, Field(pattern=r"^[^::\s]+[::].*\S")]


class Settings(Part):
    """Limits that several kinds share; the values and their sources stand in the rulebook."""

    seconds_per_ring: float = Field(gt=0)
    phrase_distance: float = Field(ge=0, le=1)
    weak_distance: float = Field(ge=0, le=1)
    tail_distance: float = Field(ge=0, le=1)
    tail_characters: int = Field(ge=1)
    text_confidence: float = Field(ge=0, le=1)
    text_snr_db: float
    max_missed_share: float = Field(ge=0, le=1)
    max_false_share: float = Field(ge=0, le=1)
    role_confidence: float = Field(ge=0, le=1)
    voice_confidence: float = Field(ge=0, le=1)
    line_confidence: float = Field(ge=0, le=1)
    language_confidence: float = Field(ge=0, le=1)
    min_char_per_s: float = Field(ge=0)
    silent_part_s: float = Field(gt=0)
    overlapped_s: float = Field(ge=0)
    cut_off_s: float = Field(ge=0)
    unheard_reach_s: float = Field(ge=0)
    timing_tolerance_s: float = Field(ge=0)
    human_confidence: float = Field(gt=0, le=1)
    default_confidence: float = Field(gt=0, le=1)
    default_line: str = Field(min_length=1)
    default_line_confidence: float = Field(ge=0, le=1)


class NotScored(Part):
    """When a card has no result: it leaves the averages.

    Attributes:
        judged_share: below this share of the applicable weight nothing is scored.
        duration_s: calls shorter than this are not scored.
    """

    judged_share: float = Field(ge=0, le=1)
    duration_s: float = Field(ge=0)


class Applies(Part):
    """Which calls a rule is about; an empty list means any.

    Attributes:
        direction: who called whom. An unknown direction counts as inbound, but then nobody fails.
        line: the lines, by canonical name.
        not_line: lines that are excepted.
        caller: from whose network the customer calls (`auditor.kinds.callers`). Unknown: any, but nobody
            fails.
        role: ``agent`` rules need to know who the agent is before anybody fails.
    """

    direction: tuple[Direction, ...] = ()
    line: tuple[str, ...] = ()
    not_line: tuple[str, ...] = ()
    caller: tuple[Literal["own", "other"], ...] = ()
    role: AppliesRole = "agent"


class Rule(Part):
    """One clause of the standard and how it is judged.

    Attributes:
        same_as: this rule only shows that rule's verdict, with no points; it has no kind of its own.
        cause: the fault a failing finding stands for when its kind names none; findings that share
            cause and span cost once, at the heaviest.
        triggered: the rule is not_applicable unless something calls for it: its weight comes on top of the
            hundred of an ordinary call.
        hint: what an agent who fails it is advised to practise (reports); judges nothing, so the hash of the
            rulebook leaves it out.
        how: how the rule is judged, for who reads the clause: lines such as ``合格:…`` and ``待复核:…``;
            ``{max_rings}`` stands for the rule's own parameter. It judges nothing either.
    """

    id: str = Field(min_length=1)
    clause: str = Field(min_length=1)
    title: str = Field(min_length=1)
    section: str = Field(min_length=1)
    kind: str | None = None
    params: dict[str, Any] = Field(default_factory=dict)
    weight: float = Field(default=0.0, ge=0)
    critical: bool = False
    applies: Applies = Applies()
    same_as: str | None = None
    cause: str | None = None
    triggered: bool = False
    hint: str = ""
    how: str = ""

    def named_in_how(self) -> tuple[str, ...]:
        """The parameters that ``how`` names."""
        return tuple(_SLOT.findall(self.how))

    def how_it_is_judged(self) -> str:
        """``how`` with the values of the parameters that it names."""
        return _SLOT.sub(lambda slot: _said(self.params.get(slot[1])), self.how)

    def changed(self, change: RuleChange) -> Rule:
        """The rule as it is judged on a line that changes it."""
        return self.model_copy(
            update={
                "params": _merged(self.params, change.params),
                "weight": self.weight if change.weight is None else change.weight,
                "critical": self.critical if change.critical is None else change.critical,
            }
        )


class RuleChange(Part):
    """What one line has otherwise about one rule."""

    params: dict[str, Any] = Field(default_factory=dict)
    weight: float | None = Field(default=None, ge=0)
    critical: bool | None = None


class ScriptConfidence(Part):
    """How likely a call is of the script's line: by its opening alone, by its content alone, by both."""

    opening: float = Field(default=0.0, ge=0, le=1)
    content: float = Field(default=0.0, ge=0, le=1)
    both: float = Field(default=0.0, ge=0, le=1)


class Script(Part):
    """What shows that a call is of a line when the call record names none.

    Attributes:
        name: unique; what `extends` merges by.
        line: the line, by canonical name.
        opening: phrase sets of which one phrase stands in the agent's first ``opening_turns`` turns.
        content: phrase sets of what the agent says in his first ``content_turns`` turns (None: anywhere).
        direction: set: only calls of this direction have the script.
        direction_certain: the whole script, heard to the letter, proves the direction.
        also_on: lines on which the same words are said; such a line's own script comes first.
    """

    name: str = Field(min_length=1)
    line: str = Field(min_length=1)
    opening: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    opening_turns: int = Field(default=1, ge=1, le=2)
    content_turns: int | None = Field(default=None, ge=1)
    confidence: ScriptConfidence
    direction: Direction | None = None
    direction_certain: bool = False
    also_on: tuple[str, ...] = ()


class Release(Part):
    """One version in the changelog.

    Attributes:
        changes: one line per rule or key that changed, such as ``P3.2b: …``.
    """

    version: str = Field(min_length=1)
    date: date
    changes: tuple[Change, ...] = Field(min_length=1)


class Rulebook(Part):
    """The standard as data, with the hash of what it says.

    Attributes:
        valid_from: the day from which calls are to be judged by it; shown, never enforced.
        changelog: the versions, newest first.
        lines: lines that are judged like another one.
        outbound_lines: lines that only call out, where no call record says who called.
        on_line: what a line has otherwise, rule by rule.
        scripts: what shows a call's line when its record names none.
        lexicons: what it has otherwise than the lexicons that ship, by their names.
        sha256: of the resolved content: comments, ``hint``, ``how``, order of keys and the split over files
            do not count.
    """

    version: str = Field(min_length=1)
    valid_from: date | None = None
    changelog: tuple[Release, ...] = ()
    standard: str = Field(min_length=1)
    source: str = Field(min_length=1)
    pass_mark: float = Field(gt=0, le=100)
    settings: Settings
    not_scored: NotScored
    lines: dict[str, str] = Field(default_factory=dict)
    outbound_lines: tuple[str, ...] = ()
    on_line: dict[str, dict[str, RuleChange]] = Field(default_factory=dict)
    phrases: dict[str, tuple[str, ...]]
    scripts: tuple[Script, ...] = ()
    lexicons: dict[str, LexiconEdits] = Field(default_factory=dict)
    probes: tuple[ProbeSpec, ...] = ()
    rules: tuple[Rule, ...] = Field(min_length=1)
    not_audible: tuple[str, ...] = ()
    sha256: str = ""

    @property
    def system_phrases(self) -> tuple[str, ...]:
        """How system voices (announcements, queue, survey) are recognised."""
        return self.phrases.get("system", ())

    def words(self, *names: str) -> tuple[str, ...]:
        """The phrases of the named sets, in order.

        Raises:
            KeyError: a set is not in the rulebook; `auditor.kinds.bind` makes sure that none is missing.
        """
        if len(names) == 1:
            return self.phrases[names[0]]
        return tuple(phrase for name in names for phrase in self.phrases[name])

    def rules_on(self, line: str) -> tuple[Rule, ...]:
        """The rules as they are judged on a line (or on the one that it is judged like)."""
        changes = self.on_line.get(self.lines.get(line, line), {})
        if not changes:
            return self.rules
        return tuple(rule.changed(changes[rule.id]) if rule.id in changes else rule for rule in self.rules)

    def rule(self, rule_id: str) -> Rule:
        """The rule of that id.

        Raises:
            KeyError: there is none.
        """
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)


def _said(value: object) -> str:
    """A parameter within a sentence: 5, 0.5, 09:00-12:00、14:00-21:00."""
    if isinstance(value, list | tuple):
        return "、".join(_said(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Mappings merged key by key; anything else replaces."""
    both = {
        key: _merged(old[key], value) if isinstance(value, dict) and isinstance(old.get(key), dict) else value
        for key, value in new.items()
    }
    return {**old, **both}
