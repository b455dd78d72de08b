"""A speaker model brought by hand: a tiny one, written here byte by byte, that averages its features."""

import numpy as np
import pytest

from auditor.errors import ModelError, UsageError
from auditor.pipeline import speaker_embedder
from auditor.speech.embed_onnx import OnnxEmbedder, kaldi_fbank

knf = pytest.importorskip("kaldi_native_fbank", reason="the extra onnx-speaker is not installed")


def number(field, value):
    out = bytes([field << 3 & 0x7F | (0x80 if field > 15 else 0)]) + (
        bytes([field >> 4]) if field > 15 else b""
    )
    while value > 0x7F:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def block(field, content):
    content = content.encode() if isinstance(content, str) else content
    key = number(field, 0)[:-1]
    length = number(1, len(content))[1:]
    return bytes([key[0] | 2]) + key[1:] + length + content


def tensor(name, shape):
    dims = b"".join(block(1, number(1, size) if isinstance(size, int) else block(2, size)) for size in shape)
    return block(1, name) + block(2, block(1, number(1, 1) + block(2, dims)))


def model(*, bands=80, **facts):
    """An ONNX file: embs = mean of feats over the frames (opset 13)."""
    axes = block(5, block(1, "axes") + number(8, 1) + number(20, 7))
    keep = block(5, block(1, "keepdims") + number(3, 0) + number(20, 2))
    node = block(1, "feats") + block(2, "embs") + block(4, "ReduceMean") + axes + keep
    graph = block(1, node) + block(2, "tiny") + block(11, tensor("feats", ("b", "t", bands)))
    graph += block(12, tensor("embs", ("b", bands)))
    props = b"".join(block(14, block(1, key) + block(2, value)) for key, value in facts.items())
    return number(1, 8) + block(7, graph) + block(8, block(1, "") + number(2, 13)) + props


@pytest.fixture
def onnx(tmp_path):
    def write(**more):
        path = tmp_path / "tiny.onnx"
        path.write_bytes(model(**more))
        return path

    return write


def noise(seconds=1.0, seed=1):
    return (0.1 * np.random.default_rng(seed).standard_normal(round(16000 * seconds))).astype(np.float32)


def test_a_model_by_hand_turns_windows_into_vectors(onnx):
    embedder = speaker_embedder(str(onnx()))
    assert (embedder.name, embedder.dimension) == ("tiny", 80)
    vectors = embedder.embed([noise(0.5), noise(1.5)])
    assert vectors.shape == (2, 80)
    assert np.allclose(vectors, 0, atol=1e-3)  # the mean over the frames was taken off


def test_features_are_those_of_kaldi_with_their_mean_taken_off():
    features = kaldi_fbank(noise() * 32768)
    assert features.shape == (98, 80)
    assert np.allclose(features.mean(axis=0), 0, atol=1e-4)


def test_features_follow_the_window_that_the_framework_trained_with():
    assert not np.allclose(kaldi_fbank(noise(), window_type="povey"), kaldi_fbank(noise()), atol=1e-3)


def test_metadata_says_how_samples_are_scaled(onnx):
    assert OnnxEmbedder(onnx(normalize_samples="1"))._scale == 1.0
    assert OnnxEmbedder(onnx(framework="3d-speaker"))._window == "povey"
    assert OnnxEmbedder(onnx())._scale == 32768.0


@pytest.mark.parametrize(
    ("more", "why"), [({"bands": 40}, "takes one input"), ({"sample_rate": "8000"}, "8000 Hz")]
)
def test_a_model_with_other_features_is_refused(onnx, more, why):
    with pytest.raises(ModelError, match=why):
        OnnxEmbedder(onnx(**more))


def test_a_missing_or_damaged_file_says_so(tmp_path):
    with pytest.raises(ModelError, match="no such speaker model"):
        OnnxEmbedder(tmp_path / "none.onnx")
    (tmp_path / "bad.onnx").write_bytes(b"no model")
    with pytest.raises(ModelError, match="damaged"):
        OnnxEmbedder(tmp_path / "bad.onnx")


def test_an_unknown_speaker_model_is_a_usage_error():
    with pytest.raises(UsageError, match="none of mfcc"):
        speaker_embedder("ears")
