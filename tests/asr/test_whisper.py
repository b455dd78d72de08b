"""The real checkpoint on real (synthetic) sound."""

import numpy as np
import pytest

from auditor.asr.batching import transcribe_call
from auditor.text.normalise import normalise

FRAME_S = 0.02  # of the encoder


def hear(engine, channel, speech_of):
    return transcribe_call(engine, channels=[channel], segments=[speech_of(channel)])


def test_the_model_greeting_is_heard_to_the_letter(engine, clip, speech_of):
    (one,) = hear(engine, clip("greeted"), speech_of)
    assert normalise(one.text).text == "您好中国移动我能为您做些什么"
    assert one.confidence > 0.8 and one.temperature == 0 and one.suspect_spans == ()


def test_wei_is_heard_and_not_dropped(engine, clip, speech_of):
    (one,) = hear(engine, clip("wei"), speech_of)
    assert one.text.startswith("喂")


def test_a_rerun_gives_the_same_utterances(engine, clip, speech_of):
    channel = clip("greeted", "goodbye", "nihao")
    assert hear(engine, channel, speech_of) == hear(engine, channel, speech_of)


def test_what_is_heard_does_not_depend_on_what_was_heard_before(engine, clip, speech_of):
    from auditor.asr.whisper import load_engine

    channel = clip("wei", "goodbye")
    assert hear(load_engine(None, threads=1), channel, speech_of) == hear(engine, channel, speech_of)


@pytest.mark.parametrize("seconds", [0.5, 10.0])
@pytest.mark.parametrize("sigma", [0.0, 0.02])
def test_silence_and_noise_say_that_nobody_speaks(engine, seconds, sigma):
    noise = np.random.default_rng(1).normal(0, sigma, int(16000 * seconds)).astype(np.float32)
    (heard,) = engine.transcribe([noise])
    assert heard.no_speech_probability > 0.6


def test_pieces_join_to_the_text_and_never_go_back(engine, clip):
    samples = _at_16k(clip("goodbye"))
    (heard,) = engine.transcribe([samples])
    assert "".join(piece.text for piece in heard.pieces) == heard.text
    starts = [piece.start_s for piece in heard.pieces]
    assert starts == sorted(starts) and heard.pieces[-1].end_s <= len(samples) / 16000 + FRAME_S


def test_attention_finds_the_pause_between_two_sentences(engine, clip):
    (heard,) = engine.transcribe([_at_16k(clip("goodbye"))])
    starts = {piece.text: piece.start_s for piece in heard.pieces}
    # The clip is silent from 3.62 s, where the question ends, and until 5.38 s, before 「请挂机」.
    assert starts["?"] == pytest.approx(3.62, abs=0.4)
    assert starts["请"] == pytest.approx(5.38, abs=0.3)


def test_what_was_said_is_likelier_than_what_was_not(engine, clip):
    said, other = engine.log_likelihoods(_at_16k(clip("nihao")), ["你好,请讲。", "您好,中国移动,请讲。"])
    assert said > other + 5


def test_a_likelihood_does_not_depend_on_the_texts_beside_it(engine, clip):
    samples = _at_16k(clip("nihao"))
    alone = engine.log_likelihoods(samples, ["你好,请讲。"])
    among = engine.log_likelihoods(samples, ["喂。", "你好,请讲。", "您好,中国移动,我能为您做些什么?"])
    assert among[1] == pytest.approx(alone[0], abs=1e-3)


def test_likelihood_agrees_with_the_confidence_of_decoding(engine, clip):
    samples = _at_16k(clip("greeted"))
    (heard,) = engine.transcribe([samples])
    tokens = sum(piece.tokens for piece in heard.pieces) + 1
    (forced,) = engine.log_likelihoods(samples, [heard.text])
    assert forced / tokens == pytest.approx(heard.mean_log_probability, abs=0.02)


def test_a_number_is_as_likely_as_the_spelling_that_the_model_writes(engine, clip):
    """The recipe teaches digits one by one; the tokenizer would join them to groups never seen."""
    samples = _at_16k(clip("number"))
    (heard,) = engine.transcribe([samples])
    assert normalise(heard.text).text == "545号座席为您服务"
    said, other = engine.log_likelihoods(samples, [heard.text, heard.text.replace("545", "546")])
    assert said > -1 and said > other + 3


def test_the_language_is_among_those_that_the_card_names(engine, clip):
    shares = engine.language_probabilities(_at_16k(clip("greeted")))
    assert set(shares) == set(engine.checkpoint.card.languages) and shares["zh"] > 0.99


def test_only_a_card_with_several_languages_says_that_it_knows_them(engine, clip):
    from dataclasses import replace

    from auditor.asr.whisper import WhisperEngine

    def with_languages(*codes):
        card = replace(engine.checkpoint.card, languages=codes)
        return WhisperEngine(checkpoint=replace(engine.checkpoint, card=card), model=engine.model)

    polyglot, mandarin_alone = with_languages("zh", "en", "ja"), with_languages("zh")
    assert polyglot.facts.knows_languages and not mandarin_alone.facts.knows_languages
    shares = polyglot.language_probabilities(_at_16k(clip("greeted")))
    assert set(shares) == {"zh", "en", "ja"}
    assert sum(shares.values()) == pytest.approx(1.0)


def test_a_fine_tune_without_a_card_does_not_say_that_it_knows_languages(engine):
    from dataclasses import replace

    from auditor.asr.checkpoints import Card

    bare = replace(engine.checkpoint, card=Card(name="x"), carded=False)
    assert not bare.facts.knows_languages
    assert replace(bare, official="medium").facts.knows_languages


def test_the_shipped_model_says_that_it_is_for_demonstration(engine):
    assert engine.facts.demonstration and engine.facts.carded
    assert set(engine.facts.probes) == {"opening", "wei", "nin"}
    assert engine.name.startswith("openai-whisper ")
    assert engine.options["language"] == "zh"


def test_a_bad_decoding_climbs_the_ladder_and_a_rerun_climbs_it_alike(engine):
    from dataclasses import replace

    from auditor.asr.whisper import WhisperEngine

    card = replace(engine.checkpoint.card, temperatures=(0.0, 0.4, 0.8))
    climber = WhisperEngine(checkpoint=replace(engine.checkpoint, card=card), model=engine.model)
    buzz = np.sign(np.sin(np.arange(16000 * 2) * 0.07)) * np.random.default_rng(3).uniform(0, 0.3, 32000)
    first, second = (climber.transcribe([buzz.astype(np.float32)])[0] for _ in range(2))
    assert first == second


def test_an_official_checkpoint_runs_on_whole_30_s_windows(engine, clip):
    from dataclasses import replace

    from auditor.asr.checkpoints import Card
    from auditor.asr.whisper import WhisperEngine

    uncarded = replace(engine.checkpoint, card=replace(Card(name="x"), prompt=None), carded=False)
    whole = WhisperEngine(checkpoint=uncarded, model=engine.model)
    assert whole.packing.packed
    (heard,) = whole.transcribe([_at_16k(clip("greeted"))])
    assert normalise(heard.text).text == "您好中国移动我能为您做些什么"


def _at_16k(channel):
    from auditor.signal import resample

    return resample(channel.samples, 8000, 16000)
