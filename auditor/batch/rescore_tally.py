"""How far a rescoring is, and what it changed: counted as calls are saved, for the bar and the summary."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auditor.text.clock import clock

if TYPE_CHECKING:
    from auditor.batch.rescore_workers import Rejudged

_ABSENT = "(none)"
_MOST_RULES = 40
_RESULTS = (
    ("pass", "passed"),
    ("fail", "failed cards"),
    ("needs_review", "need review"),
    ("not_scored", "not scored"),
)


@dataclass
class RescoreTally:
    """Counts of one rescoring.

    Attributes:
        calls: how many it goes over.
        model: what heard them; None: transcripts alone.
        judged: judged and saved now.
        unchanged: whose scorecard by this rulebook was there.
        gone: forgotten, corrected or heard again while they were judged.
        failures: a sentence for each call that could not be judged.
        results: of all calls, by result.
        verdicts: (rule, verdict before, verdict now) of the calls judged now, where they differ.
        changed: (result before, result now) of the calls judged now, where they differ.
        before_since: calls left alone for their start, or for having none.
        other_models: calls left alone that another model heard last.
    """

    calls: int = 0
    model: str | None = None
    judged: int = 0
    unchanged: int = 0
    gone: int = 0
    failures: list[str] = field(default_factory=list)
    results: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    changed: Counter[tuple[str, str]] = field(default_factory=Counter)
    before_since: int = 0
    other_models: int = 0
    began_s: float = field(default_factory=time.monotonic)

    @property
    def failed(self) -> int:
        """Calls that could not be judged."""
        return len(self.failures)

    @property
    def done(self) -> int:
        """Calls that need nothing more in this run."""
        return self.judged + self.unchanged + self.gone + self.failed

    @property
    def elapsed_s(self) -> float:
        """Since it began, by a clock that nobody sets."""
        return max(time.monotonic() - self.began_s, 1e-9)

    def note(self, call: Rejudged) -> None:
        """Count a call that was saved."""
        now = {finding.rule: finding.verdict for finding in call.audit.findings}
        result = call.audit.scorecard.result
        self.judged += 1
        self.results[result] += 1
        if result != call.result_before:
            self.changed[call.result_before, result] += 1
        for rule in now.keys() | call.before.keys():
            old, new = call.before.get(rule, _ABSENT), now.get(rule, _ABSENT)
            if old != new:
                self.verdicts[rule, old, new] += 1

    def line(self) -> str:
        """Where it is, in one line."""
        pace = self.judged / self.elapsed_s
        left = f", about {clock((self.calls - self.done) / pace)} left" if self.judged else ""
        return f"{self.done}/{self.calls} calls, {pace:.1f} judged a second, {self.failed} failed{left}"

    def facts(self) -> dict[str, object]:
        """For the log."""
        return {
            "calls": self.calls,
            "judged": self.judged,
            "unchanged": self.unchanged,
            "gone": self.gone,
            "failed": self.failed,
            "results": dict(self.results),
            "results_changed": [[*what, count] for what, count in sorted(self.changed.items())],
            "verdicts_changed": [[*what, count] for what, count in sorted(self.verdicts.items())],
            "elapsed_s": round(self.elapsed_s, 3),
        }


def rescore_summary(tally: RescoreTally, *, rulebook: str, stopped: bool) -> list[str]:
    """The end of a rescoring, for people."""
    heard = f"heard by {tally.model}" if tally.model else "read from transcripts"
    lines = [
        f"{tally.done} of {tally.calls} calls {heard}: {tally.judged} judged by rulebook {rulebook},"
        f" {tally.unchanged} had been, {tally.failed} failed"
        + (f", {tally.gone} forgotten or changed meanwhile" if tally.gone else ""),
        f"in {clock(tally.elapsed_s)}: "
        + ", ".join(f"{tally.results[key]} {name}" for key, name in _RESULTS),
    ]
    if tally.judged:
        lines += _changes(tally)
    if tally.before_since:
        lines.append(
            f"left alone: {tally.before_since} calls that began earlier, or nobody knows when; reports over"
            " days of both use the rulebook that judged most of the calls, and say how many they leave out"
        )
    if tally.other_models:
        lines.append(f"left alone: {tally.other_models} calls that another model heard last")
    if stopped:
        lines.append("stopped; run the same command again and it goes on where it ended")
    return lines


def _changes(tally: RescoreTally) -> list[str]:
    """What changed of the calls that were judged now."""
    results = ", ".join(f"{count} {old} -> {new}" for (old, new), count in tally.changed.most_common())
    lines = [f"results that changed: {tally.changed.total()}" + (f" ({results})" if results else "")]
    by_rule: Counter[str] = Counter()
    for (rule, _, _), count in tally.verdicts.items():
        by_rule[rule] += count
    lines.append(f"verdicts that changed: {by_rule.total()}")
    for rule, total in by_rule.most_common(_MOST_RULES):
        ways = Counter({(o, n): count for (r, o, n), count in tally.verdicts.items() if r == rule})
        shown = ", ".join(f"{count} {old} -> {new}" for (old, new), count in ways.most_common())
        lines.append(f"  {rule}: {total} ({shown})")
    if len(by_rule) > _MOST_RULES:
        lines.append(f"  and {len(by_rule) - _MOST_RULES} more rules; --log FILE has them all")
    return lines
