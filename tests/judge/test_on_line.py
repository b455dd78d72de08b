"""What a line has otherwise is judged on that line, and accuses nobody when the line is a guess."""

import pytest

from auditor.judge import judge, open_rulebook
from auditor.rulebook.case_file import RawCase
from auditor.rulebook.cases import build_evidence

HEAD = "extends: china_mobile\nversion: v1\n"


@pytest.fixture
def finding_on(tmp_path):
    """P3.1 on a line, where the book has it otherwise on 1258: answered in the fourth ring."""
    path = tmp_path / "centre.yaml"
    text = "on_line: {'1258': {P3.1: {weight: 2, params: {max_rings: 4}}, C12: {critical: true}}}\n"
    path.write_text(HEAD + text, encoding="utf-8")
    book = open_rulebook(path)

    def judged(*, line="1258", rings=4, rule="P3.1", opening="您好,中国移动,请讲。"):
        call = {"line": line}
        bursts = [{"kind": "ringback", "at": [2 + i * 5, 3 + i * 5], "channel": 0} for i in range(rings)]
        turns = [{"客服": opening, "at": [30, 33]}, {"客户": "查话费。", "at": [34, 36]}]
        raw = {"name": "n", "expect": "pass", "call": call, "turns": turns, "events": bursts}
        findings, _ = judge(build_evidence(RawCase.model_validate(raw)), book=book)
        return next(finding for finding in findings if finding.rule == rule)

    return judged


def test_an_override_holds_on_its_line(finding_on):
    finding = finding_on()
    assert (finding.verdict, finding.weight) == ("pass", 2)


def test_other_lines_keep_the_rule(finding_on):
    finding = finding_on(line="1860")
    assert (finding.verdict, finding.weight) == ("fail", 4)


def test_a_line_that_is_judged_like_another_has_its_overrides(finding_on):
    assert finding_on(line="12580").verdict == "pass"


def test_an_item_may_be_critical_on_one_line(finding_on):
    assert finding_on(rule="C12").critical
    assert not finding_on(rule="C12", line="1860").critical


TWO_LINES = "您好,中国移动大客户服务中心,秘书台。"


def test_what_would_not_fail_on_the_line_that_it_may_be_is_for_review(finding_on):
    finding = finding_on(line=None, opening=TWO_LINES)
    assert (finding.verdict, finding.reason_code) == ("needs_review", "line_unknown")
    assert "不能确定是哪条线路" in finding.reason


def test_what_fails_on_every_line_that_it_may_be_fails(finding_on):
    assert finding_on(line=None, opening=TWO_LINES, rings=6).verdict == "fail"


def test_a_line_that_is_only_the_default_fails_as_before(finding_on):
    assert finding_on(line=None, opening="什么事?").verdict == "fail"
