"""Signing in through a provider: who is let in, who is not, and what must not be believed."""

import itertools
import time
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import pytest
from client import Browser
from provider import KEY, OTHER_KEY, running_provider

from auditor.store import account_named, add_account, disable_account
from auditor.web.app import make_app
from auditor.web.options import OpenIdOptions, SiteOptions
from auditor.web.passwords import hash_password

_NUMBERS = itertools.count()


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def follow(address):
    """Where the provider sends the browser."""
    try:
        build_opener(_Stay).open(address)
    except HTTPError as answer:
        return answer.headers["location"]
    raise AssertionError(address)


@pytest.fixture(scope="module")
def provider():
    with running_provider() as running:
        yield running


@pytest.fixture
def fresh(provider):
    """The provider with its usual manners, and a name that no account had yet."""
    provider.claims = {"preferred_username": f"sso{next(_NUMBERS)}", "sub": f"subject-{next(_NUMBERS)}"}
    yield provider
    provider.claims, provider.key = {}, KEY


@pytest.fixture(scope="module")
def site(store, provider):
    made = make_app(
        store,
        options=SiteOptions(openid=OpenIdOptions(provider.issuer, "auditor", client_secret="hush")),
    )
    yield made
    made.state.site.close()


@pytest.fixture
def visitor(site):
    return Browser(site, base_url="http://127.0.0.1:8600")


@pytest.fixture
def known(fresh, store):
    """The account of whom the provider will vouch for."""
    name = fresh.claims["preferred_username"]
    add_account(store, name=name, role="inspector", password=None)
    return name


def come_back(visitor, change=lambda address: address):
    begun = visitor.get("/login/openid?next=/rules", follow_redirects=False)
    assert begun.status_code == 303
    parts = urlsplit(change(follow(begun.headers["location"])))
    return visitor.get(f"{parts.path}?{parts.query}", follow_redirects=False)


def test_who_has_an_account_is_let_in_and_bound_to_his_subject(visitor, known, store, fresh):
    answer = come_back(visitor)
    assert (answer.status_code, answer.headers["location"]) == (303, "/rules")
    assert visitor.get("/rules").status_code == 200
    account = account_named(store, known)
    assert (account.issuer, account.subject) == (fresh.issuer, fresh.claims["sub"])
    asked = fresh.exchanged[-1]
    assert asked["redirect_uri"] == "http://127.0.0.1:8600/login/openid/back"
    assert "openid" in asked["scope"].split()


def test_the_sign_in_page_offers_the_provider(visitor, browser):
    assert 'href="/login/openid"' in visitor.get("/login").text
    assert "/login/openid" not in browser.get("/login").text
    assert browser.get("/login/openid").status_code == 404


def test_who_has_no_account_is_told_so(visitor, fresh):
    answer = come_back(visitor)
    assert answer.status_code == 401 and "没有给您开账号" in answer.text


def test_a_disabled_account_stays_out(visitor, known, store):
    disable_account(store, known)
    assert come_back(visitor).status_code == 401


def test_an_account_with_a_password_is_not_taken_over_by_its_name(visitor, fresh, store):
    name = fresh.claims["preferred_username"]
    add_account(store, name=name, role="admin", password=hash_password("correct horse 7"))
    assert come_back(visitor).status_code == 401


def test_a_name_that_went_to_somebody_else_opens_nothing(visitor, known, fresh):
    assert come_back(visitor).status_code == 303
    fresh.claims["sub"] = "somebody else"
    visitor.cookies.clear()
    assert come_back(visitor).status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another site"},
        {"aud": ["auditor", "another site"]},
        {"iss": "http://127.0.0.1:1"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"sub": None},
        {"preferred_username": None},
        {"preferred_username": 7},
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_not_believed(visitor, known, fresh, claims):
    fresh.claims.update(claims)
    assert come_back(visitor).status_code == 401
    assert visitor.get("/rules", follow_redirects=False).status_code == 303


def test_a_token_by_another_key_is_not_believed(visitor, known, fresh):
    fresh.key = OTHER_KEY
    assert come_back(visitor).status_code == 401


def test_another_state_and_another_browser_are_refused(visitor, known, site):
    assert come_back(visitor, lambda address: address.replace("state=", "state=x")).status_code == 401
    begun = visitor.get("/login/openid", follow_redirects=False)
    parts = urlsplit(follow(begun.headers["location"]))
    assert parse_qs(parts.query)["code"]
    other = Browser(site, base_url="http://127.0.0.1:8600")
    assert other.get(f"{parts.path}?{parts.query}", follow_redirects=False).status_code == 401


@pytest.mark.parametrize("query", ["", "code=x", "code=x&state=y", "error=access_denied&state=y"])
def test_coming_back_without_having_left_is_refused(visitor, query):
    assert visitor.get(f"/login/openid/back?{query}").status_code == 401


def test_a_provider_that_does_not_answer_is_said(store):
    options = OpenIdOptions("http://127.0.0.1:1", "auditor")
    made = make_app(store, options=SiteOptions(openid=options))
    answer = Browser(made, base_url="http://127.0.0.1:8600").get("/login/openid")
    assert answer.status_code == 503 and "没有应答" in answer.text
