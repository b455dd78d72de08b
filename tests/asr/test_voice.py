"""Voices by the encoder of the model in use."""

import numpy as np

from auditor.asr.voice import WhisperEmbedder
from auditor.signal import resample


def test_a_window_becomes_mean_and_spread_of_the_encoder_states(engine, clip):
    sound = resample(clip("greeted").slice(0, 1.5), 8000, 16000)
    embedder = WhisperEmbedder(engine)
    vectors = embedder.embed([sound, sound[:9000], sound])
    assert vectors.shape == (3, embedder.dimension)
    assert np.isfinite(vectors).all()
    assert np.array_equal(vectors[0], vectors[2])
    assert not np.allclose(vectors[0], vectors[1])
