"""What the generator says about its calls is so."""

import json

import numpy as np
import pytest

from ground_truth import line, scenes, sounds, speakers
from ground_truth.legs import Placed, build, level_over
from ground_truth.shared_audio import needs_espeak, needs_shared_audio
from ground_truth.truth import Span, merge, without

TALKERS = (speakers.SYNTHETIC, speakers.SYNTHETIC_LOW)


@pytest.fixture(scope="module")
def talk():
    return scenes.conversation(3, duration_s=30, voices=TALKERS, hold=True, floor_dbov=-200)


def test_the_same_seed_gives_the_same_samples_and_truth(talk):
    again = scenes.conversation(3, duration_s=30, voices=TALKERS, hold=True, floor_dbov=-200)
    other = scenes.conversation(4, duration_s=30, voices=TALKERS, hold=True, floor_dbov=-200)
    assert again.truth == talk.truth
    assert all(np.array_equal(again.legs[leg], talk.legs[leg]) for leg in talk.legs)
    assert not np.array_equal(other.legs["agent"], talk.legs["agent"])


def test_active_spans_cover_the_energy_of_a_clean_call(talk):
    for leg, samples in talk.legs.items():
        spans = [*talk.truth.words(leg), *(s for e in talk.truth.sounded if e.leg == leg for s in e.active)]
        rest = samples.copy()
        for span in merge(spans):
            rest[round(span.start_s * 8000) : round(span.end_s * 8000)] = 0
        assert np.sum(rest**2) < 0.01 * np.sum(samples**2)


def test_levels_are_as_asked(talk):
    quiet = {"agent": talk.truth.sounded, "customer": ()}
    for said in talk.truth.spoken:
        if any(abs(e.start_s - said.start_s) < 3 for e in quiet.get(said.leg, ())):
            continue
        level = level_over(talk.legs[said.leg], said.active, rate_hz=8000)
        assert level == pytest.approx(said.level_dbov, abs=0.1)


def test_a_tone_has_the_level_and_the_bursts_that_were_asked_for():
    call = build([Placed(sounds.ringback(2), 1.0, -20.0, "agent")], duration_s=9)
    (event,) = call.truth.sounded
    assert [(s.start_s, s.end_s) for s in event.active] == [(1.0, 2.0), (6.0, 7.0)]
    assert level_over(call.legs["agent"], event.active, rate_hz=8000) == pytest.approx(-20, abs=0.1)
    assert not call.legs["customer"].any()


@pytest.mark.parametrize("kind", sounds.NOISES)
def test_noise_lies_as_far_under_the_speech_as_was_asked(kind):
    call = scenes.conversation(
        5, duration_s=20, voices=TALKERS, sounds_too=False, hold=False, floor_dbov=-200
    )
    noisy = line.add_noise(call, snr_db=15, kind=kind, leg="agent")
    added = noisy.legs["agent"] - call.legs["agent"]
    speech_dbov = line.speech_level_dbov(call, "agent")
    noise_dbov = 10 * np.log10(sounds.band_power(added, rate_hz=8000))
    assert speech_dbov - noise_dbov == pytest.approx(15, abs=0.1)
    assert np.array_equal(noisy.legs["customer"], call.legs["customer"])


@pytest.mark.parametrize(("code", "value"), list(line.IDLE.items()))
def test_an_idle_leg_carries_its_code_and_the_truth_says_so(talk, code, value):
    dead = line.release(talk, leg="customer", at_s=20.0, code=code)
    assert (dead.legs["customer"][160_000:] == value).all()
    (idle,) = dead.truth.idle
    assert (idle.leg, idle.start_s, idle.end_s, idle.why) == ("customer", 20.0, 30.0, "released")
    assert all(span.end_s <= 20.0 for span in dead.truth.words("customer"))


def test_a_gate_closes_only_between_words(talk):
    gated = line.noise_gate(talk, leg="customer", hangover_s=0.25)
    assert gated.truth.words("customer") == talk.truth.words("customer")
    assert gated.truth.idle
    for one in gated.truth.idle:
        inside = gated.legs["customer"][round(one.start_s * 8000) : round(one.end_s * 8000)]
        assert not inside.any()


def test_crosstalk_is_as_faint_and_as_late_as_asked(talk):
    leaky = line.crosstalk(talk, gain_db=-30, delay_s=0.02, into="agent")
    added = leaky.legs["agent"] - talk.legs["agent"]
    assert np.allclose(added[160:], 10**-1.5 * talk.legs["customer"][:-160])


def test_a_drifting_leg_takes_its_truth_along():
    call = scenes.conversation(
        6, duration_s=40, voices=TALKERS, sounds_too=False, hold=False, floor_dbov=-200
    )
    moved = line.drift(call, leg="agent", ppm=2000)
    spans = merge(moved.truth.words("agent"))
    rest = moved.legs["agent"].copy()
    for span in spans:
        rest[round(span.start_s * 8000) : round(span.end_s * 8000)] = 0
    assert np.sum(rest**2) < 0.01 * np.sum(moved.legs["agent"] ** 2)
    assert spans[-1].end_s == pytest.approx(merge(call.truth.words("agent"))[-1].end_s * 1.002)


def test_the_share_of_lost_packets_is_near_what_was_asked(talk):
    lossy = line.packet_loss(talk, share=0.1, burst=3, leg="agent")
    assert lossy.truth.effects[-1].parameters["lost"]["agent"] == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize("variant", scenes.VARIANTS)
def test_an_ending_is_what_its_truth_says(variant):
    call = scenes.ending(7, variant=variant, voices=TALKERS)
    truth = call.truth.ending
    assert truth.variant == variant
    assert (truth.released_by is None) == (variant in ("together", "stop"))
    for leg, dead_s in truth.leg_end_s.items():
        if dead_s is None:
            continue
        tones = [s for e in call.truth.sounded if e.leg == leg for s in e.active]
        silent = without([Span(dead_s + 0.001, call.duration_s)], tones)
        for span in silent:
            samples = call.legs[leg][round(span.start_s * 8000) : round(span.end_s * 8000)]
            assert np.ptp(samples) == 0 or samples.size < 5
    json.loads(call.truth.to_json())


def test_rings_sound_where_the_truth_has_them():
    for seed in range(12):
        call = scenes.ringing(seed, voices=TALKERS, level_dbov=-15, talk_over=False)
        truth = call.truth.ringing
        assert truth.heard <= truth.rings
        for burst in truth.bursts:
            if burst.duration_s > 0.05:
                level = level_over(call.legs[truth.leg], [burst], rate_hz=8000)
                assert level == pytest.approx(-15, abs=0.6)
        after = level_over(
            call.legs[truth.leg], [Span(truth.answered_s, truth.answered_s + 0.2)], rate_hz=8000
        )
        assert after < -50


@needs_shared_audio
def test_a_human_phrase_says_what_was_asked_word_by_word():
    clip = speakers.say(speakers.YUE_TAN, "喂你好再见", rng=np.random.default_rng(0))
    assert clip.text == "喂你好再见"
    assert len(clip.active) >= 3
    gaps = [b.start_s - a.end_s for a, b in zip(clip.active, clip.active[1:], strict=False)]
    assert all(0.015 < gap < 0.125 for gap in gaps)


@needs_shared_audio
def test_a_shifted_take_is_the_same_however_many_were_made_before():
    speakers.spoken.cache_clear()
    first = speakers.spoken(speakers.MALE_LIKE, "电话")
    speakers.spoken(speakers.MALE_LIKE, "今天")
    speakers.spoken.cache_clear()
    assert np.array_equal(speakers.spoken(speakers.MALE_LIKE, "电话"), first)


@needs_shared_audio
def test_a_shifted_voice_lies_as_many_semitones_lower():
    from auditor.measure.f0 import finite, track_f0
    from auditor.signal import Channel

    def median_hz(speaker):
        clip = speakers.say(speaker, "今天天气很好", rng=np.random.default_rng(1))
        channel = Channel(0, clip.samples.astype(np.float32) / 10, 8000)
        return float(np.median(finite(track_f0(channel, [Span(0.0, clip.duration_s)]))))

    lower = speakers.shifted(speakers.YUE_TAN, semitones=-5, formants=0.85)
    change_st = 12 * np.log2(median_hz(lower) / median_hz(speakers.YUE_TAN))
    assert change_st == pytest.approx(-5, abs=0.7)


@needs_espeak
def test_espeak_speaks_as_a_clip():
    clip = speakers.say(speakers.espeak("m3"), "您好，请问有什么可以帮您", rng=np.random.default_rng(0))
    assert clip.active[0].start_s < 0.05
    assert clip.duration_s - clip.active[-1].end_s < 0.05
