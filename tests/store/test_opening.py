"""A store makes and upgrades itself; what cannot be a store is refused with one sentence."""

import os
import shutil
import sqlite3

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from auditor.errors import StoreError
from auditor.store import (
    iter_heard,
    latest_edition,
    open_store,
    save_audit,
    save_failure,
    store_url,
    stored_calls,
    upgrade_store,
)
from auditor.store.migrations import HEAD, REVISIONS, VERSION_TABLE
from auditor.store.migrations.running import alembic_config
from auditor.store.search_tables import INDEX
from auditor.store.tables import Base


@pytest.fixture
def made(made_sqlite, tmp_path):
    """The file of an empty store of this version."""
    return shutil.copy(made_sqlite, tmp_path / "audits.db")


def refusal(url, **options):
    with pytest.raises(StoreError) as caught:
        open_store(url, **options)
    message = str(caught.value)
    assert message.endswith(".") and "\n" not in message
    return message


def set_version(file, version):
    with sqlite3.connect(file) as connection:
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = ?", (version,))


def test_an_empty_database_becomes_a_store_with_the_tables_of_the_code(url):
    with open_store(url) as store, store.engine.connect() as connection:
        options = {
            "version_table": VERSION_TABLE,
            "compare_type": True,
            # What each database has of its own for searching text.
            "include_object": lambda _, name, kind, *__: kind != "table" or not name.startswith(INDEX),
        }
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
    assert differences == []


def test_a_store_that_is_there_is_opened_again(url):
    open_store(url).close()
    with open_store(url, create=False) as store:
        assert latest_edition(store) is None


def test_the_versions_that_are_known_are_those_that_ship():
    script = ScriptDirectory.from_config(alembic_config())
    assert tuple(each.revision for each in reversed(list(script.walk_revisions()))) == REVISIONS
    assert script.get_heads() == [HEAD]


def test_sqlite_keeps_every_commit_and_checks_references(made):
    with open_store(f"sqlite:///{made}") as store, store.reading() as session:
        pragmas = {
            name: session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "foreign_keys", "synchronous")
        }
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2}


def test_an_older_store_is_refused_and_says_how_to_upgrade(made, monkeypatch):
    monkeypatch.setattr("auditor.store.database.REVISIONS", ("0000", *REVISIONS))
    set_version(made, "0000")
    assert "auditor store upgrade" in refusal(f"sqlite:///{made}")


def test_upgrading_runs_what_is_missing(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path}/old.db"
    with sqlite3.connect(tmp_path / "old.db") as connection:  # a version before the first, without any table
        connection.execute(f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL)")
        connection.execute(f"INSERT INTO {VERSION_TABLE} VALUES ('0000')")
    monkeypatch.setattr("auditor.store.database.REVISIONS", ("0000", *REVISIONS))
    ran = []
    monkeypatch.setattr("auditor.store.migrations.running.run_migrations", ran.append)
    assert upgrade_store(url) == ("0000", HEAD)
    assert len(ran) == 1


def test_upgrading_a_store_of_today_changes_nothing(made):
    assert upgrade_store(f"sqlite:///{made}") == (HEAD, HEAD)


def test_the_command_says_that_there_is_nothing_to_do(made, run_auditor):
    assert run_auditor("store", "upgrade", "--store", f"sqlite:///{made}") == (
        0,
        f"version {HEAD}: nothing to do.\n",
        "",
    )


def test_a_newer_store_is_refused(made):
    set_version(made, "9999")
    assert "newer auditor" in refusal(f"sqlite:///{made}")
    with pytest.raises(StoreError, match="newer auditor"):
        upgrade_store(f"sqlite:///{made}")


def test_the_database_of_another_program_is_left_alone(tmp_path):
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE customers (id INTEGER)")
    assert "'customers'" in refusal(f"sqlite:///{tmp_path}/other.db")


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "call.wav").write_bytes(b"RIFF" * 1000)
    assert "not a SQLite database" in refusal(f"sqlite:///{tmp_path}/call.wav")


def test_a_damaged_store_is_refused(made):
    with made.open("r+b") as file:
        file.seek(100)
        file.write(os.urandom(3000))
    refusal(f"sqlite:///{made}")


def test_a_folder_that_is_missing_is_named(tmp_path):
    assert "folder" in refusal(f"sqlite:///{tmp_path}/none/audits.db")


def test_a_report_makes_no_store_where_there_is_none(tmp_path):
    refusal(f"sqlite:///{tmp_path}/audits.db", create=False)
    assert not (tmp_path / "audits.db").exists()
    (tmp_path / "empty.db").touch()
    assert "auditor batch" in refusal(f"sqlite:///{tmp_path}/empty.db", create=False)


@pytest.mark.parametrize("url", ["audits.db", "mysql://host/name", "postgresql//host", "://"])
def test_what_is_no_url_of_a_store_is_refused(url):
    refusal(url)


def test_a_server_that_does_not_answer_is_named_without_the_password():
    message = refusal("postgresql://auditor:geheim@127.0.0.1:1/audits")
    assert "127.0.0.1" in message and "geheim" not in message


def test_a_database_that_does_not_exist_is_named(cluster):
    assert "create it" in refusal(cluster.address("nowhere"))


def test_a_database_in_another_encoding_is_refused(new_database):
    assert "UTF8" in refusal(new_database("ENCODING 'SQL_ASCII' TEMPLATE template0"))


def test_a_store_that_stays_locked_is_one_sentence(made):
    holder = sqlite3.connect(made, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with open_store(f"sqlite:///{made}", patience_s=0.2) as store:
        with pytest.raises(StoreError, match="another process holds its lock"):
            save_failure(store, call_id="1", paths=["a"], reason_code="hang", message="…")
        holder.execute("ROLLBACK")
        save_failure(store, call_id="1", paths=["a"], reason_code="hang", message="…")


def test_a_full_disk_is_one_sentence_and_leaves_whole_calls(made, make_call, key_of, book):
    with open_store(f"sqlite:///{made}") as store:
        save_audit(store, make_call(0), evidence_key=key_of(make_call(0)), book=book)
        with store.writing() as session:  # SQLite then says what it says on a full disk
            session.execute(text(f"PRAGMA max_page_count={session.scalar(text('PRAGMA page_count')) + 2}"))
        with pytest.raises(StoreError, match="no room left"):
            for number in range(1, 50):
                save_audit(store, make_call(number), evidence_key=key_of(make_call(number)), book=book)
        ids = [call.audit_id for call in iter_heard(store, model_id=1)]
        assert [call.call_id for call in stored_calls(store, ids)] == [str(n) for n in range(number)]


def test_the_flag_comes_before_the_environment_and_the_folder(monkeypatch):
    monkeypatch.setenv("AUDITOR_STORE", "sqlite:///b.db")
    assert store_url("sqlite:///a.db") == "sqlite:///a.db"
    assert store_url() == "sqlite:///b.db"
    monkeypatch.delenv("AUDITOR_STORE")
    assert store_url() == "sqlite:///audits.db"
