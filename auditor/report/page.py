"""What the page of one call shows, as values: the templates print them and decide nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.records import CallAudit, Finding, Measurement, Provenance, Result
from auditor.report import labels
from auditor.report.card import (
    number,
    reach_words,
    result_words,
    score_words,
    section_points,
    sort_findings,
)
from auditor.report.facts import cautions, figure_text, headline, is_demonstration, line_words
from auditor.report.findings_view import (
    FindingView,
    Fold,
    SectionView,
    Views,
    fold_inapplicable,
    view_sections,
)
from auditor.report.masked import named_tokens, with_tokens
from auditor.report.reviewed import NOT_REVIEWED, Reviewed
from auditor.report.standard import NO_STANDARD, Standard
from auditor.report.timeline import Timeline, lay_out_timeline
from auditor.report.transcript import TurnView, view_turns
from auditor.report.typeset import chinese, clean

# What a table cell says, and whether that is a value rather than the reason why there is none.
Cell = tuple[str, bool]
_WORST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class ScoreView:
    """A score with its result: the machine's, or the one after review."""

    label: str
    percent: float | None
    text: str
    result: Result
    words: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything on the page of one call; times in seconds, marks in percent of the call's length.

    Attributes:
        facts: label -> text of what is known of the call before any verdict.
        cautions: what to know before trusting the card.
        demonstration: not empty: the model must not be used on real agents.
        machine: the score as it was judged; ``reviewed`` the score after review, None before one.
        reason: why the result is what it is.
        worst, best: percent with every item in review failed, passed; None when nothing was judged.
        pass_mark: percent, None when unknown.
        reach: ``worst`` and ``best`` in words.
        counts: (verdict, name, number) as the groups below count them: repeats once.
        costliest: the findings that cost most, costliest first; none that a reviewer overruled.
        critical: failed or open critical items.
        sections: what each section of the course got, in the course's order.
        inapplicable: what was not asked of this call, folded.
        party_figures, call_figures: (figure, cell of each party), of what was measured of anybody.
        unmeasured: (reason, figures) of what was measured of nobody.
        line: the call's line and direction.
        turns: the transcript with pauses between.
        data: what the page's script needs: times only, no text.
    """

    call_id: str
    facts: Mapping[str, str]
    cautions: tuple[str, ...]
    demonstration: str
    machine: ScoreView
    reviewed: ScoreView | None
    reason: str
    worst: float | None
    best: float | None
    pass_mark: float | None
    reach: str
    counts: tuple[tuple[str, str, int], ...]
    costliest: tuple[FindingView, ...]
    critical: tuple[FindingView, ...]
    sections: tuple[SectionView, ...]
    inapplicable: tuple[Fold, ...]
    timeline: Timeline
    turns: tuple[TurnView, ...]
    transcript_source: str
    party_figures: tuple[tuple[str, Cell, Cell], ...]
    call_figures: tuple[tuple[str, Cell], ...]
    unmeasured: tuple[tuple[str, tuple[str, ...]], ...]
    not_audible: tuple[str, ...]
    provenance: tuple[tuple[str, str], ...]
    line: str
    data: Mapping[str, object]


def make_page(
    audit: CallAudit,
    *,
    peaks: Sequence[Sequence[float]] = (),
    standard: Standard = NO_STANDARD,
    reviewed: Reviewed = NOT_REVIEWED,
) -> Page:
    """Turn an audit into what `templates/call_body.html` prints.

    Args:
        audit: The audited call, masked or not.
        peaks: Per leg the peak of each bin in 0..1 (`auditor.audio.encode.waveform_peaks`); empty: the
            waveform is drawn from the levels in the evidence, coarser and without opening the recording.
        standard: What the rulebook adds (`auditor.report.standard.read_standard`).
        reviewed: What reviewers decided about this scorecard's findings.
    """
    audit = with_tokens(audit)
    card, score = sort_findings(audit), audit.scorecard
    views = Views(standard=standard, reviewed=reviewed)
    critical = tuple(views.of(item) for item in card.critical)
    told = [*card.critical, *card.fails, *card.reviews]
    marked = [item.finding for item in told]
    timeline = lay_out_timeline(audit, peaks=peaks, marked=marked, standard=standard)
    costly = [views.of(item) for item in card.fails if item.points_lost > 0]
    verdicts = [finding.verdict for finding in marked]
    counts = {
        "fail": verdicts.count("fail"),
        "needs_review": verdicts.count("needs_review"),
        "pass": sum(len(findings) for _, findings in card.passes),
        "not_applicable": len(card.not_applicable),
    }
    return Page(
        call_id=named_tokens(clean(audit.call_id)),
        facts={name: named_tokens(text) for name, text in headline(audit).items()},
        cautions=cautions(audit),
        demonstration=labels.DEMONSTRATION_LINE if is_demonstration(audit) else "",
        machine=ScoreView(
            "机器评分",
            None if score.result == "not_scored" else score.points.percent,
            score_words(audit),
            score.result,
            result_words(audit),
        ),
        reviewed=_reviewed_score(reviewed),
        reason=chinese(score.reason),
        worst=score.worst_percent,
        best=score.best_percent,
        pass_mark=standard.pass_mark,
        reach=reach_words(audit),
        counts=tuple((verdict, labels.VERDICTS[verdict], count) for verdict, count in counts.items()),
        costliest=tuple([view for view in costly if not view.overruled][:_WORST_SHOWN]),
        critical=critical,
        sections=view_sections(card, points=dict(section_points(audit)), views=views),
        inapplicable=fold_inapplicable(card.not_applicable, views=views),
        timeline=timeline,
        turns=view_turns(audit.evidence, marked=marked),
        transcript_source=labels.word(labels.TRANSCRIPT_SOURCES, audit.evidence.transcript_source),
        party_figures=_party_figures(audit),
        call_figures=_call_figures(audit),
        unmeasured=_unmeasured(audit),
        not_audible=tuple(chinese(thing) for thing in audit.not_audible),
        provenance=_provenance(audit.provenance),
        line=line_words(audit),
        data=_data(audit, marked=marked, duration_s=timeline.duration_s),
    )


def _reviewed_score(reviewed: Reviewed) -> ScoreView | None:
    if reviewed.result is None:
        return None
    percent = None if reviewed.result == "not_scored" else reviewed.percent
    return ScoreView(
        "复核后",
        percent,
        "—" if percent is None else number(percent),
        reviewed.result,
        labels.word(labels.RESULTS, reviewed.result),
    )


def _party_figures(audit: CallAudit) -> tuple[tuple[str, Cell, Cell], ...]:
    """(figure, agent, customer), for figures that at least one of them has."""
    rows: dict[str, dict[str, Cell]] = {}
    for label, measured in _measured(audit):
        if label.party != "call":
            rows.setdefault(label.label, {})[label.party] = _cell(measured, label=label)
    return tuple(
        (name, row.get("agent", ("", True)), row.get("customer", ("", True)))
        for name, row in rows.items()
        if any(known for _, known in row.values())
    )


def _call_figures(audit: CallAudit) -> tuple[tuple[str, Cell], ...]:
    cells = [(lb.label, _cell(measured, label=lb)) for lb, measured in _measured(audit) if lb.party == "call"]
    return tuple((name, cell) for name, cell in cells if cell[1])


def _unmeasured(audit: CallAudit) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(reason, figures), once for each reason; what one party has is told in its row."""
    known = {label.label for label, measured in _measured(audit) if measured.value is not None}
    missing: dict[str, dict[str, None]] = {}
    for label, measured in _measured(audit):
        if label.label not in known:
            missing.setdefault(figure_text(measured, label=label), {})[label.label] = None
    return tuple((why, tuple(names)) for why, names in missing.items())


def _measured(audit: CallAudit) -> list[tuple[labels.FigureLabel, Measurement]]:
    """What was looked for, in the order of reports."""
    found = audit.evidence.measurements
    return [(lb, found[lb.party][lb.name]) for lb in labels.FIGURES if lb.name in found.get(lb.party, {})]


def _cell(measured: Measurement, *, label: labels.FigureLabel) -> Cell:
    """The figure with its error, if it has both."""
    text = figure_text(measured, label=label)
    if measured.value is None or not measured.error:
        return text, measured.value is not None
    return f"{text} ±{measured.error * label.scale:.{label.decimals}f}", True


def _provenance(made: Provenance) -> tuple[tuple[str, str], ...]:
    """What produced the audit, for the foot of the page."""
    told = (
        ("程序", made.auditor),
        ("规则", f"{made.rulebook}（{made.rulebook_sha256[:12]}）"),
        ("模型", f"{made.model}（{(made.model_sha256 or '')[:12]}）" if made.model else "未用识别模型"),
        ("引擎", made.engine or ""),
    )
    return tuple((name, clean(text)) for name, text in told if text)


def _data(audit: CallAudit, *, marked: Sequence[Finding], duration_s: float) -> dict[str, object]:
    places = [
        (round(f.at[0].start_s, 3), round(f.at[0].end_s, 3), labels.anchor(f.rule)) for f in marked if f.at
    ]
    return {
        "duration": round(duration_s, 3),
        "turns": [[round(turn.start_s, 3), round(turn.end_s, 3)] for turn in audit.evidence.turns],
        "findings": [{"start": start, "end": end, "id": id_} for start, end, id_ in sorted(places)],
    }
