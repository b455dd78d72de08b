from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measure_sounds import (
    RATE_HZ,
    SENTENCES,
    agent,
    band_noise,
    gate,
    join,
    measure,
    needs_human_clips,
    sentences,
    silence,
    turn,
    voice,
    words,
)

from auditor.measure.f0 import track_f0
from auditor.measure.frames import measure_frames
from auditor.measure.nuclei import count_nuclei
from auditor.records import Segment, SuspectSpan
from auditor.signal import Channel

TWENTY = "请您稍等我马上为您查询一下您的话费情况吧"


def pulses(rate_per_s: float, seconds: float) -> np.ndarray:
    """A voice whose level rises and falls ``rate_per_s`` times a second, by 20 dB."""
    sound = voice(180, seconds, -25)
    time_s = np.arange(len(sound)) / RATE_HZ
    return (sound * (0.1 + np.sin(np.pi * rate_per_s * time_s) ** 2)).astype(np.float32)


def spoken(texts, *, seconds=4.0, pause=1.0, **more):
    """One turn of one segment per text; the sound has as many pulses as the first text has characters."""
    segments = [Segment(0, i * (seconds + pause), i * (seconds + pause) + seconds) for i in range(len(texts))]
    turns = [turn(text, segment, **more) for text, segment in zip(texts, segments, strict=True)]
    leg = join(*(join(pulses(len(text) / seconds, seconds), silence(pause)) for text in texts))
    return leg, segments, turns


def measured(leg, segments, turns):
    return measure(leg, np.zeros_like(leg), segments=segments, turns=turns)


def test_articulation_is_syllables_per_minute_of_segments():
    found = measured(*spoken([TWENTY] * 4))
    assert agent(found, "articulation_char_per_min") == pytest.approx(300)
    assert agent(found, "spoken_syllables") == 80
    assert agent(found, "pace_turns") == 4


def test_turns_of_one_pace_leave_the_error_of_the_cut_edges():
    figure = measured(*spoken([TWENTY] * 4)).measurements["agent"]["articulation_char_per_min"]
    assert figure.error == pytest.approx(0.03 * figure.value)


def test_the_error_over_few_turns_is_students():
    paces = [TWENTY, TWENTY, TWENTY[:16]]  # 20, 20 and 16 syllables in 4 s each
    figure = measured(*spoken([*paces, TWENTY[:14]])).measurements["agent"]["articulation_char_per_min"]
    counts = np.array([20, 20, 16, 14])
    sampling = 3.182 * counts.std(ddof=1) / np.sqrt(4) * 15  # t of 3 degrees of freedom; 4 s to 60 s
    assert figure.error == pytest.approx(np.hypot(sampling, 0.03 * figure.value), rel=1e-3)


@given(seconds=st.floats(2.5, 8), count=st.integers(3, 6))
@settings(max_examples=10, deadline=None)
def test_any_rate_is_measured_as_it_is(seconds, count):
    found = measured(*spoken([TWENTY] * count, seconds=seconds))
    assert agent(found, "articulation_char_per_min") == pytest.approx(60 * 20 / seconds, rel=1e-6)


def test_in_noise_the_faint_edges_of_a_segment_belong_to_its_time():
    leg, segments, turns = spoken([TWENTY] * 4)  # 80 syllables in 16 s
    found = measured(leg + band_noise(len(leg) / RATE_HZ, -52, seed=5), segments, turns)
    edge_s = float(np.interp(agent(found, "snr_db"), (15, 40), (0.10, 0.01)))
    assert 0.03 < edge_s < 0.09
    expected = 60 * 80 / (16 + 4 * edge_s)
    assert agent(found, "articulation_char_per_min") == pytest.approx(expected, rel=1e-5)
    assert agent(found, "pace_char_per_min") == pytest.approx(expected, rel=1e-5)


def test_a_gap_of_less_than_0_3_s_with_the_edges_off_it_is_speech():
    def one(gap_s):
        segments = [Segment(0, 6.0 * i + o, 6.0 * i + o + 2) for i in range(4) for o in (0, 2 + gap_s)]
        turns = [turn(TWENTY, segments[2 * i], segments[2 * i + 1]) for i in range(4)]
        return agent(measured(silence(26), segments, turns), "articulation_char_per_min")

    assert one(0.25) == pytest.approx(60 * 20 / 4.25)
    assert one(0.35) == pytest.approx(300)


def test_pauses_inside_turns_slow_the_pace_but_not_the_articulation():
    segments = [Segment(0, 6.0 * i + o, 6.0 * i + o + 2) for i in range(4) for o in (0, 3)]
    turns = [turn(TWENTY, segments[2 * i], segments[2 * i + 1]) for i in range(4)]
    found = measured(silence(24), segments, turns)
    assert agent(found, "articulation_char_per_min") == pytest.approx(300)
    assert agent(found, "pace_char_per_min") == pytest.approx(60 * 20 / 5)


def test_punctuation_and_spaces_are_not_spoken():
    found = measured(*spoken(["请您稍等, 我马上为您查询一下,您的话费情况吧。"] * 4))
    assert agent(found, "spoken_syllables") == 80


def test_numbers_count_as_they_are_read_out():
    found = measured(*spoken(["您的话费是150元请您尽快缴费谢谢您的支持吧"] * 4))
    assert agent(found, "spoken_syllables") == 4 * len("您的话费是一百五十元请您尽快缴费谢谢您的支持吧")


def test_a_digit_string_is_left_out_with_its_share_of_the_time():
    plain = measured(*spoken([TWENTY] * 4))
    text = TWENTY + "13988886666"
    segments = [Segment(0, 8.0 * i, 8.0 * i + 4 * 31 / 20) for i in range(4)]
    turns = [turn(text, segment) for segment in segments]
    found = measured(silence(32), segments, turns)
    assert agent(found, "spoken_syllables") == 80
    assert agent(found, "articulation_char_per_min") == pytest.approx(
        agent(plain, "articulation_char_per_min")
    )


def test_a_part_with_suspect_text_is_left_out_with_its_time():
    first, second = Segment(0, 0, 4), Segment(0, 5, 9)
    turns = [turn(TWENTY * 2, first, second, suspect_spans=(SuspectSpan(20, 25, "boilerplate"),))]
    more = [Segment(0, 10.0 + 5 * i, 14.0 + 5 * i) for i in range(3)]
    turns += [turn(TWENTY, segment) for segment in more]
    found = measured(silence(30), [first, second, *more], turns)
    assert agent(found, "spoken_syllables") == 80
    assert agent(found, "articulation_char_per_min") == pytest.approx(300)
    assert found.segments[1].syllables is None
    assert found.segments[0].syllables == 20


def test_a_segment_without_text_gives_no_time():
    segments = [Segment(0, 5.0 * i, 5.0 * i + 4) for i in range(5)]
    turns = [turn(TWENTY, segment) for segment in segments[:4]] + [turn("", segments[4])]
    found = measured(silence(25), segments, turns)
    assert agent(found, "articulation_char_per_min") == pytest.approx(300)


@pytest.mark.parametrize("texts", [[TWENTY] * 2, ["您好中国移动"] * 5, [TWENTY * 2] * 2])
def test_too_few_syllables_or_turns_are_too_short(texts):
    found = measured(*spoken(texts)).measurements["agent"]
    assert found["articulation_char_per_min"].reason == "too_short"
    assert found["pace_char_per_min"].reason == "too_short"
    assert found["spoken_syllables"].value is not None


def test_the_words_of_a_system_voice_are_not_the_agents():
    leg, segments, turns = spoken([TWENTY] * 4)
    turns[0] = turn(TWENTY, segments[0], role="system")
    found = measured(leg, segments, turns)
    assert agent(found, "spoken_syllables") == 60
    assert agent(found, "speech_s") == 12
    assert found.segments[0].role == "system"


def test_a_transcript_of_an_engine_that_the_nuclei_contradict_is_not_trusted():
    leg, segments, _ = spoken([TWENTY] * 4)
    doubled = [turn(TWENTY * 2, segment, confidence=0.9, temperature=0.0) for segment in segments]
    found = measured(leg, segments, doubled).measurements["agent"]
    assert found["articulation_char_per_min"].reason == "not_trusted"


def test_a_persons_transcript_with_impossible_times_is_not_trusted():
    leg, segments, _ = spoken([TWENTY] * 4)
    crowded = [turn(TWENTY * 3, segment) for segment in segments]
    found = measured(leg, segments, crowded).measurements["agent"]
    assert found["articulation_char_per_min"].reason == "not_trusted"


def test_a_transcript_of_an_engine_that_the_nuclei_confirm_is_trusted():
    found = measured(*spoken([TWENTY] * 4, confidence=0.9, temperature=0.0))
    assert agent(found, "articulation_char_per_min") == pytest.approx(300)


def test_a_human_transcript_is_not_held_against_the_nuclei():
    leg, segments, _ = spoken([TWENTY] * 4)
    found = measured(leg, segments, [turn(TWENTY * 2, segment) for segment in segments])
    assert agent(found, "articulation_char_per_min") == pytest.approx(600)


@pytest.mark.parametrize("rate_per_s", [2, 4, 6])
def test_every_pulse_of_a_voice_is_a_nucleus(rate_per_s):
    found = measured(pulses(rate_per_s, 10), [Segment(0, 0, 10)], [])
    assert agent(found, "nuclei_per_min") == pytest.approx(60 * rate_per_s, rel=0.03)


def test_pulses_of_noise_are_no_nuclei():
    noise = band_noise(10, -25, seed=3) * np.sin(np.pi * 4 * np.arange(80000) / RATE_HZ) ** 2
    found = measured(noise.astype(np.float32), [Segment(0, 0, 10)], [])
    assert agent(found, "nuclei_per_min") < 30


def report(line):
    sys.stdout.write(line + "\n")


def nuclei_of(samples):
    channel = Channel(0, samples, RATE_HZ)
    spans = [segment.span for segment in gate(samples)]
    return count_nuclei(measure_frames(channel).low, f0_hz=track_f0(channel, spans), spans=spans)


@needs_human_clips
def test_nuclei_and_syllables_of_human_speech_are_less_than_30_percent_apart():
    clips = sentences()
    fluent = {name: nuclei_of(clips[name]) / len(text) for name, text in SENTENCES.items()}
    said = words(60, seed=5)
    read = nuclei_of(join(*(join(sound, silence(0.4)) for sound in said.values()))) / sum(map(len, said))
    report(f"nuclei per syllable: {', '.join(f'{ratio:.2f}' for ratio in fluent.values())}; words {read:.2f}")
    together = sum(fluent[name] * len(text) for name, text in SENTENCES.items())
    assert 0.8 < together / sum(map(len, SENTENCES.values())) < 1.2
    assert all(0.7 < ratio < 1.3 for ratio in fluent.values())
    assert 0.85 < read < 1.15
