"""A round trip of the checkpoint that ships through Hugging Face's layout, and what cannot be converted."""

import json
import shutil

import numpy as np
import pytest
import torch
import whisper
from safetensors.torch import save_file

from auditor.asr import checkpoints
from auditor.asr.checkpoints import find_checkpoint, shipped_folder
from auditor.asr.convert import convert
from auditor.asr.hugging_face import DIMENSIONS, NAMES, hugging_face_name, whisper_name
from auditor.errors import ModelError

COMMON = {
    "model_type": "whisper",
    "activation_function": "gelu",
    "num_mel_bins": 80,
    "max_source_positions": 1500,
    "max_target_positions": 448,
    "vocab_size": 51866,
}
SHIPPED = COMMON | {
    "d_model": 256,
    "encoder_attention_heads": 4,
    "encoder_layers": 6,
    "decoder_attention_heads": 4,
    "decoder_layers": 3,
}
SMALL = COMMON | {
    "d_model": 8,
    "encoder_attention_heads": 2,
    "encoder_layers": 2,
    "decoder_attention_heads": 2,
    "decoder_layers": 2,
}


@pytest.fixture(scope="module")
def shipped():
    path = shipped_folder() / f"{checkpoints.SHIPPED}.pt"
    return torch.load(path, map_location="cpu", weights_only=True)["model_state_dict"]


@pytest.fixture(scope="module")
def small():
    """A network of eight numbers' width, with weights that nobody trained."""
    dims = whisper.model.ModelDimensions(**{ours: SMALL[theirs] for ours, theirs in DIMENSIONS.items()})
    generator = torch.Generator().manual_seed(5)
    return {
        name: torch.randn(tensor.shape, generator=generator).half()
        for name, tensor in whisper.model.Whisper(dims).state_dict().items()
    }


@pytest.fixture
def fine_tune(tmp_path, small):
    """Write weights (default: the small network's) in Hugging Face's layout; returns the folder."""

    def write(weights=None, *, shape=SMALL, shards=1, config=None, without=(), add=None, dtype=None):
        folder = tmp_path / "whisper-ours-zh"
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(shape | (config or {})), encoding="utf-8")
        theirs = {hugging_face_name(name): tensor for name, tensor in (weights or small).items()}
        theirs["proj_out.weight"] = theirs["model.decoder.embed_tokens.weight"].clone()
        theirs |= add or {}
        kept = {
            name: (tensor.to(dtype) if dtype else tensor).contiguous()
            for name, tensor in theirs.items()
            if name not in without
        }
        if shards == 1:
            save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
            return folder
        files = [f"model-{n + 1:05}-of-{shards:05}.safetensors" for n in range(shards)]
        places = {name: files[n % shards] for n, name in enumerate(kept)}
        for file in files:
            mine = {name: tensor for name, tensor in kept.items() if places[name] == file}
            save_file(mine, folder / file, metadata={"format": "pt"})
        (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))
        return folder

    yield write
    shutil.rmtree(tmp_path)  # megabytes that pytest would keep


def logits(path):
    mel = torch.from_numpy(np.random.default_rng(5).normal(size=(1, 80, 3000)).astype(np.float32))
    model = whisper.load_model(str(path), device="cpu")
    with torch.no_grad():
        return model(mel, torch.tensor([[50258, 50260, 50359, 50363, 1, 2, 3]]))


@pytest.mark.parametrize(("shards", "dtype"), [(1, None), (3, torch.float32)])
def test_a_round_trip_gives_the_same_logits(tmp_path, fine_tune, shipped, shards, dtype):
    folder = fine_tune(shipped, shape=SHIPPED, shards=shards, dtype=dtype)
    output = convert(folder, output=tmp_path / "out" / "ours.pt")
    assert torch.equal(logits(output), logits(shipped_folder() / f"{checkpoints.SHIPPED}.pt"))
    assert [path.name for path in output.parent.iterdir()] == ["ours.pt"]


def test_what_is_written_is_whispers_format_in_half_precision(tmp_path, fine_tune, small):
    written = torch.load(convert(fine_tune(), output=tmp_path / "ours.pt"), weights_only=True)
    assert set(written) == {"dims", "model_state_dict"}
    assert set(written["model_state_dict"]) == set(small)
    assert {tensor.dtype for tensor in written["model_state_dict"].values()} == {torch.float16}


def test_a_converted_model_is_used_without_a_card(tmp_path, fine_tune):
    found = find_checkpoint(convert(fine_tune(), output=tmp_path / "ours.pt"))
    assert found.card.name == "ours" and not found.carded and not found.facts.demonstration


@pytest.mark.parametrize("name", ["proj_out.weight", "model.decoder.embed_tokens.weight"])
def test_of_the_tied_output_projection_one_copy_is_enough(tmp_path, fine_tune, small, name):
    output = convert(fine_tune(without=[name]), output=tmp_path / "ours.pt")
    embedding = torch.load(output, weights_only=True)["model_state_dict"]["decoder.token_embedding.weight"]
    assert torch.equal(embedding, small["decoder.token_embedding.weight"])


def test_every_name_leads_there_and_back(shipped):
    assert all(whisper_name(hugging_face_name(name)) == name for name in shipped)
    assert len(set(NAMES.values())) == len(NAMES)
    assert (
        whisper_name("model.encoder.layers.31.self_attn.q_proj.bias") == "encoder.blocks.31.attn.query.bias"
    )
    assert whisper_name("model.encoder.layers.3.self_attn.q_proj.lora_A.weight") is None


Q = "model.encoder.layers.1.self_attn.q_proj.weight"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"without": [Q]}, rf"1 of \d+ weights are missing, the first is {Q}"),
        ({"add": {"model.encoder.layers.9.fc1.weight": torch.zeros(2)}}, r"layers\.9\.fc1\.weight has no pl"),
        ({"add": {"classifier.weight": torch.zeros(2)}}, r"classifier\.weight has no place .* adapter"),
        ({"add": {Q: torch.zeros(8, 4)}}, r"q_proj\.weight has shape \(8, 4\).*asks for \(8, 8\)"),
        ({"add": {Q: torch.full((8, 8), torch.nan)}}, r"q_proj\.weight holds numbers"),
        ({"add": {Q: torch.full((8, 8), 1e6)}}, r"not finite in fp16"),
        ({"add": {Q: torch.zeros(8, 8, dtype=torch.int8)}}, r"is quantised \(torch\.int8\)"),
        ({"add": {"proj_out.weight": torch.zeros(51866, 8)}}, r"differs from another copy of .*tied"),
        ({"config": {"model_type": "wav2vec2"}}, r"config\.json: model_type is 'wav2vec2'"),
        ({"config": {"vocab_size": 51864}}, r"vocab_size is 51864, .*51865 or 51866"),
        ({"config": {"scale_embedding": True}}, r"scale_embedding is True"),
        ({"config": {"encoder_layers": None}}, r"json: encoder_layers is missing or no number"),
        ({"config": {"decoder_layers": 3}}, r"\d+ weights are missing, .* is model\.decoder\.layers\.2"),
        ({"config": {"num_mel_bins": 128}}, r"conv1\.weight has shape .*asks for \(8, 128, 3\)"),
    ],
)
def test_what_does_not_fit_is_one_sentence_and_leaves_nothing(tmp_path, fine_tune, changes, message):
    with pytest.raises(ModelError, match=message) as raised:
        convert(fine_tune(**changes), output=tmp_path / "ours.pt")
    assert "\n" not in str(raised.value)
    assert not list(tmp_path.glob("*.p*")) and not list(tmp_path.glob(".*"))


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"config\.json: is not there; name the folder"):
        convert(tmp_path, output=tmp_path / "ours.pt")


def test_a_model_that_is_a_pickle_alone_says_how_to_save_it_anew(tmp_path, fine_tune):
    folder = fine_tune()
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"no model\.safetensors .*safe_serialization=True"):
        convert(folder, output=tmp_path / "ours.pt")


def test_an_adapter_must_be_merged_first(tmp_path, fine_tune):
    folder = fine_tune()
    (folder / "adapter_config.json").write_text("{}")
    with pytest.raises(ModelError, match=r"this is an adapter \(LoRA\); merge it"):
        convert(folder, output=tmp_path / "ours.pt")


def test_a_shard_that_is_not_there_is_named(tmp_path, fine_tune):
    folder = fine_tune(shards=2)
    (folder / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(ModelError, match=r"model-00002-of-00002\.safetensors: is named in .* but not there"):
        convert(folder, output=tmp_path / "ours.pt")


@pytest.mark.parametrize("data", [b"", b"not weights", bytes(1000)])
def test_damaged_weights_are_one_sentence(tmp_path, fine_tune, data):
    folder = fine_tune()
    (folder / "model.safetensors").write_bytes(data)
    with pytest.raises(ModelError, match=r"model\.safetensors: cannot be read .*copy it again") as raised:
        convert(folder, output=tmp_path / "ours.pt")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_a_damaged_config_is_one_sentence(tmp_path, fine_tune, text):
    folder = fine_tune()
    (folder / "config.json").write_text(text)
    with pytest.raises(ModelError, match=r"config\.json: (cannot be read|holds no keys)"):
        convert(folder, output=tmp_path / "ours.pt")


def test_a_checkpoint_that_is_there_is_not_written_over(tmp_path, fine_tune):
    (tmp_path / "ours.pt").write_text("mine")
    with pytest.raises(ModelError, match=r"ours\.pt: is there already"):
        convert(fine_tune(), output=tmp_path / "ours.pt")
    assert (tmp_path / "ours.pt").read_text() == "mine"


@pytest.mark.parametrize("name", ["large-v3.pt", "turbo.pt", "ours.bin"])
def test_a_fine_tune_may_not_pass_for_an_official_model(tmp_path, fine_tune, name):
    with pytest.raises(ModelError, match=r"name it NAME\.pt with -o, and no official name"):
        convert(fine_tune(), output=tmp_path / name)
