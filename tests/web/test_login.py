"""Who comes in, how long he stays, and who does not."""

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from site_store import PASSWORD
from sqlalchemy import text, update

from auditor.store import account_named, activities, add_account, disable_account, set_password
from auditor.store.account_tables import RefusedSignInRow, SessionRow
from auditor.web import passwords
from auditor.web.passwords import hash_password
from auditor.web.signing import SESSION_COOKIE


@pytest.fixture
def guest(store):
    """An account of this test's own."""
    name = f"guest{datetime.now(UTC).timestamp():.6f}"
    add_account(store, name=name, role="inspector", password=hash_password(PASSWORD))
    return name


def test_nobody_sees_a_page_without_signing_in(browser):
    answer = browser.get("/activities?name=a", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Factivities%3Fname%3Da"


def test_the_right_password_goes_on_to_the_wanted_page(browser):
    answer = browser.submit("/login", name="Root ", password=PASSWORD, next="/accounts")
    assert (answer.status_code, answer.headers["location"]) == (303, "/accounts")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    assert "账号" in browser.get("/accounts").text


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil"])
def test_signing_in_never_leads_to_another_site(browser, elsewhere):
    answer = browser.submit("/login", name="root", password=PASSWORD, next=elsewhere)
    assert answer.headers["location"] == "/"


def test_a_wrong_password_and_an_unknown_name_have_the_same_answer(browser, guest):
    wrong = browser.submit("/login", name=guest, password="not the one 1")
    unknown = browser.submit("/login", name="nobody-at-all", password="not the one 1")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.split("<main")[1].replace(guest, "") == unknown.text.split("<main")[1].replace(
        "nobody-at-all", ""
    ).replace(browser.form_token("/login"), browser.form_token("/login"))
    assert "session" not in wrong.headers.get("set-cookie", "")


def test_after_five_wrong_passwords_even_the_right_one_has_to_wait(browser, store, guest):
    for _ in range(5):
        assert browser.submit("/login", name=guest, password="wrong").status_code == 401
    answer = browser.submit("/login", name=guest, password=PASSWORD)
    assert answer.status_code == 429 and "秒后再试" in answer.text
    with store.writing() as session:  # a quarter of an hour later
        earlier = datetime.now(UTC) - timedelta(seconds=16)
        session.execute(update(RefusedSignInRow).values(last_at=earlier))
    assert browser.submit("/login", name=guest, password=PASSWORD).status_code == 303


def test_a_form_without_its_token_is_refused(browser):
    browser.get("/login")
    answer = browser.post("/login", data={"name": "root", "password": PASSWORD}, follow_redirects=False)
    assert answer.status_code == 403


def test_a_token_of_another_session_is_refused(as_, browser):
    other = as_("inspector").form_token("/password")
    me = as_("root")
    assert me.post("/logout", data={"csrf": other}, follow_redirects=False).status_code == 403
    assert me.get("/accounts").status_code == 200


def test_a_form_that_another_site_sends_is_refused(as_):
    me = as_("root")
    token = me.form_token("/password")
    answer = me.post("/logout", data={"csrf": token}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


def test_signing_out_ends_the_session_in_the_store(as_, app):
    me = as_("root")
    kept = me.cookies[SESSION_COOKIE]
    assert me.submit("/logout", on="/password").status_code == 303
    me.cookies.set(SESSION_COOKIE, kept)
    assert me.get("/accounts", follow_redirects=False).status_code == 303


@pytest.mark.parametrize("change", [lambda c: c[:-2], lambda c: "x" + c, lambda _: "", lambda _: "a" * 9000])
def test_a_changed_cookie_opens_nothing(as_, change):
    me = as_("root")
    changed = change(me.cookies[SESSION_COOKIE])
    me.cookies.clear()
    me.cookies.set(SESSION_COOKIE, changed)
    assert me.get("/accounts", follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    ("column", "ago"), [(SessionRow.ends_at, timedelta(0)), (SessionRow.seen_at, timedelta(hours=3))]
)
def test_a_session_ends_at_its_time_and_unused(as_, store, column, ago):
    me = as_("root")
    with store.writing() as session:
        session.execute(update(SessionRow).values({column: datetime.now(UTC) - ago}))
    assert me.get("/accounts", follow_redirects=False).status_code == 303


def test_disabling_an_account_ends_its_sessions(as_, store, guest):
    me = as_(guest)
    disable_account(store, guest)
    assert me.get("/", follow_redirects=False).status_code == 303
    assert me.submit("/login", name=guest, password=PASSWORD).status_code == 401


def test_another_password_ends_the_other_sessions_and_not_this_one(as_, guest):
    here, there = as_(guest), as_(guest)
    answer = here.submit("/password", old=PASSWORD, password="another one 12", again="another one 12")
    assert "密码已更改" in answer.text
    assert here.get("/").status_code == 200
    assert there.get("/", follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [("wrong one 123", "another one 12", "another one 12"), (PASSWORD, "short", "short"),
     (PASSWORD, "aaaaaaaaaaaaa", "aaaaaaaaaaaaa"), (PASSWORD, "another one 12", "another one 13")],
)  # fmt: skip
def test_a_password_is_changed_only_with_the_old_one_and_to_a_fit_one(as_, guest, old, new, again):
    me = as_(guest)
    assert me.submit("/password", old=old, password=new, again=again).status_code == 422
    assert as_(guest)


def test_signing_in_out_and_in_vain_is_in_the_log(as_, store, browser, guest):
    as_(guest).submit("/logout", on="/password")
    browser.submit("/login", name=guest, password="wrong")
    found = [each.action for each in activities(store, account=guest)]
    assert found[0] == "sign_in_refused" and "sign_out" in found and found[-1] == "sign_in"


def test_the_log_cannot_be_changed(as_, store):
    as_("root")
    for statement in ("DELETE FROM activities", "UPDATE activities SET name = 'x'"):
        with pytest.raises(Exception, match="never changed"), store.writing() as session:
            session.execute(text(statement))


def test_only_administrators_see_accounts_and_log(as_):
    for name in ("inspector", "boss1", "ming"):
        assert as_(name).get("/accounts").status_code == 404
        assert as_(name).get("/activities").status_code == 404


def test_a_refusal_is_in_the_log(as_, store):
    as_("ming").get("/accounts")
    assert activities(store, account="ming", limit=1)[0].action == "refused"


def test_a_password_is_kept_as_an_argon2id_hash_that_costs_an_attacker_64_mib(store, guest, monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher)
    set_password(store, guest, password=hash_password("something 123"))
    assert account_named(store, guest).password.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_hash_of_weaker_parameters_is_replaced_at_the_next_sign_in(as_, store, guest):
    weak = PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash(PASSWORD)
    set_password(store, guest, password=weak)
    as_(guest)
    assert "m=64," in account_named(store, guest).password
