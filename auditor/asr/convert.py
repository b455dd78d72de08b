"""A fine-tune in Hugging Face layout turned into openai-whisper's file format.

In: a folder with ``config.json`` and ``model.safetensors`` (or shards and their index), as `transformers`
saves a WhisperForConditionalGeneration. Out: one file with ``dims`` and ``model_state_dict``, fp16, that
``whisper.load_model`` reads. The weights are the same numbers under other names (`hugging_face.NAMES`).
Hugging Face stores the output projection, which is the token embedding, once more as ``proj_out``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from auditor.asr.checkpoints import official_name
from auditor.asr.hugging_face import hugging_face_name, read_dimensions, read_tensors, whisper_name
from auditor.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor
    from whisper.model import ModelDimensions

_OUTPUT, _EMBEDDING = "proj_out.weight", "decoder.token_embedding.weight"


def convert(folder: Path, *, output: Path) -> Path:
    """Write a Hugging Face fine-tune as a Whisper checkpoint; all of it or nothing.

    Args:
        folder: with config.json and the weights.
        output: the ``.pt`` file; it must not exist yet, nor have an official name.

    Raises:
        ModelError: a file is missing or damaged, a weight is missing, unknown or of another shape, or the
            network is none that Whisper's code can run.
    """
    if output.suffix != ".pt" or official_name(output.stem) is not None:
        raise ModelError(
            f"{output}: name it NAME.pt with -o, and no official name: a model that calls itself"
            f" {output.stem} must be OpenAI's own."
        )
    if output.exists():
        raise ModelError(f"{output}: is there already; move it away, or name another file with -o.")
    dims = read_dimensions(folder)
    expected = _expected_shapes(dims)
    weights: dict[str, Tensor] = {}
    for file, name, tensor in read_tensors(folder):
        half = _halved(tensor, name=name, file=file)
        theirs = _EMBEDDING if name == _OUTPUT else whisper_name(name)
        if theirs not in expected:
            raise ModelError(
                f"{file}: {name} has no place in a Whisper of these dimensions; this is not a plain Whisper"
                " fine-tune (an adapter must be merged into its model first)."
            )
        if half.shape != expected[theirs]:
            raise ModelError(
                f"{file}: {name} has shape {tuple(half.shape)}, but config.json asks for"
                f" {tuple(expected[theirs])}; take both files from one source."
            )
        if not half.equal(weights.setdefault(theirs, half)):
            raise ModelError(
                f"{file}: {name} differs from another copy of {theirs}, and Whisper's format holds one;"
                " take a fine-tune with tied weights."
            )
    if missing := [name for name in expected if name not in weights]:
        raise ModelError(
            f"{folder}: {len(missing)} of {len(expected)} weights are missing, the first is"
            f" {hugging_face_name(missing[0])}; the download is not complete."
        )
    ordered = {name: weights[name] for name in expected}
    _save({"dims": dict(vars(dims)), "model_state_dict": ordered}, output=output)
    return output


def _expected_shapes(dims: ModelDimensions) -> dict[str, tuple[int, ...]]:
    """Name and shape of every weight, in Whisper's order; nothing is allocated."""
    import torch  # noqa: PLC0415
    from whisper.model import AudioEncoder, TextDecoder  # noqa: PLC0415

    with torch.device("meta"):
        encoder = AudioEncoder(
            dims.n_mels, dims.n_audio_ctx, dims.n_audio_state, dims.n_audio_head, dims.n_audio_layer
        )
        decoder = TextDecoder(
            dims.n_vocab, dims.n_text_ctx, dims.n_text_state, dims.n_text_head, dims.n_text_layer
        )
    return {
        f"{part}.{name}": tensor.shape
        for part, network in (("encoder", encoder), ("decoder", decoder))
        for name, tensor in network.state_dict().items()
    }


def _halved(tensor: Tensor, *, name: str, file: Path) -> Tensor:
    import torch  # noqa: PLC0415

    if not tensor.is_floating_point():
        raise ModelError(
            f"{file}: {name} is quantised ({tensor.dtype}); convert the fine-tune's fp16 or fp32 weights."
        )
    half = tensor.to(torch.float16)
    if not bool(half.isfinite().all()):
        raise ModelError(f"{file}: {name} holds numbers that are not finite in fp16; take another file.")
    return half


def _save(checkpoint: dict[str, object], *, output: Path) -> None:
    import torch  # noqa: PLC0415

    partial = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        torch.save(checkpoint, partial)
        partial.replace(output)
    except (OSError, RuntimeError) as error:  # torch reports a full disk as a RuntimeError
        raise ModelError(f"{output}: cannot be written ({error}); choose another place.") from None
    finally:
        partial.unlink(missing_ok=True)
