"""The clause's page explains in Chinese how it is judged; the English manual is folded away."""

import re

import pytest


@pytest.fixture
def page(as_):
    return as_("root").get("/rules/P3.1").text


def test_how_it_is_judged_stands_verdict_by_verdict_with_its_limits(page):
    how = re.search(r'<ul class="how">(.*?)</ul>', page, re.DOTALL)[1]
    assert re.findall(r'class="badge (\w+)"', how) == ["pass", "fail", "needs_review", "not_applicable"]
    assert "响 3 声以内接起" in how


def test_the_english_manual_is_in_a_closed_fold(page):
    fold = re.search(r"<details class=\"technical\">(.*?)</details>", page, re.DOTALL)[1]
    assert "技术说明" in fold and "Answered within three rings" in fold
    assert page.count("Answered within three rings") == 1


def test_cases_are_titled_in_chinese_and_keep_their_name_as_a_note(page):
    titles = re.findall(r'<details class="panel"><summary>.*?</span>(.*?)</summary>', page)
    assert titles and all(re.search("[一-鿿]", title) for title in titles)
    assert re.search(r'<p class="case-name muted" lang="en">[a-z ]+', page)


def test_an_alias_says_whose_verdict_it_shows(as_):
    assert "这一条照搬「问候语」一条的结论" in as_("root").get("/rules/C8a").text
