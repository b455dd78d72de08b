"""The rulebook and its cases walk in step: ids, sections, files, changelog."""

import re
from importlib.resources import files

import pytest
import yaml

from auditor.judge import open_rulebook
from auditor.report import labels
from auditor.rulebook.cases import load_cases

BOOK = open_rulebook()
IDS = [rule.id for rule in BOOK.rules]
CASE_FILES = sorted(
    f.name for f in (files("auditor.rulebook") / "cases").iterdir() if f.name.endswith(".yaml")
)


def test_ids_are_unique():
    assert len(set(IDS)) == len(IDS)


@pytest.mark.parametrize("rule", BOOK.rules, ids=IDS)
def test_an_id_is_a_section_and_a_number_of_the_standard(rule):
    assert re.fullmatch(r"[A-Z]\d+(\.\d+)?[a-d]?", rule.id)
    assert rule.section == rule.id[0]
    assert rule.section in labels.SECTIONS


@pytest.mark.parametrize("rule", BOOK.rules, ids=IDS)
def test_a_rule_cites_its_clause_and_has_a_short_title(rule):
    assert rule.clause.strip() == rule.clause
    assert 0 < len(rule.title) <= 20


@pytest.mark.parametrize("name", CASE_FILES)
def test_a_case_file_is_named_after_its_rule(name):
    content = yaml.safe_load((files("auditor.rulebook") / "cases" / name).read_text(encoding="utf-8"))
    assert f"{content['rule']}.yaml" == name


def test_cases_speak_only_of_rules_that_exist():
    for case in load_cases():
        assert {case.rule, *case.also} <= set(IDS), case.name


def test_an_alias_is_not_worth_points():
    assert [rule.id for rule in BOOK.rules if rule.same_as and rule.weight] == []


def test_the_changelog_begins_with_the_version_and_goes_back_in_time():
    dates = [release.date for release in BOOK.changelog]
    assert BOOK.changelog[0].version == BOOK.version
    assert dates == sorted(dates, reverse=True)


def test_the_rulebook_says_from_when_it_holds():
    assert BOOK.valid_from is not None
