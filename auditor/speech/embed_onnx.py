"""A speaker model brought by hand as an ONNX file: WeSpeaker, 3D-Speaker (CAM++, ERes2Net) and their like.

What the file must be
    One input, float32 of shape ``(batch, frames, 80)``: Kaldi filter banks of 16 kHz sound, and one output
    (of several, the last) of shape ``(batch, dimension)``. The features are those that these models were
    trained on: 25 ms windows every 10 ms, 80 bands from 20 Hz, pre-emphasis 0.97, no dither, mean over the
    window subtracted. A file's metadata may say more, in sherpa-onnx's words: ``framework`` (wespeaker or
    3d-speaker) and ``normalize_samples`` (0: samples are scaled to 16-bit integers first; 1: to -1..1).
    Without metadata it is taken for WeSpeaker: 16-bit scale, Hamming window; 3D-Speaker uses Povey's.
    Models that want 8 kHz sound are not supported.

The filter banks come from kaldi-native-fbank (extra ``onnx-speaker``).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from auditor.errors import ModelError
from auditor.signal import Samples
from auditor.speech.embedding import EMBEDDING_RATE_HZ, Vectors

BANDS = 80


class OnnxEmbedder:
    """See `auditor.speech.embedding.SpeakerEmbedder`.

    Args:
        path: the ONNX file.
        threads: processor threads of the network.

    Raises:
        ModelError: no such file, no ONNX model, another input than described above, or no
            kaldi-native-fbank.
    """

    least_separation = 3.6
    right_share = 0.9  # never measured

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        import onnxruntime  # noqa: PLC0415

        if not path.is_file():
            raise ModelError(f"{path}: there is no such speaker model; put the ONNX file there.")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(path), sess_options=options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # a stranger's file can make the parser raise anything
            raise ModelError(f"{path}: this is no ONNX model, or it is damaged; fetch it again.") from error
        self._input = self._session.get_inputs()[0]
        self._output = self._session.get_outputs()[-1].name
        shape = self._input.shape
        if len(self._session.get_inputs()) != 1 or len(shape) != 3 or shape[2] not in (BANDS, None):
            raise ModelError(
                f"{path}: a speaker model takes one input of shape (batch, frames, {BANDS}), this one"
                f" {[i.shape for i in self._session.get_inputs()]}; choose another model."
            )
        facts = self._session.get_modelmeta().custom_metadata_map
        if facts.get("sample_rate", str(EMBEDDING_RATE_HZ)) != str(EMBEDDING_RATE_HZ):
            raise ModelError(
                f"{path}: this speaker model wants {facts['sample_rate']} Hz; choose one for 16 kHz."
            )
        self._scale = 1.0 if facts.get("normalize_samples") == "1" else 32768.0
        self._window = "povey" if facts.get("framework", "").lower() == "3d-speaker" else "hamming"
        self.name = path.stem
        self.dimension = int(self._run(np.zeros(EMBEDDING_RATE_HZ, np.float32)).shape[0])

    def embed(self, windows: Sequence[Samples]) -> Vectors:
        """See `SpeakerEmbedder`; one by one, so that no neighbour shows in the last bits."""
        vectors = np.stack([self._run(window) for window in windows]) if windows else np.zeros((0, 0))
        return np.nan_to_num(vectors.reshape(len(windows), self.dimension).astype(np.float64))

    def _run(self, window: Samples) -> npt.NDArray[np.float32]:
        features = kaldi_fbank(window * np.float32(self._scale), window_type=self._window)
        found = self._session.run([self._output], {self._input.name: features[None]})[0]
        return np.asarray(found, dtype=np.float32).reshape(-1)


def kaldi_fbank(samples: Samples, *, window_type: str = "hamming") -> npt.NDArray[np.float32]:
    """Kaldi log filter banks at 16 kHz, their mean over the window subtracted, shape ``(frames, 80)``.

    Raises:
        ModelError: kaldi-native-fbank is not installed.
    """
    try:
        import kaldi_native_fbank  # noqa: PLC0415
    except ImportError as error:
        raise ModelError(
            "an ONNX speaker model needs kaldi-native-fbank; install the extra onnx-speaker."
        ) from error
    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.samp_freq = EMBEDDING_RATE_HZ
    options.frame_opts.dither = 0.0
    options.frame_opts.window_type = window_type
    options.mel_opts.num_bins = BANDS
    maker = kaldi_native_fbank.OnlineFbank(options)
    maker.accept_waveform(EMBEDDING_RATE_HZ, samples.tolist())
    maker.input_finished()
    rows = np.stack([maker.get_frame(k) for k in range(maker.num_frames_ready)])
    return np.asarray(rows - rows.mean(axis=0), dtype=np.float32)
