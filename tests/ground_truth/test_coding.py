"""Encoded calls keep their truth: the encoder's delay is measured and taken out."""

import numpy as np
import pytest

from auditor.audio.decode import decode
from ground_truth import coding, line, scenes, speakers

TALKERS = (speakers.SYNTHETIC, speakers.SYNTHETIC_LOW)


@pytest.fixture(scope="module")
def talk():
    return scenes.conversation(8, duration_s=12, voices=TALKERS, sounds_too=False, hold=False)


@pytest.mark.parametrize("codec", sorted(coding.CODECS))
def test_a_coded_call_lines_up_with_the_call(codec, talk):
    back = coding.through(talk, codec)
    for leg, samples in talk.legs.items():
        assert len(back.legs[leg]) == len(samples)
        likeness = np.correlate(back.legs[leg], samples[400:-400], mode="valid")
        assert abs(int(np.argmax(likeness)) - 400) <= 8


@pytest.mark.parametrize(("codec", "layout"), [("alaw", "stereo"), ("mp3", "mono"), ("amr", "pair")])
def test_files_decode_to_the_length_and_the_legs_that_were_written(codec, layout, talk, tmp_path):
    written = coding.write(talk, tmp_path, codec=codec, layout=layout)
    decoded = [decode(path) for path in written.paths]
    assert [len(one.channels) for one in decoded] == {"stereo": [2], "mono": [1], "pair": [1, 1]}[layout]
    assert decoded[0].duration_s == pytest.approx(talk.duration_s, abs=0.2)
    moved = written.truth.spoken[0].start_s - talk.truth.spoken[0].start_s
    assert moved == pytest.approx(written.delay_s)


@pytest.mark.parametrize(
    ("codec", "code", "stored"),
    [("alaw", "alaw_d5", 0xD5), ("alaw", "alaw_55", 0x55), ("mulaw", "ulaw_ff", 0xFF)],
)
def test_an_idle_leg_is_stored_as_its_code(codec, code, stored, talk, tmp_path):
    dead = line.release(talk, leg="agent", at_s=8.0, code=code)
    written = coding.write(dead, tmp_path, codec=codec, layout="pair")
    tail = written.paths[0].read_bytes()[-30_000:]
    assert set(tail) == {stored}


def test_codecs_that_hold_one_channel_refuse_two(talk, tmp_path):
    with pytest.raises(ValueError, match="one channel"):
        coding.write(talk, tmp_path, codec="amr", layout="stereo")
