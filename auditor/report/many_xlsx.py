"""Agent and team reports as XLSX: sheets with frozen headings, filters, colours by value, native charts.

Text is always written as text, never as a formula, link or number, whatever it begins with.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

from auditor.report import labels
from auditor.report.agent import VOICE, AgentReport
from auditor.report.many_table import HEAD, Value, header, rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    from auditor.records import Share
    from auditor.report.many import CallView
    from auditor.report.team import TeamReport
    from auditor.store.adding import Sums

_WIDEST = 60
_FAIL, _REVIEW, _PASS = "#f5c3b4", "#fbe8b0", "#d9ecdf"
_SCALE = {
    "type": "3_color_scale",
    **{f"{end}_type": "num" for end in ("min", "mid", "max")},
    **{"min_value": 0.5, "mid_value": 0.85, "max_value": 1.0},
    **{"min_color": _FAIL, "mid_color": _REVIEW, "max_color": _PASS},
}


class _Book:
    """A workbook with the formats that its sheets share."""

    def __init__(self, out: io.BytesIO) -> None:
        from xlsxwriter import Workbook  # noqa: PLC0415

        inert = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self.book: Workbook = Workbook(out, {**inert, "in_memory": True, "nan_inf_to_errors": False})
        self.book.set_properties({"title": "质检报告", "created": datetime(2026, 1, 1)})
        add = self.book.add_format
        self.head = add(
            {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#eceeed"}
        )
        self.one = add({"num_format": "0.0"})
        self.share = add({"num_format": "0%"})
        self.time = add({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self.title = add({"bold": True, "font_size": 16})
        self.note = add({"font_color": "#7a5200", "text_wrap": True, "valign": "top"})
        self.tones = {
            tone: add({"bg_color": colour})
            for tone, colour in (("fail", _FAIL), ("needs_review", _REVIEW), ("pass", _PASS))
        }

    def sheet(
        self,
        name: str,
        head: Sequence[str],
        body: Iterable[Sequence[Value]],
        *,
        formats: dict[int, Any] | None = None,
        frozen: int = 1,
        wide: dict[int, int] | None = None,
    ) -> tuple[Worksheet, int]:
        """A table on a sheet of its own; returns the sheet and the number of its rows."""
        sheet = self.book.add_worksheet(name)
        for column, text in enumerate(head):
            sheet.write_string(0, column, text, self.head)
        last = 0
        for last, row in enumerate(body, start=1):
            for column, value in enumerate(row):
                self.cell(sheet, last, column, value, (formats or {}).get(column))
        sheet.freeze_panes(1, frozen)
        sheet.autofilter(0, 0, max(last, 1), len(head) - 1)
        for column, text in enumerate(head):
            width = (wide or {}).get(column, min(_WIDEST, max(8, 2 * len(text) + 2)))
            sheet.set_column(column, column, width)
        return sheet, last

    def cell(self, sheet: Worksheet, row: int, column: int, value: Value, format_: Any = None) -> None:
        """One cell by the type of its value."""
        if value is None or value == "":
            return
        if isinstance(value, str):
            sheet.write_string(row, column, value, format_)
        elif isinstance(value, datetime):
            sheet.write_datetime(row, column, value, self.time)
        else:
            sheet.write_number(row, column, value, format_)

    def colours(self, sheet: Worksheet, column: int, last: int) -> None:
        """Low shares red, high ones green."""
        sheet.conditional_format(1, column, max(last, 1), column, _SCALE)


def table_bytes(name: str, head: Sequence[str], body: Iterable[Sequence[Value]]) -> bytes:
    """One table as an XLSX file."""
    out = io.BytesIO()
    book = _Book(out)
    book.sheet(name, head, body, frozen=2)
    book.book.close()
    return out.getvalue()


def xlsx_bytes(report: AgentReport | TeamReport) -> bytes:
    """The report as an XLSX file."""
    out = io.BytesIO()
    book = _Book(out)
    _summary(book, report)
    if not isinstance(report, AgentReport):
        _agents(book, report)
        _heat(book, report)
    _clauses(book, report)
    if isinstance(report, AgentReport):
        _coaching(book, report)
    _trend(book, report)
    _calls(book, "一票否决", report.critical)
    _calls(book, "待听", report.queue)
    _table(book, report)
    book.book.close()
    return out.getvalue()


def _summary(book: _Book, report: AgentReport | TeamReport) -> None:
    sheet = book.book.add_worksheet("概要")
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 3, 16)
    sheet.write_string(0, 0, report.title, book.title)
    sheet.write_string(1, 0, f"{report.basis.period.words}（上期 {report.basis.period.previous().words}）")
    for column, name in enumerate(("", "本期", "对照", "上期")):
        sheet.write_string(3, column, name, book.head)
    others = report.others if isinstance(report, AgentReport) else report.everyone
    columns = [report.total, others, report.before]
    last = 3
    for last, (name, find, format_) in enumerate(_FIGURES, start=4):
        sheet.write_string(last, 0, name)
        for column, sums in enumerate(columns, start=1):
            if sums is not None:
                book.cell(sheet, last, column, find(sums), getattr(book, format_) if format_ else None)
    reviewed = report.reviewed
    for name, value in (
        ("已复核通话", reviewed.calls),
        ("　其机评得分", reviewed.machine.percent),
        ("　其复核得分", reviewed.people.percent),
        ("一票否决（复核已确认）", reviewed.confirmed),
        ("机评一票否决（待复核）", reviewed.waiting(report.total)),
    ):
        last += 1
        sheet.write_string(last, 0, name)
        book.cell(sheet, last, 1, value)
    for text in (*report.cautions, *(f"{name} {value}" for name, value in report.basis.made_by)):
        last += 1
        sheet.merge_range(last, 0, last, 3, "", book.note)
        sheet.write_string(last, 0, text, book.note)


def _low(share: Share) -> float | None:
    return share.interval[0] if share.interval else None


def _high(share: Share) -> float | None:
    return share.interval[1] if share.interval else None


_FIGURES: tuple[tuple[str, Any, str], ...] = (
    ("得分", lambda s: s.percent, "one"),
    ("得分合计", lambda s: s.points.earned, "one"),
    ("应得合计", lambda s: s.points.possible, "one"),
    ("通话", lambda s: s.calls, ""),
    ("评分通话", lambda s: s.scored, ""),
    ("合格", lambda s: s.passed, ""),
    ("不合格", lambda s: s.failed, ""),
    ("待复核", lambda s: s.pending, ""),
    ("合格率", lambda s: s.pass_share.value, "share"),
    ("　95% 区间下限", lambda s: _low(s.pass_share), "share"),
    ("　95% 区间上限", lambda s: _high(s.pass_share), "share"),
    ("机评一票否决", lambda s: s.critical, ""),
    ("待听项", lambda s: s.in_review, ""),
)


def _score_row(sums: Sums) -> list[Value]:
    share = sums.pass_share
    return [
        sums.percent, share.value, _low(share), _high(share), sums.scored, sums.passed, sums.failed,
        sums.pending, sums.critical, sums.in_review,
    ]  # fmt: skip


_SCORE_HEAD = (
    "得分",
    "合格率",
    "区间下限",
    "区间上限",
    "评分通话",
    "合格",
    "不合格",
    "待复核",
    "机评一票否决",
    "待听项",
)


def _agents(book: _Book, report: TeamReport) -> None:
    body = [[line.rank, line.code, line.name, *_score_row(line.total)] for line in report.agents]
    formats = {3: book.one, 4: book.share, 5: book.share, 6: book.share}
    sheet, last = book.sheet("客服", ("名次", "工号", "姓名", *_SCORE_HEAD), body, formats=formats, frozen=3)
    book.colours(sheet, 4, last)
    if last:
        chart = book.book.add_chart({"type": "bar"})
        chart.add_series(
            {"name": "得分", "categories": ["客服", 1, 1, last, 1], "values": ["客服", 1, 3, last, 3],
             "data_labels": {"value": True}}
        )  # fmt: skip
        chart.set_title({"name": "得分"})
        chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True})
        chart.set_size({"width": 640, "height": 120 + 24 * last})
        sheet.insert_chart(last + 2, 1, chart)


def _heat(book: _Book, report: TeamReport) -> None:
    head = ("条款", "名称", report.name, *(line.title for line in report.agents))
    body = [
        [
            row.line.rule,
            row.line.title,
            row.line.mine.pass_share.value,
            *(None if cell is None else cell.share.value for cell in row.cells),
        ]
        for row in report.heat
    ]
    formats = dict.fromkeys(range(2, len(head)), book.share)
    sheet, last = book.sheet("客服×条款", head, body, formats=formats, frozen=2, wide={1: 26})
    for column in range(2, len(head)):
        book.colours(sheet, column, last)


def _clauses(book: _Book, report: AgentReport | TeamReport) -> None:
    head = (
        "部分", "条款", "名称", "一票否决", "合格", "不合格", "待听", "合格率", "区间下限", "区间上限",
        "对照合格率", "上期合格率", "应得", "扣分",
    )  # fmt: skip
    body = [
        [
            labels.section_name(line.section),
            line.rule,
            line.title,
            "是" if line.critical else "",
            line.mine.passed,
            line.mine.failed,
            line.mine.in_review,
            line.mine.pass_share.value,
            _low(line.mine.pass_share),
            _high(line.mine.pass_share),
            line.others.pass_share.value if line.others else None,
            line.before.pass_share.value if line.before else None,
            line.mine.points.possible,
            line.mine.cost,
        ]
        for line in report.clauses
    ]
    formats = dict.fromkeys(range(7, 12), book.share) | {12: book.one, 13: book.one}
    sheet, last = book.sheet("条款", head, body, formats=formats, frozen=3, wide={0: 14, 2: 28})
    book.colours(sheet, 7, last)
    if last:
        sheet.conditional_format(1, 13, last, 13, {"type": "data_bar", "bar_color": "#e79a8f"})


def _coaching(book: _Book, report: AgentReport) -> None:
    advice_head = ("类别", "条款", "名称", "扣分合计", "怎么练", "规范说法")
    head = (*advice_head, "通话编号", "开始时间", "位置", "原话或依据")
    body: list[list[Value]] = []
    for kind, all_told in (("改进", report.costly), ("做得好", report.praised)):
        for told in all_told:
            line = told.line
            advice = (line.mine.cost, line.hint, line.wording) if kind == "改进" else (None, "", "")
            clips = [(each.call_id, each.when, each.clock, each.quote or each.reason) for each in told.places]
            body += [[kind, line.rule, line.title, *advice, *clip] for clip in clips or [("", "", "", "")]]
    wide = {2: 24, 4: 60, 5: 40, 6: 18, 7: 18, 9: 50}
    book.sheet("改进与表扬", head, body, formats={3: book.one}, frozen=3, wide=wide)


def _trend(book: _Book, report: AgentReport | TeamReport) -> None:
    figures = [(name, f"{label}（{unit}）") for name, label, unit, _ in VOICE if name in report.total.figures]
    head = ("起始日", "得分", "对照得分", "评分通话", "合格率", *(label for _, label in figures))
    body: list[list[Value]] = []
    for step in report.steps:
        row: list[Value] = [step.first, step.mine.percent, step.others.percent, step.mine.scored]
        row.append(step.mine.pass_share.value)
        for name, _ in figures:
            spread = step.mine.figures.get(name)
            row.append(None if spread is None else spread.median)
        body.append(row)
    formats = {1: book.one, 2: book.one, 4: book.share} | dict.fromkeys(range(5, len(head)), book.one)
    sheet, last = book.sheet("走势", head, body, formats=formats, wide={0: 12})
    chart = book.book.add_chart({"type": "line"})
    for column in (1, 2):
        chart.add_series(
            {"name": ["走势", 0, column], "categories": ["走势", 1, 0, last, 0],
             "values": ["走势", 1, column, last, column], "marker": {"type": "circle", "size": 4}}
        )  # fmt: skip
    chart.show_blanks_as("span")
    chart.set_title({"name": "得分走势"})
    chart.set_size({"width": 760, "height": 300})
    sheet.insert_chart(1, len(head) + 1, chart)


def _calls(book: _Book, name: str, calls: Sequence[CallView]) -> None:
    head = ("开始时间", "客服", "通话编号", "要听什么", "机评得分", "复核得分", "结论")
    body = [
        [call.when, call.agent, call.call_id, "；".join(f"{rule} {title}" for rule, title, _ in call.items),
         call.percent, call.reviewed, call.words]
        for call in calls
    ]  # fmt: skip
    book.sheet(name, head, body, wide={0: 18, 1: 20, 2: 18, 3: 60, 6: 18})


def _table(book: _Book, report: AgentReport | TeamReport) -> None:
    head = header(report)
    wide = {0: 18, 2: 12, 3: 12, 6: 20} | dict.fromkeys(range(len(HEAD), len(head)), 11)
    sheet, last = book.sheet("通话明细", head, rows(report), wide=wide, frozen=1)
    if last and len(head) > len(HEAD):
        for verdict, words in labels.VERDICTS.items():
            if verdict in book.tones:
                cell = {
                    "type": "cell",
                    "criteria": "==",
                    "value": f'"{words}"',
                    "format": book.tones[verdict],
                }
                sheet.conditional_format(1, len(HEAD), last, len(head) - 1, cell)
