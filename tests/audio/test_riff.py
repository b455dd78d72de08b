from __future__ import annotations

import struct

import pytest
from audio_files import pcm16, tone, write_wav

from auditor.audio.riff import read_wav_header

DATA = pcm16(tone(500, seconds=1))


@pytest.mark.parametrize(
    ("length", "state"),
    [
        (len(DATA), "right"),
        (len(DATA) + 8, "right"),
        (len(DATA) * 2, "truncated"),
        (0, "unfinished"),
        (0xFFFFFFFF, "unfinished"),
        (0x7FFFF024, "unfinished"),
        (len(DATA) // 8, "too_short"),
    ],
)
def test_the_length_is_compared_with_what_is_there(tmp_path, length, state):
    assert read_wav_header(write_wav(tmp_path / "a.wav", DATA, data_length=length)).state == state


def test_no_bytes_behind_the_header_are_no_sound(tmp_path):
    assert read_wav_header(write_wav(tmp_path / "a.wav", b"")).state == "empty"


def test_the_codec_number_is_read(tmp_path):
    assert read_wav_header(write_wav(tmp_path / "a.wav", DATA, tag=0x31)).format_tag == 0x31


def test_rf64_takes_its_length_from_ds64(tmp_path):
    def build(length: int) -> str:
        path = tmp_path / "a.wav"
        fmt = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
        ds64 = b"ds64" + struct.pack("<IQQQI", 28, 0, length, 0, 0)
        path.write_bytes(b"RF64\xff\xff\xff\xffWAVE" + ds64 + fmt + b"data\xff\xff\xff\xff" + DATA)
        return read_wav_header(path).state

    assert build(len(DATA)) == "right"
    assert build(len(DATA) * 3) == "truncated"


@pytest.mark.parametrize(
    "data", [b"", b"RIFF", b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0WAVEfmt \xff\xff\xff\xff", b"fLaC" * 9]
)
def test_what_is_no_wav_has_no_header(tmp_path, data):
    path = tmp_path / "a.wav"
    path.write_bytes(data)
    assert read_wav_header(path) is None
