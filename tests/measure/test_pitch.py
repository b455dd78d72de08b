from __future__ import annotations

import sys

import numpy as np
import pytest
from measure_sounds import (
    RATE_HZ,
    agent,
    band_noise,
    gate,
    join,
    measure,
    needs_human_clips,
    sentences,
    silence,
    voice,
    words,
)

from auditor.measure.f0 import semitones, track_f0
from auditor.measure.frames import span_mask
from auditor.records import Segment, Span
from auditor.signal import Channel


def spread(hz):
    return float(np.std(12 * np.log2(hz)))


@pytest.mark.parametrize("hz", [90, 130, 200, 280, 410])
@pytest.mark.parametrize("lowest_hz", [0.0, 350.0])
def test_a_steady_voice_has_its_pitch_with_or_without_its_fundamental(hz, lowest_hz):
    found = measure(voice(hz, 3, -25, lowest_hz=lowest_hz), silence(3), segments=[Segment(0, 0.1, 2.9)])
    assert abs(12 * np.log2(agent(found, "f0_median_hz") / hz)) < 0.1
    assert agent(found, "f0_sd_st") < 0.1
    assert agent(found, "voiced_s") == pytest.approx(2.8, abs=0.05)


@pytest.mark.parametrize("depth_st", [2.0, 4.0])
@pytest.mark.parametrize("lowest_hz", [0.0, 300.0])
def test_a_voice_that_swings_by_a_sine_spreads_by_its_depth_over_root_two(depth_st, lowest_hz):
    glide = voice(lambda t: 190 * 2 ** (depth_st * np.sin(2 * np.pi * t) / 12), 5, -25, lowest_hz=lowest_hz)
    found = measure(glide, silence(5), segments=[Segment(0, 0.0, 5.0)])
    assert agent(found, "f0_sd_st") == pytest.approx(depth_st / np.sqrt(2), abs=0.1)


def test_every_frame_of_a_glide_is_within_a_tenth_of_a_semitone_or_so():
    samples = voice(lambda t: 120 * 2 ** (t / 3), 3, -25)
    f0 = track_f0(Channel(0, samples, RATE_HZ), [Span(0, 3)])
    truth = 120 * 2 ** ((np.arange(300) + 0.5) / 100 / 3)
    error_st = np.abs(semitones(f0, over_hz=1.0) - 12 * np.log2(truth))[5:-5]
    assert np.quantile(error_st, 0.99) < 0.15


def test_phrases_of_known_pitch_spread_by_their_standard_deviation():
    pitches = [180.0, 200.0, 220.0, 240.0]
    leg = join(*(join(voice(hz, 1, -25), silence(0.5)) for hz in pitches))
    segments = [Segment(0, 1.5 * i, 1.5 * i + 1) for i in range(4)]
    found = measure(leg, silence(6), segments=segments)
    truth = np.std(12 * np.log2(pitches), ddof=1)
    assert agent(found, "phrase_f0_sd_st") == pytest.approx(truth, abs=0.1)


def test_noise_is_not_voiced():
    found = measure(band_noise(4, -25, seed=5), silence(4), segments=[Segment(0, 0, 4)])
    assert agent(found, "voiced_s") < 0.2
    assert found.measurements["agent"]["f0_median_hz"].reason == "too_short"


def test_pitch_is_measured_on_speech_only():
    f0 = track_f0(Channel(0, voice(200, 4, -25), RATE_HZ), [Span(1, 2)])
    assert np.isfinite(f0[100:200]).all()
    assert np.isnan(f0[:100]).all()
    assert np.isnan(f0[200:]).all()


def test_a_pitch_stays_known_under_noise_at_10_db():
    leg = voice(150, 4, -25) + band_noise(4, -35, seed=6)
    found = measure(leg, silence(4), segments=[Segment(0, 0, 4)])
    assert abs(12 * np.log2(agent(found, "f0_median_hz") / 150)) < 0.1
    assert agent(found, "voiced_s") > 3.5


def test_the_cut_of_a_long_segment_into_pieces_leaves_no_seam():
    f0 = track_f0(Channel(0, voice(200, 20, -25), RATE_HZ), [Span(0, 20)])
    assert np.isfinite(f0[2:-2]).all()


def against_pyin(samples):
    """Frames both call voiced, how many of them differ by over 20 %, and both spreads."""
    import librosa

    spans = [segment.span for segment in gate(samples)]
    f0 = track_f0(Channel(0, samples, RATE_HZ), spans)
    shifted = np.concatenate([samples[40:], np.zeros(40, dtype=np.float32)])
    truth, _, _ = librosa.pyin(shifted, fmin=70, fmax=500, sr=RATE_HZ, frame_length=512, hop_length=80)
    truth = truth[: len(f0)]
    truth[~span_mask(spans, len(truth), hop_s=0.01)] = np.nan
    both = np.isfinite(f0) & np.isfinite(truth)
    gross = int((np.abs(f0[both] / truth[both] - 1) > 0.2).sum())
    return int(both.sum()), gross, spread(f0[both]), spread(truth[both])


@needs_human_clips
def test_human_words_agree_with_pyin():
    said = words(14, seed=2, shortest=3)
    frames, gross, own, pyin = against_pyin(join(*(join(sound, silence(0.4)) for sound in said.values())))
    sys.stdout.write(
        f"words: {frames} frames, {100 * gross / frames:.1f} % gross, spread {own:.2f} / pyin {pyin:.2f} st\n"
    )
    assert gross <= 0.03 * frames
    assert own == pytest.approx(pyin, abs=0.3)


@needs_human_clips
def test_human_sentences_agree_with_pyin():
    # NST_ID001 is an echoing room in which pyin itself falls to 73 Hz.
    clips = sentences()
    rows = {name: against_pyin(clips[name]) for name in ("NST_ID002.wav", "paddle_zh.wav", "podcast_S2.flac")}
    for name, (frames, gross, own, pyin) in rows.items():
        sys.stdout.write(f"{name}: {frames} frames, {gross} gross, spread {own:.2f} / pyin {pyin:.2f} st\n")
        assert own == pytest.approx(pyin, abs=0.3)
    assert sum(gross for _, gross, _, _ in rows.values()) <= 0.03 * sum(
        frames for frames, _, _, _ in rows.values()
    )
