from __future__ import annotations

from typing import get_args

from auditor.records import Direction, EventKind, Layout, Result, Role, TranscriptSource, Verdict
from auditor.report import labels


def test_every_code_of_the_records_has_a_chinese_word() -> None:
    tables = (
        (labels.VERDICTS, Verdict),
        (labels.RESULTS, Result),
        (labels.ROLES, Role),
        (labels.EVENTS, EventKind),
        (labels.LAYOUTS, Layout),
        (labels.DIRECTIONS, Direction),
        (labels.TRANSCRIPT_SOURCES, TranscriptSource),
    )
    for table, codes in tables:
        assert set(table) == set(get_args(codes))


def test_sections_stand_in_the_order_of_the_course() -> None:
    assert sorted("DKWHGSCVPX", key=labels.section_order) == list("PVCSGHWKDX")


def test_a_section_that_the_course_does_not_have_keeps_its_letter() -> None:
    assert labels.section_name("X") == "X"
    assert labels.section_name("P") == "P 电话礼仪"


def test_no_figure_is_listed_twice() -> None:
    names = [(f.party, f.name) for f in labels.FIGURES]
    assert len(names) == len(set(names))
