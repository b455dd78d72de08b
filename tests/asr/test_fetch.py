"""Bringing checkpoints in, over real HTTP on the loopback: no network beyond it."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from auditor.asr.checkpoints import find_checkpoint
from auditor.asr.fetch import fetch_official, official_address
from auditor.errors import ModelError

DATA = bytes(range(256)) * 12_000  # 3 MB: several blocks


class Mirror(ThreadingHTTPServer):
    """Serves ``data`` under any path; can break off, and can know or not know byte ranges."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.data, self.ranges, self.break_after, self.status = DATA, True, None, None
        self.asked, self.sent = [], 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/tiny.pt"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        mirror, asked = self.server, self.headers.get("Range")
        mirror.asked.append(asked)
        if mirror.status:
            self.send_error(mirror.status)
            return
        first = int(asked.removeprefix("bytes=").rstrip("-")) if asked and mirror.ranges else 0
        if first >= len(mirror.data):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(mirror.data)}")
            self.end_headers()
            return
        self.send_response(206 if asked and mirror.ranges else 200)
        if asked and mirror.ranges:
            self.send_header("Content-Range", f"bytes {first}-{len(mirror.data) - 1}/{len(mirror.data)}")
        self.send_header("Content-Length", str(len(mirror.data) - first))
        self.end_headers()
        body = mirror.data[first : mirror.break_after]
        mirror.sent += len(body)  # before the client can have it: the test reads on as soon as it does
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def mirror(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    server = Mirror()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def tiny_is_three_megabytes(monkeypatch, mirror):
    """Whisper's table, with the loopback's address and the checksum of `DATA`."""
    address = (mirror.url, hashlib.sha256(DATA).hexdigest())
    monkeypatch.setattr("auditor.asr.fetch.official_address", lambda _name: address)


def names(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_the_official_address_carries_the_checksum(monkeypatch):
    monkeypatch.undo()
    url, digest = official_address("large-v3")
    assert url.endswith("/large-v3.pt") and digest in url and len(digest) == 64


def test_a_download_lands_whole_under_its_name(tmp_path, mirror):
    steps = []
    path = fetch_official("tiny", into=tmp_path / "m", progress=lambda *step: steps.append(step))
    assert path == tmp_path / "m" / "tiny.pt" and path.read_bytes() == DATA
    assert names(tmp_path) == ["tiny.pt"]
    assert steps == sorted(steps) and steps[-1] == (len(DATA), len(DATA))


def test_a_download_that_breaks_off_goes_on_where_it_stopped(tmp_path, mirror):
    mirror.break_after = 2_000_000
    with pytest.raises(ModelError, match=r"broke off after 2,000,000 of 3,072,000 bytes\); what came"):
        fetch_official("tiny", into=tmp_path)
    assert names(tmp_path) == ["tiny.pt.part"]
    mirror.break_after, mirror.sent = None, 0
    assert fetch_official("tiny", into=tmp_path).read_bytes() == DATA
    assert mirror.asked == [None, "bytes=2000000-"] and mirror.sent == len(DATA) - 2_000_000
    assert names(tmp_path) == ["tiny.pt"]


def test_a_download_that_is_stopped_by_hand_goes_on_where_it_stopped(tmp_path, mirror):
    def stop(_here, _total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_official("tiny", into=tmp_path, progress=stop)
    here = (tmp_path / "tiny.pt.part").stat().st_size
    assert 0 < here < len(DATA)
    assert fetch_official("tiny", into=tmp_path).read_bytes() == DATA
    assert mirror.asked == [None, f"bytes={here}-"]


def test_a_server_without_ranges_is_read_from_the_start_again(tmp_path, mirror):
    (tmp_path / "tiny.pt.part").write_bytes(DATA[:1000])
    mirror.ranges = False
    assert fetch_official("tiny", into=tmp_path).read_bytes() == DATA


def test_a_part_that_is_already_whole_is_only_verified(tmp_path, mirror):
    (tmp_path / "tiny.pt.part").write_bytes(DATA)
    assert fetch_official("tiny", into=tmp_path).read_bytes() == DATA
    assert mirror.sent == 0


@pytest.mark.parametrize("wrong", [DATA[:-1] + b"x", b"<html>please log in</html>", DATA + b"more"])
def test_a_download_with_the_wrong_checksum_is_refused_and_removed(tmp_path, mirror, wrong):
    mirror.data = wrong
    with pytest.raises(ModelError, match=r"not OpenAI's tiny .*the right one is .*run it again, or name"):
        fetch_official("tiny", into=tmp_path)
    assert names(tmp_path) == []


def test_a_wrong_part_is_removed_so_that_the_next_run_starts_afresh(tmp_path, mirror):
    (tmp_path / "tiny.pt.part").write_bytes(b"another file" * 10)
    with pytest.raises(ModelError, match="the right one is"):
        fetch_official("tiny", into=tmp_path)
    assert fetch_official("tiny", into=tmp_path).read_bytes() == DATA


def test_a_mirror_may_serve_it_under_any_name(tmp_path, mirror):
    source = mirror.url.replace("tiny.pt", "mirror/whisper-tiny?download=1")
    assert fetch_official("tiny", into=tmp_path, source=source).name == "tiny.pt"


def test_a_mirrors_folder_may_have_a_chinese_name(tmp_path, mirror):
    source = mirror.url.replace("tiny.pt", "模型/tiny.pt")
    assert fetch_official("tiny", into=tmp_path, source=source).read_bytes() == DATA


def test_a_mirror_that_does_not_have_it_says_so(tmp_path, mirror):
    mirror.status = 404
    with pytest.raises(ModelError, match=r"127\.0\.0\.1 answered 404 Not Found\); without network"):
        fetch_official("tiny", into=tmp_path)
    assert names(tmp_path) == []


def test_without_network_one_sentence_says_how_to_bring_the_file(tmp_path, mirror, monkeypatch):
    monkeypatch.setattr("auditor.asr.fetch.official_address", lambda _name: ("http://127.0.0.1:9/t.pt", "0"))
    with pytest.raises(ModelError, match=r"bring http.*/t\.pt over by hand and run .*--from FILE") as raised:
        fetch_official("tiny", into=tmp_path)
    assert "\n" not in str(raised.value) and names(tmp_path) == []


def test_a_file_carried_by_hand_is_verified_and_taken_in(tmp_path):
    (tmp_path / "stick.bin").write_bytes(DATA)
    path = fetch_official("tiny", into=tmp_path / "m", source=str(tmp_path / "stick.bin"))
    assert path.read_bytes() == DATA and names(tmp_path) == ["stick.bin", "tiny.pt"]


def test_a_file_carried_by_hand_that_is_another_model_is_refused(tmp_path):
    (tmp_path / "stick.bin").write_bytes(DATA[:-5])
    with pytest.raises(ModelError, match=r"stick\.bin: this is not OpenAI's tiny .*; copy it anew"):
        fetch_official("tiny", into=tmp_path / "m", source=str(tmp_path / "stick.bin"))
    assert names(tmp_path) == ["stick.bin"]


def test_a_wrong_file_does_not_cost_the_part_of_a_download(tmp_path, mirror):
    (tmp_path / "tiny.pt.part").write_bytes(DATA[:1000])
    (tmp_path / "stick.bin").write_bytes(b"another model")
    with pytest.raises(ModelError, match="this is not OpenAI's tiny"):
        fetch_official("tiny", into=tmp_path, source=str(tmp_path / "stick.bin"))
    assert names(tmp_path) == ["stick.bin", "tiny.pt.part"]


def test_a_folder_in_the_checkpoints_place_is_named(tmp_path, mirror):
    (tmp_path / "tiny.pt").mkdir()
    with pytest.raises(ModelError, match=r"tiny\.pt: cannot be put in place"):
        fetch_official("tiny", into=tmp_path)


@pytest.mark.parametrize("source", ["nowhere/tiny.pt", "ftp://example.org/tiny.pt"])
def test_a_source_that_is_no_file_and_no_address_is_named(tmp_path, source):
    with pytest.raises(ModelError, match=r"there is no such file; name the checkpoint file, or an http"):
        fetch_official("tiny", into=tmp_path, source=source)
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ModelError, match=r"taken: cannot be written .*--to"):
        fetch_official("tiny", into=tmp_path / "taken")


def test_two_processes_do_not_fetch_one_checkpoint_at_once(tmp_path):
    fcntl = pytest.importorskip("fcntl")
    with (tmp_path / "tiny.pt.part").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(ModelError, match="another process is fetching tiny"):
            fetch_official("tiny", into=tmp_path)


def test_a_full_disk_says_so_and_keeps_what_came(tmp_path, mirror, monkeypatch):
    import errno

    def full(_here, _total):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(ModelError, match="the disk is full; make room"):
        fetch_official("tiny", into=tmp_path, progress=full)
    assert names(tmp_path) == ["tiny.pt.part"]


def test_a_model_that_is_asked_for_by_name_is_fetched_into_whispers_cache(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUDITOR_MODELS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    found = find_checkpoint("tiny")
    assert found.path == tmp_path / "cache" / "whisper" / "tiny.pt" and found.official == "tiny"
    assert not found.carded
