"""A tone stands still in pitch and level; a syllable that holds its pitch still swells and fades."""

import numpy as np
import pytest
from ground_truth import shared_audio, sounds, speakers
from ground_truth.shared_audio import needs_shared_audio

from auditor.signal import Channel
from auditor.speech.tonal import is_tone


def is_tone_throughout(samples):
    channel = Channel(0, (0.08 * samples).astype(np.float32), 8000)
    return is_tone(channel, start_s=0.0, end_s=channel.duration_s)


@pytest.mark.parametrize("clip", [sounds.busy(4), sounds.ringback(1), sounds.beep(0.4)])
def test_network_tones_and_beeps_are_tones(clip):
    assert is_tone_throughout(clip.samples)


def test_a_held_note_that_swells_and_fades_is_no_tone():
    time = np.arange(4000) / 8000
    assert not is_tone_throughout(np.sin(2 * np.pi * 450 * time) * np.hanning(4000))


@needs_shared_audio
def test_no_human_syllable_of_the_first_tone_is_a_tone():
    high = [name for name in shared_audio.syllables() if name.endswith("1")][::5]
    taken = [one for one in high if is_tone_throughout(speakers.spoken(speakers.CHEN_WANG, one))]
    assert len(high) > 60
    assert taken == []
