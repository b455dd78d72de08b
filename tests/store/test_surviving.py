"""Two writers at once, kill -9 and a server that dies: whole calls only, and none twice."""

import os
import signal
import threading
import traceback
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from auditor.store import address_of, audit_of, open_store, save_audit
from auditor.store.tables import AuditRow, Base, EvidenceRow, FindingRow, PayloadRow, RecordingRow, SpellRow
from auditor.store.writing import audit_rows


def numbered(audit, number):
    """The audit as that of another file."""
    recording = replace(audit.evidence.recording, paths=(f"/calls/{number}.wav",), sha256=(f"{number:064x}",))
    return replace(audit, call_id=str(number), evidence=replace(audit.evidence, recording=recording))


def evidence_key(number):
    return f"{number:064x}"


def in_another_process(work):
    """Do ``work`` in a child process; returns its id. It leaves with 0, or with 1 and a traceback."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    return child


def how_it_ended(child):
    """The exit code, or minus the signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.fixture
def save_calls(make_call, book):
    """Save the calls of those numbers, and tell each one saved."""
    audit = make_call()

    def save(url, numbers, tell=lambda _number: None):
        with open_store(url) as store:
            for number in numbers:
                save_audit(store, numbered(audit, number), evidence_key=evidence_key(number), book=book)
                tell(number)

    return save


def whole_calls(store, make_call):
    """The numbers of the calls in the store, after making sure that each is there with all its rows."""
    expected = make_call()
    with store.reading() as session:
        ids = dict(
            session.execute(select(RecordingRow.call_id, AuditRow.id).join_from(AuditRow, RecordingRow)).all()
        )
        for table in (RecordingRow, EvidenceRow, PayloadRow, SpellRow):
            assert session.scalar(select(func.count()).select_from(table)) == len(ids)
        findings = session.scalar(select(func.count()).select_from(FindingRow))
    assert findings == len(ids) * len(expected.findings)
    for number, audit_id in ids.items():
        assert audit_of(store, audit_id) == numbered(expected, int(number))
    return {int(number) for number in ids}


def test_a_transaction_that_breaks_leaves_nothing(store, make_call, key_of, book, monkeypatch):
    def breaks(*_, **__):
        raise RuntimeError("power cut")

    monkeypatch.setattr("auditor.store.writing.charges", breaks)  # the last rows of a call
    with pytest.raises(RuntimeError):
        save_audit(store, make_call(), evidence_key=key_of(make_call()), book=book)
    with store.reading() as session:
        for table in Base.metadata.sorted_tables:
            assert session.scalar(select(func.count()).select_from(table)) == 0, table.name


def test_a_process_killed_while_it_saves_leaves_whole_calls(url, save_calls, make_call):
    open_store(url).close()
    reading, writing = os.pipe()
    child = in_another_process(
        lambda: save_calls(url, range(10_000), lambda number: os.write(writing, b"%d\n" % number))
    )
    os.close(writing)
    with os.fdopen(reading) as lines:
        told = {int(lines.readline()) for _ in range(5)}
        os.kill(child, signal.SIGKILL)
        told |= {int(line) for line in lines}
    assert how_it_ended(child) == -signal.SIGKILL
    with open_store(url) as store:
        saved = whole_calls(store, make_call)
        assert told <= saved and len(saved - told) <= 1  # saved, and killed before it said so
        save_calls(url, range(3))  # as a rerun would
        assert whole_calls(store, make_call) == saved


def test_a_process_killed_inside_a_transaction_leaves_nothing_of_it(url, save_calls, make_call, book):
    save_calls(url, [1])

    def die_inside():
        with open_store(url) as store, store.writing() as session:
            audit = numbered(make_call(), 2)
            address = address_of(record=audit.evidence.call_record, paths=["/calls/2.wav"], sha256=["2" * 64])
            facts = {"evidence_key": evidence_key(2), "book": book, "run_id": None, "masked": True}
            audit_rows(session, audit, address=address, **facts)
            os.kill(os.getpid(), signal.SIGKILL)

    assert how_it_ended(in_another_process(die_inside)) == -signal.SIGKILL
    with open_store(url) as store:
        assert whole_calls(store, make_call) == {1}


def test_two_processes_make_and_write_one_store_at_once(url, save_calls, make_call):
    numbers = (range(12), range(6, 18))  # half of the calls are both's
    writers = [in_another_process(lambda mine=mine: save_calls(url, mine)) for mine in numbers]
    assert [how_it_ended(writer) for writer in writers] == [0, 0]
    with open_store(url) as store:
        assert whole_calls(store, make_call) == set(range(18))


def test_two_threads_that_correct_one_call_leave_one_that_counts(store, make_call, key_of, book):
    def correct(agent_id):
        for _ in range(5):
            audit = make_call(agent_id=agent_id)
            save_audit(store, audit, evidence_key=key_of(audit), book=book)

    threads = [threading.Thread(target=correct, args=(agent_id,)) for agent_id in ("8001", "8002")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as session:
        counted = session.execute(select(AuditRow.current, AuditRow.latest)).all()
    assert sorted(map(tuple, counted)) == [(False, False), (True, True)]


def test_a_server_that_is_killed_and_comes_back_costs_no_call(cluster, new_database, make_call, book):
    with open_store(new_database(), patience_s=60) as store:
        save_audit(store, numbered(make_call(), 1), evidence_key=evidence_key(1), book=book)
        cluster.kill()
        back = threading.Timer(0.5, cluster.start)
        back.start()
        save_audit(store, numbered(make_call(), 2), evidence_key=evidence_key(2), book=book)
        back.join()
        assert whole_calls(store, make_call) == {1, 2}
