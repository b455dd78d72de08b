"""One call's findings as a table: XLSX and CSV of `auditor report call`."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from auditor.report import labels
from auditor.report.cells import BYTE_ORDER_MARK
from auditor.report.many_table import csv_cell
from auditor.report.masked import with_tokens
from auditor.report.typeset import chinese, clean
from auditor.text.clock import clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.records import CallAudit, Finding
    from auditor.report.many_table import Value
    from auditor.report.reviewed import Reviewed

HEAD = (
    *("部分", "条款", "名称", "机评", "复核", "权重", "扣分", "一票否决"),
    *("位置", "原话", "依据", "判定把握", "复核理由"),
)


def rows(audit: CallAudit, *, reviewed: Reviewed) -> Iterator[tuple[Value, ...]]:
    """A row per finding, in the order of the rulebook."""
    for finding in with_tokens(audit).findings:
        decision = reviewed.decisions.get(finding.rule)
        yield (
            labels.section_name(finding.section),
            clean(finding.rule),
            chinese(finding.title),
            labels.VERDICTS[finding.verdict],
            labels.VERDICTS[decision.verdict] if decision else "",
            finding.weight,
            finding.weight if finding.verdict == "fail" else 0.0,
            _critical(finding, decided=decision is not None),
            "、".join(clock(span.start_s) for span in finding.at),
            clean(finding.quote or ""),
            chinese(finding.reason),
            round(finding.confidence, 3),
            clean(decision.reason) if decision else "",
        )


def csv_text(audit: CallAudit, *, reviewed: Reviewed) -> str:
    """The table as CSV, as `auditor.report.many_table.csv_text` writes it."""
    out = io.StringIO()
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out)
    writer.writerow(HEAD)
    writer.writerows([csv_cell(value) for value in row] for row in rows(audit, reviewed=reviewed))
    return out.getvalue()


def _critical(finding: Finding, *, decided: bool) -> str:
    if not finding.critical:
        return ""
    return "待复核" if finding.verdict in ("fail", "needs_review") and not decided else "是"
