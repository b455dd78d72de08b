"""Stores of both kinds for batches, and the folder of a night."""

import hashlib
import itertools
import shutil

import pytest
from batch.disturbed import audit, make_calls
from store.postgres import running_cluster, why_not
from store_rows import store_rows

_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def cluster():
    """A PostgreSQL server of the tests' own."""
    if why_not():
        pytest.skip(why_not())
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
def sqlite_url(tmp_path):
    return f"sqlite:///{tmp_path}/audits.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, sqlite_url):
    """The URL of an empty database."""
    if request.param == "sqlite":
        return sqlite_url
    return request.getfixturevalue("cluster").database(f"batch{next(_NUMBERS)}")


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    """Where the night lies: always the same, so that stores of it are."""
    return tmp_path_factory.mktemp("recorder")


@pytest.fixture
def night(place):
    """A folder with six calls."""
    shutil.rmtree(place / "night", ignore_errors=True)
    make_calls(place / "night", 6)
    return place / "night"


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """What a store holds after a run over a folder that nothing disturbed."""
    known = {}

    def rows(folder, **more):
        held = [(str(path), path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file()]
        key = hashlib.sha256(repr((held, more)).encode()).hexdigest()
        if key not in known:
            url = f"sqlite:///{tmp_path_factory.mktemp('undisturbed')}/audits.db"
            audit(folder, url=url, **more)
            known[key] = store_rows(url)
        return known[key]

    return rows
