from __future__ import annotations

import numpy as np
import pytest
from audio_files import babble, encode, noise, pcm16, tone, write_wav

from auditor.audio.decode import decode


def is_clipped(path) -> bool:
    return "clipped" in decode(path).warnings


@pytest.mark.parametrize("ceiling", [0.2, 0.7, 1.0])
def test_flat_tops_are_found_at_the_signals_own_ceiling(tmp_path, ceiling):
    wave = ceiling * np.clip(12 * babble(seconds=10, seed=1), -1, 1)
    assert is_clipped(write_wav(tmp_path / "a.wav", pcm16(wave)))


def test_a_law_has_flat_tops_below_full_scale(tmp_path):
    wave = np.clip(12 * babble(seconds=10, seed=1), -1, 1)
    path = encode(tmp_path / "a.wav", wave, codec="pcm_alaw", sample_format="s16", container="wav")
    assert decode(path).channels[0].samples.max() < 0.99
    assert is_clipped(path)


def test_a_clipped_square_wave_is_clipped(tmp_path):
    assert is_clipped(write_wav(tmp_path / "a.wav", pcm16(np.sign(tone(200, seconds=2)))))


def test_float_samples_beyond_full_scale_are_clipped(tmp_path):
    wave = (3 * tone(200, seconds=2, dbov=-3.01)).astype("<f4")
    assert is_clipped(write_wav(tmp_path / "a.wav", wave.tobytes(), bits=32, tag=3))


@pytest.mark.parametrize("hz", [60, 100, 200, 450, 1000, 2000])
def test_a_pure_tone_is_not_clipped(tmp_path, hz):
    assert not is_clipped(write_wav(tmp_path / "a.wav", pcm16(tone(hz, seconds=3, dbov=-3.2))))


@pytest.mark.parametrize("codec", ["pcm_alaw", "pcm_mulaw"])
@pytest.mark.parametrize("hz", [425, 450, 475])
def test_a_signalling_tone_in_g711_is_not_clipped(tmp_path, hz, codec):
    wave = tone(hz, seconds=3, dbov=-3.2)
    path = encode(tmp_path / "a.wav", wave, codec=codec, sample_format="s16", container="wav")
    assert not is_clipped(path)


@pytest.mark.parametrize(
    "wave", [babble(seconds=10, seed=4, dbov=-14), noise(seconds=10, dbov=-14), np.zeros(8000)]
)
@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_alaw", "pcm_u8"])
def test_loud_sound_with_headroom_is_not_clipped(tmp_path, wave, codec):
    sample_format = "u8" if codec == "pcm_u8" else "s16"
    path = encode(tmp_path / "a.wav", wave, codec=codec, sample_format=sample_format, container="wav")
    assert not is_clipped(path)
