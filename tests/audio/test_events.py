from __future__ import annotations

import numpy as np
import pytest
from audio_files import babble, channel, noise, silence, tone
from ground_truth import sounds

from auditor.audio.dtmf import find_keys
from auditor.audio.events import find_events, without_speech
from auditor.audio.music import find_music
from auditor.records import Event, Segment


def on_a_line(wave, *, index=0):
    return channel(wave + noise(seconds=len(wave) / 8000 + 0.1, dbov=-62)[: len(wave)], index=index)


def at(clip, dbov):
    return clip.samples / np.sqrt(np.mean(clip.samples**2)) * 10 ** (dbov / 20)


@pytest.mark.parametrize("dbov", [-12, -38])
def test_every_key_is_one_event_where_it_was_pressed(dbov):
    clip = sounds.dtmf("10086#", on_s=0.08, off_s=0.08)
    events = find_keys([on_a_line(np.concatenate([silence(1), at(clip, dbov), silence(1)]))])
    assert [event.kind for event in events] == ["dtmf"] * 6
    for event, span in zip(events, clip.active, strict=True):
        assert (event.start_s, event.end_s) == (
            pytest.approx(1 + span.start_s, abs=0.021),
            pytest.approx(1 + span.end_s, abs=0.021),
        )


@pytest.mark.parametrize(
    "wave", [tone(697, seconds=2), noise(seconds=10, dbov=-20), babble(seconds=20, seed=5), silence(0)]
)
def test_other_sound_is_no_key(wave):
    assert find_keys([channel(wave)]) == ()


def test_a_key_that_leaks_into_the_other_leg_is_one_key():
    wave = np.concatenate([silence(1), at(sounds.dtmf("138", on_s=0.1, off_s=0.1), -20), silence(1)])
    legs = [on_a_line(0.5 * wave), on_a_line(wave, index=1)]
    assert [event.channel for event in find_keys(legs)] == [1, 1, 1]


@pytest.mark.parametrize("pause_s", [0.0, 0.03])
def test_a_key_that_rings_on_faintly_is_one_key_of_its_own_length(pause_s):
    key, ringing = (at(sounds.dtmf("5", on_s=0.1), dbov) for dbov in (-20, -42))
    wave = [silence(1), key, silence(pause_s), ringing, silence(1)]
    (event,) = find_keys([on_a_line(np.concatenate(wave))])
    assert (event.start_s, event.end_s) == (pytest.approx(1, abs=0.021), pytest.approx(1.1, abs=0.021))


def test_two_people_who_press_different_keys_at_once_press_two():
    one, two = (np.concatenate([silence(1), at(sounds.dtmf(key, on_s=0.1), -20)]) for key in "15")
    assert len(find_keys([on_a_line(0.5 * one), on_a_line(two, index=1)])) == 2


@pytest.mark.parametrize(("seed", "dbov"), [(1, -18), (2, -30), (3, -42)])
def test_music_is_found_where_it_plays(seed, dbov):
    clip = sounds.music(10, rng=np.random.default_rng(seed))
    (event,) = find_music(on_a_line(np.concatenate([silence(4), at(clip, dbov), silence(4)])))
    assert (event.start_s, event.end_s) == (pytest.approx(4, abs=0.5), pytest.approx(14, abs=0.5))


def test_the_pause_between_two_pieces_of_music_is_no_music():
    first, second = (at(sounds.music(6, rng=np.random.default_rng(seed)), -24) for seed in (1, 2))
    found = find_music(on_a_line(np.concatenate([silence(2), first, silence(1.8), second, silence(2)])))
    assert [(event.start_s, event.end_s) for event in found] == [
        (pytest.approx(2, abs=0.5), pytest.approx(8, abs=0.3)),
        (pytest.approx(9.8, abs=0.3), pytest.approx(15.8, abs=0.5)),
    ]


@pytest.mark.parametrize(
    "wave",
    [noise(seconds=20, dbov=-30), babble(seconds=20, seed=5), 0.05 * sounds.hum(20), silence(10), silence(1)],
    ids=["noise", "speech-like noise", "hum", "silence", "under one block"],
)
def test_other_sound_is_no_music(wave):
    assert find_music(on_a_line(wave)) == ()


def test_rings_are_no_music():
    leg = on_a_line(np.concatenate([tone(450, seconds=1), silence(4)] * 4))
    assert {event.kind for event in find_events([leg])} == {"ringback"}


def test_music_is_kept_only_where_nobody_speaks_on_its_leg():
    events = [Event("music", 0.0, 20.0, 0), Event("idle", 0.0, 1.0, 0)]
    segments = [Segment(0, 5.0, 8.0), Segment(0, 9.0, 14.0), Segment(1, 15.0, 16.0)]
    kept = without_speech(events, segments=segments)
    assert [(e.kind, e.start_s, e.end_s) for e in kept] == [
        ("music", 0.0, 5.0),
        ("music", 14.0, 20.0),
        ("idle", 0.0, 1.0),
    ]
