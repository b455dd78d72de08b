"""``auditor models`` from outside: output, exit codes, one sentence for every mistake."""

import hashlib
import json

import pytest
import torch
import whisper

from auditor.asr.checkpoints import SHIPPED

DATA = bytes(range(256)) * 4


@pytest.fixture(autouse=True)
def a_clean_machine(monkeypatch, tmp_path):
    """No models but the shipped one, no network, and a table in which `DATA` is OpenAI's every model."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    address = ("http://127.0.0.1:9/official.pt", hashlib.sha256(DATA).hexdigest())
    monkeypatch.setattr("auditor.asr.fetch.official_address", lambda _name: address)
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def stick(tmp_path):
    """A folder with a file that was carried here by hand."""
    path = tmp_path / "stick" / "from-the-internet.pt"
    path.parent.mkdir()
    path.write_bytes(DATA)
    return path


def test_the_list_names_every_model_with_its_error_rates_and_marks_the_one_in_use(run_auditor):
    code, out, _ = run_auditor("models", "list")
    assert code == 0
    rows = {line[2:].split()[0]: line for line in out.splitlines() if line[2:].split()}
    assert "8.1 / 11.5" in rows["large-v3"] and "3.1 GB  " in rows["large-v3"]
    assert rows["large-v3"].endswith("not here")
    assert rows[SHIPPED].startswith("* ") and "for demonstration, not for real calls" in rows[SHIPPED]
    assert "yeyupiaoling" in out


def test_the_list_as_json_says_the_same(run_auditor):
    code, out, _ = run_auditor("models", "list", "--format", "json")
    models = {one["name"]: one for one in json.loads(out)["models"]}
    assert code == 0 and models["medium"]["cer_net_percent"] == 13.6 and models["medium"]["state"] == "absent"
    shipped = models[SHIPPED]
    assert shipped["in_use"] and shipped["ships"] and shipped["demonstration"] and shipped["state"] == "ok"


def test_the_model_of_the_settings_is_the_one_in_use(run_auditor, tmp_path):
    (tmp_path / "auditor.toml").write_text('model = "medium"\n')
    _, out, _ = run_auditor("models", "list", "--format", "json")
    assert [one["name"] for one in json.loads(out)["models"] if one["in_use"]] == ["medium"]


def test_a_file_carried_by_hand_is_fetched_into_the_users_folder(run_auditor, stick, tmp_path):
    code, out, err = run_auditor("models", "fetch", "turbo", "--from", stick)
    path = tmp_path / "data" / "auditor" / "models" / "large-v3-turbo.pt"
    assert code == 0 and path.read_bytes() == DATA
    assert f"{path}: as OpenAI published it" in out and "--model large-v3-turbo" in out
    assert "large-v3-turbo: 100 % of" in err


def test_a_model_that_is_here_is_not_fetched_again(run_auditor, stick):
    run_auditor("models", "fetch", "medium", "--from", stick)
    code, out, _ = run_auditor("models", "fetch", "medium")
    assert code == 0 and "medium is here already, as OpenAI published it" in out


def test_a_folder_of_ones_own_is_named_in_the_advice(run_auditor, stick, tmp_path):
    code, out, _ = run_auditor("models", "fetch", "medium", "--from", stick, "--to", tmp_path / "own")
    assert code == 0 and (tmp_path / "own" / "medium.pt").is_file()
    assert f"--model {tmp_path / 'own' / 'medium.pt'}" in out


def test_a_damaged_file_is_not_written_over(run_auditor, stick, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "medium.pt").write_bytes(b"mine")
    code, _, err = run_auditor("models", "fetch", "medium", "--from", stick, "--to", tmp_path / "own")
    assert code == 2 and "is not OpenAI's medium; nothing is written over" in err
    assert (tmp_path / "own" / "medium.pt").read_bytes() == b"mine"


def test_without_network_one_sentence_says_how_to_bring_the_file(run_auditor):
    code, out, err = run_auditor("models", "fetch", "large-v3")
    assert code == 2 and out == "" and err.count("\n") == 1
    assert "bring http://127.0.0.1:9/official.pt over by hand and run `auditor models fetch large-v3" in err


@pytest.mark.parametrize("name", ["belle", "tiny.en", ""])
def test_a_name_that_is_not_official_lists_the_official_ones(run_auditor, name):
    code, _, err = run_auditor("models", "fetch", name)
    assert code == 2 and "is no official model that hears Mandarin (large-v3," in err


def test_verify_is_content_with_what_is_ok_or_unknown(run_auditor, tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "belle.pt").write_bytes(b"other weights")
    code, out, _ = run_auditor("models", "verify")
    states = {line.split()[1].rpartition("/")[2]: line.split()[0] for line in out.splitlines()}
    assert code == 0 and states == {"belle.pt": "unknown", f"{SHIPPED}.pt": "ok"}


def test_verify_leaves_with_2_when_one_differs_and_names_it(run_auditor, tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "medium.pt").write_bytes(DATA[:-1])
    code, out, err = run_auditor("models", "verify")
    assert code == 2 and "1 of 2 checkpoints differ" in err and "medium.pt" in err
    assert out.startswith("differs  models/medium.pt") and f"{SHIPPED}.pt" in out


def test_a_fine_tune_is_converted_into_the_users_folder_and_loads(run_auditor, tmp_path):
    from safetensors.torch import save_file

    from auditor.asr.hugging_face import DIMENSIONS, hugging_face_name

    folder = tmp_path / "belle-zh"
    folder.mkdir()
    dims = whisper.model.ModelDimensions(80, 1500, 8, 2, 1, 51865, 448, 8, 2, 1)
    torch.manual_seed(5)
    weights = {
        hugging_face_name(name): torch.randn(tensor.shape)
        for name, tensor in whisper.model.Whisper(dims).state_dict().items()
    }
    save_file(weights, folder / "model.safetensors")
    config = {theirs: getattr(dims, ours) for ours, theirs in DIMENSIONS.items()} | {"model_type": "whisper"}
    (folder / "config.json").write_text(json.dumps(config))
    code, out, _ = run_auditor("models", "convert", folder)
    path = tmp_path / "data" / "auditor" / "models" / "belle-zh.pt"
    assert code == 0 and f"{path}: " in out and "--model belle-zh" in out and "no card" in out
    assert whisper.load_model(str(path), device="cpu").dims == dims


def test_a_folder_that_is_no_fine_tune_is_one_sentence(run_auditor, tmp_path):
    code, out, err = run_auditor("models", "convert", tmp_path)
    assert code == 2 and out == "" and err.count("\n") == 1 and "config.json: is not there" in err
