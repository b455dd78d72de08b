"""Stores on both databases, and audits to put into them."""

import itertools
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from made_call import make_audit
from postgres import running_cluster, why_not
from sqlalchemy import delete, text

from auditor.records import CallRecord
from auditor.rulebook.load import load_rulebook
from auditor.store import channel_map, evidence_key, open_store
from auditor.store.search_tables import INDEX
from auditor.store.tables import Base

_NUMBERS = itertools.count()
NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def cluster():
    """A PostgreSQL server of the tests' own."""
    if why_not():
        pytest.skip(why_not())
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
def new_database(cluster):
    """Make an empty PostgreSQL database; returns its URL."""
    return lambda options="": cluster.database(f"db{next(_NUMBERS)}", options)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/audits.db"
    return request.getfixturevalue("new_database")()


@pytest.fixture(scope="session")
def made_sqlite(tmp_path_factory):
    """The file of an empty store."""
    file = tmp_path_factory.mktemp("made") / "made.db"
    open_store(f"sqlite:///{file}").close()
    return file


@pytest.fixture(scope="session")
def sqlite_store(tmp_path_factory):
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('shared')}/audits.db", patience_s=5) as store:
        yield store


@pytest.fixture(scope="session")
def postgresql_store(cluster):
    with open_store(cluster.database("shared"), patience_s=5) as store:
        yield store


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request):
    """An empty store; one for all tests, since a new one takes a while to learn its statements."""
    return emptied(request.getfixturevalue(f"{request.param}_store"))


@pytest.fixture
def empty_again(sqlite_store):
    """The same for tests that draw: each call empties it."""
    return lambda: emptied(sqlite_store)


@pytest.fixture
def empty_sqlite(sqlite_store):
    """The same, for what needs no particular database."""
    return emptied(sqlite_store)


@pytest.fixture
def empty_postgresql(postgresql_store):
    """The other one alone."""
    return emptied(postgresql_store)


def emptied(store):
    """The store without any rows."""
    with store.writing() as session:
        if store.dialect == "sqlite":  # the index of words knows no references
            session.execute(text(f"INSERT INTO {INDEX} ({INDEX}) VALUES ('delete-all')"))
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in ("steps", "decisions"):  # they go with their recordings, and in no other way
                session.execute(delete(table))
    return store


@pytest.fixture(scope="session")
def book():
    return load_rulebook()


@pytest.fixture(scope="session")
def other_book(book):
    """A later version of the rulebook."""
    return book.model_copy(update={"version": "2027.01", "sha256": "b" * 64})


@pytest.fixture
def noon():
    """When call number 0 started; the others follow by the minute."""
    return NOON


@pytest.fixture
def make_call(book):
    """An audit of call number n; changes of its record by name."""

    def make(number=0, *, book=book, model="a" * 64, paths=None, duration_s=None, **record):
        audit = make_audit()
        recording = replace(
            audit.evidence.recording,
            paths=paths or (f"/calls/{number}.wav",),
            sha256=tuple(f"{number:032x}{leg:032x}" for leg in range(len(paths or "1"))),
            duration_s=duration_s or audit.evidence.recording.duration_s,
        )
        known = {"agent_id": "8001", "team": "一组", "started_at": NOON + timedelta(minutes=number)}
        call_record = CallRecord(**{**known, **record})
        facts = replace(audit.evidence.model, sha256=model) if model else None
        return replace(
            audit,
            call_id=call_record.call_id or Path(recording.paths[0]).stem,
            evidence=replace(
                audit.evidence,
                recording=recording,
                call_record=call_record,
                model=facts,
                transcript_source="asr" if model else "human",
            ),
            provenance=replace(
                audit.provenance,
                rulebook=book.version,
                rulebook_sha256=book.sha256,
                model=facts.name if facts else None,
                model_sha256=model,
            ),
        )

    return make


@pytest.fixture
def key_of():
    """The evidence key of an audit."""

    def key(audit, **options):
        evidence = audit.evidence
        return evidence_key(
            audio_sha256=evidence.recording.sha256,
            channels=channel_map(evidence.call_record),
            model_sha256=audit.provenance.model_sha256,
            options=options,
            recorder=evidence.recorder,
            measuring_sha256=audit.provenance.measuring_sha256,
        )

    return key
