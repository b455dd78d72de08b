"""The two forward passes that openai-whisper does not offer: a shorter encoder context, and decoding on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from whisper.audio import N_SAMPLES, log_mel_spectrogram, pad_or_trim
from whisper.decoding import DecodingTask

from auditor.asr.engine import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor
    from whisper.model import AudioEncoder, Whisper

    from auditor.signal import Samples


class EncodedTask(DecodingTask):  # type: ignore[misc]
    """A decoding task that is given encoded windows of any length."""

    def _get_audio_features(self, mel: Tensor) -> Tensor:
        return mel


def encode(model: Whisper, windows: Sequence[Samples], *, context_s: float, half: bool) -> Tensor:
    """Encode windows, padded with silence to ``context_s``.

    Returns:
        Shape ``(windows, context_s / 0.02, state)``.
    """
    length = min(N_SAMPLES, round(context_s * SAMPLE_RATE_HZ))
    mels = torch.stack(
        [
            log_mel_spectrogram(pad_or_trim(torch.from_numpy(window), length), model.dims.n_mels)
            for window in windows
        ]
    ).to(model.device)
    if half:
        mels = mels.half()
    with torch.no_grad():
        return model.encoder(mels) if length == N_SAMPLES else _short(model.encoder, mels)


def _short(encoder: AudioEncoder, mels: Tensor) -> Tensor:
    """``AudioEncoder.forward`` without its demand for exactly 1500 frames."""
    hidden = torch.nn.functional.gelu(encoder.conv1(mels))
    hidden = torch.nn.functional.gelu(encoder.conv2(hidden)).permute(0, 2, 1)
    hidden = (hidden + encoder.positional_embedding[: hidden.shape[1]]).to(hidden.dtype)
    for block in encoder.blocks:
        hidden = block(hidden)
    return encoder.ln_post(hidden)
