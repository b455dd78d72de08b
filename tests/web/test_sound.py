"""What a browser is given to play."""

import hashlib
import io
import threading
import wave

import numpy as np
import pytest
from ground_truth.coding import CODECS, _encode, can_encode

from auditor.audio.raw import RawFormat
from auditor.web.sound import Jukebox, Recorded
from auditor.web.stored_sound import NoSoundError

RATE = 8000


def sine(hz, seconds=2.0):
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)


def encoded(folder, codec):
    kind = CODECS[codec]
    path = folder / f"call{kind.suffix}"
    _encode(path, [sine(440)], kind=kind, rate_hz=RATE, bit_rate=kind.bit_rate)
    return path


def recorded(*paths, raw=None):
    digests = tuple(hashlib.sha256(path.read_bytes()).hexdigest() for path in paths)
    return Recorded(tuple(map(str, paths)), digests, raw)


def read(playable):
    with wave.open(io.BytesIO(playable.path.read_bytes())) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return file.getframerate(), samples.reshape(-1, file.getnchannels()) / 32767


@pytest.fixture
def jukebox():
    made = Jukebox()
    yield made
    made.close()


def test_pcm_and_flac_are_sent_as_they_are(jukebox, write_wav, tmp_path):
    wav = write_wav(sine(440))
    flac = encoded(tmp_path, "flac")
    assert jukebox.playable(recorded(wav)).path == wav
    assert jukebox.playable(recorded(flac)).path == flac


@pytest.mark.parametrize("codec", ["alaw", "mulaw", "gsm", "amr", "mp3", "opus"])
def test_what_browsers_cannot_play_or_seek_becomes_wav(jukebox, tmp_path, codec):
    if not can_encode(codec):
        pytest.skip(f"nothing here encodes {codec}")
    path = encoded(tmp_path, codec)
    rate, samples = read(jukebox.playable(recorded(path)))
    strongest = np.argmax(np.abs(np.fft.rfft(samples[:, 0]))) * rate / len(samples)
    assert samples.shape == (pytest.approx(2 * rate, rel=0.1), 1)
    assert strongest == pytest.approx(440, abs=5)


def test_a_headerless_file_is_read_as_the_audit_read_it(jukebox, tmp_path):
    path = tmp_path / "a.raw"
    path.write_bytes((sine(440) * 32767).astype("<i2").tobytes())
    rate, samples = read(jukebox.playable(recorded(path, raw=RawFormat("s16le", RATE, 1))))
    assert (rate, samples.shape) == (RATE, (2 * RATE, 1))


def test_a_pair_becomes_one_stereo_file_with_the_agent_on_the_left(jukebox, write_wav):
    agent, customer = write_wav(sine(300), name="agent.wav"), write_wav(sine(700, 1.0), name="customer.wav")
    _, samples = read(jukebox.playable(recorded(agent, customer)))
    assert samples.shape == (2 * RATE, 2)
    assert samples[:, 0] == pytest.approx(sine(300), abs=1e-3)
    assert samples[:RATE, 1] == pytest.approx(sine(700, 1.0), abs=1e-3)
    assert not samples[RATE:, 1].any()


def test_a_file_that_is_gone_or_another_one_now_is_not_played(jukebox, write_wav):
    path = write_wav(sine(440))
    known = recorded(path)
    write_wav(sine(500))
    with pytest.raises(NoSoundError, match="改动过"):
        jukebox.playable(known)
    path.unlink()
    with pytest.raises(NoSoundError, match="不在原处"):
        jukebox.playable(known)


def test_a_path_that_no_system_has_is_not_there(jukebox):
    for path in ("a\x00b", "x" * 5000, "/etc", ""):
        with pytest.raises(NoSoundError):
            jukebox.playable(Recorded((path,), ("0" * 64,)))


def test_what_cannot_be_decoded_is_said(jukebox, tmp_path):
    path = tmp_path / "a.amr"
    path.write_bytes(b"#!AMR\n" + b"\xff" * 100)
    with pytest.raises(NoSoundError, match="不能解码"):
        jukebox.playable(recorded(path))


def test_what_nobody_heard_for_longest_makes_room(tmp_path):
    jukebox = Jukebox(folder=tmp_path / "cache", limit_bytes=70_000)  # two of 32 kB
    made = []
    for number in range(3):
        path = tmp_path / f"{number}.raw"
        path.write_bytes((sine(300 + number) * 32767).astype("<i2").tobytes())
        made.append(jukebox.playable(recorded(path, raw=RawFormat("s16le", RATE, 1))).path)
        made[-1].touch()
    assert [path.exists() for path in made] == [False, True, True]


def test_two_who_want_one_recording_at_once_make_it_once(tmp_path, monkeypatch):
    jukebox = Jukebox(folder=tmp_path / "cache")
    path = tmp_path / "a.raw"
    path.write_bytes((sine(300) * 32767).astype("<i2").tobytes())
    makes, made = [], Jukebox._make
    monkeypatch.setattr(Jukebox, "_make", lambda *a, **k: (makes.append(1), made(*a, **k)))
    wanted = recorded(path, raw=RawFormat("s16le", RATE, 1))
    threads = [threading.Thread(target=jukebox.playable, args=(wanted,)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(makes) == 1
