"""Audits as lines: JSON by the shipped schema, CSV that a spreadsheet opens and never runs."""

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from made_call import make_audit

from auditor.report.audit_json import load_schema
from auditor.report.export import BYTE_ORDER_MARK, csv_lines, jsonl
from auditor.report.reviewed import NOT_REVIEWED, Decision, Reviewed

REVIEWED = Reviewed(74.0, "fail", {"C11d": Decision("fail", by="", when="")})


def named(**changes):
    audit = make_audit()
    record = replace(audit.evidence.call_record, **changes)
    return replace(audit, evidence=replace(audit.evidence, call_record=record))


def table(*audits):
    """The rows as a spreadsheet reads them: heading -> cell."""
    text = "".join(csv_lines(audits))
    assert text.startswith(BYTE_ORDER_MARK)
    assert text.count("\r\n") == len(audits) + 1
    return list(csv.DictReader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline="")))


def test_every_line_is_an_audit_of_the_shipped_schema():
    lines = list(jsonl([(make_audit(), NOT_REVIEWED), (make_audit(), REVIEWED)]))
    assert all(line.endswith("}\n") and line.count("\n") == 1 for line in lines)
    first, second = map(json.loads, lines)
    for data in (first, second):
        Draft202012Validator(load_schema()).validate(data)
    assert first["score"]["reviewed"] is None
    assert second["score"]["reviewed"] == {"percent": 74.0, "result": "fail"}


def test_a_row_has_what_inspectors_look_for():
    (row,) = table((make_audit(), NOT_REVIEWED))
    assert row["通话编号"] == "20261120-000417"
    assert (row["工号"], row["姓名"], row["班组"]) == ("8001", "王芳", "热线一班")
    assert row["开始时间"] == "2026-11-20 10:32:05+08:00"
    assert (row["呼叫方向"], row["热线"], row["时长(秒)"]) == ("呼入", "1860", "78.4")
    assert (row["得分"], row["结果"]) == ("69", "不合格")
    assert (row["复核后得分"], row["复核后结果"]) == ("", "")
    assert [row[f"V3 语速要适中 {what}"] for what in ("结论", "分值", "扣分")] == ["不合格", "4", "4"]
    assert [row[f"V1 语音适中 {what}"] for what in ("结论", "分值", "扣分")] == ["合格", "4", "0"]
    assert row["C12 认真听清对方讲话 结论"] == "待复核"
    assert row["C12 认真听清对方讲话 扣分"] == ""


def test_a_critical_fail_is_for_review_until_somebody_confirmed_it():
    overruled = Reviewed(80.0, "pass", {"C11d": Decision("pass", by="", when="")})
    rows = table(*((make_audit(), reviewed) for reviewed in (NOT_REVIEWED, REVIEWED, overruled)))
    assert [row["一票否决"] for row in rows] == ["C11d(待复核)", "C11d", ""]
    assert [row["复核后得分"] for row in rows] == ["", "74", "80"]


def test_no_audits_are_a_heading():
    assert table() == []


@pytest.mark.parametrize("name", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "＝1", "\r\n=1", " =1"])
def test_no_text_is_a_formula(name):
    (row,) = csv.reader(
        io.StringIO("".join(csv_lines([(named(agent_name=name), NOT_REVIEWED)])).split("\r\n", 1)[1])
    )
    assert row[2].startswith("'")


@pytest.mark.parametrize(
    ("agent_id", "cell"), [("0081", "'0081"), ("1" * 18, "'" + "1" * 18), ("8001", "8001")]
)
def test_no_number_loses_digits_in_a_spreadsheet(agent_id, cell):
    (row,) = table((named(agent_id=agent_id), NOT_REVIEWED))
    assert row["工号"] == cell


@given(team=st.text(max_size=20), name=st.text(max_size=20))
def test_any_text_stays_in_its_cell(team, name):
    text = "".join(csv_lines([(named(team=team, agent_name=name), NOT_REVIEWED)]))
    _, row = csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline=""))
    assert row[2].removeprefix("'") in (name, name.removeprefix("'"))
    assert row[3].removeprefix("'") in (team, team.removeprefix("'"))
    assert not row[2].lstrip().startswith(("=", "+", "-", "@"))
