from __future__ import annotations

import numpy as np
import pytest
from audio_files import channel, level_of, loudest_hz, silence, tone
from hypothesis import given
from hypothesis import strategies as st

from auditor.audio.decode import decode
from auditor.audio.encode import encode_for_listening, waveform_peaks
from auditor.errors import UsageError


@pytest.mark.parametrize("rate_hz", [8000, 16000])
def test_both_legs_are_heard_on_their_side_at_their_time_and_level(tmp_path, rate_hz):
    left = np.concatenate([silence(2, rate_hz=rate_hz), tone(500, seconds=2, rate_hz=rate_hz)])
    right = np.concatenate([tone(900, seconds=2, rate_hz=rate_hz), silence(2, rate_hz=rate_hz)])
    data, mime = encode_for_listening(
        [channel(left, rate_hz=rate_hz), channel(right, rate_hz=rate_hz, index=1)]
    )
    path = tmp_path / "call.mp3"
    path.write_bytes(data)
    heard = decode(path)
    assert (mime, heard.codec, heard.sample_rate_hz) == ("audio/mpeg", "mp3", 16000)
    assert heard.duration_s == pytest.approx(4, abs=0.1)
    for leg, hz, start_s in zip(heard.channels, (500, 900), (2, 0), strict=True):
        part = leg.slice(start_s + 0.3, start_s + 1.7)
        assert loudest_hz(part, rate_hz=16000) == pytest.approx(hz, abs=2)
        assert level_of(part) == pytest.approx(-20, abs=0.5)
        assert level_of(leg.slice(2.3 - start_s, 3.7 - start_s)) < -60


def test_a_minute_of_two_legs_is_under_400_kilobytes():
    legs = [channel(tone(500, seconds=60)), channel(tone(900, seconds=60), index=1)]
    assert len(encode_for_listening(legs)[0]) < 400_000


def test_one_leg_is_mono(tmp_path):
    path = tmp_path / "call.mp3"
    path.write_bytes(encode_for_listening([channel(tone(500, seconds=1))])[0])
    assert len(decode(path).channels) == 1


@pytest.mark.parametrize("seconds", [0, 0.001, 0.2])
def test_very_short_calls_can_be_encoded(seconds):
    assert isinstance(encode_for_listening([channel(silence(seconds))])[0], bytes)


def test_legs_of_two_rates_are_refused():
    with pytest.raises(UsageError, match="one sample rate"):
        encode_for_listening([channel(silence(1)), channel(silence(1), rate_hz=16000)])


def test_peaks_are_the_largest_magnitude_of_each_stretch():
    wave = np.concatenate([np.full(100, 0.25), np.full(100, -0.5), np.zeros(100), np.full(100, 1.0)])
    assert waveform_peaks(channel(wave), bins=4) == [0.25, 0.5, 0.0, 1.0]


@given(count=st.integers(0, 500), bins=st.integers(1, 700))
def test_there_is_one_peak_per_bin_and_none_is_lost(count, bins):
    wave = np.random.default_rng(count).uniform(-1, 1, count)
    peaks = waveform_peaks(channel(wave), bins=bins)
    assert len(peaks) == bins
    assert max(peaks) == pytest.approx(np.abs(wave).max(initial=0), abs=0.0006)
