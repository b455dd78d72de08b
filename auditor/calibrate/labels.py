"""LABELS: verdicts of people in a table (CSV in UTF-8 or GB18030, XLSX, JSONL).

================  =========================  =======================================================
column            also called                what it holds
================  =========================  =======================================================
``call``          通话编号, 录音, call_id    the call's id, or path or name of its recording; required
``rule``          条款, 条款编号             a rule's id, such as ``V3``; required
``verdict``       人工判定, 判定, 结论       ``pass``/合格, ``fail``/不合格, ``not_applicable``/不适用;
                                             required
``machine``       机器判定                   the machine's verdict; then no store is needed
``reason``        理由, 备注                 why, for the examples
``probability``   入样概率, 抽样概率         how likely the call was to be drawn, above 0 up to 1;
                                             empty: 1
================  =========================  =======================================================

A rule of a call has one row. Other columns are passed over. All faults are told at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from auditor.calibrate.ratings import HUMAN_VERDICTS, Label
from auditor.errors import UsageError
from auditor.inputs.tables import plain, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from auditor.inputs.tables import Row
    from auditor.records import Verdict

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "call": ("call", "call_id", "通话", "通话编号", "录音", "录音文件", "流水号"),
    "rule": ("rule", "rule_id", "条款", "条款编号", "规则"),
    "verdict": ("verdict", "label", "人工判定", "判定", "结论", "人工结论"),
    "machine": ("machine", "machine_verdict", "机器判定"),
    "reason": ("reason", "note", "理由", "备注", "说明"),
    "probability": ("probability", "inclusion_probability", "入样概率", "抽样概率"),
}
_NAMES = {plain(name): column for column, names in _COLUMNS.items() for name in names}
_REQUIRED = ("call", "rule", "verdict")
_VERDICTS: Mapping[str, Verdict] = {
    "pass": "pass",
    "合格": "pass",
    "通过": "pass",
    "fail": "fail",
    "不合格": "fail",
    "notapplicable": "not_applicable",
    "na": "not_applicable",
    "不适用": "not_applicable",
    "needsreview": "needs_review",
    "待复核": "needs_review",
}
_MOST_FAULTS = 20


def read_labels(path: Path) -> tuple[Label, ...]:
    """The labels of a table.

    Raises:
        UsageError: a column is missing, or rows are wrong: all of them are named, with row and column.
    """
    table = read_table(path, what="table of labels")
    columns: dict[str, str] = {}
    for heading in table.headings:
        column = _NAMES.get(plain(heading))
        if column is None:
            continue
        if column in columns:
            raise UsageError(
                f"{path}: {columns[column]!r} and {heading!r} are both {column}; remove one of them."
            )
        columns[column] = heading
    if missing := [column for column in _REQUIRED if column not in columns]:
        raise UsageError(
            f"{path}: the column {missing[0]!r} is missing; a label needs {', '.join(_REQUIRED)}."
        )
    faults = [f"row {number}: {what}" for number, what in table.faults]
    labels: list[Label] = []
    seen: dict[tuple[str, str], int] = {}
    for row in table.rows:
        label, wrong = _label(row, columns=columns)
        faults += [f"row {row.number}, {column}: {what}" for column, what in wrong]
        if label is None:
            continue
        first = seen.setdefault((label.call, label.rule), row.number)
        if first != row.number:
            faults.append(
                f"row {row.number}: {label.rule} of {label.call} has a label in row {first} already"
            )
        labels.append(label)
    raise_faults(path, faults)
    if not labels:
        raise UsageError(
            f"{path}: there are no labels under the headings; write a row for each rule of a call."
        )
    return tuple(labels)


def raise_faults(path: Path, faults: list[str]) -> None:
    """Tell everything that is wrong with a table at once.

    Raises:
        UsageError: something is.
    """
    if not faults:
        return
    shown = "; ".join(faults[:_MOST_FAULTS])
    more = f"; and {len(faults) - _MOST_FAULTS} more" if len(faults) > _MOST_FAULTS else ""
    raise UsageError(f"{path}: {shown}{more}. Correct the table and run again.")


def _label(row: Row, *, columns: Mapping[str, str]) -> tuple[Label | None, list[tuple[str, str]]]:
    wrong: list[tuple[str, str]] = []

    def text(column: str) -> str:
        value = row.cells.get(columns[column], "") if column in columns else ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # a spreadsheet's numbers
        return str(value).strip()

    for column in ("call", "rule"):
        if not text(column):
            wrong.append((columns[column], "is empty"))
    verdict = _VERDICTS.get(plain(text("verdict")))
    if verdict not in HUMAN_VERDICTS:
        given = text("verdict")
        wrong.append((columns["verdict"], f"{given!r} is no verdict of a person (合格, 不合格, 不适用)"))
    machine = _VERDICTS.get(plain(text("machine"))) if text("machine") else None
    if text("machine") and machine is None:
        wrong.append((columns["machine"], f"{text('machine')!r} is no verdict"))
    probability = 1.0
    if given := text("probability"):
        try:
            probability = float(given)
        except ValueError:
            probability = 0.0
        if not 0 < probability <= 1:
            wrong.append((columns["probability"], f"{given!r} is no probability above 0 and up to 1"))
    if wrong:
        return None, wrong
    return (
        Label(
            call=text("call"),
            rule=text("rule"),
            verdict=cast("Verdict", verdict),
            machine=machine,
            reason=text("reason"),
            probability=probability,
            row=row.number,
        ),
        [],
    )
