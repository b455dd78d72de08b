"""A store with a few calls of two teams, accounts of every role, and the site over it."""

import sys
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the extra `web` is not installed")

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from argon2 import PasswordHasher
from client import Browser
from site_store import fill_store

from auditor.store import open_store
from auditor.web import passwords
from auditor.web.app import make_app
from auditor.web.options import SiteOptions


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes():
    """Passwords that take no time: what one costs has a test of its own."""
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", lambda: cheap)
        yield


@pytest.fixture(scope="session")
def filled(tmp_path_factory, cheap_hashes):
    """(url, facts) of a store that all tests only read or add to."""
    folder = tmp_path_factory.mktemp("site")
    url = f"sqlite:///{folder}/audits.db"
    return url, fill_store(url, folder)


@pytest.fixture(scope="session")
def facts(filled):
    """What the store holds: ids of audits by name."""
    return filled[1]


@pytest.fixture(scope="module")
def store(filled):
    with open_store(filled[0], create=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def app(store):
    made = make_app(store, options=SiteOptions())
    yield made
    made.state.site.close()


@pytest.fixture
def browser(app):
    """Somebody who is not signed in."""
    return Browser(app, base_url="http://127.0.0.1:8600")


@pytest.fixture
def as_(app):
    """Somebody who is signed in: ``as_("boss")``."""

    def sign_in(name):
        return Browser(app, base_url="http://127.0.0.1:8600").sign_in(name)

    return sign_in
