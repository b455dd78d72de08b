"""Recordings in an object store are heard like others: a real S3 server on loopback (moto's)."""

import hashlib
import io
import shutil
import wave
from pathlib import Path

import numpy as np
import pytest

from auditor.audio.raw import RawFormat
from auditor.inputs import storage
from auditor.store import open_store
from auditor.store.tables import RecordingRow
from auditor.web import stored_sound
from auditor.web.app import make_app
from auditor.web.options import SiteOptions
from auditor.web.sound import Jukebox, Recorded
from auditor.web.stored_sound import NoSoundError

ADDRESS = "s3://night/一 组/1.wav"


def wav(hz=440):
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes((0.5 * 32767 * np.sin(np.arange(8000) * hz / 1300)).astype("<i2").tobytes())
    return content.getvalue()


def recorded(content, address=ADDRESS, raw=None):
    return Recorded((address,), (hashlib.sha256(content).hexdigest(),), raw)


@pytest.fixture
def jukebox(bucket, tmp_path):
    bucket("一 组/1.wav", wav())
    made = Jukebox(folder=tmp_path / "cache")
    yield made
    made.close()


@pytest.fixture
def fetches(monkeypatch):
    """How often something was read from the store."""
    seen = []
    monkeypatch.setattr(
        stored_sound, "fetch", lambda file, *, into: (seen.append(file), storage.fetch(file, into=into))[1]
    )
    return seen


def test_a_stored_recording_is_read_once_and_played(jukebox, fetches):
    for _ in range(2):
        played = jukebox.playable(recorded(wav()))
        assert (played.path.read_bytes(), played.media_type) == (wav(), "audio/wav")
    assert len(fetches) == 1


def test_a_stored_recording_that_browsers_cannot_play_is_decoded(jukebox, bucket):
    raw = (np.sin(np.arange(8000)) * 9000).astype("<i2").tobytes()
    bucket("b/2.raw", raw)
    played = jukebox.playable(recorded(raw, "s3://night/b/2.raw", RawFormat("s16le", 8000, 1)))
    with wave.open(str(played.path)) as file:
        assert (file.getnframes(), file.getframerate()) == (8000, 8000)


def test_one_that_is_gone_or_another_now_is_said_in_a_sentence(jukebox, bucket):
    with pytest.raises(NoSoundError, match="已不在对象存储的原处"):
        jukebox.playable(recorded(wav(), "s3://night/gone.wav"))
    bucket("一 组/1.wav", wav(hz=300))
    with pytest.raises(NoSoundError, match="改动过"):
        jukebox.playable(recorded(wav()))


def test_a_store_that_does_not_answer_is_said_and_left_alone_for_a_while(jukebox, fetches, monkeypatch):
    import s3fs

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # where nobody listens
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
    s3fs.S3FileSystem.clear_instance_cache()
    for _ in range(2):
        with pytest.raises(NoSoundError, match="连不上") as refused:
            jukebox.playable(recorded(wav()))
        assert refused.value.passing
    assert len(fetches) == 1


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://127.0.0.1/1.wav", "s3://a:b@night/1.wav"])
def test_addresses_that_the_batch_does_not_read_are_not_read_here_either(jukebox, fetches, address):
    with pytest.raises(NoSoundError):
        jukebox.playable(recorded(wav(), address))
    assert not fetches


def test_what_was_brought_here_makes_room_for_what_comes(bucket, tmp_path):
    jukebox = Jukebox(folder=tmp_path / "cache", limit_bytes=40_000)  # two of 16 kB
    (tmp_path / "cache").mkdir()
    other = tmp_path / "cache" / "notes.wav"
    other.write_bytes(bytes(50_000))  # somebody else's
    paths = []
    for number in range(3):
        bucket(f"{number}.wav", wav(hz=300 + number))
        paths.append(jukebox.playable(recorded(wav(hz=300 + number), f"s3://night/{number}.wav")).path)
    assert sorted(path.exists() for path in paths) == [False, True, True]
    assert paths[2].exists() and other.exists()


def test_it_is_heard_in_ranges_by_whom_the_call_is_and_by_nobody_else(
    bucket, filled, facts, browser, tmp_path
):
    url, _ = filled
    mine = facts["8001"][1]
    shutil.copy(url.removeprefix("sqlite:///"), tmp_path / "own.db")
    with open_store(f"sqlite:///{tmp_path}/own.db", create=False) as store:
        with store.writing() as session:
            row = session.get(RecordingRow, mine)
            content = Path(row.path).read_bytes()
            row.path = ADDRESS
        bucket("一 组/1.wav", content)
        app = make_app(store, options=SiteOptions())
        enter = lambda name: type(browser)(app, base_url="http://127.0.0.1:8600").sign_in(name)  # noqa: E731
        ming = enter("ming")
        assert f'src="/calls/{mine}/audio"' in ming.get(f"/calls/{mine}").text
        part = ming.get(f"/calls/{mine}/audio", headers={"range": "bytes=100-199"})
        assert (part.status_code, part.content) == (206, content[100:200])
        assert enter("boss2").get(f"/calls/{mine}/audio").status_code == 404
        app.state.site.close()
