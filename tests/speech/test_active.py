"""A call's speech: tones, keys and knocks are none, what stands beside or between them is."""

from dataclasses import replace

import numpy as np
import pytest
from ground_truth.sounds import click, cough, dtmf, knock
from speech_voices import a_law, leg

from auditor.audio.events import find_events
from auditor.records import Event, Segment
from auditor.signal import Channel
from auditor.speech import active
from auditor.speech.active import find_speech

RATE = 8000


def sound(*, spoken=(), keys=(), smear_s=0.0, stroke=None):
    """A leg of 8 s with phrases and rows of keys ``(start_s, digits)``."""
    out = leg(8.0, list(spoken))
    for start_s, digits in keys:
        clip = 0.2 * dtmf(digits, rate_hz=RATE).samples
        first = round(start_s * RATE)
        out[first : first + len(clip)] += clip
        if smear_s:
            edge = round(smear_s * RATE)
            tail = clip[:edge][::-1] * np.linspace(0.3, 0.0, edge)
            out[first - edge : first] += tail[::-1]
    if stroke is not None:
        clip = 0.3 * stroke(rng=np.random.default_rng(3), rate_hz=RATE).samples
        out[round(2.1 * RATE) : round(2.1 * RATE) + len(clip)] += clip
    return a_law(out)


def call(**asked):
    return Channel(0, sound(**asked), RATE), Channel(1, np.zeros(8 * RATE, np.float32), RATE)


@pytest.fixture
def network_takes(monkeypatch):
    """Lets the network take a stretch of the agent's leg for a voice."""

    def take(start_s, end_s):
        found = [(Segment(0, start_s, end_s),), ()]
        monkeypatch.setattr(active, "find_segments_of_legs", lambda _channels: found)

    return take


def heard(channels):
    return find_speech(channels, events=find_events(channels))[0]


def test_a_row_of_keys_that_the_network_takes_for_a_voice_is_no_speech(network_takes):
    network_takes(1.95, 2.95)
    assert heard(call(keys=[(2.0, "13800")])) == ()


def test_a_lone_key_that_a_codec_smeared_is_no_speech(network_takes):
    network_takes(1.94, 2.17)
    assert heard(call(keys=[(2.0, "5")], smear_s=0.06)) == ()


def test_keys_on_the_other_leg_take_no_speech_away():
    channels = call(spoken=[(2.0, 3.0)])
    keys = [Event("dtmf", 2.0 + 0.2 * k, 2.1 + 0.2 * k, channel=1) for k in range(5)]
    assert len(find_speech(channels, events=keys)[0]) == 1


def test_a_phrase_that_one_key_touches_stays():
    assert len(heard(call(spoken=[(2.0, 3.0)], keys=[(2.8, "5")]))) == 1


def test_a_phrase_spoken_over_a_row_of_keys_stays():
    keys = [Event("dtmf", 2.0 + 0.2 * k, 2.1 + 0.2 * k, channel=0) for k in range(5)]
    (one,) = find_speech(call(spoken=[(2.0, 2.9)], keys=[(2.0, "13800")]), events=keys)[0]
    assert one.end_s - one.start_s > 0.6


def test_a_greeting_of_two_syllables_with_a_key_in_it_stays(network_takes):
    network_takes(2.0, 2.5)
    (one,) = heard(call(spoken=[(2.0, 2.5)], keys=[(2.2, "5")]))
    assert (one.start_s, one.end_s) == (2.0, 2.5)


def test_keys_before_and_after_a_phrase_leave_it_alone():
    channels = call(spoken=[(2.0, 3.0)], keys=[(1.0, "138"), (3.5, "138")])
    assert any(one.start_s < 2.3 and one.end_s > 2.7 for one in heard(channels))


@pytest.mark.parametrize("stroke", [click, knock])
def test_one_stroke_that_the_network_takes_for_a_voice_is_no_speech(network_takes, stroke):
    network_takes(2.0, 2.25)
    assert heard(call(stroke=stroke)) == ()


def test_a_word_of_one_syllable_is_no_knock(network_takes):
    network_takes(2.0, 2.16)
    assert len(heard(call(spoken=[(2.02, 2.14)]))) == 1


def test_a_knock_on_the_desk_in_a_phrase_leaves_the_phrase(network_takes):
    network_takes(2.0, 2.35)
    assert len(heard(call(spoken=[(2.0, 2.35)], stroke=click))) == 1


def test_a_cough_that_the_network_takes_for_a_voice_is_no_speech(network_takes):
    network_takes(2.0, 2.7)
    assert heard(call(stroke=cough)) == ()


def test_a_word_is_no_cough(network_takes):
    network_takes(2.0, 2.35)
    assert len(heard(call(spoken=[(2.02, 2.33)]))) == 1


def test_a_word_with_a_louder_click_in_it_is_no_cough(network_takes):
    network_takes(1.95, 2.5)
    assert len(heard(call(spoken=[(2.0, 2.45)], stroke=loud_click))) == 1


def test_a_blip_of_hold_music_is_no_speech_and_a_phrase_in_it_is(network_takes):
    channels, music = call(spoken=[(2.0, 2.2)]), [Event("music", 1.0, 7.0, channel=0)]
    network_takes(2.0, 2.2)
    assert find_speech(channels, events=music)[0] == ()
    assert len(find_speech(channels, events=[Event("music", 1.0, 7.0, channel=1)])[0]) == 1
    network_takes(1.9, 2.4)
    assert len(find_speech(channels, events=music)[0]) == 1


def whisper(**asked):
    """Noise as long and loud as a whispered 您好."""
    clip = cough(**asked)
    return replace(clip, samples=clip.samples[: round(0.5 * RATE)])


def test_a_whisper_beside_words_is_left_to_the_recogniser(monkeypatch):
    found = [(Segment(0, 2.05, 2.5), Segment(0, 3.0, 4.0)), ()]
    monkeypatch.setattr(active, "find_segments_of_legs", lambda _channels: found)
    assert len(heard(call(spoken=[(3.0, 4.0)], stroke=whisper))) == 2


def test_what_has_no_voice_in_loud_noise_may_be_speech(network_takes):
    network_takes(2.0, 2.7)
    agent, customer = call(stroke=cough)
    noise = 0.05 * np.random.default_rng(8).standard_normal(len(agent.samples))
    loud = Channel(0, (agent.samples + noise).astype(np.float32), RATE)
    assert len(heard((loud, customer))) == 1


def loud_click(**asked):
    clip = click(**asked)
    return replace(clip, samples=3.0 * clip.samples)
