"""The scorecard as text: what a supervisor reads in a terminal, a mail or a log, without a manual.

The order is the order of use: what the call is, the result, what cannot wait, what went wrong, what
to listen to, what was right, the figures, and what no recording can show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from auditor.records import CallAudit, Finding
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
from auditor.report.facts import cautions, figures, headline, is_demonstration
from auditor.report.masked import with_tokens
from auditor.report.textlines import across, heading, indented, row
from auditor.report.typeset import chinese, clean, flow, pad, wrap
from auditor.text.clock import clock

if TYPE_CHECKING:
    from rich.console import Console

# Columns: longer lines are hard to read, and a narrow terminal still holds a clause id and a clock.
_WIDEST = 100
_NARROWEST = 40
_LABEL = 6
_SECTION = 14
_RULE_ID = 7
_PLACES = 3

_STYLES: Mapping[str, str] = {
    "pass": "bold green",
    "fail": "bold red",
    "needs_review": "bold yellow",
    "not_scored": "bold",
    "not_applicable": "dim",
}


def render_text(audit: CallAudit, *, console: Console, wording: Mapping[str, str] | None = None) -> None:
    """Print the scorecard of one call in Chinese.

    Args:
        audit: The audited call.
        console: Where to print; its width (40 to 100 columns are used) and colours are respected.
        wording: Rule id -> the wording that the course mandates, shown under what went wrong.
    """
    width = min(max(console.width, _NARROWEST), _WIDEST)
    audit = with_tokens(audit)
    card = sort_findings(audit)
    said = wording or {}
    blocks = (
        _head(audit, width=width),
        _score(audit, width=width),
        _items("一票否决项", card.critical, width=width, wording=said),
        _items("不合格", card.fails, width=width, wording=said),
        _items("需要人听", card.reviews, width=width, wording=said),
        _passes(card, width=width),
        _figures(audit, width=width),
        _not_audible(audit, width=width),
        _provenance(audit, width=width),
    )
    for index, block in enumerate(block for block in blocks if block):
        if index:
            console.print()
        for line in block:
            console.print(line, highlight=False, soft_wrap=True)


def _head(audit: CallAudit, *, width: int) -> list[Text]:
    name = f"通话质检评分卡  {clean(audit.call_id)}"
    lines = [Text(line, style="bold") for line in wrap(name, width=width)]
    lines.append(across(width))
    if is_demonstration(audit):
        lines += [Text(line, style="bold yellow") for line in wrap(labels.DEMONSTRATION_LINE, width=width)]
    for label, text in headline(audit).items():
        lines += row(pad(label, width=_LABEL), text, width=width)
    for index, text in enumerate(cautions(audit)):
        lines += row(pad("注意" if index == 0 else "", width=_LABEL), text, width=width, style="yellow")
    return lines


def _score(audit: CallAudit, *, width: int) -> list[Text]:
    card = audit.scorecard
    shown, result = score_words(audit), result_words(audit)
    line = Text("得分  ", style="bold").append(shown, style=_STYLES[card.result])
    verdict = Text("结论  ", style="bold").append(result, style=_STYLES[card.result])
    # Side by side where the terminal is wide enough.
    if line.cell_len + 4 + verdict.cell_len <= width:
        lines = [line.append("    ").append_text(verdict)]
    else:
        lines = [line, verdict]
    reach = reach_words(audit)
    if reach:
        lines += row(pad("范围", width=_LABEL), reach, width=width)
    if card.reason:
        lines += row(pad("原因", width=_LABEL), chinese(card.reason), width=width)
    for section, points in section_points(audit):
        if points.percent is None:
            continue
        text = f"{number(points.percent)} 分  ({number(points.earned)}/{number(points.possible)})"
        lines += row(pad(labels.section_name(section), width=14), text, width=width, indent=_LABEL)
    return lines


def _items(title: str, items: Sequence[Item], *, width: int, wording: Mapping[str, str]) -> list[Text]:
    if not items:
        return []
    lines = [heading(title, len(items), width=width)]
    for item in items:
        lines += _item(item, width=width, wording=wording.get(item.finding.rule))
    return lines


def _item(item: Item, *, width: int, wording: str | None) -> list[Text]:
    """One finding: id, title and cost; then clock and quote, reason, better wording, repeats."""
    finding = item.finding
    cost = _cost(item)
    inner = _RULE_ID + 2
    titles = wrap(chinese(finding.title), width=width - inner - cell_len(cost) - 2)
    first = Text(pad(clean(finding.rule), width=_RULE_ID) + "  ", style=_STYLES[finding.verdict])
    first.append(titles[0], style="bold")
    first.append(" " * max(2, width - cell_len(first.plain) - cell_len(cost)))
    first.append(cost, style=_STYLES[finding.verdict])
    lines = [first, *(indented(text, indent=inner, style="bold") for text in titles[1:])]
    reason = reason_text(finding)
    heard = "  ".join(part for part in (_places(finding), _quoted(finding) or reason) if part)
    told = [
        (heard, "cyan" if finding.quote else ""),
        (reason if finding.quote else "", ""),
        ("：".join(requirement(finding, wording=wording)).strip("："), "green"),
        (_also(item), "dim"),
    ]
    for text, style in told:
        if text:
            lines += [indented(line, indent=inner, style=style) for line in wrap(text, width=width - inner)]
    return lines


def _cost(item: Item) -> str:
    finding = item.finding
    if finding.verdict == "needs_review":
        return "待复核"
    if finding.same_as:
        return f"见 {clean(finding.same_as)}"
    if finding.critical:
        return "一票否决 · 待复核确认"
    return f"扣 {number(item.points_lost)} 分" if item.points_lost > 0 else "不扣分"


def _places(finding: Finding) -> str:
    shown = "、".join(clock(span.start_s) for span in finding.at[:_PLACES])
    return f"{shown} 等 {len(finding.at)} 处" if len(finding.at) > _PLACES else shown


def _quoted(finding: Finding) -> str:
    if not finding.quote:
        return ""
    quote = clean(finding.quote)
    return quote if quote.startswith("「") else f"「{quote}」"


def _also(item: Item) -> str:
    if not item.also:
        return ""
    names = "、".join(f"{clean(f.rule)} {chinese(f.title)}" for f in item.also)
    return f"同一处也涉及 {names}（不重复扣分）"


def _passes(card: Card, *, width: int) -> list[Text]:
    count = sum(len(findings) for _, findings in card.passes)
    lines = [heading("合格", count, width=width)] if count else []
    for section, findings in card.passes:
        lines += _titles(labels.section_name(section), findings, width=width, style="green")
    if card.not_applicable:
        name = f"不适用 {len(card.not_applicable)} 项"
        lines += _titles(name, card.not_applicable, width=width, style="dim")
    return lines


def _titles(name: str, findings: Sequence[Finding], *, width: int, style: str) -> list[Text]:
    """A section's rules, each with its title: an id alone says nothing without the manual."""
    titled = [f"{clean(finding.rule)} {chinese(finding.title)}" for finding in findings]
    lines = flow(titled, width=width - _SECTION)
    return [
        line
        for index, text in enumerate(lines)
        for line in row(pad("" if index else name, width=_SECTION), text, width=width, style=style)
    ]


def _figures(audit: CallAudit, *, width: int) -> list[Text]:
    shown = [figure for figure in figures(audit) if figure.main]
    if not shown:
        return []
    lines = [heading("测得", None, width=width)]
    for party, name in (("agent", "客服"), ("call", "通话")):
        told = [f"{f.label} {f.text}" for f in shown if f.party == party and f.known]
        # What could not be measured: once per reason, not once per figure.
        missing: dict[str, list[str]] = {}
        for figure in shown:
            if figure.party == party and not figure.known:
                missing.setdefault(figure.text, []).append(figure.label)
        flowed = flow(told, width=width - _LABEL)
        flowed += [f"未得：{'、'.join(names)}（{reason}）" for reason, names in missing.items()]
        for index, line in enumerate(flowed):
            lines += row(pad("" if index else name, width=_LABEL), line, width=width)
    return lines


def _not_audible(audit: CallAudit, *, width: int) -> list[Text]:
    if not audit.not_audible:
        return []
    text = "；".join(chinese(thing) for thing in audit.not_audible)
    return [
        heading("录音听不出、不评分", None, width=width),
        *(Text(line, style="dim") for line in wrap(text, width=width)),
    ]


def _provenance(audit: CallAudit, *, width: int) -> list[Text]:
    made = audit.provenance
    model = f"模型 {made.model}" if made.model else "未用识别模型"
    text = f"程序 {made.auditor} · 规则 {made.rulebook} ({made.rulebook_sha256[:8]}) · {model}"
    return [across(width), *(Text(line, style="dim") for line in wrap(clean(text), width=width))]
