"""Lists hold what was asked for, page after page, and nothing that the viewer may not see."""

import re
from datetime import timedelta

import pytest
from client import Browser
from site_store import START, call_of, fill_store, heard_by, save

from auditor.records import CallRecord
from auditor.rulebook.load import load_rulebook
from auditor.store import RunTally, close_run, open_run, open_store
from auditor.web.app import make_app
from auditor.web.options import SiteOptions


def calls_in(page):
    return re.findall(r'<a href="/calls/\d+">(C\d+-\d)</a>', page.text)


@pytest.mark.parametrize(
    ("name", "count"),
    [("root", 9), ("inspector", 9), ("boss1", 6), ("boss2", 3), ("ming", 3), ("newcomer", 0)],
)
def test_everybody_lists_his_own_calls(as_, name, count):
    assert len(calls_in(as_(name).get("/calls?days=all"))) == count


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("team=二组", 3),
        ("agent=8002", 3),
        ("agent=nobody", 0),
        ("line=1860", 9),
        ("line=collection", 0),
        ("result=pass", 0),
        ("critical=1", 9),
        ("rule=P3.2a&verdict=fail", 9),
        ("rule=P3.2b&verdict=needs_review", 9),
        ("rule=P3.2b&verdict=pass", 0),
        ("rule=P9.9&verdict=fail", 0),
        ("low=0&high=100", 9),
        ("high=1", 0),
        ("low=abc&result=x&verdict=y", 9),
        ("from=2001-01-01&to=2001-12-31", 0),
        (f"from={(START - timedelta(days=1)).date()}", 9),
        ("from=tomorrow&to=never&after=nonsense", 9),
    ],
)
def test_a_filter_holds(as_, query, count):
    days = "" if "from=2001" in query or "from=20" in query else "days=all&"
    assert len(calls_in(as_("root").get(f"/calls?{days}{query}"))) == count


def test_a_supervisor_cannot_ask_for_another_team_or_agent(as_):
    me = as_("boss2")
    assert me.get("/calls?team=一组").status_code == 404
    assert calls_in(me.get("/calls?days=all&agent=8001")) == []
    assert me.get("/agents/8001").status_code == me.get("/teams/一组").status_code == 404
    assert "王小明" not in me.get("/?days=all").text + me.get("/agents?days=all").text


def test_an_agent_sees_no_team_and_no_other_agent(as_):
    me = as_("ming")
    for path in ("/teams", "/teams/一组", "/agents/8002", "/calls?agent=8002", "/runs", "/failures"):
        assert me.get(path).status_code == 404
    assert me.get("/", follow_redirects=False).headers["location"] == "/agents/8001"
    found = me.get("/agents?days=all").text
    assert "8001" in found and "8002" not in found


def test_search_finds_only_what_the_viewer_may_hear(as_):
    for name, count in (("root", 9), ("boss1", 6), ("boss2", 3), ("ming", 3), ("newcomer", 0)):
        page = as_(name).get("/search?q=话费&days=all").text
        assert page.count('class="hit-head"') == count, name


def test_search_marks_the_word_and_leads_to_its_second(as_):
    page = as_("ming").get("/search?q=话费&days=all").text
    assert "<mark>话费</mark>" in page and re.search(r'href="/calls/\d+#t=11\.2"', page)


def test_what_is_searched_for_is_in_the_log_without_long_numbers(as_, store):
    from auditor.store import activities

    as_("root").get("/search?q=13988886666")
    assert activities(store, account="root", action="search", limit=1)[0].detail == "***********"


@pytest.mark.parametrize("q", ['"', "'", "a AND", "*", "(", "NEAR(", "您好\x00", "%", "\\", "agent:您好"])
def test_odd_words_are_no_commands(as_, q):
    assert as_("root").get("/search", params={"q": q}).status_code == 200


def test_failures_with_scripts_in_their_names_are_text(as_):
    page = as_("root").get("/failures").text
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page


def test_pages_of_the_list_follow_each_other(as_, monkeypatch):
    from auditor.web.routes import lists

    whole = lists.browse
    monkeypatch.setattr(lists, "browse", lambda *a, **k: whole(*a, **{**k, "limit": 4}))
    me, path, seen = as_("root"), "/calls?days=all", []
    while path:
        page = me.get(path)
        seen += calls_in(page)
        following = re.search(r'id="following" href="([^"]+)"', page.text)
        path = following.group(1).replace("&amp;", "&") if following else None
    assert len(seen) == len(set(seen)) == 9


@pytest.fixture(scope="module")
def after_a_new_rulebook(tmp_path_factory):
    """Sign in to a site of ten calls; the last, of 8001 in 一组, was judged by a new rulebook alone."""
    tmp_path = tmp_path_factory.mktemp("new_rulebook")
    url = f"sqlite:///{tmp_path}/audits.db"
    fill_store(url, tmp_path)
    with open_store(url, create=False) as store:
        book = load_rulebook().model_copy(update={"version": "2027.01", "sha256": "b" * 64})
        started_at = START + timedelta(days=3)
        record = CallRecord(call_id="C-new", agent_id="8001", team="一组", line="1860", started_at=started_at)
        run = open_run(store, book=book, model=heard_by(), command="batch tonight/", calls=1)
        save(store, call_of(record, path=tmp_path / "C8001-1.wav", book=book), book=book, run=run)
        close_run(store, run, state="complete", tally=RunTally(audited=1))
        app = make_app(store, options=SiteOptions())
        yield lambda name: Browser(app, base_url="http://127.0.0.1:8600").sign_in(name)
        app.state.site.close()


@pytest.mark.parametrize(
    ("name", "path", "told"),
    [
        ("root", "/", True),
        ("root", "/calls", True),
        ("root", "/teams", True),
        ("root", "/teams/一组", True),
        ("root", "/teams/二组", False),
        ("root", "/agents", True),
        ("boss1", "/", True),
        ("boss2", "/", False),
        ("boss2", "/agents", False),
        ("ming", "/agents/8001", True),
    ],
)
def test_a_page_says_how_many_of_its_calls_another_rulebook_judged(after_a_new_rulebook, name, path, told):
    page = after_a_new_rulebook(name).get(path)
    assert page.status_code == 200
    assert ("这段时间另有 1 通只按其他规则或其他模型评过" in page.text) == told


def test_the_days_of_a_new_rulebook_are_shown_by_it(after_a_new_rulebook):
    page = after_a_new_rulebook("root").get(f"/calls?from={(START + timedelta(days=3)).date()}")
    assert re.findall(r'<a href="/calls/\d+">([^<]+)</a>', page.text) == ["C-new"]
