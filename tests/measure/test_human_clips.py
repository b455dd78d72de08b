"""No ordinary human clip may come out loud, shouted or monotone under the defaults of measurements.md.

The limits stand here as written there, so that nobody moves them towards synthetic speech: V1 blocks of
400 ms > 10 dB over the median, in >= 2 stretches; V2 phrases >= 1 s both >= 8 dB and >= 5 st over the
others, >= 2 of them; V4 spread < 1.5 st, phrases < 0.8 st and level < 3 dB together.
"""

from __future__ import annotations

import sys

import numpy as np
import pytest
from measure_sounds import (
    HUMAN,
    RATE_HZ,
    SENTENCES,
    gate,
    join,
    load,
    measure,
    needs_human_clips,
    sentences,
    silence,
    turn,
    words,
)

pytestmark = needs_human_clips

SHOWN = (
    "level_dbov",
    "level_sd_db",
    "alpha_ratio_db",
    "f0_median_hz",
    "f0_sd_st",
    "phrase_f0_sd_st",
    "voiced_s",
    "snr_db",
    "nuclei_per_min",
    "clipped_share",
)


def telephone(samples):
    """The clip through a brick-wall telephone band and A-law's 8 bits."""
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    spectrum[(hz < 300) | (hz > 3400)] = 0
    narrow = np.fft.irfft(spectrum, len(samples))
    narrow *= 0.5 / np.abs(narrow).max()
    curve = 1 + np.log(87.6)
    size = np.abs(narrow)
    coded = np.where(size < 1 / 87.6, 87.6 * size, 1 + np.log(np.maximum(87.6 * size, 1))) / curve
    coded = np.round(coded * 127) / 127
    size = np.where(coded < 1 / curve, coded * curve / 87.6, np.exp(coded * curve - 1) / 87.6)
    return (np.sign(narrow) * size).astype(np.float32)


def apart(*said):
    return join(*(join(sound, silence(0.5)) for sound in said))


def figures(samples):
    found = measure(samples, np.zeros_like(samples), segments=gate(samples))
    return found, {name: found.measurements["agent"][name] for name in SHOWN}


def loud_stretches(found):
    """V1: the louder blocks of 400 ms, and how many separate stretches they form."""
    track = [10 ** (x / 10) if x is not None else np.nan for x in found.tracks["agent"].level_dbov]
    blocks = np.array(track[: len(track) // 4 * 4]).reshape(-1, 4)
    spoken = np.isfinite(blocks).sum(axis=1) >= 2
    level = np.full(len(blocks), -np.inf)
    level[spoken] = 10 * np.log10(np.nanmean(blocks[spoken], axis=1))
    rise = level - np.median(level[spoken])
    loud = rise > 10
    return float(rise.max()), int((np.diff(np.concatenate(([0], loud.astype(int)))) == 1).sum())


def shouted(found):
    """V2: for each phrase the rise of level and of F0's 75 % over the median of the others."""
    phrases = [
        s for s in found.segments if s.end_s - s.start_s >= 1 and s.level_dbov is not None and s.f0_p75_hz
    ]
    rises = []
    for phrase in phrases:
        others = [s for s in phrases if s is not phrase]
        if others:
            over_db = phrase.level_dbov - float(np.median([s.level_dbov for s in others]))
            over_st = 12 * np.log2(phrase.f0_p75_hz / np.median([s.f0_p75_hz for s in others]))
            rises.append((over_db, float(over_st)))
    return rises


def check(name, samples):
    found, shown = figures(samples)
    rise_db, stretches = loud_stretches(found)
    rises = shouted(found)
    cells = ", ".join(
        f"{key} {x.reason if x.value is None else round(x.value, 2)}" for key, x in shown.items()
    )
    worst = max((min(db / 8, st / 5) for db, st in rises), default=0.0)
    sys.stdout.write(f"{name}: {cells}; loudest block +{rise_db:.1f} dB; nearest to a shout {worst:.2f}\n")
    assert stretches < 2, "V1"
    assert sum(db >= 8 and st >= 5 for db, st in rises) == 0, "V2"
    limits = {"f0_sd_st": 1.5, "phrase_f0_sd_st": 0.8, "level_sd_db": 3.0}
    low = [key for key, limit in limits.items() if shown[key].value is not None and shown[key].value < limit]
    assert len(low) < 3, "V4"
    # The guard that holds whatever pitch does: a human's syllables are never level.
    assert shown["level_sd_db"].value > 3.0
    pitch = shown["f0_median_hz"].value
    assert pitch is None or 75 < pitch < 350
    assert shown["level_sd_db"].value < 12
    assert pitch is None or shown["f0_sd_st"].value < 9
    assert 100 < shown["nuclei_per_min"].value < 420
    assert shown["clipped_share"].value is None or shown["clipped_share"].value < 0.001


@pytest.mark.parametrize("name", SENTENCES)
@pytest.mark.parametrize("line", [False, True], ids=["as recorded", "telephone"])
def test_a_human_sentence_is_neither_loud_nor_shouted_nor_monotone(name, line):
    clip = load(HUMAN / "sentences" / name)
    check(name, telephone(clip) if line else clip)


@pytest.mark.parametrize("seed", [1, 2])
def test_human_words_are_neither_loud_nor_shouted_nor_monotone(seed):
    check("60 words", apart(*words(60, seed=seed).values()))


def test_the_clips_of_several_speakers_at_one_level_are_not_shouted():
    clips = sentences().values()
    check("all sentences", apart(*(0.05 * clip / np.sqrt(np.mean(clip**2)) for clip in clips)))


def test_the_pace_of_human_sentences_is_that_of_speech():
    rates = {}
    for name, clip in sentences().items():
        spoken = gate(clip)
        seconds = sum(s.end_s - s.start_s for s in spoken)
        rates[name] = 60 * len(SENTENCES[name]) / seconds
    sys.stdout.write(f"characters per minute: { {name: round(rate) for name, rate in rates.items()} }\n")
    clips = sentences()
    whole = apart(*clips.values())
    segments, turns, start_s = [], [], 0.0
    for name, clip in clips.items():
        own = [type(s)(0, s.start_s + start_s, s.end_s + start_s) for s in gate(clip)]
        segments += own
        turns.append(turn(SENTENCES[name], *own, confidence=0.9, temperature=0.0))
        start_s += len(clip) / RATE_HZ + 0.5
    found = measure(whole, np.zeros_like(whole), segments=segments, turns=turns)
    pace = found.measurements["agent"]["articulation_char_per_min"]
    sys.stdout.write(f"together {pace.value} ± {pace.error}\n")
    assert pace.value == pytest.approx(np.mean(list(rates.values())), rel=0.15)
    assert all(200 < rate < 420 for rate in rates.values())
