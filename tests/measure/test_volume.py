from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measure_sounds import (
    KNOWN,
    RATE_HZ,
    UNKNOWN,
    agent,
    band_level,
    band_noise,
    join,
    measure,
    silence,
    tone,
    voice,
)

from auditor.measure.volume import clip_shares
from auditor.records import Segment
from auditor.signal import Channel


def spoken(dbov, noise_dbov, *, seed=1, phrases=3):
    """Phrases of 2 s every 4 s over steady noise, with their segments."""
    leg = join(*(join(silence(1), voice(200, 2, dbov, lowest_hz=350), silence(1)) for _ in range(phrases)))
    segments = [Segment(0, 4 * i + 1.0, 4 * i + 3.0) for i in range(phrases)]
    return leg + band_noise(len(leg) / RATE_HZ, noise_dbov, seed=seed), segments


@pytest.mark.parametrize("dbov", [-12, -26, -45])
@pytest.mark.parametrize("snr_db", [15, 30])
def test_the_level_is_that_of_the_speech_without_the_noise(dbov, snr_db):
    leg, segments = spoken(dbov, dbov - snr_db)
    found = measure(leg, silence(12), segments=segments)
    assert agent(found, "level_dbov") == pytest.approx(dbov, abs=0.3)


@given(gain_db=st.floats(-20, 10))
@settings(max_examples=8, deadline=None)
def test_a_gain_moves_the_level_by_itself_and_nothing_else(gain_db):
    leg, segments = spoken(-30, -55)
    plain = measure(leg, silence(12), segments=segments)
    louder = measure((leg * 10 ** (gain_db / 20)).astype(np.float32), silence(12), segments=segments)
    assert agent(louder, "level_dbov") - agent(plain, "level_dbov") == pytest.approx(gain_db, abs=0.01)
    for name in ("level_sd_db", "alpha_ratio_db", "snr_db", "f0_median_hz", "put_down_rise_db"):
        assert agent(louder, name) == pytest.approx(agent(plain, name), abs=0.05), name


@pytest.mark.parametrize(
    ("codec", "loss_db", "noise_db"),
    [("pcm_alaw", 0, 0), ("gsm_ms", 0.52, 0.8), ("libopencore_amrnb", 0.35, 2.0), ("mp3+mp3", 0.33, 0.7)],
)
def test_what_the_codec_takes_off_speech_and_noise_is_added_to_them(codec, loss_db, noise_db):
    leg, segments = spoken(-30, -55)
    plain = measure(leg, silence(12), segments=segments)
    coded = measure(leg, silence(12), segments=segments, codec=codec)
    for name, expected in (("level_dbov", loss_db), ("noise_dbov", noise_db), ("snr_db", loss_db - noise_db)):
        assert agent(coded, name) - agent(plain, name) == pytest.approx(expected, abs=1e-5), name


@pytest.mark.parametrize(("hz", "tolerance_db"), [(200, 0.2), (250, 0.2), (140, 0.7)])
def test_the_level_agrees_with_the_one_of_filtered_samples(hz, tolerance_db):
    # The second harmonic of 140 Hz lies 20 Hz under the band and leaks into it.
    sound = voice(hz, 3, -20)
    found = measure(sound, silence(3), segments=[Segment(0, 0.0, 3.0)])
    assert agent(found, "level_dbov") == pytest.approx(band_level(sound), abs=tolerance_db)


def test_an_offset_and_hum_do_not_count():
    leg, segments = spoken(-30, -60)
    dirty = leg + 0.05 + tone(50, 12, -30)
    assert agent(measure(dirty, silence(12), segments=segments), "level_dbov") == pytest.approx(-30, abs=0.3)


def test_blocks_of_two_levels_spread_by_half_their_difference():
    leg = join(*(voice(200, 1, dbov, lowest_hz=350) for dbov in (-20, -30) * 5))
    found = measure(leg, silence(10), segments=[Segment(0, 0, 10)])
    assert agent(found, "level_sd_db") == pytest.approx(5.0, abs=0.3)


def test_a_steady_level_spreads_by_nothing():
    found = measure(voice(200, 10, -25), silence(10), segments=[Segment(0, 0, 10)])
    assert agent(found, "level_sd_db") < 0.3


def test_the_balance_is_the_power_above_1_khz_over_the_power_below():
    sound = voice(200, 3, -25)
    harmonics = np.arange(1, 17) * 200
    power = 1 / np.arange(1, 17) ** 2
    high = power[(harmonics >= 1000) & (harmonics <= 3400)].sum()
    low = power[(harmonics >= 300) & (harmonics < 1000)].sum()
    found = measure(sound, silence(3), segments=[Segment(0, 0, 3)])
    # The harmonic at exactly 1000 Hz straddles the edge.
    assert agent(found, "alpha_ratio_db") == pytest.approx(10 * np.log10(high / low), abs=1.0)


def test_the_level_over_the_customer_is_the_difference_of_both():
    leg, segments = spoken(-20, -60)
    quiet, _ = spoken(-33, -70)
    both = [*segments, *(Segment(1, s.start_s, s.end_s) for s in segments)]
    found = measure(leg, quiet, segments=both)
    assert found.measurements["call"]["level_over_customer_db"].value == pytest.approx(13, abs=0.2)


def clipped_share(samples, *, rate_hz=RATE_HZ):
    whole = Segment(0, 0, len(samples) / rate_hz)
    return clip_shares(Channel(0, samples, rate_hz), [whole])


def run_lengths(hot):
    edges = np.flatnonzero(np.diff(np.concatenate(([0], hot, [0])).astype(int)))
    return edges[1::2] - edges[::2]


@pytest.mark.parametrize("gain", [1.0, 0.3])
@pytest.mark.parametrize("times", [2.0, 5.0])
def test_flat_tops_are_found_at_the_signals_own_ceiling(gain, times):
    sound = band_noise(5, -20, seed=4) * times * 5
    limited = (np.clip(sound, -0.8, 0.8) * gain).astype(np.float32)
    lengths = np.concatenate([run_lengths(sound >= 0.8), run_lengths(sound <= -0.8)])
    truth = lengths[lengths >= 3].sum() / len(sound)
    share, _ = clipped_share(limited)
    assert share == pytest.approx(truth, rel=0.1)
    assert share > 0.001


def test_sound_that_is_not_clipped_has_no_flat_tops():
    share, _ = clipped_share(band_noise(10, -20, seed=5))
    assert share < 1e-4


def test_a_ceiling_too_low_to_tell_from_quantisation_is_not_trusted():
    found = measure(voice(200, 3, -60), silence(3), segments=[Segment(0, 0, 3)])
    assert found.measurements["agent"]["clipped_share"].reason == "not_trusted"


def test_each_segment_has_its_own_clipped_share():
    clean, dirty = band_noise(2, -30, seed=6), np.clip(band_noise(2, -10, seed=7), -0.3, 0.3)
    segments = [Segment(0, 0, 2), Segment(0, 2, 4)]
    found = measure(join(clean, dirty.astype(np.float32)), silence(4), segments=segments)
    assert found.segments[0].clipped_share == 0
    assert found.segments[1].clipped_share > 0.01


@pytest.mark.parametrize("roles", [KNOWN, UNKNOWN])
def test_segment_levels_are_those_of_their_phrases(roles):
    levels = [-20, -32, -26]
    leg = join(*(join(voice(200, 1, dbov, lowest_hz=350), silence(1)) for dbov in levels))
    segments = [Segment(0, 2 * i, 2 * i + 1) for i in range(3)]
    found = measure(leg, silence(6), segments=segments, roles=roles)
    for stats, dbov in zip(found.segments, levels, strict=True):
        assert stats.level_dbov == pytest.approx(dbov, abs=0.3)
        assert stats.f0_median_hz == pytest.approx(200, abs=1.5)


def test_the_track_shows_level_and_pitch_in_speech_and_none_outside():
    leg = join(silence(1), voice(200, 2, -25, lowest_hz=350), silence(1.05))
    track = measure(leg, silence(4.05), segments=[Segment(0, 1, 3)]).tracks["agent"]
    assert len(track.level_dbov) == len(track.f0_hz) == 41
    assert track.level_dbov[:10] == (None,) * 10
    assert track.level_dbov[30:] == (None,) * 11
    assert all(level == pytest.approx(-25, abs=0.4) for level in track.level_dbov[11:29])
    assert all(hz == pytest.approx(200, abs=1) for hz in track.f0_hz[11:29])
