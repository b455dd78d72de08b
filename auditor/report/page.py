"""What the page of one call shows, as values: the template prints them and decides nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.records import CallAudit, Finding, Points, Verdict
from auditor.report import labels
from auditor.report.card import (
    Card,
    Item,
    number,
    reach_words,
    reason_text,
    requirement,
    result_words,
    score_words,
    section_points,
    sort_findings,
)
from auditor.report.facts import cautions, headline, is_demonstration
from auditor.report.timeline import Timeline, lay_out_timeline
from auditor.report.transcript import TurnView, view_turns
from auditor.report.typeset import chinese, clean, clock


@dataclass(frozen=True, slots=True)
class Place:
    """A moment to listen to."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding as a card."""

    anchor: str
    rule: str
    title: str
    verdict: str
    badge: str
    places: tuple[Place, ...]
    quote: str
    reason: str
    asked: tuple[str, str]
    also: tuple[str, ...]
    confidence: str
    measured: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Finding cards under one heading."""

    kind: str
    title: str
    hint: str
    items: tuple[FindingView, ...]


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section's points and what passed in it."""

    name: str
    percent: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything on the page of one call."""

    call_id: str
    facts: Mapping[str, str]
    cautions: tuple[str, ...]
    demonstration: str
    result: str
    result_words: str
    reason: str
    percent: str
    worst: float | None
    best: float | None
    score: float | None
    reach: str
    counts: tuple[tuple[str, str, int], ...]
    sections: tuple[SectionView, ...]
    groups: tuple[Group, ...]
    passes: tuple[tuple[str, tuple[FindingView, ...]], ...]
    not_applicable: tuple[FindingView, ...]
    timeline: Timeline
    turns: tuple[TurnView, ...]
    not_audible: tuple[str, ...]
    data: Mapping[str, object]


def make_page(audit: CallAudit, *, peaks: Sequence[Sequence[float]], wording: Mapping[str, str]) -> Page:
    """Turn an audit into what the template prints; see `auditor.report.html.render_html`."""
    card = sort_findings(audit)
    told = [*card.critical, *card.fails, *card.reviews]
    anchors = {item.finding.rule: f"f-{index}" for index, item in enumerate(told, start=1)}
    marked = [(anchors[item.finding.rule], item.finding) for item in told]
    timeline = lay_out_timeline(audit, peaks=peaks, anchors=marked)
    score = audit.scorecard
    return Page(
        call_id=clean(audit.call_id),
        facts=headline(audit),
        cautions=cautions(audit),
        demonstration=labels.DEMONSTRATION_LINE if is_demonstration(audit) else "",
        result=score.result,
        result_words=result_words(audit),
        reason=chinese(score.reason),
        percent=score_words(audit),
        worst=score.worst_percent,
        best=score.best_percent,
        score=None if score.result == "not_scored" else score.points.percent,
        reach=reach_words(audit),
        counts=_counts(card),
        sections=tuple(_section(name, points) for name, points in section_points(audit)),
        groups=_groups(card, anchors=anchors, wording=wording),
        passes=tuple(
            (labels.section_name(name), tuple(_view(Item(f, 0.0), anchor="", wording="") for f in group))
            for name, group in card.passes
        ),
        not_applicable=tuple(_view(Item(f, 0.0), anchor="", wording="") for f in card.not_applicable),
        timeline=timeline,
        turns=view_turns(audit.evidence.turns, marked=marked),
        not_audible=tuple(chinese(thing) for thing in audit.not_audible),
        data=_data(audit, marked=marked, duration_s=timeline.duration_s),
    )


def _section(name: str, points: Points) -> SectionView:
    text = f"{number(points.earned)}/{number(points.possible)}"
    return SectionView(labels.section_name(name), points.percent, text)


def _counts(card: Card) -> tuple[tuple[str, str, int], ...]:
    """How many findings each verdict has, as the groups below count them: repeats once."""
    told = [item.finding.verdict for item in (*card.critical, *card.fails, *card.reviews)]
    counts: dict[Verdict, int] = {
        "fail": told.count("fail"),
        "needs_review": told.count("needs_review"),
        "pass": sum(len(findings) for _, findings in card.passes),
        "not_applicable": len(card.not_applicable),
    }
    return tuple((verdict, labels.VERDICTS[verdict], count) for verdict, count in counts.items())


def _groups(card: Card, *, anchors: Mapping[str, str], wording: Mapping[str, str]) -> tuple[Group, ...]:
    told = (
        ("critical", "一票否决项", "先确认这里：复核确认之前不作最终结论", card.critical),
        ("fail", "不合格", "按扣分从多到少", card.fails),
        ("needs_review", "需要人听", "机器听不准，不扣分；点时间即可听", card.reviews),
    )
    return tuple(
        Group(
            kind,
            title,
            hint,
            tuple(
                _view(item, anchor=anchors[item.finding.rule], wording=wording.get(item.finding.rule, ""))
                for item in items
            ),
        )
        for kind, title, hint, items in told
        if items
    )


def _view(item: Item, *, anchor: str, wording: str) -> FindingView:
    finding = item.finding
    return FindingView(
        anchor=anchor,
        rule=clean(finding.rule),
        title=chinese(finding.title),
        verdict=finding.verdict,
        badge=_badge(item),
        places=tuple(Place(round(s.start_s, 3), round(s.end_s, 3), clock(s.start_s)) for s in finding.at),
        quote=clean(finding.quote or ""),
        reason=reason_text(finding),
        asked=requirement(finding, wording=wording),
        also=tuple(f"{clean(f.rule)} {chinese(f.title)}" for f in item.also),
        confidence=f"{finding.confidence:.0%}" if math.isfinite(finding.confidence) else "",
        measured=tuple(
            (clean(name), f"{value:.4g}")
            for name, value in sorted(finding.measured.items())
            if math.isfinite(value)
        ),
    )


def _badge(item: Item) -> str:
    finding = item.finding
    if finding.verdict == "needs_review":
        return "待复核" if finding.critical else "待听"
    if finding.verdict != "fail":
        return labels.VERDICTS[finding.verdict]
    if finding.same_as:
        return f"见 {clean(finding.same_as)}"
    if finding.critical:
        return "一票否决 · 待复核确认"
    return f"扣 {number(item.points_lost)} 分" if item.points_lost > 0 else "不扣分"


def _data(audit: CallAudit, *, marked: Sequence[tuple[str, Finding]], duration_s: float) -> dict[str, object]:
    """What the page's script needs: times only, no text."""
    places = [
        {"anchor": anchor, "start": round(span.start_s, 3), "end": round(span.end_s, 3)}
        for anchor, finding in marked
        for span in finding.at[:1]
    ]
    return {
        "duration": round(duration_s, 3),
        "turns": [[round(turn.start_s, 3), round(turn.end_s, 3)] for turn in audit.evidence.turns],
        "findings": sorted(places, key=lambda place: float(str(place["start"]))),
    }
