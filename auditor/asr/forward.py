"""What openai-whisper does not offer: one clear error for a bad file, and a shorter encoder context."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import whisper
from whisper.audio import N_SAMPLES, log_mel_spectrogram, pad_or_trim
from whisper.decoding import DecodingTask

from auditor.asr.engine import SAMPLE_RATE_HZ
from auditor.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor
    from whisper.model import AudioEncoder, Whisper

    from auditor.asr.checkpoints import Checkpoint
    from auditor.signal import Samples

_AT_ONCE = 128  # states that are projected on the vocabulary together


def load_model(checkpoint: Checkpoint) -> Whisper:
    """The network of a checkpoint file, ready to hear.

    Raises:
        ModelError: the file is damaged, or not in Whisper's format.
    """
    try:
        model = whisper.load_model(str(checkpoint.path))
    except Exception as error:  # a stranger's file can make the unpickler raise anything
        raise ModelError(
            f"{checkpoint.path}: this is not a Whisper checkpoint, or it is damaged"
            f" ({type(error).__name__}); fetch it again."
        ) from None
    if checkpoint.official is not None:
        model.set_alignment_heads(whisper._ALIGNMENT_HEADS[checkpoint.official])
    return model.eval()


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
    hidden: Tensor = torch.nn.functional.gelu(encoder.conv1(mels))
    hidden = torch.nn.functional.gelu(encoder.conv2(hidden)).permute(0, 2, 1)
    hidden = (hidden + encoder.positional_embedding[: hidden.shape[1]]).to(hidden.dtype)
    for block in encoder.blocks:
        hidden = block(hidden)
    finished: Tensor = encoder.ln_post(hidden)
    return finished


@torch.no_grad()
def hidden_states(model: Whisper, tokens: Tensor, features: Tensor) -> Tensor:
    """What ``TextDecoder.forward`` has before it projects on the vocabulary, the costly part.

    Args:
        model: the network.
        tokens: shape ``(texts, length)``.
        features: one encoded window, shape ``(frames, state)``.

    Returns:
        Shape ``(texts, length, state)``.
    """
    decoder = model.decoder
    hidden: Tensor = decoder.token_embedding(tokens) + decoder.positional_embedding[: tokens.shape[1]]
    hidden = hidden.to(features.dtype)
    sound = features[None].expand(len(tokens), -1, -1)
    for block in decoder.blocks:
        hidden = block(hidden, sound, mask=decoder.mask)
    finished: Tensor = decoder.ln(hidden)
    return finished


@torch.no_grad()
def log_probabilities(
    model: Whisper, states: Mapping[tuple[int, ...], Tensor]
) -> dict[tuple[int, ...], float]:
    """Log P of the last token of each text, given the decoder's state before it, in nats.

    States of the same text before the token are projected on the vocabulary once.
    """
    before = {tokens[:-1]: state for tokens, state in states.items()}
    place = {tokens: index for index, tokens in enumerate(before)}
    every = torch.stack(list(before.values()))
    weights = model.decoder.token_embedding.weight.to(every.dtype)
    wanted: list[list[tuple[int, ...]]] = [[] for _ in before]
    for tokens in states:
        wanted[place[tokens[:-1]]].append(tokens)
    found: dict[tuple[int, ...], float] = {}
    for first in range(0, len(every), _AT_ONCE):
        logits = (every[first : first + _AT_ONCE] @ weights.T).float()
        whole = logits.logsumexp(dim=-1)
        for row, asked in enumerate(wanted[first : first + _AT_ONCE]):
            found.update((one, float(logits[row, one[-1]] - whole[row])) for one in asked)
    return found
