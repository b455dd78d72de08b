"""Voice activity finds speech, and only speech, and says when it begins and ends."""

import hashlib
import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from speech_voices import a_law, leg, phrase, take, truth_bounds, vowel

from auditor.errors import ModelError
from auditor.signal import Channel, resample
from auditor.speech import vad
from auditor.speech.bounds import refine
from auditor.speech.vad import VadSettings, find_segments, find_segments_of_legs

AUDIO = Path(__file__).parents[2] / ".." / "shared" / "audio"
RATE = 8000


def channel(samples, *, index=0, rate=RATE):
    return Channel(index, a_law(samples), rate)


def noise(duration_s, dbov, seed=0):
    return 10 ** (dbov / 20) * np.random.default_rng(seed).standard_normal(round(duration_s * RATE))


def clock(duration_s):
    return np.arange(round(duration_s * RATE)) / RATE


def test_the_vendored_network_is_the_recorded_one():
    assert hashlib.sha256(vad.MODEL_PATH.read_bytes()).hexdigest() == vad.MODEL_SHA256
    assert "MIT License" in vad.MODEL_PATH.with_suffix(".LICENSE").read_text(encoding="utf-8")


@pytest.mark.parametrize("rate", [8000, 16000])
def test_phrases_are_found_within_60_ms_of_where_they_were_put(rate):
    spoken = [(1.0, 2.5), (3.5, 3.9), (5.0, 7.2)]
    found = find_segments(channel(leg(8.5, spoken, rate=rate), rate=rate))
    assert len(found) == len(spoken)
    for segment, (start_s, end_s) in zip(found, spoken, strict=True):
        assert segment.start_s == pytest.approx(start_s, abs=0.06)
        assert segment.end_s == pytest.approx(end_s, abs=0.06)


def test_a_gap_under_300_ms_is_closed_and_a_longer_one_is_not():
    closed = find_segments(channel(leg(5, [(1.0, 2.0), (2.2, 3.2)])))
    assert len(closed) == 1
    opened = find_segments(channel(leg(5, [(1.0, 2.0), (2.45, 3.45)])))
    assert len(opened) == 2


def test_a_lone_short_syllable_survives():
    samples = noise(3, -66)
    samples[RATE : RATE + round(0.15 * RATE)] += 0.3 * vowel(0.15, f0_hz=210)
    (segment,) = find_segments(channel(samples))
    assert segment.start_s == pytest.approx(1.0, abs=0.05)
    assert segment.span.duration_s < 0.25


def test_single_words_after_long_silences_are_all_found():
    spoken = [(float(t), t + 0.3) for t in range(2, 60, 4)]
    assert len(find_segments(channel(leg(60, spoken)))) == len(spoken)


@pytest.mark.parametrize("peak", [0.3, 0.03, 0.01])
@pytest.mark.parametrize(("period_s", "on_s"), [(5.0, 1.0), (0.7, 0.35), (9.0, 9.0)])
def test_a_450_hz_tone_is_not_speech(peak, period_s, on_s):
    t = clock(8)
    samples = np.where(t % period_s < on_s, peak * np.sin(2 * np.pi * 450 * t), 0) + noise(8, -66)
    assert find_segments(channel(samples)) == ()


def test_keys_pressed_are_not_speech():
    t = clock(4)
    keys = 0.1 * (np.sin(2 * np.pi * 770 * t) + np.sin(2 * np.pi * 1336 * t))
    assert find_segments(channel(np.where(t % 0.3 < 0.1, keys, 0) + noise(4, -66))) == ()


def test_clicks_are_not_speech():
    samples = noise(5, -66)
    samples[::4000] += 0.8
    samples[1::4000] -= 0.5
    assert find_segments(channel(samples)) == ()


@pytest.mark.parametrize("dbov", [-75, -60, -45, -25])
def test_steady_noise_is_not_speech(dbov):
    assert find_segments(channel(noise(6, dbov))) == ()


def test_an_idle_or_empty_leg_has_no_speech():
    assert find_segments(channel(np.zeros(4 * RATE))) == ()
    assert find_segments(channel(np.zeros(0))) == ()
    assert find_segments(channel(np.zeros(10))) == ()


def test_a_faint_voice_is_heard():
    assert len(find_segments(channel(leg(6, [(1.0, 2.5), (3.5, 5.0)], peak=0.01, noise_dbov=-75)))) == 2


def test_two_legs_in_lockstep_give_what_each_gives_alone():
    legs = [
        channel(leg(7, [(1.0, 2.0), (4.0, 5.0)], seed=1), index=0),
        channel(leg(9, [(2.2, 3.7), (6.0, 8.0)], seed=2, f0_hz=120), index=1),
    ]
    together = find_segments_of_legs(legs)
    assert together == [find_segments(one) for one in legs]
    assert [segments[0].channel for segments in together] == [0, 1]


def test_samples_that_are_not_finite_do_not_silence_the_rest():
    samples = a_law(leg(6, [(1.0, 2.0), (4.0, 5.0)]))
    samples[100:110] = np.nan
    assert len(find_segments(Channel(0, samples, RATE))) == 2


def test_speech_at_both_edges_of_the_file_is_kept():
    samples = (0.3 * phrase(3.0) + noise(3, -66)).astype(np.float32)
    (segment,) = find_segments(channel(samples))
    assert segment.start_s < 0.1
    assert segment.end_s == pytest.approx(3.0, abs=0.06)


def test_a_missing_network_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(vad, "MODEL_PATH", tmp_path / "silero_vad.onnx")
    vad._session.cache_clear()
    with pytest.raises(ModelError, match=r"silero_vad.onnx is missing"):
        find_segments(channel(np.zeros(RATE)))
    (tmp_path / "silero_vad.onnx").write_bytes(b"no network")
    with pytest.raises(ModelError, match="damaged"):
        find_segments(channel(np.zeros(RATE)))
    vad._session.cache_clear()


def test_the_shortest_speech_kept_is_at_most_100_ms():
    assert VadSettings().min_speech_s <= 0.1
    assert VadSettings().close_gap_s == 0.3


def test_lone_human_words_are_found_on_telephone_quality():
    if not (AUDIO / "cmn-words.tar").exists():
        pytest.skip("the human recordings are not beside the repository")
    errors = []
    with tarfile.open(AUDIO / "cmn-words.tar") as tar:
        for word in ["喂", "好", "对", "嗯", "是", "哦", "不", "再见", "您"]:
            clip = take(io.BytesIO(tar.extractfile(f"words/{word}.opus").read()))
            begin_s, end_s = truth_bounds(clip)
            at_8k = resample(clip, 16000, RATE)
            samples = np.concatenate([np.zeros(RATE), 0.2 * at_8k / np.abs(at_8k).max(), np.zeros(RATE)])
            found = find_segments(channel(samples + noise(len(samples) / RATE, -62)))
            assert found, word
            errors += [abs(found[0].start_s - 1 - begin_s), abs(found[-1].end_s - 1 - end_s)]
    assert float(np.median(errors)) <= 0.06


def soft_word_after_a_ring(settings):
    levels = np.full(600, -60.0, dtype=np.float32)
    levels[100:200] = -20.0  # the ring
    levels[250:300] = -36.0  # 您好, soft
    levels[300:450] = -24.0
    (found,) = refine([(2.5, 4.5)], levels=levels, settings=settings)
    return found


def test_a_soft_first_word_after_a_ring_is_not_cut_as_murmur():
    assert soft_word_after_a_ring(VadSettings()) == (2.5, 4.5)
    assert soft_word_after_a_ring(VadSettings(murmur_most_db=60.0))[0] > 2.6  # what the bound is there for
