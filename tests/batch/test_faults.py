"""What goes wrong in a night: after every fault a rerun makes the store that an undisturbed run makes.

Row for row (`store_rows`). Each fault is done, not mocked, at a chosen call of a batch (`disturbed`); faults
of worker processes are in `test_local`, whole batches that are killed in `test_killed_batches`.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from batch.disturbed import (
    audit,
    engine_here,
    make_calls,
    spoken,
    without_privileges,
    write_call,
)
from sqlalchemy import select
from store_rows import store_rows

from auditor.errors import StoreError
from auditor.store import failures, open_store
from auditor.store.tables import RunRow


def at_call(number, do, *, moment="before"):
    """An engine that does this once, before or after the call of that turn is heard."""
    turn = 0

    def disturb(job, now):
        nonlocal turn
        if now == moment:
            turn += 1
            if turn == number:
                do(job)

    return engine_here(disturb)


def last_of(folder):
    """The recording that is heard last: all are of one length, so they come by name."""
    return max(folder.glob("*.wav"))


def reasons(url):
    with open_store(url) as store:
        return {Path(each.paths[0]).name: each.reason_code for each in failures(store)}


def states_of_runs(url):
    with open_store(url) as store, store.reading() as session:
        return list(session.scalars(select(RunRow.state).order_by(RunRow.id)))


def in_a_child(work):
    """Do this in a forked process; returns its exit code, or minus the signal it died of."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return child


def end_of(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def kill_me(_job):
    os.kill(os.getpid(), signal.SIGKILL)


# --- recordings that change under the batch -------------------------------------------------------------


def delete(path):
    path.unlink()


def truncate(path):
    path.write_bytes(path.read_bytes()[:5000])


def replace(path):
    """By another call's sound, as a copy that is renamed into place."""
    other = write_call(path.with_name("other.tmp"), 777, record=False, transcript=False)
    other.rename(path)


def grow(path):
    with path.open("ab") as file:
        file.write(bytes(4000))


def rewrite_transcript(path):
    path.with_name(f"{path.stem}.transcript.json").write_text(spoken(777), encoding="utf-8")


HARMS = (delete, truncate, replace, grow, rewrite_transcript)


@pytest.mark.parametrize("when", ["after it was listed", "while it is read", "when it was read"])
def test_a_recording_that_changes_costs_itself_and_a_rerun(night, sqlite_url, undisturbed, when):
    whole = {path: path.read_bytes() for path in night.iterdir()}
    recordings = sorted(night.glob("*.wav"))
    harms = dict(zip(recordings[1:], HARMS, strict=True))

    def disturb(job, moment):
        if when == "after it was listed":
            if job.paths[0] == recordings[0] and moment == "before":
                for path, harm in harms.items():
                    harm(path)
        elif moment == ("before" if when == "while it is read" else "after") and job.paths[0] in harms:
            harms[job.paths[0]](job.paths[0])

    audit(night, url=sqlite_url, engine=engine_here(disturb))
    expected = {path.name: "input" if harm is delete else "changed" for path, harm in harms.items()}
    if when == "when it was read":  # what went away then was read whole
        del expected[recordings[1].name]
    assert reasons(sqlite_url) == expected
    for path, content in whole.items():  # as the copy that was cut short is made again
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
    tally, _ = audit(night, url=sqlite_url)
    assert tally.audited == len(expected)
    assert store_rows(sqlite_url) == undisturbed(night)


@pytest.mark.slow
def test_a_recording_that_was_replaced_is_heard_as_what_it_is_now(night, sqlite_url, undisturbed):
    audit(night, url=sqlite_url, engine=at_call(2, lambda job: replace(job.paths[0])))
    tally, _ = audit(night, url=sqlite_url)
    assert (tally.audited, tally.unchanged) == (1, 5)
    assert store_rows(sqlite_url) == undisturbed(night)


def test_what_may_not_be_read_is_told_and_read_when_it_may(night, undisturbed):
    import tempfile

    undisturbed(night)  # loads what that user may not read: Python's own modules, where root keeps them
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to other users
        folder = Path(name)
        folder.chmod(0o777)
        calls = folder / "night"
        paths = make_calls(calls, 4)
        (calls / "closed").mkdir()
        write_call(calls / "closed" / "in.wav", 9)
        url = f"sqlite:///{folder}/audits.db"
        paths[1].chmod(0)
        (calls / "closed").chmod(0)
        with without_privileges():
            tally, faults = audit(calls, url=url)
        assert (tally.audited, tally.failed) == (3, 1)
        assert [fault for fault in faults if "closed" in fault and "permission" in fault]
        assert reasons(url) == {paths[1].name: "input"}
        paths[1].chmod(0o644)
        (calls / "closed").chmod(0o755)
        with without_privileges():
            tally, faults = audit(calls, url=url)
        assert (tally.audited, tally.unchanged, faults) == (2, 3, ())
        assert store_rows(url) == undisturbed(calls)


def test_a_store_that_may_not_be_written_is_one_sentence(night, undisturbed):
    import tempfile

    undisturbed(night)  # as above
    with tempfile.TemporaryDirectory() as name:
        make_calls(Path(name) / "night", 1)
        Path(name).chmod(0o755)
        with without_privileges(), pytest.raises(StoreError, match="writable"):
            audit(Path(name) / "night", url=f"sqlite:///{name}/audits.db")


# --- names and folders ----------------------------------------------------------------------------------

NAMES = (
    "with spaces.wav",
    'it\'s "quoted" `and` $such;.wav',
    "two\nlines\tand a tab.wav",
    "客服_录音【一】😀.wav",
    "-starts-with-a-dash.wav",
    "%41%00{braces}*?.wav",
    "汉" * 82 + ".wav",  # 250 bytes
    "x" * 246 + ".wav",
)


def test_any_name_that_is_text_can_be_audited_and_is_kept_as_it_is(tmp_path, sqlite_url, undisturbed):
    folder = tmp_path / "night"
    folder.mkdir()
    rows = []
    for number, name in enumerate(NAMES):
        write_call(folder / name, number, record=False, transcript=False)
        (tmp_path / f"{number}.json").write_text(spoken(number), encoding="utf-8")
        rows.append({"audio": name, "transcript": str(tmp_path / f"{number}.json")})
    assert {len(os.fsencode(name)) for name in NAMES} >= {250}
    import json

    (folder / "calls.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    tally, faults = audit(
        folder, manifests=[folder / "calls.jsonl"], url=sqlite_url, engine=at_call(4, delete_it)
    )
    assert (tally.audited, tally.failed, faults) == (len(NAMES) - 1, 1, ())
    (name,) = reasons(sqlite_url)
    write_call(folder / name, NAMES.index(name), record=False, transcript=False)
    assert audit(folder, manifests=[folder / "calls.jsonl"], url=sqlite_url)[0].audited == 1
    rows = store_rows(sqlite_url)
    assert rows == undisturbed(folder, manifests=[folder / "calls.jsonl"])
    assert all(any(repr(str(folder / name)) in line for line in rows["recordings"]) for name in NAMES)


def delete_it(job):
    job.paths[0].unlink()


@pytest.mark.slow
def test_a_name_that_is_no_text_is_a_fault_and_the_others_are_audited(night, sqlite_url, undisturbed):
    clean = undisturbed(night)
    bad = os.fsencode(night) + b"/\xff\xfe.wav"
    shutil.copy(last_of(night), bad)
    tally, faults = audit(night, url=sqlite_url)
    assert (tally.audited, len(faults)) == (6, 1)
    assert "not UTF-8" in faults[0]
    assert store_rows(sqlite_url) == clean


def test_links_that_go_round_lead_to_every_call_once(night, sqlite_url, undisturbed):
    clean = undisturbed(night)
    (night / "round").symlink_to(night)
    (night / "up").symlink_to(night.parent)
    (night / "self.wav").symlink_to("self.wav")
    (night / "two.wav").symlink_to("three.wav")
    (night / "three.wav").symlink_to("two.wav")
    (night / "nowhere.wav").symlink_to("gone.wav")
    tally, _ = audit(night, url=sqlite_url)
    assert (tally.calls, tally.audited) == (6, 6)
    assert store_rows(sqlite_url) == clean


def test_a_manifest_that_names_a_file_twice_is_told_and_hears_it_once(night, sqlite_url, undisturbed):
    clean = undisturbed(night)
    (night / "same.wav").symlink_to(last_of(night))
    table = night / "calls.csv"
    table.write_text("audio\ncall00001.wav\ncall00003.wav\n./call00001.wav\n", encoding="utf-8")
    tally, faults = audit(night, manifests=[table], url=sqlite_url)
    assert "row 4" in faults[0] and "row 2" in faults[0]
    assert tally.audited == 6
    (night / "same.wav").unlink()
    table.unlink()
    assert audit(night, url=sqlite_url)[0].unchanged == 6
    assert store_rows(sqlite_url) == clean


@pytest.mark.parametrize("count", [20, pytest.param(10_000, marks=pytest.mark.slow)])
def test_many_tiny_files_are_audited_and_passed_over_when_they_are_there(
    tmp_path, sqlite_url, undisturbed, count
):
    paths = make_calls(tmp_path / "night", count)
    for path in paths[::10]:
        path.write_bytes(b"")
    assert (
        end_of(
            in_a_child(lambda: audit(tmp_path / "night", url=sqlite_url, engine=at_call(count // 2, kill_me)))
        )
        == -9
    )
    tally, _ = audit(tmp_path / "night", url=sqlite_url)
    assert tally.unchanged >= count // 2 - count // 10 - 1
    assert tally.done == count
    tally, _ = audit(tmp_path / "night", url=sqlite_url)
    assert (tally.audited, tally.unchanged, tally.failed_before) == (0, count - count // 10, count // 10)
    assert store_rows(sqlite_url) == undisturbed(tmp_path / "night")


# --- the batch and its store ----------------------------------------------------------------------------


def test_a_batch_that_is_killed_goes_on_where_it_was(night, url, undisturbed):
    assert end_of(in_a_child(lambda: audit(night, url=url, engine=at_call(4, kill_me)))) == -signal.SIGKILL
    tally, _ = audit(night, url=url)
    assert (tally.unchanged, tally.audited) == (3, 3)
    assert store_rows(url) == undisturbed(night)
    assert states_of_runs(url) == ["died", "complete"]


def test_two_batches_at_once_make_one_store(night, url, undisturbed):
    (night / "rubbish.wav").write_bytes(b"RIFF")
    both = [in_a_child(lambda: audit(night, url=url)) for _ in range(2)]
    assert [end_of(each) for each in both] == [0, 0]
    assert store_rows(url) == undisturbed(night)
    assert states_of_runs(url) == ["complete", "complete"]


@contextmanager
def holding_the_lock(database):
    """Another process begins to write and does not end."""
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        " c.execute('BEGIN IMMEDIATE'); print(flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-S", "-c", script, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        yield holder
        holder.kill()


@pytest.mark.slow
def test_a_store_that_is_locked_for_a_while_costs_time(night, tmp_path, sqlite_url, undisturbed):
    with holding_the_lock_later(tmp_path / "audits.db") as hold:
        tally, _ = audit(night, url=sqlite_url, engine=at_call(3, hold))
    assert tally.audited == 6
    assert store_rows(sqlite_url) == undisturbed(night)


@contextmanager
def holding_the_lock_later(database):
    """Lets a batch take the lock away for half a second, by another process."""
    timers = []

    def hold(_job):
        holding = holding_the_lock(database)
        holder = holding.__enter__()
        timers.append((threading.Timer(0.5, holder.kill), holding))
        timers[-1][0].start()

    yield hold
    for timer, holding in timers:
        timer.join()
        holding.__exit__(None, None, None)


def test_a_store_that_stays_locked_ends_the_batch_and_keeps_what_is_there(
    night, tmp_path, sqlite_url, undisturbed
):
    holding = holding_the_lock(tmp_path / "audits.db")
    with pytest.raises(StoreError, match="another process holds its lock"):
        audit(night, url=sqlite_url, engine=at_call(3, lambda _job: holding.__enter__()), patience_s=0.3)
    holding.__exit__(None, None, None)
    assert audit(night, url=sqlite_url)[0].unchanged == 2
    assert store_rows(sqlite_url) == undisturbed(night)


def test_a_server_that_is_killed_and_comes_back_costs_time(night, cluster, undisturbed):
    url = cluster.database("killed")

    def crash(_job):
        cluster.kill()
        threading.Timer(0.5, cluster.start).start()

    tally, _ = audit(night, url=url, engine=at_call(3, crash))
    assert tally.audited == 6
    assert store_rows(url) == undisturbed(night)
    assert states_of_runs(url) == ["complete"]


@pytest.mark.slow
def test_a_server_that_stays_away_ends_the_batch_and_keeps_what_is_there(night, cluster, undisturbed):
    url = cluster.database("away")
    with pytest.raises(StoreError, match="cannot be reached"):
        audit(night, url=url, engine=at_call(3, lambda _job: cluster.kill()), patience_s=0.3)
    cluster.start()
    assert audit(night, url=url)[0].unchanged == 2
    assert store_rows(url) == undisturbed(night)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of four megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)], check=False, capture_output=True
    )
    if made.returncode:
        pytest.skip(f"no small file system can be mounted here: {made.stderr.decode().strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place):
    """Ballast in all the room that is left."""
    with (place / "ballast").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return


def test_a_disk_that_is_full_ends_the_batch_and_keeps_what_is_there(night, small_disk, undisturbed):
    url = f"sqlite:///{small_disk}/audits.db"
    with pytest.raises(StoreError, match="room"):
        audit(night, url=url, engine=at_call(3, lambda _job: fill(small_disk)))
    (small_disk / "ballast").unlink()
    assert audit(night, url=url)[0].unchanged == 2
    assert store_rows(url) == undisturbed(night)
    assert states_of_runs(url)[-1] == "complete"


def test_a_file_that_may_not_grow_ends_the_batch_and_keeps_what_is_there(
    night, sqlite_url, undisturbed, tmp_path
):
    """As with a quota: for systems where no small disk can be mounted."""
    resource = pytest.importorskip("resource")

    def limit(_job):
        largest = max(path.stat().st_size for path in tmp_path.glob("audits.db*"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    def run():
        try:
            audit(night, url=sqlite_url, engine=at_call(3, limit))
        except StoreError as error:
            os._exit(7 if "room" in str(error) else 8)

    assert end_of(in_a_child(run)) == 7
    assert audit(night, url=sqlite_url)[0].unchanged == 2
    assert store_rows(sqlite_url) == undisturbed(night)


def test_a_clock_that_is_set_back_and_forth_changes_nothing(night, sqlite_url, undisturbed, monkeypatch):
    offset = timedelta()

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + offset

    for name, module in list(sys.modules.items()):
        if name.startswith("auditor.") and getattr(module, "datetime", None) is datetime:
            monkeypatch.setattr(module, "datetime", Clock)
    bad = last_of(night)
    whole = bad.read_bytes()
    bad.write_bytes(b"RIFF")
    seen = []

    def turn_clock(job, moment):
        nonlocal offset
        if moment == "before":
            seen.append(job.number)
            offset = timedelta(days=(-400, 30, -5000)[len(seen) % 3])

    tally, _ = audit(night, url=sqlite_url, engine=engine_here(turn_clock))
    assert (tally.audited, tally.failed) == (5, 1)
    assert tally.left_s == 0
    offset = timedelta(days=-9000)
    bad.write_bytes(whole)
    long_ago = (datetime(2001, 1, 1, tzinfo=UTC)).timestamp()
    os.utime(bad, (long_ago, long_ago))
    tally, _ = audit(night, url=sqlite_url)
    assert (tally.audited, tally.unchanged) == (1, 5)
    assert store_rows(sqlite_url) == undisturbed(night)
    assert states_of_runs(sqlite_url) == ["complete", "complete"]
