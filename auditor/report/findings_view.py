"""Findings as a page shows them: one view each, by section, and folded where nothing was asked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from auditor.records import Finding, Points
from auditor.report import labels
from auditor.report.card import Card, Item, number, reason_text, requirement
from auditor.report.masked import named_tokens
from auditor.report.reviewed import Decision, Reviewed
from auditor.report.standard import Standard
from auditor.report.typeset import chinese, clean
from auditor.text.clock import clock

# More buttons than this are a wall; the others stand on the timeline and in the transcript.
_PLACES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Place:
    """A moment to listen to."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding as a row of the page.

    Attributes:
        id: the element's id, ``finding-P3.2b``: what a link leads to.
        rule: the rule's id.
        verdict: the machine's; ``kind`` is the same, but ``critical`` for a failed critical item.
        badge: the verdict in words, with what is still open about it.
        cost: ``−5.2`` points of the percent score; empty where it costs nothing.
        places: where it is heard; ``more_places`` counts those left out.
        asked: (label, text) of how it should have been; both empty where the title says it all.
        also: (id, text) of the findings that show the same fault and cost nothing.
        measured: (name, figure) of what it rests on, in words.
        decision: what a reviewer said, None before.
        decided: the decision in words.
    """

    id: str
    rule: str
    title: str
    verdict: str
    kind: str
    badge: str
    cost: str
    places: tuple[Place, ...]
    more_places: int
    quote: str
    reason: str
    asked: tuple[str, str]
    also: tuple[tuple[str, str], ...]
    confidence: str
    measured: tuple[tuple[str, str], ...]
    decision: Decision | None
    decided: str

    @property
    def overruled(self) -> bool:
        """Whether a reviewer holds another verdict to be right."""
        return self.decision is not None and self.decision.verdict != self.verdict


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section of the course: its points, what failed or is open, and what passed."""

    id: str
    name: str
    percent: float | None
    points: str
    items: tuple[FindingView, ...]
    passes: tuple[FindingView, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """Rules that were not asked of this call, in one line: whose they are, why, and which."""

    title: str
    why: str
    items: tuple[FindingView, ...]


@dataclass(frozen=True, slots=True)
class Views:
    """Makes views with what the rulebook and the reviewers add."""

    standard: Standard
    reviewed: Reviewed

    def of(self, item: Item) -> FindingView:
        """The view of a finding with its cost and its repeats."""
        finding = item.finding
        decision = self.reviewed.decisions.get(finding.rule)
        critical = finding.critical and finding.verdict == "fail"
        shown = finding.at[:_PLACES_SHOWN]
        told = finding.verdict in ("fail", "needs_review")
        wording = self.standard.wording.get(finding.rule, "") if told else ""
        return FindingView(
            id=labels.anchor(finding.rule),
            rule=clean(finding.rule),
            title=chinese(finding.title),
            verdict=finding.verdict,
            kind="critical" if critical else finding.verdict,
            badge=_badge(finding, decision=decision),
            cost=f"−{number(item.points_lost)} 分" if item.points_lost > 0 else "",
            places=tuple(Place(round(s.start_s, 3), round(s.end_s, 3), clock(s.start_s)) for s in shown),
            more_places=len(finding.at) - len(shown),
            quote=_bare(named_tokens(clean(finding.quote or ""))),
            reason=named_tokens(reason_text(finding)),
            asked=requirement(finding, wording=wording),
            also=tuple((labels.anchor(f.rule), f"{clean(f.rule)} {chinese(f.title)}") for f in item.also),
            confidence=f"{finding.confidence:.0%}" if math.isfinite(finding.confidence) else "",
            measured=tuple(
                (label.label, labels.in_unit(value, label))
                for name, label in labels.PROOFS.items()
                if math.isfinite(value := finding.measured.get(name, math.nan))
            ),
            decision=decision,
            decided=_decided(finding, decision=decision),
        )

    def plain(self, finding: Finding) -> FindingView:
        """The view of a finding that costs nothing."""
        return self.of(Item(finding, 0.0))


def view_sections(card: Card, *, points: Mapping[str, Points], views: Views) -> tuple[SectionView, ...]:
    """What each section got, in the order of the course; sections of which nothing applied are left out."""
    items = [*card.fails, *card.reviews]
    passes = dict(card.passes)
    critical = {item.finding.section for item in card.critical}
    names = {item.finding.section for item in items} | set(passes) | critical
    return tuple(
        SectionView(
            id=f"section-{'-'.join(name.split())}",
            name=labels.section_name(name),
            percent=points[name].percent if name in points else None,
            points=f"{number(points[name].earned)} / {number(points[name].possible)}"
            if name in points
            else "",
            items=tuple(views.of(item) for item in items if item.finding.section == name),
            passes=tuple(views.plain(finding) for finding in passes.get(name, ())),
        )
        for name in sorted(names, key=labels.section_order)
    )


def fold_inapplicable(findings: Sequence[Finding], *, views: Views) -> tuple[Fold, ...]:
    """What was not asked: no data first, then what did not arise, then a line per script of other calls."""
    folds: dict[tuple[int, str, str], list[Finding]] = {}
    for found in findings:
        finding = found
        if finding.reason_code in ("line", "direction", "caller"):
            finding = replace(found, reason="")  # the line above says it once
            key = (2, labels.script_name(finding.section), "本通话用不着")
        elif finding.reason_code == "no_data":
            key = (0, "录音没有数据", "无从判起")
        else:
            key = (1, "情形没有出现", "本通话里没有遇到")
        folds.setdefault(key, []).append(finding)
    ordered = sorted(
        folds.items(), key=lambda entry: (entry[0][0], labels.section_order(entry[1][0].section))
    )
    return tuple(
        Fold(title, why, tuple(views.plain(finding) for finding in group))
        for (_, title, why), group in ordered
    )


def _badge(finding: Finding, *, decision: Decision | None) -> str:
    words = labels.word(labels.VERDICTS, finding.verdict)
    if finding.verdict not in ("fail", "needs_review"):
        return words
    if finding.same_as:
        return f"{words} · 见 {clean(finding.same_as)}"
    if not finding.critical:
        return words
    if finding.verdict == "needs_review":
        return "一票否决项 · 待复核"
    return "一票否决 · 复核已确认" if decision and decision.verdict == "fail" else "一票否决 · 待复核"


def _decided(finding: Finding, *, decision: Decision | None) -> str:
    """``复核改判合格（李明 3月12日）：客户先说了谢谢``."""
    if decision is None:
        return ""
    word = labels.word(labels.VERDICTS, decision.verdict)
    done = f"复核确认{word}" if decision.verdict == finding.verdict else f"复核改判{word}"
    signed = clean(" ".join(filter(None, (decision.by, decision.when))))
    parts = (f"{done}（{signed}）" if signed else done, clean(decision.reason))
    told = "：".join(part for part in parts if part)
    return f"{told}　{clean(decision.state)}" if decision.state else told


def _bare(quote: str) -> str:
    """The words without marks around them: the page sets its own."""
    return quote.removeprefix("「").removesuffix("」") if quote.startswith("「") else quote
