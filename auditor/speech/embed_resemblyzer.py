"""The Resemblyzer library as an embedder, with the network that it carries (extra ``mono``).

A three-layer LSTM trained on LibriSpeech and VoxCeleb to tell speakers (Wan et al. 2018, GE2E loss);
Apache-2.0; github.com/resemble-ai/Resemblyzer. Nothing is downloaded: the weights are in its wheel.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import numpy as np

from auditor.errors import ModelError
from auditor.signal import Samples
from auditor.speech.embedding import Vectors

_TARGET_DBOV = -30.0  # the library's own normalisation of level
_BATCH = 64


def is_installed() -> bool:
    """Whether the library is there (it is not loaded to find out)."""
    return find_spec("resemblyzer") is not None


class ResemblyzerEmbedder:
    """See `auditor.speech.embedding.SpeakerEmbedder`.

    Raises:
        ModelError: the library is not installed or does not run here.
    """

    dimension = 256
    least_separation = 3.6
    right_share = 0.984  # 418 of 425 in 35 calls, 0.966-0.992: a raised voice passes for another one

    def __init__(self) -> None:
        try:
            from resemblyzer import VoiceEncoder  # noqa: PLC0415

            self._encoder: Any = VoiceEncoder("cpu", verbose=False)
        except Exception as error:  # what a library raises on import is its own affair
            raise ModelError(
                f"Resemblyzer does not run here ({type(error).__name__}: {error});"
                ' install the extra mono, or choose speaker_model = "mfcc".'
            ) from error
        self.name = f"resemblyzer {version('resemblyzer')}"

    def embed(self, windows: Sequence[Samples]) -> Vectors:
        """See `SpeakerEmbedder`. Windows of one length run through the network together."""
        import torch  # noqa: PLC0415
        from resemblyzer.audio import normalize_volume, wav_to_mel_spectrogram  # noqa: PLC0415

        vectors = np.zeros((len(windows), self.dimension))
        mels = [
            wav_to_mel_spectrogram(normalize_volume(np.maximum(window, -1), _TARGET_DBOV))
            if np.any(window)
            else wav_to_mel_spectrogram(window)
            for window in windows
        ]
        for length in sorted({len(mel) for mel in mels}):
            alike = [k for k, mel in enumerate(mels) if len(mel) == length]
            for first in range(0, len(alike), _BATCH):
                some = alike[first : first + _BATCH]
                with torch.no_grad():
                    found = self._encoder(torch.from_numpy(np.stack([mels[k] for k in some])))
                vectors[some] = np.nan_to_num(found.numpy())
        return vectors
