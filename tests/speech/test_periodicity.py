"""Periodicity: near 1 for what repeats itself, near 0 for noise, whatever the level."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.speech.periodicity import frame_periodicity

RATE = 8000


def pulses(hz, *, seconds=0.5, rate=RATE):
    time = np.arange(round(seconds * rate)) / rate
    return sum(np.cos(2 * np.pi * hz * k * time) / k for k in range(1, 6)).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("hz", [80, 130, 240, 400])
def test_a_voice_of_any_pitch_is_periodic(hz, rate):
    periodicity, _ = frame_periodicity(pulses(hz, rate=rate), rate_hz=rate)
    assert periodicity.min() > 0.9


def test_noise_is_not():
    noise = np.random.default_rng(4).standard_normal(RATE).astype(np.float32)
    periodicity, _ = frame_periodicity(noise, rate_hz=RATE)
    assert np.quantile(periodicity, 0.8) < 0.37


@given(gain=st.floats(1e-3, 1e3))
@settings(max_examples=20, deadline=None)
def test_the_level_does_not_matter(gain):
    sound = pulses(150) + np.random.default_rng(1).standard_normal(4000).astype(np.float32)
    plain, power = frame_periodicity(sound, rate_hz=RATE)
    louder, more = frame_periodicity((gain * sound).astype(np.float32), rate_hz=RATE)
    assert louder == pytest.approx(plain, abs=1e-3)
    assert more == pytest.approx(gain**2 * power, rel=1e-3)


def test_a_correlation_is_what_numpy_says():
    sound = np.random.default_rng(2).standard_normal(427).astype(np.float32)  # one frame: 320 + 106 samples
    (found,), (power,) = frame_periodicity(sound, rate_hz=RATE)
    bare = sound[:426].astype(float) - sound[:426].astype(float).mean()
    first = bare[:320]
    others = [bare[k : k + 320] for k in range(19, 107)]
    wanted = max(first @ one / np.sqrt((first @ first) * (one @ one)) for one in others)
    assert found == pytest.approx(wanted)
    assert power == pytest.approx(first @ first / 320)


def test_silence_and_less_than_a_frame_give_nothing():
    periodicity, power = frame_periodicity(np.zeros(800, np.float32), rate_hz=RATE)
    assert not periodicity.any()
    assert not power.any()
    assert frame_periodicity(np.zeros(400, np.float32), rate_hz=RATE)[0].size == 0
