"""Many audits as lines of text: JSON for programs, CSV for inspectors.

It only writes audits down, whoever streams them here: a line is made and forgotten before the next.

CSV: UTF-8 with a byte order mark, comma, CRLF, so that Excel opens it. A text that Excel would take for a
formula (= + - @, also behind a tab or a line break) or change as a number (a leading zero, more than 15
digits) has an apostrophe before it. An empty cell: nobody knows.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from auditor.report.audit_json import to_json
from auditor.report.cells import BYTE_ORDER_MARK, inert
from auditor.report.labels import DIRECTIONS, RESULTS, VERDICTS
from auditor.report.masked import with_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from auditor.records import CallAudit, Finding
    from auditor.report.reviewed import Reviewed

_COLUMNS = (
    "通话编号",
    "工号",
    "姓名",
    "班组",
    "开始时间",
    "呼叫方向",
    "热线",
    "时长(秒)",
    "得分",
    "结果",
    "一票否决",
    "复核后得分",
    "复核后结果",
)
_OF_A_RULE = ("结论", "分值", "扣分")


def jsonl(audits: Iterable[tuple[CallAudit, Reviewed]]) -> Iterator[str]:
    """One audit a line, as audit.schema.json describes it."""
    for audit, reviewed in audits:
        data = to_json(audit, reviewed=reviewed)
        yield json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def csv_lines(audits: Iterable[tuple[CallAudit, Reviewed]]) -> Iterator[str]:
    """A heading, then one audit a line: the call, its score, and three cells for each rule.

    The rules are those of the first audit; audits of one edition have the same.
    """
    rules: tuple[str, ...] | None = None
    for audit, reviewed in audits:
        if rules is None:
            rules = tuple(finding.rule for finding in audit.findings)
            titles = [f"{finding.rule} {finding.title}" for finding in audit.findings]
            headings = [f"{title} {what}" for title in titles for what in _OF_A_RULE]
            yield BYTE_ORDER_MARK + _line([*_COLUMNS, *headings])
        yield _line(_cells(with_tokens(audit), reviewed=reviewed, rules=rules))
    if rules is None:
        yield BYTE_ORDER_MARK + _line(_COLUMNS)


def _cells(audit: CallAudit, *, reviewed: Reviewed, rules: tuple[str, ...]) -> Iterator[object]:
    evidence, card = audit.evidence, audit.scorecard
    record = evidence.call_record
    yield audit.call_id
    yield record.agent_id
    yield record.agent_name
    yield record.team
    yield record.started_at.isoformat(sep=" ", timespec="seconds") if record.started_at else None
    yield DIRECTIONS[record.direction] if record.direction else None
    yield evidence.line
    yield round(evidence.recording.duration_s, 1)
    yield card.points.percent
    yield RESULTS[card.result]
    yield _critical(audit, reviewed=reviewed)
    yield reviewed.percent
    yield RESULTS[reviewed.result] if reviewed.result else None
    findings = {finding.rule: finding for finding in audit.findings}
    for rule in rules:
        yield from _rule_cells(findings.get(rule))


def _critical(audit: CallAudit, *, reviewed: Reviewed) -> str | None:
    """The critical rules that fail: for review until somebody confirmed them, and gone when lifted."""
    failed = []
    for rule in audit.scorecard.critical:
        decision = reviewed.decisions.get(rule)
        if decision is None:
            failed.append(f"{rule}(待复核)")
        elif decision.verdict == "fail":
            failed.append(rule)
    return " ".join(failed) or None


def _rule_cells(finding: Finding | None) -> tuple[object, object, object]:
    """Verdict, weight and points lost; an alias (weight 0) loses none."""
    if finding is None:
        return None, None, None
    lost = finding.weight if finding.verdict == "fail" else 0
    judged = finding.verdict in ("pass", "fail")
    return VERDICTS[finding.verdict], finding.weight, lost if judged else None


def _line(cells: Iterable[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_cell(value) for value in cells])
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str):
        return inert(value)
    if isinstance(value, float) and value == int(value):
        return int(value)
    return value
