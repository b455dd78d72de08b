"""The site in a real browser: signing in, being refused, listening, filtering, on a desk and on a phone."""

import pytest
from browser import PHONE, keep_picture, serious_faults, sideways_px
from serving import serving
from site_store import PASSWORD

PAGES = {
    "overview": "/",
    "teams": "/teams",
    "team": "/teams/一组?days=all",
    "agents": "/agents",
    "agent": "/agents/8001?days=all",
    "calls": "/calls?days=all",
    "search": "/search?q=话费&days=all",
    "rules": "/rules",
    "rule": "/rules/P3.2a",
    "runs": "/runs",
    "failures": "/failures",
    "accounts": "/accounts",
    "activities": "/activities",
    "password": "/password",
}


@pytest.fixture(scope="module")
def site(store):
    with serving(store) as address:
        yield address


@pytest.fixture
def sign_in(site, open_page):
    """``sign_in("boss1", size=PHONE)`` -> a page that is signed in."""

    def sign(name, **options):
        page = open_page(f"{site}/login", **options)
        page.fill("input[name=name]", name)
        page.fill("input[name=password]", PASSWORD)
        page.click("button.primary")
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    return sign


def test_signing_in_leads_to_the_wanted_page(site, open_page):
    page = open_page(f"{site}/runs")
    assert "/login" in page.url
    page.fill("input[name=name]", "root")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/runs")
    page.click("text=退出")
    page.wait_for_url(f"{site}/login")
    page.goto(f"{site}/runs")
    assert "/login" in page.url


def test_a_wrong_password_is_said_and_the_name_stays(site, open_page):
    page = open_page(f"{site}/login", expects=["401"])
    page.fill("input[name=name]", "boss1")
    page.fill("input[name=password]", "not my password")
    page.click("button.primary")
    assert "不对" in page.inner_text("[role=alert]")
    assert page.input_value("input[name=name]") == "boss1"
    assert serious_faults(page) == []
    keep_picture(page, "site-login")


def test_a_supervisor_of_another_team_is_refused(site, sign_in, facts):
    page = sign_in("boss2", expects=["404"])
    for path in (f"/calls/{facts['8001'][1]}", "/teams/一组", "/agents/8001", "/calls?team=一组"):
        page.goto(f"{site}{path}")
        assert "您无权查看" in page.inner_text("main")
        assert "王小明" not in page.content()


def test_a_finding_is_heard_where_it_was_said(site, sign_in, facts):
    page = sign_in("boss1")
    page.goto(f"{site}/calls/{facts['8001'][1]}")
    go = page.locator(".finding .go[data-start]").first
    start = float(go.get_attribute("data-start"))
    go.click()
    page.wait_for_function("start => document.getElementById('audio').currentTime >= start - 1", arg=start)
    at = page.evaluate("document.getElementById('audio').currentTime")
    assert start - 1.5 <= at <= start + 3
    assert serious_faults(page) == []
    keep_picture(page, "site-call")


@pytest.mark.slow
def test_an_address_names_a_moment_of_a_call(site, sign_in, facts):
    page = sign_in("ming")
    page.goto(f"{site}/search?q=话费&days=all")
    page.click(".hits .go >> nth=0")
    page.wait_for_url("**/calls/*#t=*")
    wanted = float(page.url.split("#t=")[1])
    page.wait_for_function(
        "t => Math.abs(document.getElementById('audio').currentTime - t) < 0.5", arg=wanted
    )


@pytest.mark.slow
def test_a_filter_leaves_what_was_asked_for(site, sign_in):
    page = sign_in("root")
    page.goto(f"{site}/calls?days=all")
    assert page.locator("tbody tr").count() == 9
    page.select_option("select[name=team]", "二组")
    page.click("text=筛选")
    assert page.locator("tbody tr").count() == 3
    assert page.locator("tbody tr td:nth-child(4)").all_inner_texts() == ["二组"] * 3
    assert page.input_value("select[name=team]") == "二组"


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_sound_on_a_desk_and_on_a_phone(site, sign_in, name):
    for size, suffix in (((1280, 900), ""), (PHONE, "-phone")):
        page = sign_in("root", size=size)
        page.goto(f"{site}{PAGES[name]}")
        assert page.locator("main h1").count() == 1
        assert sideways_px(page) <= 0
        assert serious_faults(page) == []
        keep_picture(page, f"site-{name}{suffix}")
        page.context.close()


def test_a_call_fits_a_phone(site, sign_in, facts):
    page = sign_in("ming", size=PHONE)
    page.goto(f"{site}/calls/{facts['8001'][1]}")
    assert sideways_px(page) <= 0
    keep_picture(page, "site-call-phone")
    page.click("summary[aria-label=菜单]")
    page.wait_for_selector(".topbar nav a >> nth=3", state="visible")
    keep_picture(page, "site-menu-phone", whole=False)


@pytest.mark.slow
def test_nothing_moves_while_a_page_comes(site, sign_in, facts):
    page = sign_in("root")
    for path in ("/", "/calls?days=all", f"/calls/{facts['8001'][1]}"):
        page.goto(f"{site}{path}", wait_until="networkidle")
        shift = page.evaluate(
            """() => new Promise((done) => {
                 let sum = 0;
                 new PerformanceObserver((list) => {
                   for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
                 }).observe({ type: "layout-shift", buffered: true });
                 setTimeout(() => done(sum), 300);
               })"""
        )
        assert shift < 0.02, path
