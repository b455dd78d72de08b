"""Recordings in an object store: a real S3 server on loopback (moto's)."""

import hashlib
import io
import os
from pathlib import Path

import pytest

from auditor import pipeline
from auditor.batch.manifest import list_calls
from auditor.errors import ChangedError, InputError, UnreachableError, UsageError
from auditor.inputs import storage
from auditor.inputs.config import Settings
from auditor.inputs.storage import StoredFile, fetch, stored_file
from auditor.inputs.stored_drivers import system_of
from auditor.inputs.stored_listing import find_stored

SAMPLE_CALLS = Path(__file__).resolve().parents[2] / "sample_calls"


def sample(name):
    return (SAMPLE_CALLS / name).read_bytes()


def names(text):
    kind, files = find_stored(text)
    return kind, [file.address.removeprefix("s3://night/") for file in files]


def test_an_address_is_a_file_a_folder_or_a_pattern(bucket):
    for key in ("a/1.wav", "a/客服 2.wav", "a/.hidden/3.wav", "b/1.mp3"):
        bucket(key, b"x")
    assert names("s3://night/a/1.wav") == ("file", ["a/1.wav"])
    assert names("s3://night/a/") == ("folder", ["a/1.wav", "a/客服 2.wav"])
    assert names("s3://night") == ("folder", ["a/1.wav", "a/客服 2.wav", "b/1.mp3"])
    assert names("s3://night/*/1.*") == ("pattern", ["a/1.wav", "b/1.mp3"])
    with pytest.raises(InputError, match=r"s3://night/gone\.wav: there is no such file"):
        find_stored("s3://night/gone.wav")
    with pytest.raises(InputError, match="no file fits the pattern"):
        find_stored("s3://night/a/*.flac")


def test_a_stamp_follows_the_content(bucket):
    bucket("1.wav", b"first")
    first = stored_file("s3://night/1.wav")
    bucket("1.wav", b"first")
    again = stored_file("s3://night/1.wav")
    bucket("1.wav", b"other")
    assert first.stamp == again.stamp != stored_file("s3://night/1.wav").stamp
    assert first.size_bytes == 5
    assert first == StoredFile("s3://night/1.wav")  # the address alone says which file it is


def test_a_file_is_read_in_ranges_and_whole(bucket, monkeypatch):
    monkeypatch.setattr(storage, "_RANGE_BYTES", 1000)
    content = bytes(range(256)) * 17
    bucket("1.wav", content)
    into = io.BytesIO()
    assert fetch(stored_file("s3://night/1.wav"), into=into) == (hashlib.sha256(content).hexdigest())
    assert into.getvalue() == content


def test_a_recording_in_a_store_gives_the_evidence_of_the_file(bucket):
    from dataclasses import replace

    for name in ("wei_opening.wav",):
        bucket(name, sample(name))
        here = pipeline.open_call(pipeline.CallInput((SAMPLE_CALLS / name,)))
        there = pipeline.open_call(pipeline.CallInput((stored_file(f"s3://night/{name}"),)))
        assert there.recording == replace(here.recording, paths=(f"s3://night/{name}",))
        assert all((a.samples == b.samples).all() for a, b in zip(here.channels, there.channels, strict=True))


def test_a_recording_that_changed_since_it_was_listed_is_not_heard(bucket):
    bucket("1.wav", sample("wrong_order.wav"))
    listed = stored_file("s3://night/1.wav")
    bucket("1.wav", sample("wei_opening.wav"))
    with pytest.raises(ChangedError, match="changed while the batch ran"):
        fetch(listed, into=io.BytesIO())


def test_a_range_that_does_not_arrive_is_asked_for_again_and_never_left_out(bucket, monkeypatch):
    bucket("1.wav", sample("wrong_order.wav"))
    listed = stored_file("s3://night/1.wav")
    system, _ = system_of("s3://night")
    asked = []
    real = system.cat_file

    def cut(path, start, end):
        asked.append(start)
        if len(asked) <= 2:
            raise ConnectionResetError("reset by peer")
        return real(path, start=start, end=min(end, start + 100_000))  # and never all at once

    monkeypatch.setattr(system, "cat_file", cut)
    into = io.BytesIO()
    fetch(listed, into=into)
    assert into.getvalue() == sample("wrong_order.wav")
    assert len(set(asked)) == 5
    monkeypatch.setattr(system, "cat_file", lambda *_, **__: b"")
    with pytest.raises(UnreachableError, match=f"0 of its {len(into.getvalue())} bytes came"):
        fetch(listed, into=io.BytesIO())

    def lost(*_, **__):
        raise TimeoutError("too late")

    monkeypatch.setattr(system, "cat_file", lost)
    with pytest.raises(UnreachableError, match=r"1\.wav could not be read: the connection .* too late"):
        fetch(listed, into=io.BytesIO())


def test_a_store_that_does_not_answer_is_one_sentence(bucket, monkeypatch):
    import s3fs

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    s3fs.S3FileSystem.clear_instance_cache()
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(UnreachableError, match=r"s3://night cannot be reached \(.*; check connection"):
        find_stored("s3://night")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ftp://host/night", "addresses are s3://, oss://, sftp://; mount a share"),
        ("sftp://wang:secret@host/night", "sftp://wang:…@host/night: an address holds no password"),
    ],
)
def test_addresses_that_are_not_read_are_refused_without_being_reached(address, said):
    with pytest.raises(UsageError) as refused:
        find_stored(address)
    assert said in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_driver_that_is_missing_is_one_sentence_that_names_the_extra(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "ossfs", None)
    with pytest.raises(UsageError, match=r"driver of oss:// is missing; run `pip install .*\[storage\]"):
        find_stored("oss://night/a.wav")


def test_papers_beside_and_rows_of_a_manifest_are_read_from_the_store(bucket, tmp_path):
    bucket("a/wrong_order.wav", sample("wrong_order.wav"))
    bucket("a/wrong_order.record.json", sample("wrong_order.record.json"))
    bucket("a/wrong_order.transcript.json", sample("wrong_order.transcript.json"))
    bucket("b/x.agent.wav", b"1")
    bucket("b/x.customer.wav", b"2")
    listing = list_calls(["s3://night/"], settings=Settings())
    assert listing.faults == ()
    assert [[path.name for path in call.paths] for call in listing.calls] == [
        ["wrong_order.wav"],
        ["x.agent.wav", "x.customer.wav"],
    ]
    assert listing.calls[0].record.call_id is not None
    assert str(listing.calls[0].transcript) == "s3://night/a/wrong_order.transcript.json"
    table = tmp_path / "calls.csv"
    table.write_text(
        "call_id,audio\n1,s3://night/a/wrong_order.wav\n2,s3://night/a/gone.wav\n3,ftp://x/y.wav\n", "utf-8"
    )
    listing = list_calls([str(table)], settings=Settings())
    assert [str(call.paths[0]) for call in listing.calls] == ["s3://night/a/wrong_order.wav"]
    gone, foreign = listing.faults
    assert gone.endswith("row 3, column 'audio': s3://night/a/gone.wav does not exist; check the address.")
    assert "row 4, column 'audio': ftp://x/y.wav: addresses are s3://, oss://, sftp://" in foreign


def test_behind_sftp_folders_are_listed_and_files_read_from_a_host_that_is_known(sftp_folder):
    folder, address, home = sftp_folder
    (folder / "night").mkdir()
    content = sample("wei_opening.wav")
    (folder / "night" / "客服 1.wav").write_bytes(content)
    kind, (file,) = find_stored(f"{address}/night")
    assert (kind, str(file), file.size_bytes) == ("folder", f"{address}/night/客服 1.wav", len(content))
    assert stored_file(str(file)).stamp == file.stamp
    into = io.BytesIO()
    assert fetch(file, into=into) == hashlib.sha256(content).hexdigest()
    os.utime(folder / "night" / "客服 1.wav", (1, 1))
    with pytest.raises(ChangedError):
        fetch(file, into=io.BytesIO())
    with pytest.raises(InputError, match="there is no such file"):
        find_stored(f"{address}/gone")
    from fsspec.implementations.sftp import SFTPFileSystem

    SFTPFileSystem.clear_instance_cache()
    (home / ".ssh" / "known_hosts").write_text("")
    with pytest.raises(UnreachableError, match=r"does not stand in .*known_hosts .*connect once with sftp"):
        find_stored(f"{address}/night")
