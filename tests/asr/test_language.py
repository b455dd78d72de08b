"""The language of a call, with an engine behind the protocol that says what it is told to."""

import numpy as np
import pytest
from ground_truth.shared_audio import AUDIO, HAS_SHARED_AUDIO
from hypothesis import assume, given
from hypothesis import strategies as st

from auditor.asr.engine import SAMPLE_RATE_HZ, Packing
from auditor.asr.language import detect_language
from auditor.audio.decode import decode
from auditor.judge import open_rulebook
from auditor.records import ModelFacts, Turn, TurnPart
from auditor.signal import Channel
from auditor.speech.vad import find_segments

PACKED = Packing()
SINGLE = Packing(packed=False, max_window_s=9.6)


class ListeningEngine:
    """Takes what it hears for Mandarin above zero and for English below: legs are drawn, not spoken."""

    def __init__(self, *, packing=PACKED, knows=True, sure=0.95):
        self.facts = ModelFacts("listening", "", knows_languages=knows)
        self.packing, self.sure, self.windows = packing, sure, []

    def language_probabilities(self, samples_16k):
        self.windows.append(len(samples_16k) / SAMPLE_RATE_HZ)
        sure = self.sure if np.sum(np.sign(samples_16k)) > 0 else 1 - self.sure
        return {"zh": sure, "en": 1 - sure}


def leg(index, *spoken):
    """A leg of 120 s; each of ``(start_s, end_s, language)`` is drawn."""
    samples = np.zeros(8000 * 120, np.float32)
    for start_s, end_s, language in spoken:
        samples[round(start_s * 8000) : round(end_s * 8000)] = 0.1 if language == "zh" else -0.1
    return Channel(index, samples, 8000)


def turn(role, channel, *spans):
    parts = tuple(TurnPart(start, end, 0, 0) for start, end in spans)
    return Turn(role, channel, spans[0][0], spans[-1][1], "", parts)


def ask(legs, turns, **engine):
    return detect_language(ListeningEngine(**engine), channels=legs, turns=turns)


def of_spoken(role, channel, *spoken):
    return [turn(role, channel, (start_s, end_s)) for start_s, end_s, _ in spoken]


@pytest.mark.parametrize("packing", [PACKED, SINGLE])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_call_in_one_language_is_recognised(packing, language):
    agent, customer = [(1, 8, language), (20, 26, language)], [(10, 15, language)]
    legs = (leg(0, *agent), leg(1, *customer))
    turns = [*of_spoken("agent", 0, *agent), *of_spoken("customer", 1, *customer)]
    assert ask(legs, turns, packing=packing) == (language, pytest.approx(0.95))


def test_a_model_that_was_not_trained_for_languages_is_not_asked():
    spoken = [(1, 18, "en")]
    assert ask((leg(0, *spoken),), of_spoken("agent", 0, *spoken), knows=False) == (None, None)


def test_too_little_speech_says_nothing():
    spoken = [(1, 3, "en"), (5, 5.9, "en")]
    assert ask((leg(0, *spoken),), of_spoken("agent", 0, *spoken)) == (None, None)


def test_announcements_are_not_heard():
    welcome, spoken = [(1, 19, "en")], [(20, 30, "zh")]
    turns = [*of_spoken("system", 0, *welcome), *of_spoken("agent", 0, *spoken)]
    assert ask((leg(0, *welcome, *spoken),), turns)[0] == "zh"


def test_the_longest_speech_counts_and_single_words_do_not():
    words = [(float(t), t + 0.8, "en") for t in range(40, 110, 2)]
    spoken = [(1, 12, "zh")]
    legs = (leg(0, *words, *spoken),)
    assert ask(legs, of_spoken("agent", 0, *spoken, *words)) == ("zh", pytest.approx(0.95))


def test_parties_of_two_languages_stay_in_between():
    agent, customer = [(1, 11, "zh")], [(20, 30, "en")]
    legs = (leg(0, *agent), leg(1, *customer))
    turns = [*of_spoken("agent", 0, *agent), *of_spoken("customer", 1, *customer)]
    _, probability = ask(legs, turns)
    assert probability == pytest.approx(0.5)


def test_a_model_that_doubts_only_which_foreign_language_it_is_knows_that_it_is_foreign():
    engine, spoken = ListeningEngine(), [(1, 19, "en")]
    engine.language_probabilities = lambda _: {"zh": 0.04, "yue": 0.5, "en": 0.46}
    turns = of_spoken("agent", 0, *spoken)
    assert detect_language(engine, channels=(leg(0, *spoken),), turns=turns) == ("yue", pytest.approx(0.96))


def test_an_unsure_model_stays_unsure():
    spoken = [(1, 19, "en")]
    assert ask((leg(0, *spoken),), of_spoken("unknown", 0, *spoken), sure=0.55) == ("en", pytest.approx(0.55))


def test_a_long_call_costs_no_more_than_a_short_one():
    spoken = [(float(t), t + 9.0, "zh") for t in range(1, 110, 10)]
    engine = ListeningEngine()
    detect_language(engine, channels=(leg(0, *spoken),), turns=of_spoken("agent", 0, *spoken))
    assert len(engine.windows) == 1
    assert sum(engine.windows) < 30


@given(shares=st.lists(st.tuples(st.floats(1.01, 6), st.sampled_from(["zh", "en"])), min_size=1, max_size=3))
def test_the_probability_is_the_mean_over_the_seconds_of_speech(shares):
    spoken, at = [], 1.0
    for seconds, language in shares:
        spoken.append((at, at + seconds, language))
        at += seconds + 1
    total = sum(seconds for seconds, _ in shares)
    assume(abs(total - 5) > 1e-6)
    found = ask((leg(0, *spoken),), of_spoken("agent", 0, *spoken), packing=SINGLE)
    if total < 5:
        assert found == (None, None)
    else:
        mandarin = sum(s * (0.95 if language == "zh" else 0.05) for s, language in shares) / total
        assert found[1] == pytest.approx(max(mandarin, 1 - mandarin), abs=2e-4)


@pytest.mark.skipif(not HAS_SHARED_AUDIO, reason="the human recordings (../shared/audio) are not here")
@pytest.mark.parametrize(
    ("file", "is_foreign"),
    [
        ("calls/english_agent_customer_8k_mono.wav", True),
        ("calls/sample.wav", True),
        ("sentences/podcast_S1.flac", False),
        ("sentences/podcast_S2.flac", False),
        ("sentences/cosyvoice_prompt.wav", False),
    ],
)
def test_the_model_that_ships_tells_english_calls_of_people_from_mandarin(engine, file, is_foreign):
    channel = decode(AUDIO / file).channels[0]
    turns = [turn("unknown", 0, (segment.start_s, segment.end_s)) for segment in find_segments(channel)]
    language, sure = detect_language(engine, channels=(channel,), turns=turns)
    foreign = language not in (None, "zh") and sure >= open_rulebook().settings.language_confidence
    assert foreign == is_foreign
