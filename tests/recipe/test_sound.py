import subprocess
from random import Random

import numpy as np
import pytest
from recipe import channel, dataset, voices


def test_espeak_never_falls_back_to_english_letters():
    text = voices.to_pinyin("您好,中国移动,请稍等。")
    done = subprocess.run(
        ["espeak-ng", "-v", voices.MANDARIN, "-q", "-x", text], capture_output=True, text=True, check=True
    )
    assert "(en)" not in done.stdout


def test_a_higher_rate_is_shorter():
    slow, fast = (
        voices.speak("您好,中国移动。", voice=voices.Voice(f"{voices.MANDARIN}+m3", wpm, 50, 50, True)).size
        for wpm in (120, 300)
    )
    assert fast < 0.6 * slow


def test_stretching_changes_the_length_and_keeps_the_pitch():
    tone = np.sin(2 * np.pi * 200 * np.arange(32000) / 16000).astype(np.float32)
    out = voices.stretch(tone, tempo=1.5)
    assert out.size == pytest.approx(32000 / 1.5, rel=0.05)
    spectrum = np.abs(np.fft.rfft(out * np.hanning(out.size)))
    assert np.argmax(spectrum) * 16000 / out.size == pytest.approx(200, abs=3)


@pytest.mark.parametrize("law", ["a", "mu"])
def test_companding_keeps_a_tone_38_db_above_its_error(law):
    tone = (0.3 * np.sin(np.arange(8000) * 0.7)).astype(np.float32)
    error = channel.g711(tone, law=law) - tone
    assert 10 * np.log10(np.mean(tone**2) / np.mean(error**2)) > 33


def test_mp3_keeps_the_length():
    assert channel.mp3(np.zeros(8000, np.float32)).size == 8000


@pytest.mark.parametrize("kind", channel.NON_SPEECH)
def test_non_speech_is_finite_and_as_long_as_asked(kind):
    sound = channel.non_speech(kind, 3.0, np.random.default_rng(1))
    assert sound.size == 48_000
    assert np.isfinite(sound).all()


def test_the_same_key_gives_the_same_window(sources):
    one, two = (
        dataset.make_window("7/1/0", context_s=10.0, mix=dataset.Mix(), sources=sources) for _ in range(2)
    )
    assert one.segments == two.segments
    assert np.array_equal(one.samples, two.samples)


def test_segments_lie_in_the_window_in_order(sources):
    for index in range(8):
        window = dataset.make_window(f"s/{index}", context_s=20.0, mix=dataset.Mix(), sources=sources)
        times = [t for s in window.segments for t in (s.start_s, s.end_s) if t is not None]
        assert times == sorted(times)
        assert all(0 <= t <= 20.0 for t in times)


def test_a_batch_pads_to_its_longest_row(sources):
    batch = dataset.make_batch(3, seed=1, mix=dataset.Mix(batch_s=20.0), sources=sources)
    assert batch.inputs.shape == batch.outputs.shape == batch.places.shape
    assert batch.label_lengths.sum() == batch.labels.numel()


def test_voices_of_the_held_out_sets_are_never_trained():
    rng = Random(1)
    names = {voices.draw_voice(rng).name.split("+")[1] for _ in range(2000)}
    assert not names & set(voices.HELD_OUT_VARIANTS)


def test_a_sentence_sounds_the_same_whatever_was_said_before():
    voice = voices.Voice(f"{voices.MANDARIN}+croak", 200, 50, 50, True)
    first = voices.speak("您好,中国移动。", voice=voice)
    voices.speak("もしもし", voice=voices.Voice("ja+m1", 150, 50, 50, True))
    assert np.array_equal(first, voices.speak("您好,中国移动。", voice=voice))


def test_a_voice_that_is_not_there_says_nothing():
    assert not voices.speak("您好", voice=voices.Voice("zz", 150, 50, 50, True)).size
