"""How a clause is judged agrees with its cases; a case is titled by its dialogue."""

import pytest

from auditor.judge import open_rulebook
from auditor.report.rule_manual import TITLE_CHARACTERS, HowLine, how_lines, how_on_lines, shown_cases
from auditor.rulebook.cases import load_cases
from auditor.rulebook.schema import RuleChange

BOOK = open_rulebook()
CASES = load_cases()


def rule(how):
    return BOOK.rule("P3.1").model_copy(update={"how": how})


def shown(rule_id):
    return shown_cases([case for case in CASES if case.rule == rule_id], book=BOOK)


def test_a_line_begins_with_its_verdict():
    assert how_lines(rule("合格:{max_rings} 声以内。\n另有一句。")) == (
        HowLine("pass", "3 声以内。"),
        HowLine(None, "另有一句。"),
    )


@pytest.mark.parametrize(
    "judged", [each for each in BOOK.rules if not each.same_as], ids=lambda each: each.id
)
def test_how_explains_exactly_the_verdicts_that_the_cases_show(judged):
    assert {line.verdict for line in how_lines(judged)} == {
        case.expect for case in CASES if case.rule == judged.id
    }


@pytest.mark.parametrize("alias", [each for each in BOOK.rules if each.same_as], ids=lambda each: each.id)
def test_an_alias_names_the_clause_whose_verdict_it_shows(alias):
    assert f"「{BOOK.rule(alias.same_as).title}」" in alias.how


def test_a_line_with_a_limit_of_its_own_reads_otherwise():
    changes = {"1258": {"P3.1": RuleChange(params={"max_rings": 4})}, "1860": {"P3.1": RuleChange(weight=2)}}
    book = BOOK.model_copy(update={"on_line": changes})
    ((line, said),) = how_on_lines(BOOK.rule("P3.1"), book=book).items()
    assert "1258" in line and "响 4 声以内" in said[0].text


def test_a_case_is_titled_by_the_line_that_decides():
    case = next(each for each in shown("P3.2b") if each.case.name == "喂 in a human transcript")
    assert "喂" in case.title and case.title[0] == "「"
    assert case.case.evidence.turns[case.line].text.startswith(case.title[1:6])


def test_a_case_without_such_a_line_is_titled_by_its_reason():
    case = next(each for each in shown("C12") if each.verdict == "not_applicable")
    assert (case.line, case.title) == (None, case.reason)


def test_a_long_reason_is_shortened_and_kept_beside_the_title():
    long = [case for case in shown("P3.6a") if case.line is None and len(case.reason) > 60]
    assert long and all(case.title.endswith("…") and len(case.title) <= 41 for case in long)


def test_titles_are_short_and_keep_the_quoted_words():
    for case in shown("C10a"):
        assert case.line is None or len(case.title) <= TITLE_CHARACTERS + 4
    fails = [case for case in shown("S10") if case.verdict == "fail"]
    assert fails and all(case.line is not None for case in fails)
