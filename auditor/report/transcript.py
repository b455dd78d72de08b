"""The transcript as the page shows it: each turn in runs, with evidence and doubtful words marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.records import Finding, Turn
from auditor.report import labels
from auditor.report.typeset import clean, clock


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a turn's text: ``suspect`` says why it proves nothing, ``quoted`` marks evidence."""

    text: str
    suspect: str
    quoted: str


@dataclass(frozen=True, slots=True)
class TurnView:
    """One turn of the transcript; ``tags`` are (element id, rule, verdict) of findings on it."""

    role: str
    name: str
    start_s: float
    clock: str
    runs: tuple[Run, ...]
    tags: tuple[tuple[str, str, str], ...]


def view_turn(turn: Turn, *, marked: Sequence[tuple[str, Finding]]) -> TurnView:
    """One turn with its quoted and suspect words marked.

    Args:
        turn: The turn.
        marked: (element id, finding) of every finding that points into the call.

    Returns:
        The turn in runs; findings whose evidence lies on it are its tags.
    """
    on_turn = [(a, f) for a, f in marked if any(s.overlap_s(turn.span) > 0 for s in f.at)]
    # A finding about the other party may reach into this turn; its quote says whose words it means.
    tags = [(a, f) for a, f in on_turn if not f.quote or _bare(f.quote) in turn.text]
    return TurnView(
        role=turn.role,
        name=labels.word(labels.ROLES, turn.role),
        start_s=round(turn.start_s, 3),
        clock=clock(turn.start_s),
        runs=_runs(turn, quotes=[(_bare(f.quote), f.verdict) for _, f in tags if f.quote]),
        tags=tuple((anchor, clean(f.rule), f.verdict) for anchor, f in tags),
    )


def _bare(quote: str) -> str:
    """The quoted words without the quotation marks around them."""
    return quote.removeprefix("「").removesuffix("」")


def _runs(turn: Turn, *, quotes: Sequence[tuple[str, str]]) -> tuple[Run, ...]:
    """Cut a turn's text where suspect or quoted stretches begin and end."""
    suspect = [""] * len(turn.text)
    quoted = [""] * len(turn.text)
    for span in turn.suspect_spans:
        for index in range(max(0, span.start), min(span.end, len(turn.text))):
            suspect[index] = labels.word(labels.SUSPECT, span.reason)
    for quote, verdict in reversed(quotes):
        start = turn.text.find(quote) if quote else -1
        for index in range(start, start + len(quote)) if start >= 0 else ():
            quoted[index] = verdict
    runs: list[Run] = []
    for char, why, verdict in zip(turn.text, suspect, quoted, strict=True):
        if runs and (runs[-1].suspect, runs[-1].quoted) == (why, verdict):
            runs[-1] = Run(runs[-1].text + char, why, verdict)
        else:
            runs.append(Run(char, why, verdict))
    return tuple(Run(clean(run.text), run.suspect, run.quoted) for run in runs)
