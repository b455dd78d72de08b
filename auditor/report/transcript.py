"""The transcript as the page shows it: each turn in runs, with evidence, doubtful words and pauses marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.records import Evidence, Finding, Span, Turn
from auditor.report import labels
from auditor.report.masked import named_tokens
from auditor.report.typeset import clean
from auditor.text.clock import clock

# Shorter pauses are the breath between two turns.
_PAUSE_S = 3.0
_PAUSES = ("hold", "music", "silence", "ringback")


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a turn's text: ``suspect`` says why it proves nothing, ``quoted`` marks evidence."""

    text: str
    suspect: str
    quoted: str


@dataclass(frozen=True, slots=True)
class TurnView:
    """One turn of the transcript; ``tags`` are (element id, rule, verdict) of findings on it.

    ``index`` counts the turns of the call; None: a pause, whose name stands in ``name``.
    """

    index: int | None
    role: str
    name: str
    start_s: float
    end_s: float
    clock: str
    runs: tuple[Run, ...]
    tags: tuple[tuple[str, str, str], ...]

    @property
    def suspicious(self) -> bool:
        """Whether any of its words prove nothing."""
        return any(run.suspect for run in self.runs)


def view_turns(evidence: Evidence, *, marked: Sequence[Finding]) -> tuple[TurnView, ...]:
    """The turns with their quoted and suspect words marked, and long pauses between them.

    Args:
        evidence: The call.
        marked: Every finding that is told and may point into the call.

    Returns:
        One view per turn and pause in order of time; each place of a finding tags the one turn that it is
        about.
    """
    turns = evidence.turns
    tagged: dict[int, dict[str, Finding]] = {}
    for finding in marked:
        for span in finding.at:
            index = _turn_of(span, turns=turns, quote=_bare(finding.quote or ""))
            if index is not None:
                tagged.setdefault(index, {})[labels.anchor(finding.rule)] = finding
    shown = [_view(turn, index=index, tags=tagged.get(index, {})) for index, turn in enumerate(turns)]
    return tuple(sorted((*shown, *_pauses(evidence)), key=lambda view: view.start_s))


def _pauses(evidence: Evidence) -> list[TurnView]:
    shown: list[TurnView] = []
    for event in evidence.events:
        span = event.span
        if event.kind not in _PAUSES or span.duration_s < _PAUSE_S:
            continue
        # Music heard through silence is one pause, the longer of them.
        if shown and shown[-1].end_s > span.start_s:
            if shown[-1].end_s - shown[-1].start_s >= span.duration_s:
                continue
            shown.pop()
        name = f"{labels.word(labels.EVENTS, event.kind)} {span.duration_s:.0f} 秒"
        shown.append(
            TurnView(
                None, "pause", name, round(span.start_s, 3), round(span.end_s, 3), clock(span.start_s), (), ()
            )
        )
    return shown


def _turn_of(span: Span, *, turns: Sequence[Turn], quote: str) -> int | None:
    """The turn that a place is about: the one with the quoted words, else the longest shared time.

    Between equals it is the agent's, whose card this is.
    """
    near = [(i, t) for i, t in enumerate(turns) if t.span.overlap_s(span) > 0]
    if not near:
        return None
    return max(near, key=lambda it: (quote in it[1].text, it[1].span.overlap_s(span), it[1].role == "agent"))[
        0
    ]


def _view(turn: Turn, *, index: int, tags: Mapping[str, Finding]) -> TurnView:
    quotes = [(_bare(f.quote), f.verdict) for f in tags.values() if f.quote]
    return TurnView(
        index=index,
        role=turn.role,
        name=labels.word(labels.ROLES, turn.role),
        start_s=round(turn.start_s, 3),
        end_s=round(turn.end_s, 3),
        clock=clock(turn.start_s),
        runs=_runs(turn, quotes=quotes),
        tags=tuple((anchor, clean(f.rule), f.verdict) for anchor, f in tags.items()),
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
    return tuple(Run(named_tokens(clean(run.text)), run.suspect, run.quoted) for run in runs)
