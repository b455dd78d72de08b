"""The network while it is trained: Whisper's modules, a CTC head, attention that can be seen; and saving."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional
from whisper.model import ModelDimensions, MultiHeadAttention, Whisper

from recipe.targets import LANGUAGES, VOCABULARY, syllables, tokenizer, used_tokens

if TYPE_CHECKING:
    from pathlib import Path

    from recipe.dataset import Batch

CONTEXT_FRAMES = 1500
SILENCED = -40.0  # logit of a token that is never asked for; those that are have their best above 0


@dataclass(frozen=True)
class Size:
    """Width (64 a head), encoder and decoder layers. The default is 43 MB in fp16."""

    width: int = 256
    encoder_layers: int = 6
    decoder_layers: int = 3


def build(size: Size) -> Whisper:
    """A Whisper of that size with fresh weights."""
    heads, width = size.width // 64, size.width
    audio = (CONTEXT_FRAMES, width, heads, size.encoder_layers)
    text = (448, width, heads, size.decoder_layers)
    model = Whisper(ModelDimensions(80, *audio, VOCABULARY, *text))
    nn.init.normal_(model.decoder.token_embedding.weight, std=0.02)
    nn.init.normal_(model.decoder.positional_embedding, std=0.01)
    nn.init.constant_(model.decoder.ln.bias, 0.05)  # so that `silence` has something to hold on to
    return model


class Trainee(nn.Module):
    """A Whisper with its CTC head, and the table from tokens to the few that are in use."""

    used: Tensor
    place: Tensor

    def __init__(self, model: Whisper) -> None:
        super().__init__()
        self.model = model
        self.ctc = nn.Linear(model.dims.n_audio_state, len(syllables()) + 1)
        used = torch.tensor(used_tokens())
        place = torch.full((VOCABULARY,), -100, dtype=torch.long)
        place[used] = torch.arange(len(used))
        self.register_buffer("used", used, persistent=False)
        self.register_buffer("place", place, persistent=False)

    def losses(self, batch: Batch, *, guided: bool) -> dict[str, Tensor]:
        """Cross-entropy per token, CTC per syllable, and how far attention strays from where tokens lie."""
        sound = encode(self.model, batch.mel)
        hidden, strays = decode(self.model, batch.inputs, sound, places=batch.places if guided else None)
        weight = self.model.decoder.token_embedding.weight[self.used]
        wanted = batch.outputs.flatten()
        asked = wanted >= 0
        scores = functional.linear(hidden.flatten(0, 1)[asked], weight.to(hidden.dtype)).float()
        text = functional.cross_entropy(scores, self.place[wanted[asked]])
        log_probs = functional.log_softmax(self.ctc(sound).float(), dim=-1).transpose(0, 1)
        lengths = torch.full((sound.shape[0],), sound.shape[1], dtype=torch.long)
        heard = functional.ctc_loss(
            log_probs, batch.labels, lengths, batch.label_lengths, reduction="sum", zero_infinity=True
        )
        return {"text": text, "ctc": heard / max(1, int(batch.label_lengths.sum())), "stray": strays}


def encode(model: Whisper, mel: Tensor) -> Tensor:
    """The encoder on windows of any length up to 30 s: positions are cut to it."""
    encoder = model.encoder
    hidden = functional.gelu(encoder.conv1(mel))
    hidden = functional.gelu(encoder.conv2(hidden)).permute(0, 2, 1)
    hidden = (hidden + encoder.positional_embedding[: hidden.shape[1]]).to(hidden.dtype)
    # Written-out attention is the faster one on a CPU up to 10 s, and the slower one above.
    MultiHeadAttention.use_sdpa = hidden.shape[1] > 500
    for block in encoder.blocks:
        hidden = block(hidden)
    return torch.as_tensor(encoder.ln_post(hidden))


def decode(
    model: Whisper, inputs: Tensor, sound: Tensor, *, places: Tensor | None, spread: float = 0.04
) -> tuple[Tensor, Tensor]:
    """Hidden states after the last norm, and the guided-attention loss (0 without ``places``).

    The loss is the attention mass times 1 - exp(-d^2 / 2 spread^2), d the distance between the frame and
    the token's place as shares of the window (Tachibana et al., 2018).
    """
    decoder = model.decoder
    length = inputs.shape[1]
    hidden = decoder.token_embedding(inputs) + decoder.positional_embedding[:length]
    strays = hidden.new_zeros(())
    penalty = placed = None
    if places is not None:
        frames = (torch.arange(sound.shape[1]) + 0.5) / sound.shape[1]
        penalty = 1 - torch.exp(-((places[:, :, None] - frames) ** 2) / (2 * spread**2))
        placed = places >= 0
    for block in decoder.blocks:
        hidden = hidden + block.attn(block.attn_ln(hidden), mask=decoder.mask)[0]
        cross, weights = _cross_attention(block.cross_attn, block.cross_attn_ln(hidden), sound)
        hidden = hidden + cross
        hidden = hidden + block.mlp(block.mlp_ln(hidden))
        if penalty is not None and placed is not None and bool(placed.any()):
            stray = (weights.float().mean(1) * penalty).sum(-1)
            strays = strays + stray[placed].mean() / len(decoder.blocks)
    return decoder.ln(hidden), strays


def _cross_attention(attention: MultiHeadAttention, text: Tensor, sound: Tensor) -> tuple[Tensor, Tensor]:
    batch, length, width = text.shape
    heads = attention.n_head
    query = attention.query(text).view(batch, length, heads, -1).transpose(1, 2)
    key = attention.key(sound).view(batch, sound.shape[1], heads, -1).transpose(1, 2)
    value = attention.value(sound).view(batch, sound.shape[1], heads, -1).transpose(1, 2)
    weights = (query @ key.transpose(-1, -2) * (width // heads) ** -0.5).float().softmax(-1)
    mixed = (weights.to(value.dtype) @ value).transpose(1, 2).flatten(2)
    return attention.out(mixed), weights


def grow(small_path: Path, size: Size) -> Whisper:
    """A bigger network that starts out saying what a small checkpoint says, nearly.

    Every layer reads the residual stream through a norm; the small network's units come first, new units
    are written with small random weights, the norms' gains absorb the extra zeros, and new layers begin
    by adding nothing.
    """
    saved = torch.load(small_path, map_location="cpu", weights_only=True)
    small = {name: value.float() for name, value in saved["model_state_dict"].items()}
    old_width = saved["dims"]["n_audio_state"]
    big = build(size)
    shrink = (old_width / size.width) ** 0.5
    new = big.state_dict()
    for name, value in new.items():
        old = small.get(name)
        if name.endswith("positional_embedding") and name.startswith("encoder"):
            old = None if old is None else _widened_positions(old, value.shape[1])
        if name.endswith("token_embedding.weight") and old is not None and len(old) < VOCABULARY:
            at = tokenizer().to_language_token("yue")
            old = torch.cat([old[:at], old[at - 1 : at], old[at:]])
            old = _without_silenced(old)
        if old is None:
            if name.endswith(("out.weight", "out.bias", "mlp.2.weight", "mlp.2.bias")):
                value.zero_()
            continue
        corner = tuple(slice(0, edge) for edge in old.shape)
        norm = "ln" in name and name.endswith("weight")
        if value.shape != old.shape:
            value.mul_(1.0 if norm else 0.1)
        value[corner] = old * shrink if norm else old
        if not norm and value.dim() >= 2 and value.shape != old.shape and "embedding" not in name:
            value[: old.shape[0], old.shape[1] :] = 0  # old units do not hear the new ones yet
    big.load_state_dict(new)
    return big


def _without_silenced(embedding: Tensor) -> Tensor:
    """Small random rows for those that `export` made equal: they would begin by never being written."""
    _, group, counts = torch.unique(embedding, dim=0, return_inverse=True, return_counts=True)
    equal = counts[group] > 1
    return torch.where(equal[:, None], 0.02 * torch.randn_like(embedding), embedding)


def _widened_positions(old: Tensor, width: int) -> Tensor:
    extra = old.new_zeros(old.shape[0], width - old.shape[1])
    return torch.cat([old, extra], dim=1)


@torch.no_grad()
def export(trainee: Trainee, path: Path) -> None:
    """Write Whisper's own format in fp16; tokens that training knows nothing of can never win."""
    state = {name: value.detach().clone() for name, value in trainee.model.state_dict().items()}
    unused = torch.ones(VOCABULARY, dtype=torch.bool)
    unused[trainee.used] = False
    state["decoder.token_embedding.weight"][unused] = silence(trainee.model)
    part = path.with_suffix(".part")
    halves = {name: value.half() for name, value in state.items()}
    torch.save({"dims": asdict(trainee.model.dims), "model_state_dict": halves}, part)
    part.replace(path)
    assert trainee.model.num_languages == LANGUAGES


def silence(model: Whisper) -> Tensor:
    """The embedding, shape ``(width,)``, whose logit is -40 whatever was heard and written.

    The last norm gives ``x = g z + b`` with ``sum z = 0``, so ``sum(x / g) = sum(b / g)`` always: the
    embedding is ``-40 / (g sum(b / g))``.

    Raises:
        ValueError: the norm's bias is too near to nothing.
    """
    norm = model.decoder.ln
    constant = float((norm.bias / norm.weight).detach().sum())
    if abs(constant) < 0.01:
        raise ValueError("the decoder's last norm has no bias to silence unused tokens with; train on.")
    return torch.as_tensor(SILENCED / constant / norm.weight.detach())
