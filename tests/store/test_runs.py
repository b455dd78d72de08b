"""A run that was killed is closed by the next one, with what it left; one that goes on is left alone."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from auditor.errors import StoreError
from auditor.store import (
    RunTally,
    close_run,
    evidence_of,
    failures,
    known_sha256,
    open_run,
    open_store,
    save_audit,
    save_failure,
    scorecards_among,
    touch_run,
)
from auditor.store.processes import is_gone, is_here, this_process
from auditor.store.tables import AgentRow, RunRow


def runs(store):
    with store.reading() as session:
        return session.scalars(select(RunRow).order_by(RunRow.id)).all()


def change(store, run_id, **values):
    with store.writing() as session:
        session.execute(update(RunRow).where(RunRow.id == run_id).values(**values))


@pytest.fixture
def killed_process():
    """The name of a process that was killed before anybody asked how it ended."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from auditor.store.processes import this_process as n; print(n(), flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    name = process.stdout.readline().strip()
    assert is_here(name) and not is_gone(name)
    process.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # dead, and not yet waited for
    assert is_gone(name)
    process.communicate()
    return name


def test_a_process_knows_itself_and_another_that_took_its_number_is_not_it():
    name = this_process()
    assert is_here(name) and not is_gone(name)
    assert is_gone(name.rpartition("/")[0] + "/1")
    assert not is_here("elsewhere" + name)


def test_the_next_run_says_that_a_killed_one_died_and_what_it_left(
    store, make_call, key_of, book, killed_process
):
    call = make_call(1)
    first = open_run(store, book=book, model=None, command="batch", calls=9)
    save_audit(store, call, evidence_key=key_of(call), book=book, run_id=first)
    save_failure(store, call_id="2", paths=["b"], reason_code="input", message="…", run_id=first)
    touch_run(store, first)
    change(store, first, process=killed_process)
    second = open_run(store, book=book, model=None, command="batch")
    died, begun = runs(store)
    assert (died.state, died.audited, died.failed) == ("died", 1, 1)
    assert died.audio_s == call.evidence.recording.duration_s
    assert died.ended_at == died.seen_at
    assert (begun.id, begun.state) == (second, "open")


def test_a_run_that_goes_on_is_left_alone_by_a_second_one(store, book):
    first = open_run(store, book=book, model=None, command="batch")
    open_run(store, book=book, model=None, command="batch")
    assert [run.state for run in runs(store)] == ["open", "open"]
    close_run(store, first, state="complete", tally=RunTally())
    assert [run.state for run in runs(store)] == ["complete", "open"]


@pytest.mark.parametrize(
    ("silent", "state"), [(timedelta(minutes=50), "open"), (timedelta(minutes=70), "died")]
)
def test_a_run_of_another_machine_has_died_when_it_is_silent_for_an_hour(store, book, silent, state):
    first = open_run(store, book=book, model=None, command="batch")
    seen_at = runs(store)[0].seen_at - silent
    change(store, first, process="elsewhere/boot/1/1", seen_at=seen_at)
    open_run(store, book=book, model=None, command="batch")
    assert runs(store)[0].state == state


def test_a_run_that_was_thought_dead_and_ends_is_what_it_says(store, book):
    first = open_run(store, book=book, model=None, command="batch")
    change(store, first, process="elsewhere/boot/1/1", seen_at=runs(store)[0].seen_at - timedelta(days=1))
    open_run(store, book=book, model=None, command="batch")
    close_run(store, first, state="complete", tally=RunTally(audited=3))
    assert (runs(store)[0].state, runs(store)[0].audited) == ("complete", 3)


def test_a_sign_of_life_that_cannot_be_written_is_no_fault(tmp_path, book):
    import sqlite3

    with open_store(f"sqlite:///{tmp_path}/audits.db", patience_s=0.1) as store:
        run = open_run(store, book=book, model=None, command="batch")
        holder = sqlite3.connect(tmp_path / "audits.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        touch_run(store, run)
        holder.close()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("dated", [True, False])
def test_of_two_names_at_one_time_the_same_stays_in_whatever_order(
    store, make_call, key_of, book, order, dated
):
    at = make_call(0).evidence.call_record.started_at if dated else None
    calls = [make_call(n, agent_name=name, started_at=at) for n, name in enumerate(("王芳", "李娜"))]
    for n in order:
        save_audit(store, calls[n], evidence_key=key_of(calls[n]), book=book)
    with store.reading() as session:
        assert session.scalar(select(AgentRow.name)) == "王芳"


def test_questions_wait_for_a_server_that_comes_back(cluster, new_database):
    with open_store(new_database(), patience_s=60) as store:
        cluster.kill()
        back = threading.Timer(0.5, cluster.start)
        back.start()
        assert scorecards_among(store, ["0" * 64]) == set()
        back.join()
    with open_store(new_database(), patience_s=0.1) as store:
        cluster.kill()
        try:
            for ask in (
                lambda: known_sha256(store, [("a", "1")]),
                lambda: evidence_of(store, "0" * 64),
                lambda: failures(store),
            ):
                with pytest.raises(StoreError, match="cannot be reached"):
                    ask()
        finally:
            cluster.start()
