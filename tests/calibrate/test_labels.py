"""Tables of labels: read in every form, and refused with everything that is wrong."""

import openpyxl
import pytest

from auditor.calibrate.labels import read_labels
from auditor.calibrate.ratings import Label
from auditor.errors import UsageError


@pytest.fixture
def table(tmp_path):
    def write(text, name="labels.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_tables_are_read_in_both_encodings(table, encoding):
    path = table("通话编号,条款,人工判定,理由\nA-1,V3,不合格,太快\nA-1,C6,不适用,\n", encoding=encoding)
    assert read_labels(path) == (
        Label("A-1", "V3", "fail", reason="太快", row=2),
        Label("A-1", "C6", "not_applicable", row=3),
    )


def test_a_workbook_is_read_with_its_numbers(tmp_path):
    book = openpyxl.Workbook()
    for row in (["call", "rule", "verdict", "probability"], [1001, "V3", "pass", 0.25]):
        book.active.append(row)
    book.save(tmp_path / "labels.xlsx")
    assert read_labels(tmp_path / "labels.xlsx") == (Label("1001", "V3", "pass", probability=0.25, row=2),)


def test_all_bad_rows_are_named_with_row_and_column(table):
    path = table(
        "call,rule,verdict,probability,machine\n"
        ",V3,pass,1,\nA,,pass,1,\nA,V3,maybe,1,\nA,V4,pass,2,\nB,V3,pass,1,what\nC,V3,pass,1,\nC,V3,fail,1,\n"
    )
    with pytest.raises(UsageError) as caught:
        read_labels(path)
    message = str(caught.value)
    for said in (
        "row 2, call",
        "row 3, rule",
        "row 4, verdict: 'maybe'",
        "row 5, probability: '2'",
        "row 6, machine: 'what'",
        "row 8: V3 of C has a label in row 7",
    ):
        assert said in message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("call,rule\nA,V3\n", "'verdict' is missing"),
        ("call,rule,verdict\n", "no labels"),
        ("call,call_id,rule,verdict\nA,A,V3,pass\n", "are both call"),
        ("", "empty"),
    ],
)
def test_what_is_no_table_of_labels_is_refused(table, text, said):
    with pytest.raises(UsageError, match=said):
        read_labels(table(text))


def test_a_missing_table_is_one_sentence(tmp_path):
    with pytest.raises(UsageError, match="no such table of labels"):
        read_labels(tmp_path / "none.csv")
