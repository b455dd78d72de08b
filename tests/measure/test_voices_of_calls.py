"""A part of the accuracy table: shouts, renderings and levels on calls of human voices."""

from __future__ import annotations

import numpy as np
import pytest
from ground_truth import coding, line, speakers
from ground_truth.legs import Placed, build
from ground_truth.shared_audio import needs_shared_audio
from measure_sounds import agent

from auditor.measure.call import measure_call
from auditor.records import Roles

pytestmark = needs_shared_audio
KNOWN = Roles(agent_channel=0, confidence=1.0, source="flag", reason="test")


def spoken(*phrases, codec="pcm16", noise_dbov=-70.0):
    """Phrases of six words as (speaker, level), one second apart, and what measuring finds in them."""
    placed, at = [], 0.5
    for k, (who, level_dbov) in enumerate(phrases):
        clip = speakers.say(who, 6, rng=np.random.default_rng([k, 5]))
        placed.append(Placed(clip, at, level_dbov, "agent", "agent"))
        at += clip.duration_s + 1
    clean = build(placed, duration_s=at)
    call = coding.through(line.floor_noise(clean, level_dbov=noise_dbov), codec)
    segments = clean.truth.auditor_segments("agent")
    found = measure_call(
        call.channels(), segments=segments, turns=(), roles=KNOWN, events=(), layout="two_legs"
    )
    return clean, found


@pytest.mark.parametrize("gain_db", [-15, 0])
def test_a_phrase_8_semitones_up_keeps_its_rise_above_500_hz_at_any_gain(gain_db):
    calm = speakers.YUE_TAN
    loud = speakers.shifted(calm, semitones=8, formants=1.0)
    _, found = spoken(
        (calm, -30 + gain_db), (loud, -18 + gain_db), (calm, -31 + gain_db), noise_dbov=-70 + gain_db
    )
    first, shout, last = found.segments
    over_st = 12 * np.log2(shout.f0_p75_hz / np.sqrt(first.f0_p75_hz * last.f0_p75_hz))
    assert over_st > 5
    assert shout.level_dbov - max(first.level_dbov, last.level_dbov) > 8


@pytest.mark.parametrize("codec", ["alaw", "mp3", "opus"])
def test_the_level_behind_a_codec_lies_within_its_error(codec):
    plain = [(speakers.YUE_TAN, level) for level in (-24, -26, -25)]
    _, clean = spoken(*plain)
    _, coded = spoken(*plain, codec=codec)
    figure = coded.measurements["agent"]["level_dbov"]
    assert abs(figure.value - agent(clean, "level_dbov")) <= figure.error
