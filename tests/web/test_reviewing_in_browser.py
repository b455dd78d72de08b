"""Review, appeal and judgement in a real browser, with keys, by two people at once, on a desk and a phone."""

import shutil

import pytest
from browser import PHONE, keep_picture, serious_faults, sideways_px
from serving import serving
from site_store import PASSWORD, START, fill_store

from auditor.store import open_store, reviewed_call


@pytest.fixture(scope="module")
def template(tmp_path_factory, cheap_hashes):
    folder = tmp_path_factory.mktemp("template")
    return folder / "audits.db", fill_store(f"sqlite:///{folder}/audits.db", folder)


@pytest.fixture
def own(template, tmp_path):
    """A store of the test's own, and its calls."""
    shutil.copy(template[0], tmp_path / "own.db")
    with open_store(f"sqlite:///{tmp_path}/own.db", create=False) as store:
        yield store, template[1]


@pytest.fixture
def call(own):
    return own[1]["8001"][1]


@pytest.fixture
def enter(own, open_page):
    """``enter("ming", "/appeals")`` -> that page, signed in."""
    with serving(own[0]) as address:

        def enter(name, path, **options):
            page = open_page(f"{address}/login", **options)
            page.fill("input[name=name]", name)
            page.fill("input[name=password]", PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: "/login" not in url)
            page.goto(f"{address}{path}")
            return page

        yield enter


def verdict(own, call, rule):
    standing = reviewed_call(own[0], call).standings[rule]
    return standing.state, standing.verdict


def test_findings_are_confirmed_and_overruled_by_keys(own, enter, call):
    page = enter("inspector", f"/calls/{call}#finding-C11d")
    page.wait_for_selector("#finding-C11d.selected")
    with page.expect_navigation():
        page.keyboard.press("c")
    page.wait_for_selector("#finding-C11d .decision")
    assert verdict(own, call, "C11d") == ("reviewed", "fail")
    page.goto(page.url.split("#")[0] + "#finding-V3")
    page.wait_for_selector("#finding-V3.selected")
    page.keyboard.press("o")
    page.wait_for_selector("#finding-V3 textarea", state="visible")
    assert serious_faults(page) == []
    keep_picture(page, "site-review-form", whole=False)
    page.select_option("#finding-V3 select[name=verdict]", "pass")
    page.fill("#finding-V3 textarea", "cool: 语速正常,课程只说适中。")  # C and O in a field are letters
    with page.expect_navigation():
        page.click("#finding-V3 form:has(textarea) button")
    page.wait_for_selector("#finding-V3 .decision")
    assert verdict(own, call, "V3") == ("reviewed", "pass")
    page.click("#finding-V3 .history summary")
    assert "inspector" in page.inner_text("#finding-V3 .steps")
    assert serious_faults(page) == []
    keep_picture(page, "site-call-reviewed")


def test_the_second_of_two_reviewers_sees_the_first_decision(own, enter, call):
    first = enter("inspector", f"/calls/{call}")
    second = enter("boss1", f"/calls/{call}", expects=["409"])
    for page, choice, words in ((first, "pass", "语速正常。"), (second, "not_applicable", "听不清。")):
        page.click("#finding-V3 .overrule > summary")
        page.select_option("#finding-V3 select[name=verdict]", choice)
        page.fill("#finding-V3 textarea", words)
        with page.expect_navigation():
            page.click("#finding-V3 form:has(textarea) button")
    assert "先处理了这一条" in second.inner_text("[role=alert]")
    assert "语速正常。" in second.inner_text("#finding-V3 .decision")
    assert second.input_value("#finding-V3 textarea") == "听不清。"
    assert verdict(own, call, "V3") == ("reviewed", "pass")
    keep_picture(second, "site-review-second", whole=False)


def test_an_appeal_is_made_judged_and_closed(own, enter, call):
    agent = enter("ming", f"/calls/{call}")
    agent.click("#finding-C11d .overrule > summary")
    agent.fill("#finding-C11d textarea", "客户先骂人,我只是解释。")
    keep_picture(agent, "site-appeal-form", whole=False)
    with agent.expect_navigation():
        agent.click("#finding-C11d form button")
    assert "申诉待裁决" in agent.inner_text("#finding-C11d")
    assert agent.locator("#finding-C11d .overrule").count() == 0
    boss = enter("boss1", "/appeals")
    assert "客户先骂人" in boss.inner_text(".appeal")
    assert serious_faults(boss) == [] and sideways_px(boss) <= 0
    keep_picture(boss, "site-appeals")
    boss.select_option(".appeal select[name=verdict]", "pass")
    boss.fill(".appeal textarea", "属于说明事实,改判合格。")
    with boss.expect_navigation():
        boss.click(".appeal form button")
    assert boss.locator(".appeal").count() == 0
    assert verdict(own, call, "C11d") == ("closed", "pass")
    agent.reload()
    assert "属于说明事实" in agent.inner_text("#finding-C11d .decision")


@pytest.mark.slow
def test_a_week_is_drawn_and_a_call_finished(own, enter):
    boss = enter("boss1", "/reviews?tab=assigned")
    boss.fill("input[name=week]", START.date().isoformat())
    boss.fill("input[name=calls]", "2")
    with boss.expect_navigation():
        boss.click("form.plan button")
    assert boss.locator("tbody tr").count() >= 2
    keep_picture(boss, "site-reviews")
    page = enter("inspector", "/reviews")
    assert serious_faults(page) == [] and sideways_px(page) <= 0
    page.click("tbody tr a >> nth=0")
    page.wait_for_selector(".review-head")
    while page.locator(".review-head a[href^='#finding-']").count():
        rule = page.inner_text(".review-head a[href^='#finding-'] >> nth=0")
        confirm = page.locator(f"#finding-{rule.replace('.', chr(92) + '.')} button.confirm")
        if confirm.count():
            with page.expect_navigation():
                confirm.click()
            continue
        row = f"[id='finding-{rule}']"
        page.click(f"{row} .overrule > summary")
        page.select_option(f"{row} select[name=verdict]", "pass")
        page.fill(f"{row} textarea", "听过,合格。")
        with page.expect_navigation():
            page.click(f"{row} form:has(textarea) button")
    with page.expect_navigation():
        page.click(".review-head button")
    page.goto(page.url.split("?")[0] + "?tab=done")
    assert page.locator("tbody tr").count() == 1
    page.goto(page.url.replace("/reviews?tab=done", "/calibration?precision=0.95"))
    assert "1 通电话" in page.inner_text("main")
    assert serious_faults(page) == [] and sideways_px(page) <= 0
    keep_picture(page, "site-calibration")


def test_the_pages_of_review_fit_a_phone(enter):
    page = enter("root", "/reviews?tab=critical", size=PHONE)
    for path in ("/reviews?tab=critical", "/appeals", "/calibration"):
        page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + path)
        assert page.locator("main h1").count() == 1
        assert sideways_px(page) <= 0 and serious_faults(page) == []
        keep_picture(page, f"site{path.split('?')[0].replace('/', '-')}-phone")
