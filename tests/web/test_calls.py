"""One call: who sees it, what is in the log, what cannot break it."""

import pytest

from auditor.store import activities


@pytest.fixture
def mine(facts):
    """A call of agent 8001 of team 一组 that has its sound."""
    return facts["8001"][1]


@pytest.mark.parametrize("name", ["root", "inspector", "boss1", "ming"])
def test_whoever_may_sees_the_card(as_, mine, name):
    page = as_(name).get(f"/calls/{mine}")
    assert page.status_code == 200
    assert "C8001-1" in page.text and f'src="/calls/{mine}/audio"' in page.text


@pytest.mark.parametrize("name", ["boss2", "newcomer"])
def test_nobody_else_sees_or_hears_it_and_the_try_is_in_the_log(as_, store, mine, name):
    me = as_(name)
    for path in (f"/calls/{mine}", f"/calls/{mine}/audio"):
        answer = me.get(path)
        assert answer.status_code == 404 and "C8001" not in answer.text
        assert activities(store, account=name, limit=1)[0].action == "refused"
    assert me.get("/call", params={"id": "C8001-1"}).status_code == 404


def test_what_is_not_there_and_what_is_anothers_have_the_same_answer(as_, facts):
    me = as_("ming")
    others, nobodys = me.get(f"/calls/{facts['8101'][1]}"), me.get("/calls/987654")
    assert others.text.split("<main")[1] == nobodys.text.split("<main")[1]


def test_a_look_is_in_the_log_with_the_call(as_, store, mine):
    as_("inspector").get(f"/calls/{mine}")
    last = activities(store, account="inspector", limit=1)[0]
    assert (last.action, last.target, last.detail) == ("look", f"/calls/{mine}", "C8001-1")


def test_a_link_by_call_id_leads_to_the_card_that_counts(as_, mine):
    answer = as_("boss1").get("/call", params={"id": "C8001-1"}, follow_redirects=False)
    assert answer.headers["location"] == f"/calls/{mine}"


@pytest.mark.parametrize(
    "path",
    [
        "/calls/0",
        "/calls/-1",
        "/calls/1e3",
        "/calls/" + "9" * 40,
        "/calls/%00",
        "/calls/1%27%20OR%201=1",
        "/calls/..%2f..%2fetc%2fpasswd",
        "/calls/1/audio/../../../etc/passwd",
        "/static/..%2f..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/call?id=%00",
        "/call?id=%ff%fe",
        "/activities?before=x",
        "/nowhere",
    ],
)
def test_odd_addresses_get_a_sentence(as_, path):
    answer = as_("root").get(path)
    assert answer.status_code in (404, 422)
    assert "Traceback" not in answer.text and "<h1>" in answer.text


def test_scripts_in_names_and_quotes_are_text(as_, facts):
    page = as_("root").get(f"/calls/{facts['8002'][1]}").text
    assert "李 &lt;b&gt;静&lt;/b&gt;" in page and "<b>静</b>" not in page


def test_without_its_sound_the_page_works_and_says_so(as_, facts):
    me = as_("inspector")
    page = me.get(f"/calls/{facts['8001'][0]}")
    assert page.status_code == 200 and "录音文件已不在原处" in page.text and "<audio" not in page.text
    answer = me.get(f"/calls/{facts['8001'][0]}/audio")
    assert answer.status_code == 404 and "录音文件已不在原处" in answer.text


def test_a_range_of_the_sound_is_answered_with_that_range(as_, mine):
    me = as_("ming")
    whole = me.get(f"/calls/{mine}/audio")
    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/wav")
    part = me.get(f"/calls/{mine}/audio", headers={"range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.content)}"
    assert part.content == whole.content[100:200]
    assert part.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("asked", "status"),
    [("bytes=99999999999-", 416), ("bytes=a-b", 400), ("bytes=5-2", 400), ("pages=1-2", 400)],
)
def test_a_range_that_is_none_is_refused(as_, mine, asked, status):
    answer = as_("ming").get(f"/calls/{mine}/audio", headers={"range": asked})
    assert answer.status_code == status


def test_listening_is_logged_once_however_often_the_player_asks(as_, store, mine):
    me = as_("ming")
    for start in (0, 500, 1000):
        me.get(f"/calls/{mine}/audio", headers={"range": f"bytes={start}-"})
    found = [each.action for each in activities(store, account="ming", limit=20)]
    found = found[: found.index("sign_in")]
    assert found == ["listen"]


def test_every_answer_has_the_security_headers_and_no_script_stands_in_a_page(as_, browser, mine):
    me = as_("root")
    for answer in (
        browser.get("/login"),
        me.get(f"/calls/{mine}"),
        me.get("/nowhere"),
        me.get("/static/site.js"),
    ):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src 'self' 'nonce-" in policy
        assert "frame-ancestors 'none'" in policy and "unsafe-eval" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        if "text/html" in answer.headers["content-type"]:
            assert "onclick=" not in answer.text and "<script>" not in answer.text
            assert "<style" not in answer.text


def test_a_query_beyond_any_form_is_refused(as_):  # 10 MB: test_serving, over a real connection
    answer = as_("root").get("/activities?name=" + "a" * 60_000)
    assert answer.status_code == 414


def test_a_form_of_ten_megabytes_is_refused(as_):
    answer = as_("root").post("/password", data={"old": "a" * 10_000_000})
    assert answer.status_code == 413
