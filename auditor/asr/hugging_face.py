"""How Hugging Face lays out a Whisper: names of weights, keys of config.json, files and shards."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor
    from whisper.model import ModelDimensions

# Hugging Face's name (after "model.") to Whisper's; N is the layer, counted from 0.
NAMES = {
    "encoder.conv1": "encoder.conv1",
    "encoder.conv2": "encoder.conv2",
    "encoder.embed_positions.weight": "encoder.positional_embedding",
    "encoder.layers.N.self_attn.q_proj": "encoder.blocks.N.attn.query",
    "encoder.layers.N.self_attn.k_proj": "encoder.blocks.N.attn.key",
    "encoder.layers.N.self_attn.v_proj": "encoder.blocks.N.attn.value",
    "encoder.layers.N.self_attn.out_proj": "encoder.blocks.N.attn.out",
    "encoder.layers.N.self_attn_layer_norm": "encoder.blocks.N.attn_ln",
    "encoder.layers.N.fc1": "encoder.blocks.N.mlp.0",
    "encoder.layers.N.fc2": "encoder.blocks.N.mlp.2",
    "encoder.layers.N.final_layer_norm": "encoder.blocks.N.mlp_ln",
    "encoder.layer_norm": "encoder.ln_post",
    "decoder.embed_tokens": "decoder.token_embedding",
    "decoder.embed_positions.weight": "decoder.positional_embedding",
    "decoder.layers.N.self_attn.q_proj": "decoder.blocks.N.attn.query",
    "decoder.layers.N.self_attn.k_proj": "decoder.blocks.N.attn.key",
    "decoder.layers.N.self_attn.v_proj": "decoder.blocks.N.attn.value",
    "decoder.layers.N.self_attn.out_proj": "decoder.blocks.N.attn.out",
    "decoder.layers.N.self_attn_layer_norm": "decoder.blocks.N.attn_ln",
    "decoder.layers.N.encoder_attn.q_proj": "decoder.blocks.N.cross_attn.query",
    "decoder.layers.N.encoder_attn.k_proj": "decoder.blocks.N.cross_attn.key",
    "decoder.layers.N.encoder_attn.v_proj": "decoder.blocks.N.cross_attn.value",
    "decoder.layers.N.encoder_attn.out_proj": "decoder.blocks.N.cross_attn.out",
    "decoder.layers.N.encoder_attn_layer_norm": "decoder.blocks.N.cross_attn_ln",
    "decoder.layers.N.fc1": "decoder.blocks.N.mlp.0",
    "decoder.layers.N.fc2": "decoder.blocks.N.mlp.2",
    "decoder.layers.N.final_layer_norm": "decoder.blocks.N.mlp_ln",
    "decoder.layer_norm": "decoder.ln",
}

# Whisper's dimension to the key of config.json.
DIMENSIONS = {
    "n_mels": "num_mel_bins",
    "n_audio_ctx": "max_source_positions",
    "n_audio_state": "d_model",
    "n_audio_head": "encoder_attention_heads",
    "n_audio_layer": "encoder_layers",
    "n_vocab": "vocab_size",
    "n_text_ctx": "max_target_positions",
    "n_text_state": "d_model",
    "n_text_head": "decoder_attention_heads",
    "n_text_layer": "decoder_layers",
}

# What Whisper's own code cannot do otherwise: key of config.json, what it must say, what it is when absent.
FIXED: tuple[tuple[str, tuple[object, ...], object], ...] = (
    ("model_type", ("whisper",), None),
    ("vocab_size", (51865, 51866), None),  # the multilingual tokenizers; 51864 knows English alone
    ("max_source_positions", (1500,), 1500),
    ("activation_function", ("gelu",), "gelu"),
    ("scale_embedding", (False,), False),
)

_LAYER, _BLOCK = re.compile(r"\.layers\.(\d+)\."), re.compile(r"\.blocks\.(\d+)\.")


def whisper_name(name: str) -> str | None:
    """Whisper's name of a Hugging Face weight; None: it has none."""
    return _renamed(name.removeprefix("model."), layer=_LAYER, table=NAMES)


def hugging_face_name(name: str) -> str:
    """Hugging Face's name of a Whisper weight."""
    back = {theirs: ours for ours, theirs in NAMES.items()}
    return f"model.{_renamed(name, layer=_BLOCK, table=back)}"


def _renamed(name: str, *, layer: re.Pattern[str], table: dict[str, str]) -> str | None:
    found = layer.search(name)
    pattern = layer.sub(lambda match: match.group().replace(match.group(1), "N"), name)
    stem, _, kind = pattern.rpartition(".")
    other = table.get(pattern) or (f"{table[stem]}.{kind}" if stem in table else None)
    return other.replace(".N.", f".{found.group(1)}.") if other and found else other


def read_dimensions(folder: Path) -> ModelDimensions:
    """Whisper's dimensions from config.json.

    Raises:
        ModelError: it is missing or damaged, lacks a key, or asks for what Whisper's code cannot do.
    """
    from whisper.model import ModelDimensions  # noqa: PLC0415

    if (folder / "adapter_config.json").is_file():
        raise ModelError(f"{folder}: this is an adapter (LoRA); merge it into its model first, then convert.")
    path = folder / "config.json"
    config = _read_json(path)
    for key, allowed, default in FIXED:
        if (value := config.get(key, default)) not in allowed:
            wanted = " or ".join(map(repr, allowed))
            raise ModelError(
                f"{path}: {key} is {value!r}, but a Whisper that hears Mandarin has {wanted}; take another"
                " fine-tune."
            )
    for key in DIMENSIONS.values():
        if not isinstance(config.get(key), int):
            raise ModelError(f"{path}: {key} is missing or no number; restore the file.")
    return ModelDimensions(**{ours: config[theirs] for ours, theirs in DIMENSIONS.items()})


def read_tensors(folder: Path) -> Iterator[tuple[Path, str, Tensor]]:
    """Every weight, one at a time, with the file that it is from."""
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415

    for path in _weight_files(folder):
        try:
            with safe_open(path, framework="pt") as file:
                for name in file.keys():  # noqa: SIM118 (a safetensors file is no dict)
                    yield path, name, file.get_tensor(name)
        except (SafetensorError, OSError) as error:
            raise ModelError(f"{path}: cannot be read ({error}); download or copy it again.") from None


def _weight_files(folder: Path) -> list[Path]:
    whole, index = folder / "model.safetensors", folder / "model.safetensors.index.json"
    if whole.is_file():
        return [whole]
    if not index.is_file():
        raise ModelError(
            f"{folder}: holds no model.safetensors and no {index.name}; what is a .bin file alone must be"
            " saved anew with save_pretrained(safe_serialization=True)."
        )
    shards = _read_json(index).get("weight_map")
    if not isinstance(shards, dict) or not shards:
        raise ModelError(f"{index}: names no shards in weight_map; restore the file.")
    files = [folder / Path(str(name)).name for name in dict.fromkeys(shards.values())]
    for file in files:
        if not file.is_file():
            raise ModelError(f"{file}: is named in {index.name} but not there; the download is not complete.")
    return files


def _read_json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{path}: is not there; name the folder of a Hugging Face Whisper.") from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot be read ({error}); download or copy it again.") from None
    if not isinstance(values, dict):
        raise ModelError(f"{path}: holds no keys and values; download or copy it again.")
    return values
