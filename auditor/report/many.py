"""What agent and team reports share: their parts as values, and how figures of many calls are put in words.

Fairness, as all reports keep it: an item in review costs nobody a point; a failed critical item that no
reviewer confirmed is 待复核; with fewer than `FEW` scored calls there is no ranking and a caution; a
difference is called one only where the intervals say so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from auditor.records import Points, Share
from auditor.report import labels
from auditor.report.typeset import chinese, clean
from auditor.store.adding import ClauseSum, Sums, rule_order
from auditor.text.clock import clock
from auditor.text.masked import readable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from auditor.records import Verdict
    from auditor.report.periods import Period
    from auditor.rulebook.schema import Rulebook
    from auditor.store.clips import Clip
    from auditor.store.editions import Edition
    from auditor.store.worklists import CallLine

FORMAT = 1  # of the JSON
FEW = 10  # scored calls; below it nobody is ranked
# Standard errors of a difference that is called one: 99.7 %, since a report compares dozens of clauses, of
# which 95 % would mark some by chance alone. [O]
SURE = 3.0
DASH = "—"


@dataclass(frozen=True, slots=True)
class Basis:
    """What a report rests on: one rulebook, one model, a stretch of days, a zone for its clocks."""

    period: Period
    edition: Edition
    demonstration: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """Of all clocks in the report."""
        return self.period.zone

    @property
    def made_by(self) -> tuple[tuple[str, str], ...]:
        """Rulebook and model for the foot of the page."""
        edition = self.edition
        model = f"{edition.model}（{(edition.model_sha256 or '')[:12]}）" if edition.model else "未用识别模型"
        return (
            ("规则", f"{edition.rulebook}（{edition.rulebook_sha256[:12]}）"),
            ("模型", clean(model)),
            ("时区", str(self.zone)),
        )


@dataclass(frozen=True, slots=True)
class Coaching:
    """What the rulebook adds to its rules: the course's wording, hints, marks."""

    wording: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
    critical: frozenset[str] = frozenset()
    order: tuple[str, ...] = ()
    pass_mark: float | None = None


def read_coaching(book: Rulebook) -> Coaching:
    """What reports on many calls need of a rulebook."""
    from auditor.report.standard import read_standard  # noqa: PLC0415  (it binds every kind)

    return Coaching(
        wording=read_standard(book, line=book.settings.default_line).wording,
        hints={rule.id: rule.hint for rule in book.rules if rule.hint},
        critical=frozenset(rule.id for rule in book.rules if rule.critical),
        order=tuple(rule.id for rule in book.rules),
        pass_mark=book.pass_mark,
    )


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch to listen to, with what proves it."""

    audit_id: int
    call_id: str
    agent: str
    rule: str
    start_s: float
    clock: str
    when: str
    quote: str
    reason: str
    verdict: Verdict
    critical: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class ClauseLine:
    """One rule: the agent's or team's own sums beside those of the reference and of the time before."""

    rule: str
    title: str
    section: str
    critical: bool
    mine: ClauseSum
    others: ClauseSum | None
    before: ClauseSum | None
    hint: str
    wording: str


@dataclass(frozen=True, slots=True)
class SectionLine:
    """One section's points."""

    section: str
    name: str
    mine: Points
    others: Points | None
    before: Points | None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trend."""

    label: str
    first: str
    mine: Sums
    others: Sums


@dataclass(frozen=True, slots=True)
class CallView:
    """A call in a list; ``items`` are (rule, title, verdict) of what is to be looked at."""

    audit_id: int
    call_id: str
    agent: str
    when: str
    percent: str
    result: str
    words: str
    reviewed: str
    clock: str
    items: tuple[tuple[str, str, Verdict], ...] = ()


def clause_lines(
    mine: Sums, *, others: Sums | None, before: Sums | None, coaching: Coaching
) -> tuple[ClauseLine, ...]:
    """All clauses that were judged or are in review, in the order of the rulebook."""

    def of(sums: Sums | None) -> dict[str, ClauseSum]:
        return {} if sums is None else {each.rule: each for each in sums.clauses}

    theirs, earlier = of(others), of(before)
    places = {rule: number for number, rule in enumerate(coaching.order)}
    lines = [
        ClauseLine(
            rule=clean(each.rule),
            title=chinese(each.title),
            section=each.section,
            critical=each.rule in coaching.critical,
            mine=each,
            others=theirs.get(each.rule),
            before=earlier.get(each.rule),
            hint=coaching.hints.get(each.rule, ""),
            wording=chinese(coaching.wording.get(each.rule, "")),
        )
        for each in mine.clauses
    ]
    unknown = len(places)
    return tuple(sorted(lines, key=lambda line: (places.get(line.rule, unknown), rule_order(line.rule))))


def section_lines(mine: Sums, *, others: Sums | None, before: Sums | None) -> tuple[SectionLine, ...]:
    """The sections in the order of the course."""
    sections = mine.sections
    theirs = {} if others is None else others.sections
    earlier = {} if before is None else before.sections
    return tuple(
        SectionLine(name, labels.section_name(name), sections[name], theirs.get(name), earlier.get(name))
        for name in sorted(sections, key=labels.section_order)
    )


def trend(period: Period, mine: Sequence[Sums], others: Sequence[Sums], *, coarser: bool) -> tuple[Step, ...]:
    """The steps of the period with what they add up to; ``coarser`` as they were asked for."""
    days = period.steps(coarser=coarser)
    months = any((after - day).days > 7 for day, after in pairwise(days))
    return tuple(
        Step(f"{day:%Y-%m}" if months else f"{day:%m-%d}", f"{day:%Y-%m-%d}", own, theirs)
        for day, own, theirs in zip(days, mine, others, strict=False)
    )


def place_of(clip: Clip, *, zone: ZoneInfo) -> Place:
    """A clip as reports show it; masked numbers as tokens."""
    start_s = clip.at[0].start_s
    return Place(
        audit_id=clip.audit_id,
        call_id=clean(readable(clip.call_id)),
        agent=clean(clip.agent or ""),
        rule=clip.rule,
        start_s=start_s,
        clock=clock(start_s),
        when=moment(clip.started_at, zone=zone),
        quote=clean(readable(clip.quote or "")),
        reason=chinese(readable(clip.reason)),
        verdict=clip.verdict,
        critical=clip.critical,
        confidence=clip.confidence,
    )


def call_view(call: CallLine, *, zone: ZoneInfo, items: Sequence[tuple[str, str, Verdict]] = ()) -> CallView:
    """A call as lists show it."""
    name = call.agent_name or call.agent or DASH
    return CallView(
        audit_id=call.audit_id,
        call_id=clean(readable(call.call_id)),
        agent=clean(name if call.agent in (None, name) else f"{name}（{call.agent}）"),
        when=moment(call.started_at, zone=zone),
        percent=DASH if call.result == "not_scored" else percent_words(call.percent),
        result=call.result,
        words=result_words(call),
        reviewed=percent_words(call.reviewed_percent) if call.reviewed_result else "",
        clock=clock(call.duration_s),
        items=tuple((clean(rule), chinese(title), verdict) for rule, title, verdict in items),
    )


def result_words(call: CallLine) -> str:
    """合格 / 不合格 / 待复核 / 不评分, and how far a critical item got."""
    if call.reviewed_result is not None and not call.open_critical:
        return f"复核：{labels.word(labels.RESULTS, call.reviewed_result)}"
    if call.critical:
        return "一票否决待复核"
    return labels.word(labels.RESULTS, call.result)


def left_out_words(calls: int) -> str:
    """That calls of the period are not counted, since they belong to other editions, and what helps."""
    return (
        f"这段时间另有 {calls} 通只按其他规则或其他模型评过，不能相加，未计入；"
        "规则不同的，可用 auditor rescore 全部重评"
    )


def moment(when: datetime | None, *, zone: ZoneInfo) -> str:
    """``11-02 14:03`` with its year; a dash where nobody knows."""
    return DASH if when is None else f"{when.astimezone(zone):%Y-%m-%d %H:%M}"


def percent_words(percent: float | None) -> str:
    """One decimal; a dash when nothing was judged."""
    return DASH if percent is None else f"{percent:.1f}"


def share_words(share: Share) -> str:
    """``83%``; a dash when nothing was counted."""
    return DASH if share.value is None else f"{_percent(share)}%"


def _percent(share: Share) -> str:
    """0 and 100 only if truly so."""
    assert share.value is not None
    rounded = round(100 * share.value)
    if 0 < share.hits < share.of:
        rounded = min(99, max(1, rounded))
    return str(rounded)


def interval_words(share: Share) -> str:
    """``95% 区间 70–97%``; nothing where there is none."""
    if share.interval is None:
        return ""
    low, high = share.interval
    return f"{100 * low:.0f}–{100 * high:.0f}%"


def change_words(now: float | None, before: float | None, *, unit: str = "分") -> str:
    """``比上期 +1.2 分``; nothing where one of them is missing."""
    if now is None or before is None:
        return ""
    change = round(now - before, 1)
    return f"{change:+.1f} {unit}" if change else "持平"


def is_better(mine: Share, than: Share) -> bool:
    """Whether the whole interval of `SURE` standard errors lies above the other share."""
    bounds = mine.bounds(SURE)
    return bounds is not None and than.value is not None and bounds[0] > than.value


def is_worse(mine: Share, than: Share) -> bool:
    """Whether the whole interval of `SURE` standard errors lies below the other share."""
    bounds = mine.bounds(SURE)
    return bounds is not None and than.value is not None and bounds[1] < than.value
