from __future__ import annotations

import hashlib
import shutil
import subprocess
import tracemalloc
from pathlib import Path

import av
import numpy as np
import pytest
from audio_files import babble, encode, level_of, loudest_hz, noise, pcm16, silence, tone, write_wav
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.audio.decode import DecodeLimits, decode, parse_raw
from auditor.errors import InputError

# codec, sample format, container, bit rate, padding the codec may add (s)
CODECS = [
    ("pcm_s16le", "s16", "wav", None, 0.0),
    ("pcm_u8", "u8", "wav", None, 0.0),
    ("pcm_s24le", "s32", "wav", None, 0.0),
    ("pcm_s32le", "s32", "wav", None, 0.0),
    ("pcm_f32le", "flt", "wav", None, 0.0),
    ("pcm_alaw", "s16", "wav", None, 0.0),
    ("pcm_mulaw", "s16", "wav", None, 0.0),
    ("adpcm_ima_wav", "s16p", "wav", None, 0.3),
    ("adpcm_ms", "s16", "wav", None, 0.3),
    ("g723_1", "s16", "wav", 6300, 0.05),
    ("libmp3lame", "s16p", "mp3", 32000, 0.1),
    ("aac", "fltp", "ipod", 32000, 0.4),
    ("libopencore_amrnb", "s16", "amr", 12200, 0.05),
    ("libopus", "s16", "ogg", 24000, 0.05),
    ("flac", "s16", "flac", None, 0.0),
]


@pytest.mark.parametrize("kind", CODECS, ids=[kind[0] for kind in CODECS])
def test_a_tone_keeps_its_pitch_level_and_length_through_every_codec(tmp_path, kind):
    codec, sample_format, container, bit_rate, padding_s = kind
    path = encode(
        tmp_path / "call.recording",
        tone(500, seconds=2, dbov=-20),
        codec=codec,
        sample_format=sample_format,
        container=container,
        bit_rate=bit_rate,
    )
    found = decode(path)
    leg = found.channels[0]
    middle = leg.slice(0.5, 1.5)
    assert found.duration_s == pytest.approx(2 + padding_s / 2, abs=padding_s / 2 + 0.001)
    assert loudest_hz(middle, rate_hz=leg.sample_rate_hz) == pytest.approx(500, abs=2)
    # G.723.1 and AMR model speech; a sine through them is a few decibels off.
    assert level_of(middle) == pytest.approx(-20, abs=4 if codec in ("g723_1", "libopencore_amrnb") else 0.6)
    assert found.warnings == ()


def test_gsm_in_wav_is_read(tmp_path):
    ffmpeg = shutil.which("ffmpeg")
    if not ffmpeg or b"libgsm_ms" not in subprocess.check_output([ffmpeg, "-v", "error", "-encoders"]):
        pytest.skip("no ffmpeg program with a GSM encoder; PyAV can only decode GSM")
    plain = write_wav(tmp_path / "plain.wav", pcm16(tone(500, seconds=2)))
    path = tmp_path / "gsm.wav"
    subprocess.run([ffmpeg, "-v", "error", "-i", plain, "-c:a", "libgsm_ms", path], check=True)
    found = decode(path)
    assert found.codec == "gsm_ms"
    assert loudest_hz(found.channels[0].slice(0.5, 1.5), rate_hz=8000) == pytest.approx(500, abs=2)


def test_eight_kilohertz_samples_pass_bit_by_bit(tmp_path):
    wave = np.arange(-8000, 8000) / 32768
    found = decode(write_wav(tmp_path / "call.wav", pcm16(wave)))
    assert np.array_equal(found.channels[0].samples, wave.astype(np.float32))


def test_alaw_idle_code_survives(tmp_path):
    found = decode(write_wav(tmp_path / "call.wav", bytes([0xD5]) * 8000, bits=8, tag=6))
    assert np.array_equal(found.channels[0].samples, np.full(8000, 8 / 32768, np.float32))


@pytest.mark.parametrize(
    ("rate_hz", "out_hz"), [(4000, 8000), (6000, 8000), (8000, 8000), (11025, 16000), (44100, 16000)]
)
def test_the_rate_becomes_8_or_16_kilohertz_and_times_stay(tmp_path, rate_hz, out_hz):
    wave = np.concatenate([silence(1, rate_hz=rate_hz), tone(700, seconds=1, rate_hz=rate_hz)])
    found = decode(write_wav(tmp_path / "call.wav", pcm16(wave), rate_hz=rate_hz))
    leg = found.channels[0]
    assert (found.sample_rate_hz, leg.sample_rate_hz) == (rate_hz, out_hz)
    assert found.duration_s == pytest.approx(2, abs=0.001)
    assert np.flatnonzero(np.abs(leg.samples) > 0.05)[0] / out_hz == pytest.approx(1, abs=0.002)
    assert loudest_hz(leg.slice(1.1, 1.9), rate_hz=out_hz) == pytest.approx(700, abs=2)


def test_both_legs_come_out_in_order(tmp_path):
    path = write_wav(tmp_path / "call.wav", pcm16(tone(300, seconds=1), tone(900, seconds=1)), channels=2)
    legs = decode(path).channels
    assert [leg.index for leg in legs] == [0, 1]
    assert [round(loudest_hz(leg.samples, rate_hz=8000)) for leg in legs] == [300, 900]


def test_the_fingerprint_is_the_files_sha256(tmp_path):
    path = write_wav(tmp_path / "call.wav", pcm16(tone(500, seconds=1)))
    assert decode(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "name", ["with space.wav", "通话 录音（1）.wav", "100%d.wav", "a:b.wav", "-x.wav", "no_ending"]
)
def test_any_file_name_is_read(tmp_path, name):
    assert decode(write_wav(tmp_path / name, pcm16(tone(500, seconds=1)))).duration_s == 1


def test_the_audio_of_a_video_is_used(tmp_path):
    path = tmp_path / "screen.mp4"
    with av.open(str(path), "w") as output:
        video = output.add_stream("mpeg4", rate=10)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        audio = output.add_stream("aac", rate=16000, layout="mono")
        for _ in range(20):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            output.mux(video.encode(frame))
        output.mux(video.encode(None))
        samples = tone(600, seconds=2, rate_hz=16000).astype(np.float32)
        for start in range(0, len(samples), 1024):
            part = av.AudioFrame.from_ndarray(
                samples[None, start : start + 1024], format="fltp", layout="mono"
            )
            part.sample_rate, part.pts = 16000, start
            output.mux(audio.encode(part))
        output.mux(audio.encode(None))
    found = decode(path)
    assert found.codec == "aac"
    assert loudest_hz(found.channels[0].slice(0.5, 1.5), rate_hz=16000) == pytest.approx(600, abs=2)


@pytest.mark.parametrize(
    "wave", [silence(1), tone(450, seconds=1), babble(seconds=0.2, seed=1), tone(50, seconds=0.01)]
)
def test_silence_a_tone_and_very_short_sound_are_valid(tmp_path, wave):
    found = decode(write_wav(tmp_path / "call.wav", pcm16(wave)))
    assert len(found.channels[0].samples) == len(wave)
    assert found.warnings == ()


# --- damaged and dishonest files ---------------------------------------------------------------


@pytest.mark.parametrize("length", [0, 0xFFFFFFFF, 0x7FFFF000])
def test_a_header_that_was_never_finished_is_a_warning_and_everything_is_read(tmp_path, length):
    path = write_wav(tmp_path / "call.wav", pcm16(tone(500, seconds=3)), data_length=length)
    found = decode(path)
    assert found.warnings == ("unfinished_header",)
    assert found.duration_s == 3


def test_a_header_that_promises_far_too_little_is_read_to_the_end(tmp_path):
    path = write_wav(tmp_path / "call.wav", pcm16(noise(seconds=3, dbov=-30)), data_length=1600)
    found = decode(path)
    assert found.warnings == ("unfinished_header",)
    assert found.duration_s == 3


def test_a_chunk_behind_the_sound_is_no_sound(tmp_path):
    tail = b"LIST" + (4000).to_bytes(4, "little") + bytes(4000)
    found = decode(write_wav(tmp_path / "call.wav", pcm16(tone(500, seconds=0.1)), tail=tail))
    assert found.warnings == ()
    assert found.duration_s == pytest.approx(0.1)


def test_a_header_longer_than_the_data_is_truncated(tmp_path):
    data = pcm16(tone(500, seconds=3))
    found = decode(write_wav(tmp_path / "call.wav", data[: len(data) // 2], data_length=len(data)))
    assert found.warnings == ("truncated",)
    assert found.duration_s == 1.5


def test_a_flac_that_was_cut_off_is_truncated(tmp_path):
    path = encode(
        tmp_path / "call.flac",
        noise(seconds=10, dbov=-30),
        codec="flac",
        sample_format="s16",
        container="flac",
    )
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = decode(path)
    assert "truncated" in found.warnings
    assert 4 < found.duration_s < 6


def test_nan_and_infinity_become_silence_with_a_warning(tmp_path):
    wave = np.full(8000, 0.25, "<f4")
    wave[100:103] = [np.nan, np.inf, -np.inf]
    found = decode(write_wav(tmp_path / "call.wav", wave.tobytes(), bits=32, tag=3))
    assert found.warnings == ("not_finite",)
    assert found.channels[0].samples[100:103].tolist() == [0, 0, 0]
    assert found.channels[0].samples[103] == 0.25


def test_damage_in_the_middle_does_not_lose_the_rest(tmp_path):
    wave = np.concatenate([tone(400, seconds=10), tone(800, seconds=10)])
    path = encode(
        tmp_path / "call.mp3", wave, codec="libmp3lame", sample_format="s16p", container="mp3", bit_rate=32000
    )
    data = bytearray(path.read_bytes())
    data[8000:12000] = np.random.default_rng(1).integers(0, 256, 4000, dtype=np.uint8).tobytes()
    path.write_bytes(bytes(data))
    leg = decode(path).channels[0]
    assert leg.duration_s > 18
    assert loudest_hz(leg.samples[-16000:], rate_hz=8000) == pytest.approx(800, abs=2)


def test_undecodable_packets_are_a_warning_and_keep_the_time_axis(tmp_path):
    wave = np.concatenate([tone(400, seconds=5), tone(800, seconds=5)])
    path = encode(
        tmp_path / "call.m4a", wave, codec="aac", sample_format="fltp", container="ipod", bit_rate=32000
    )
    whole = decode(path)
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 4
    data[start + 6000 : start + 9000] = b"\xff" * 3000
    path.write_bytes(bytes(data))
    found = decode(path)
    assert "damaged" in found.warnings
    assert found.duration_s == pytest.approx(whole.duration_s, abs=0.3)
    assert loudest_hz(found.channels[0].samples[-16000:-4000], rate_hz=8000) == pytest.approx(800, abs=3)


# --- refusals: one sentence that names the file -------------------------------------------------


def refusal(path: Path, **options: object) -> str:
    with pytest.raises(InputError) as caught:
        decode(path, **options)
    message = str(caught.value)
    assert str(path) in message
    assert message.endswith(".") and "\n" not in message
    return message


def test_a_missing_file_is_named(tmp_path):
    assert "does not exist" in refusal(tmp_path / "nope.wav")


def test_a_folder_is_no_recording(tmp_path):
    assert "is a folder" in refusal(tmp_path)


def test_an_empty_file_is_refused(tmp_path):
    path = tmp_path / "call.wav"
    path.touch()
    assert "is empty" in refusal(path)


@pytest.mark.parametrize("name", ["call.wav", "call.mp3", "call.txt", "call.amr"])
def test_text_with_an_audio_ending_is_refused(tmp_path, name):
    path = tmp_path / name
    path.write_text("您好,这不是录音。\n" * 200, encoding="utf-8")
    assert "not a recording" in refusal(path)


@pytest.mark.parametrize("tail", [b"", b"LIST\x04\x00\x00\x00INFO"])
def test_a_wav_without_sound_is_refused(tmp_path, tail):
    assert "holds no audio" in refusal(write_wav(tmp_path / "call.wav", b"", tail=tail))


def test_an_unknown_codec_is_named(tmp_path):
    assert "0x0999" in refusal(write_wav(tmp_path / "call.wav", pcm16(tone(500, seconds=1)), tag=0x999))


def test_a_picture_has_no_audio(tmp_path):
    path = tmp_path / "call.wav"
    with av.open(str(path), "w", format="mjpeg") as output:
        stream = output.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuvj420p"
        output.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")))
        output.mux(stream.encode(None))
    assert "no audio track" in refusal(path)


def test_one_kilohertz_cannot_hold_speech(tmp_path):
    message = refusal(
        write_wav(tmp_path / "call.wav", pcm16(tone(100, seconds=3, rate_hz=1000)), rate_hz=1000)
    )
    assert "1000 Hz" in message


def test_a_headerless_file_needs_its_format(tmp_path):
    path = tmp_path / "call.al"
    path.write_bytes(bytes([0xD5, 0x12]) * 8000)
    assert "--raw" in refusal(path)


def test_the_length_limit_holds(tmp_path):
    path = write_wav(tmp_path / "call.wav", pcm16(noise(seconds=12, dbov=-30)))
    assert "longer than the limit" in refusal(path, limits=DecodeLimits(max_duration_s=10))


def test_the_size_limit_holds(tmp_path):
    path = write_wav(tmp_path / "call.wav", pcm16(noise(seconds=12, dbov=-30)))
    assert "decodes to more than" in refusal(path, limits=DecodeLimits(max_decoded_bytes=100_000))


def test_a_play_list_reaches_no_other_address(tmp_path):
    path = tmp_path / "call.m3u8"
    path.write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"
    )
    refusal(path)


# --- headerless, long, and random input ---------------------------------------------------------


def test_headerless_alaw_is_read_with_its_format(tmp_path):
    wav = encode(
        tmp_path / "call.wav",
        tone(400, seconds=2),
        tone(700, seconds=2),
        codec="pcm_alaw",
        sample_format="s16",
        container="wav",
    )
    bare = tmp_path / "call.bin"
    bare.write_bytes(wav.read_bytes()[-32000:])
    want, found = decode(wav), decode(bare, raw=parse_raw("alaw:8000:2"))
    for one, other in zip(want.channels, found.channels, strict=True):
        assert np.array_equal(one.samples, other.samples)


@pytest.mark.parametrize(
    ("text", "itemsize", "dtype"),
    [("s16le:8000:1", 2, "<i2"), ("u8:8000:1", 1, "u1"), ("f32le:8000:1", 4, "<f4")],
)
def test_headerless_pcm_is_read(tmp_path, text, itemsize, dtype):
    wave = tone(500, seconds=1)
    scaled = {"<i2": wave * 32768, "u1": wave * 128 + 128, "<f4": wave}[dtype]
    path = tmp_path / "call.pcm"
    path.write_bytes(scaled.astype(dtype).tobytes())
    found = decode(path, raw=parse_raw(text)).channels[0].samples
    assert np.allclose(found, wave, atol=1.01 / 128 if itemsize == 1 else 1e-4)


@pytest.mark.parametrize(
    ("text", "frame", "frame_s"),
    [
        ("g729:8000:1", bytes(10), 0.010),
        ("gsm:8000:1", b"\xd0" + bytes(32), 0.020),
        ("g723_1:8000:1", bytes(24), 0.030),
        ("g722:16000:1", bytes(160), 0.020),
    ],
)
def test_bare_frames_have_the_length_that_their_codec_says(tmp_path, text, frame, frame_s):
    path = tmp_path / "call.bin"
    path.write_bytes(frame * 100)
    assert decode(path, raw=parse_raw(text)).duration_s == pytest.approx(100 * frame_s, abs=2 * frame_s)


def test_g729_in_wav_is_read(tmp_path):
    path = write_wav(tmp_path / "call.wav", bytes(10) * 300, tag=0x83, bits=8)
    found = decode(path)
    assert (found.codec, found.duration_s) == ("g729", pytest.approx(3, abs=0.05))


def test_a_header_with_absurd_channels_is_refused(tmp_path):
    data = pcm16(*[noise(seconds=0.2, dbov=-30)] * 40)
    assert "40 channels" in refusal(write_wav(tmp_path / "call.wav", data, channels=40))


def test_a_long_call_goes_to_disk_and_leaves_nothing_behind(tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    minutes = 20
    path = tmp_path / "long.al"
    path.write_bytes(np.random.default_rng(2).integers(0, 256, minutes * 60 * 8000, dtype=np.uint8).tobytes())
    tracemalloc.start()
    long = decode(path, raw=parse_raw("alaw:8000:1"), limits=DecodeLimits(memory_bytes=2**20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 2**20 < 4 * len(long.channels[0].samples)
    assert list(scratch.iterdir()) == []
    assert np.array_equal(
        long.channels[0].samples, decode(path, raw=parse_raw("alaw:8000:1")).channels[0].samples
    )


@settings(max_examples=60, deadline=None)
@given(data=st.binary(min_size=1, max_size=400), head=st.booleans())
def test_random_bytes_are_decoded_or_refused_in_one_sentence(tmp_path_factory, data, head):
    path = tmp_path_factory.mktemp("random") / "call.wav"
    path.write_bytes((b"RIFF\x00\x01\x00\x00WAVEfmt " if head else b"") + data)
    try:
        assert decode(path).duration_s > 0
    except InputError as error:
        assert str(path) in str(error)
