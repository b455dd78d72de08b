"""The calls of a report as one table, in the columns that inspectors know from other systems; and as CSV.

A row per call: call id, agent, start, direction, duration, score, result, critical, reviewed score; then for
each rule its verdict, its weight and the points it cost. In an agent's report the rules are those of his own
part of the call. Cells of text never act as formulas: in CSV they are `cells.inert`, in XLSX text is written
as text.
"""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import TYPE_CHECKING

from auditor.report import labels
from auditor.report.cells import BYTE_ORDER_MARK, inert
from auditor.report.typeset import chinese, clean
from auditor.store.adding import rule_order
from auditor.text.masked import readable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.report.agent import AgentReport
    from auditor.report.team import TeamReport
    from auditor.store.worklists import CallLine

Value = str | float | int | datetime | None
HEAD = (
    "通话编号", "工号", "姓名", "班组", "线路", "方向", "开始时间", "时长（秒）", "机评得分", "结论", "合格",
    "一票否决", "待听项", "复核得分", "复核结论",
)  # fmt: skip
PER_RULE = ("结论", "分值", "扣分")
_PASSED = {"pass": "是", "fail": "否", "needs_review": "待复核", "not_scored": "不评分"}


def rules_of(report: AgentReport | TeamReport) -> tuple[str, ...]:
    """The rules that have columns: those that any call of the table was judged by."""
    found = {rule for verdicts in report.verdicts.values() for rule in verdicts}
    order = {line.rule: number for number, line in enumerate(report.clauses)}
    return tuple(sorted(found, key=lambda rule: (order.get(rule, len(order)), rule_order(rule))))


def header(report: AgentReport | TeamReport) -> tuple[str, ...]:
    """The headings."""
    titles = {line.rule: line.title for line in report.clauses}
    return (
        *HEAD,
        *(
            f"{clean(rule)} {titles.get(rule, '')} {part}".replace("  ", " ")
            for rule in rules_of(report)
            for part in PER_RULE
        ),
    )


def rows(report: AgentReport | TeamReport) -> Iterator[tuple[Value, ...]]:
    """The calls, the latest first; times in the report's zone, without their zone."""
    rules = rules_of(report)
    for call in report.calls:
        verdicts = report.verdicts.get(call.audit_id, {})
        found: list[Value] = []
        for rule in rules:
            verdict, weight = verdicts.get(rule, ("not_applicable", 0.0))
            if verdict == "not_applicable":
                found += ("", None, None)
            else:
                found += (labels.VERDICTS[verdict], weight, weight if verdict == "fail" else 0.0)
        yield (*_call(call, report=report), *found)


def csv_text(report: AgentReport | TeamReport) -> str:
    """The table as CSV: UTF-8 with a byte order mark, so that spreadsheets read Chinese, and CRLF."""
    out = io.StringIO()
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out)
    writer.writerow([inert(name) for name in header(report)])
    for row in rows(report):
        writer.writerow([csv_cell(value) for value in row])
    return out.getvalue()


def _call(call: CallLine, *, report: AgentReport | TeamReport) -> tuple[Value, ...]:
    scored = call.result != "not_scored"
    settled = call.reviewed_result is not None and not call.open_critical
    pending = call.critical > 0 and not settled
    return (
        clean(readable(call.call_id)),
        clean(call.agent or ""),
        clean(call.agent_name or ""),
        clean(call.team or ""),
        clean(labels.word(labels.LINES, call.line)),
        labels.word(labels.DIRECTIONS, call.direction) if call.direction else "",
        None
        if call.started_at is None
        else call.started_at.astimezone(report.basis.zone).replace(tzinfo=None),
        round(call.duration_s, 1),
        call.percent if scored else None,
        labels.word(labels.RESULTS, call.result),
        "待复核" if pending else _PASSED.get(call.reviewed_result or call.result, ""),
        "" if not call.critical else "已复核" if settled else "待复核",
        call.in_review,
        call.reviewed_percent,
        chinese(labels.word(labels.RESULTS, call.reviewed_result)) if call.reviewed_result else "",
    )


def csv_cell(value: Value) -> str | float | int:
    """A value as a cell that acts as nothing but itself."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return inert(value) if isinstance(value, str) else value
