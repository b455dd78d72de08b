"""What is as loud as speech just before it, and was not taken for speech."""

import numpy as np
import pytest
from speech_voices import a_law, leg

from auditor.records import Event, Segment
from auditor.signal import Channel
from auditor.speech.unheard import find_unheard

RATE = 8000
SPOKEN = (Segment(0, 4.0, 7.0),)


def channel(*, at_s, length_s=0.3, loud=0.1):
    """A leg that speaks from 4 s to 7 s, with a whispered word (noise) at ``at_s``."""
    out = leg(9.0, [(4.0, 7.0)])
    first, count = round(at_s * RATE), round(length_s * RATE)
    out[first : first + count] += loud * np.random.default_rng(2).standard_normal(count)
    return Channel(0, a_law(out), RATE)


def test_a_whispered_word_before_the_first_words_is_an_event():
    (event,) = find_unheard(channel(at_s=3.2), segments=SPOKEN, events=())
    assert (event.kind, event.channel) == ("unheard", 0)
    assert (event.start_s, event.end_s) == pytest.approx((3.2, 3.5), abs=0.03)


@pytest.mark.parametrize(
    "changes", [{"at_s": 0.2}, {"at_s": 7.5}, {"at_s": 3.2, "length_s": 0.08}, {"at_s": 3.2, "loud": 0.003}]
)
def test_what_is_too_early_or_after_speech_or_too_short_or_too_faint_is_none(changes):
    assert find_unheard(channel(**changes), segments=SPOKEN, events=()) == ()


def test_what_the_other_party_says_meanwhile_may_be_a_leak():
    both = (Segment(1, 2.8, 3.6), *SPOKEN)
    assert find_unheard(channel(at_s=3.2), segments=both, events=()) == ()


def test_what_is_known_as_a_tone_or_music_is_not_told_again():
    known = (Event("music", 2.0, 3.7, 0),)
    assert find_unheard(channel(at_s=3.2), segments=SPOKEN, events=known) == ()


def test_a_leg_without_speech_or_of_silence_has_none():
    assert find_unheard(channel(at_s=3.2), segments=(), events=()) == ()
    silent = Channel(0, np.zeros(9 * RATE, np.float32), RATE)
    assert find_unheard(silent, segments=SPOKEN, events=()) == ()
