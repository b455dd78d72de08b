from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measure_sounds import RATE_HZ, band_level, band_noise, tone

from auditor.measure.frames import frame_count, measure_frames, read_8k, span_frames, span_mask
from auditor.measure.settings import MeasureSettings, measuring_sha256
from auditor.records import Span
from auditor.signal import Channel, power_to_dbov, resample


def mean_dbov(samples, rate_hz=RATE_HZ, **more):
    frames = measure_frames(Channel(0, samples, rate_hz), **more)
    return float(power_to_dbov(frames.power[5:-5].mean(dtype=np.float64)))


@pytest.mark.parametrize("hz", [450, 1000, 1990, 3000])
@pytest.mark.parametrize("dbov", [-3.0, -26.0, -55.0])
def test_a_tone_in_the_band_has_its_own_level(hz, dbov):
    assert mean_dbov(tone(hz, 2, dbov)) == pytest.approx(dbov, abs=0.05)


@pytest.mark.parametrize("hz", [50, 150, 3800])
def test_a_tone_outside_the_band_is_not_heard(hz):
    assert mean_dbov(tone(hz, 2, -20)) < -60


def test_the_level_of_noise_is_the_same_by_the_spectrum_and_by_filtered_samples():
    white = (0.05 * np.random.default_rng(3).standard_normal(10 * RATE_HZ)).astype(np.float32)
    assert mean_dbov(white) == pytest.approx(band_level(white), abs=0.2)


def test_a_low_and_a_high_tone_land_in_their_halves_of_the_band():
    frames = measure_frames(Channel(0, tone(600, 1, -20) + tone(2000, 1, -30), RATE_HZ))
    assert power_to_dbov(frames.low[5:-5].mean()) == pytest.approx(-20, abs=0.1)
    assert power_to_dbov(frames.high[5:-5].mean()) == pytest.approx(-30, abs=0.1)


def test_a_recording_at_16_khz_measures_like_the_same_one_at_8_khz():
    noise = band_noise(4, -30, seed=1)
    double = resample(noise, 8000, 16000)
    one = measure_frames(Channel(0, noise, 8000), settings=MeasureSettings(block_s=1.0))
    two = measure_frames(Channel(0, double, 16000), settings=MeasureSettings(block_s=1.0))
    assert np.abs(power_to_dbov(one.power) - power_to_dbov(two.power))[5:-5].max() < 0.3


def test_the_length_of_a_block_changes_nothing():
    noise = band_noise(7.3, -30, seed=2)
    short = measure_frames(Channel(0, noise, RATE_HZ), settings=MeasureSettings(block_s=1.0))
    long = measure_frames(Channel(0, noise, RATE_HZ), settings=MeasureSettings(block_s=60.0))
    np.testing.assert_allclose(short.power, long.power, rtol=1e-5)


def test_samples_that_are_not_finite_count_as_silence():
    samples = tone(1000, 1, -20)
    samples[::100] = np.nan
    assert np.isfinite(measure_frames(Channel(0, samples, RATE_HZ)).power).all()


def test_reading_before_the_start_and_after_the_end_gives_zeros():
    channel = Channel(0, np.ones(100, dtype=np.float32), RATE_HZ)
    np.testing.assert_array_equal(read_8k(channel, -3, 2), [0, 0, 0, 1, 1])
    np.testing.assert_array_equal(read_8k(channel, 98, 102), [1, 1, 0, 0])
    assert len(read_8k(channel, 500, 520)) == 20


@pytest.mark.parametrize("samples", [0, 1, 79, 80, 1600])
def test_a_leg_of_any_length_has_one_frame_per_whole_hop(samples):
    frames = measure_frames(Channel(0, np.zeros(samples, dtype=np.float32), RATE_HZ))
    assert len(frames.power) == samples // 80


@given(start=st.floats(-1, 5), length=st.floats(0, 5))
@settings(max_examples=200, deadline=None)
def test_a_span_holds_the_frames_whose_centres_it_holds(start, length):
    span = Span(start, start + length)
    first, last = span_frames(span, 400, hop_s=0.01)
    centres = (np.arange(400) + 0.5) * 0.01
    inside = np.zeros(400, dtype=bool)
    inside[first:last] = True
    clear = (np.abs(centres - span.start_s) > 1e-6) & (np.abs(centres - span.end_s) > 1e-6)
    expected = (centres >= span.start_s) & (centres < span.end_s)
    np.testing.assert_array_equal(inside[clear], expected[clear])


def test_neighbouring_spans_share_no_frame():
    one = span_mask([Span(0, 0.123)], 100, hop_s=0.01)
    two = span_mask([Span(0.123, 1)], 100, hop_s=0.01)
    assert not (one & two).any()
    assert (one | two).all()


def test_the_frame_count_survives_lengths_written_as_decimals():
    assert frame_count(0.29) == 29


def test_the_hash_tells_other_settings_apart():
    assert measuring_sha256(MeasureSettings()) == measuring_sha256()
    assert measuring_sha256(MeasureSettings(hop_s=0.02)) != measuring_sha256()
