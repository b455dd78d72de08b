"""A call's speech: what tones and keys cover is none, what stands beside them is."""

import numpy as np
from speech_voices import a_law, leg

from auditor.records import Event
from auditor.signal import Channel
from auditor.speech.active import find_speech

RATE = 8000


def call(*spoken):
    talk = Channel(0, a_law(leg(8.0, list(spoken))), RATE)
    return talk, Channel(1, np.zeros(8 * RATE, np.float32), RATE)


def keys(*, start_s, count, channel=0):
    """Keys of 90 ms, one every 200 ms, as `find_keys` gives them."""
    return [Event("dtmf", start_s + 0.2 * k, start_s + 0.2 * k + 0.09, channel=channel) for k in range(count)]


def test_a_row_of_keys_that_the_network_takes_for_a_voice_is_no_speech():
    channels = call((2.0, 3.0))
    assert len(find_speech(channels, events=())[0]) == 1
    assert find_speech(channels, events=keys(start_s=2.0, count=5))[0] == ()


def test_keys_on_the_other_leg_take_no_speech_away():
    channels = call((2.0, 3.0))
    assert len(find_speech(channels, events=keys(start_s=2.0, count=5, channel=1))[0]) == 1


def test_a_phrase_that_one_key_touches_stays():
    channels = call((2.0, 3.0))
    assert len(find_speech(channels, events=keys(start_s=2.8, count=1))[0]) == 1


def test_keys_before_and_after_a_phrase_leave_it_alone():
    channels = call((2.0, 3.0))
    around = [*keys(start_s=1.0, count=3), *keys(start_s=3.5, count=3)]
    assert len(find_speech(channels, events=around)[0]) == 1


def test_a_lone_key_that_a_codec_smeared_is_no_speech():
    channels = call((2.0, 2.24))
    assert len(find_speech(channels, events=())[0]) == 1
    assert find_speech(channels, events=[Event("dtmf", 2.07, 2.17, channel=0)])[0] == ()
