"""Review, appeal and judgement through the site: who may, what is kept, what is refused in words."""

import re
import shutil

import pytest
from site_store import PASSWORD, START, fill_store

from auditor.store import (
    Selection,
    activities,
    critical_calls,
    latest_edition,
    open_store,
    reviewed_call,
)
from auditor.store.accounts import disable_account
from auditor.store.queues import assigned_calls
from auditor.web.app import make_app
from auditor.web.options import SiteOptions

CONFIRMED = r"一票否决已确认</p><strong>(\d+)"
WAITING = r"机评待复核 (\d+) 通"


@pytest.fixture(scope="module")
def template(tmp_path_factory, cheap_hashes):
    """A store in which nobody decided anything, and its calls."""
    folder = tmp_path_factory.mktemp("template")
    return folder / "audits.db", fill_store(f"sqlite:///{folder}/audits.db", folder)


@pytest.fixture
def own(template, tmp_path):
    """A copy of it for one test."""
    shutil.copy(template[0], tmp_path / "own.db")
    with open_store(f"sqlite:///{tmp_path}/own.db", create=False) as store:
        yield store, template[1]


@pytest.fixture
def open_site(own, browser):
    """Open a site over it; returns how to sign in."""
    apps = []

    def open_site(**options):
        apps.append(make_app(own[0], options=SiteOptions(**options)))
        visitor = type(browser)
        return lambda name: visitor(apps[-1], base_url="http://127.0.0.1:8600").sign_in(name, PASSWORD)

    yield open_site
    for app in apps:
        app.state.site.close()


@pytest.fixture
def enter(open_site):
    """Sign in to the site over it."""
    return open_site()


@pytest.fixture
def call(own):
    return own[1]["8001"][1]


def decide(browser, call, rule, verdict, *, seen=0, reason="听过录音。"):
    return browser.submit(
        f"/calls/{call}/review", on=f"/calls/{call}", rule=rule, verdict=verdict, seen=seen, reason=reason
    )


def protest(browser, call, rule, *, seen=0, reason="我说了。"):
    return browser.submit(f"/calls/{call}/appeal", on=f"/calls/{call}", rule=rule, seen=seen, reason=reason)


def standing(own, call, rule):
    return reviewed_call(own[0], call).standings[rule]


def test_a_review_is_kept_shown_and_logged(own, enter, call):
    inspector = enter("inspector")
    answer = decide(inspector, call, "V3", "pass", reason="<script>alert(1)</script> 语速正常")
    assert answer.status_code == 303 and answer.headers["location"] == f"/calls/{call}#finding-V3"
    page = inspector.get(f"/calls/{call}").text
    assert "复核改判合格" in page and "&lt;script&gt;" in page and "<script>alert" not in page
    assert (standing(own, call, "V3").verdict, standing(own, call, "V3").steps[0].actor) == (
        "pass",
        "inspector",
    )
    assert any(each.action == "change" for each in activities(own[0], account="inspector", limit=5))


def test_the_second_reviewer_sees_the_first_decision_and_keeps_his_words(own, enter, call):
    decide(enter("inspector"), call, "V3", "pass", reason="语速正常。")
    answer = decide(enter("boss1"), call, "V3", "fail", reason="我认为太快。")
    assert answer.status_code == 409
    assert "刚才有人先处理了这一条" in answer.text
    assert "语速正常。" in answer.text and "我认为太快。</textarea>" in answer.text
    assert standing(own, call, "V3").version == 1


def test_a_refusal_says_why(enter, call):
    inspector = enter("inspector")
    assert "请写明理由" in decide(inspector, call, "V3", "pass", reason=" ").text
    assert "请选择合格" in decide(inspector, call, "V3", "maybe").text
    assert "没有这一条" in decide(inspector, call, "Z99", "pass").text


@pytest.mark.parametrize(
    ("name", "path", "values"),
    [
        ("ming", "review", {"verdict": "pass"}),
        ("boss2", "review", {"verdict": "pass"}),
        ("newcomer", "appeal", {}),
        ("inspector", "appeal", {}),
        ("ming", "finish", {}),
    ],
)
def test_nobody_decides_what_is_not_his_to_decide(own, enter, call, name, path, values):
    answer = enter(name).submit(
        f"/calls/{call}/{path}", on="/password", rule="V3", seen=0, reason="x", **values
    )
    assert answer.status_code in (403, 404)
    assert standing(own, call, "V3").state == "open"


def test_no_change_without_the_pages_token(own, enter, call):
    root = enter("root")
    for path in (
        "/calls/{}/review",
        "/calls/{}/appeal",
        "/calls/{}/finish",
        "/reviews/plan",
        "/appeals/1/judge",
    ):
        for data in ({}, {"csrf": "0" * 64}):
            answer = root.post(path.format(call), data={"rule": "V3", "verdict": "pass", **data})
            assert answer.status_code == 403, path
    assert standing(own, call, "V3").state == "open"


def test_an_appeal_goes_to_the_agents_supervisor_who_closes_it(own, enter, call):
    ming = enter("ming")
    assert "提交申诉" in ming.get(f"/calls/{call}").text
    assert protest(ming, call, "V3").status_code == 303
    assert "申诉待裁决" in ming.get(f"/calls/{call}").text
    assert "我说了。" in ming.get("/appeals").text
    assert "我说了。" not in enter("boss2").get("/appeals").text
    boss = enter("boss1")
    page = boss.get("/appeals").text
    (number,) = set(re.findall(r"/appeals/(\d+)/judge", page))
    answer = boss.submit(
        f"/appeals/{number}/judge", on="/appeals", verdict="pass", reason="录音里语速正常。", seen=1
    )
    assert answer.status_code == 303
    assert (standing(own, call, "V3").state, standing(own, call, "V3").verdict) == ("closed", "pass")
    assert "录音里语速正常。" in ming.get("/appeals?state=closed").text
    answer = protest(ming, call, "V3", seen=2)
    assert answer.status_code == 409 and "只能申诉一次" in answer.text


def test_a_reviewer_is_told_that_somebody_else_judges_and_the_other_can(own, enter, call):
    boss = enter("boss1")
    decide(boss, call, "V3", "fail")
    protest(enter("ming"), call, "V3", seen=1)
    page = boss.get("/appeals").text
    assert "须由其他有权终审的人裁决" in page and "/judge" not in page
    answer = boss.submit("/appeals/1/judge", on="/password", verdict="fail", reason="太快。", seen=2)
    assert answer.status_code == 409 and "您复核过这一条" in answer.text
    root = enter("root")
    assert root.submit(
        "/appeals/1/judge", on="/appeals", verdict="fail", reason="太快。", seen=2
    ).status_code == 303  # fmt: skip
    assert "复核、终审为同一人" not in root.get("/appeals?state=closed").text


def test_a_reviewer_who_is_the_only_judge_judges_and_the_page_and_the_history_say_so(own, enter, call):
    boss, ming = enter("boss1"), enter("ming")
    disable_account(own[0], "root")
    decide(boss, call, "V3", "fail")
    protest(ming, call, "V3", seen=1)
    assert "没有其他人有权终审" in boss.get("/appeals").text
    answer = boss.submit("/appeals/1/judge", on="/appeals", verdict="fail", reason="太快。", seen=2)
    assert answer.status_code == 303
    for browser in (boss, ming):
        assert "复核、终审为同一人" in browser.get("/appeals?state=closed").text


def test_the_overview_tells_critical_fails_that_people_confirmed_from_the_machines(own, enter):
    root = enter("root")

    def told():
        page = root.get("/?days=30").text
        return [int(re.search(pattern, page)[1]) for pattern in (CONFIRMED, WAITING)]

    before = told()
    calls = critical_calls(own[0], edition=latest_edition(own[0]), selection=Selection())
    assert before == [0, len(calls)] and calls
    rules = reviewed_call(own[0], calls[0].audit_id).standings
    for rule in [rule for rule, each in rules.items() if each.unconfirmed and each.alias is None]:
        decide(root, calls[0].audit_id, rule, "fail")
    assert told() == [1, len(calls) - 1]


def test_another_teams_supervisor_judges_nothing(own, enter, call):
    protest(enter("ming"), call, "V3")
    boss = enter("boss2")
    answer = boss.submit("/appeals/1/judge", on="/password", verdict="pass", reason="x", seen=1)
    assert answer.status_code == 404 and standing(own, call, "V3").state == "appealed"


def test_a_judgement_that_comes_second_is_refused_in_words(own, enter, call):
    protest(enter("ming"), call, "V3")
    values = {"verdict": "fail", "reason": "太快。", "seen": 1}
    boss, root = enter("boss1"), enter("root")
    tokens = {browser: browser.form_token("/appeals") for browser in (boss, root)}
    assert boss.post("/appeals/1/judge", data={**values, "csrf": tokens[boss]}).status_code == 200
    answer = root.post("/appeals/1/judge", data={**values, "verdict": "pass", "csrf": tokens[root]})
    assert answer.status_code == 409 and "刚才有人先处理" in answer.text
    assert standing(own, call, "V3").verdict == "fail"


def test_a_week_is_drawn_handed_out_heard_and_done(own, enter):
    boss, inspector = enter("boss1"), enter("inspector")
    week = START.date().isoformat()
    answer = boss.submit("/reviews/plan", on="/reviews?tab=assigned", week=week, calls=1)
    assert answer.status_code == 303
    store = own[0]
    drawn = assigned_calls(store, edition=latest_edition(store))
    assert {call.team for call in drawn} == {"一组"} and {call.inspector for call in drawn} == {"inspector"}
    page = inspector.get("/reviews").text
    assert all(call.call_id in page for call in drawn)
    call = drawn[0].audit_id
    assert "还要逐条判定" in inspector.get(f"/calls/{call}").text
    early = inspector.submit(f"/calls/{call}/finish", on=f"/calls/{call}")
    assert early.status_code == 409 and "逐条判定" in early.text
    for rule in ("C11d", "P3.2b", "C6", "C12"):
        decide(inspector, call, rule, "fail" if rule == "C11d" else "pass")
    done = inspector.submit(f"/calls/{call}/finish", on=f"/calls/{call}")
    assert done.headers["location"] == "/reviews"
    assert drawn[0].call_id in inspector.get("/reviews?tab=done").text
    page = enter("root").get("/calibration").text
    assert "1 通电话" in page and "标注不足 10 条" in page
    assert enter("root").get("/calibration?precision=0.95").status_code == 200


def test_a_plan_that_cannot_be_is_said(enter):
    root = enter("root")
    for values, said in (
        ({"week": "2001-01-01", "calls": 3}, "没有新的通话可抽"),
        ({"week": "soon", "calls": 3}, "请填写日期"),
    ):
        answer = root.submit("/reviews/plan", on="/reviews", **values)
        assert said in root.get(answer.headers["location"]).text
    assert root.submit("/reviews/plan", on="/reviews", week="2026-11-02", calls=0).status_code == 422


@pytest.mark.parametrize("name", ["ming", "newcomer"])
def test_agents_have_appeals_and_no_queue(enter, name):
    me = enter(name)
    assert me.get("/appeals").status_code == 200
    assert me.get("/reviews").status_code in (403, 404)
    assert me.get("/calibration").status_code in (403, 404)
    assert "/reviews" not in me.get("/appeals").text.split("<main")[0]


def test_an_appeal_after_its_time_is_not_offered(open_site, call):
    late = open_site(appeal_days=1e-6)("ming")
    assert "提交申诉" not in late.get(f"/calls/{call}").text
    assert "已过申诉期限" in protest(late, call, "V3").text


def test_wrong_addresses_are_a_sentence(enter):
    root = enter("root")
    for path in ("/reviews?tab=x", "/reviews?page=0", "/appeals?state=open", "/calibration?precision=9"):
        answer = root.get(path)
        assert answer.status_code == 422 and "Traceback" not in answer.text, path
