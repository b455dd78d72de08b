"""When each character of a text was said, from the decoder's own attention to the sound.

The method of ``whisper.timing.find_alignment`` [P], with two changes: the token probabilities are kept
(one forward pass serves the confidence of every segment too), and the monotone path never gives two
tokens the same 20 ms, which lets NumPy walk it frame by frame without compiling anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from auditor.asr.engine import Piece

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor
    from whisper.model import Whisper
    from whisper.tokenizer import Tokenizer

SECONDS_PER_FRAME = 0.02
_MEDIAN_FRAMES = 7


def align(
    model: Whisper,
    tokenizer: Tokenizer,
    *,
    features: Tensor,
    prefix: Sequence[int],
    text_tokens: list[int],
    duration_s: float,
) -> tuple[Piece, ...]:
    """Place the text's characters inside the window.

    Args:
        model: the checkpoint.
        tokenizer: its tokens.
        features: the encoded window, shape ``(frames, state)``.
        prefix: the tokens before the text (prompt, start, language, no timestamps).
        text_tokens: the text, without the end token.
        duration_s: how much of the window is sound; the rest is padding and holds no characters.
    """
    if not text_tokens:
        return ()
    log_probs, attention = _forced(
        model, features=features, prefix=prefix, tokens=text_tokens, end=tokenizer.eot
    )
    frames = min(attention.shape[1], max(1, round(duration_s / SECONDS_PER_FRAME)))
    starts = monotone_starts(attention[:, :frames]) * SECONDS_PER_FRAME
    ends = np.append(starts[1:], frames * SECONDS_PER_FRAME)
    pieces: list[Piece] = []
    first = 0
    texts, groups = tokenizer.split_tokens_on_unicode(text_tokens)
    for text, group in zip(texts, groups, strict=True):
        last = first + len(group)
        pieces.append(
            Piece(
                text=text,
                start_s=float(starts[first]),
                end_s=float(ends[last - 1]),
                log_probability=float(log_probs[first:last].sum()),
                tokens=len(group),
            )
        )
        first = last
    return tuple(pieces)


def monotone_starts(attention: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """First frame of every token on the best monotone path.

    The path visits frames in order, starts at token 0 and ends at the last one, and moves on by one token
    or none per frame: ``cost[i, j] = -a[i, j] + min(cost[i, j-1], cost[i-1, j-1])``.

    Args:
        attention: shape ``(tokens, frames)``; larger means that the token looks there.

    Returns:
        Shape ``(tokens,)``; spread evenly when there are more tokens than frames.
    """
    tokens, frames = attention.shape
    if tokens > frames:
        return np.linspace(0, frames, tokens, endpoint=False).astype(np.int64)
    cost = np.full(tokens, np.inf)
    cost[0] = -attention[0, 0]
    moved = np.zeros((tokens, frames), dtype=bool)
    for frame in range(1, frames):
        before = np.append(np.inf, cost[:-1])
        moved[:, frame] = before < cost
        cost = np.minimum(cost, before) - attention[:, frame]
    starts = np.zeros(tokens, dtype=np.int64)
    token = tokens - 1
    for frame in range(frames - 1, 0, -1):
        if moved[token, frame]:
            starts[token] = frame
            token -= 1
            if token == 0:
                break
    return starts


def _forced(
    model: Whisper, *, features: Tensor, prefix: Sequence[int], tokens: list[int], end: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Log-probability of every token, and normalised attention, shape ``(tokens, frames)``."""
    import torch  # noqa: PLC0415
    from whisper.model import disable_sdpa  # noqa: PLC0415
    from whisper.timing import median_filter  # noqa: PLC0415

    looked: dict[int, Tensor] = {}
    hooks = [
        block.cross_attn.register_forward_hook(
            lambda _module, _inputs, outputs, layer=layer: looked.__setitem__(layer, outputs[-1][0])
        )
        for layer, block in enumerate(model.decoder.blocks)
    ]
    sequence = torch.tensor([[*prefix, *tokens, end]], device=features.device)
    try:
        with torch.no_grad(), disable_sdpa():
            logits = model.decoder(sequence, features[None])[0]
    finally:
        for hook in hooks:
            hook.remove()
    first = len(prefix)
    said = logits[first - 1 : first - 1 + len(tokens)].log_softmax(dim=-1)
    log_probs = said.gather(1, torch.tensor(tokens, device=said.device)[:, None])[:, 0]
    heads = torch.stack([looked[layer][head] for layer, head in model.alignment_heads.indices().T.tolist()])
    weights = heads.softmax(dim=-1)
    deviation, mean = torch.std_mean(weights, dim=-2, keepdim=True, unbiased=False)
    matrix = median_filter((weights - mean) / deviation.clamp_min(1e-9), _MEDIAN_FRAMES).mean(dim=0)
    # The row that predicts a token is the one before it.
    rows = matrix[first - 1 : first - 1 + len(tokens)]
    return log_probs.double().cpu().numpy(), rows.double().cpu().numpy()
