import hashlib
import json

import pytest

from auditor.asr.checkpoints import (
    SHIPPED,
    find_better,
    find_checkpoint,
    model_folders,
    read_card,
    shipped_folder,
)
from auditor.errors import ModelError
from auditor.records import MeasuredShare, ModelFacts


@pytest.fixture(autouse=True)
def a_clean_machine(monkeypatch, tmp_path):
    """No model folders but the shipped one, and no network."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("AUDITOR_MODELS", raising=False)

    def unreachable(*_arguments, **_more):
        raise OSError("Network is unreachable")

    monkeypatch.setattr("urllib.request.urlopen", unreachable)


def write_model(folder, *, name="mine", data=b"weights", **card):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.pt"
    path.write_bytes(data)
    if card:
        text = json.dumps({"name": name, "sha256": hashlib.sha256(data).hexdigest()} | card)
        path.with_suffix(".json").write_text(text, encoding="utf-8")
    return path


def test_without_a_name_the_shipped_model_is_used_from_any_folder():
    found = find_checkpoint(None)
    assert found.path == shipped_folder() / f"{SHIPPED}.pt"
    assert found.carded and found.facts.demonstration


def test_the_shipped_card_has_the_files_checksum_and_every_probe():
    card = read_card(shipped_folder() / f"{SHIPPED}.json")
    assert card.sha256 == hashlib.sha256((shipped_folder() / f"{SHIPPED}.pt").read_bytes()).hexdigest()
    assert set(card.probes) == {"opening", "wei", "nin"}
    assert all(limits.absent_nats < limits.present_nats for limits in card.probes.values())
    assert card.confidence_norm is not None
    assert card.missed_phrases is not None and card.false_phrases is not None


def test_a_folder_that_is_given_goes_before_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("AUDITOR_MODELS", str(tmp_path / "env"))
    write_model(tmp_path / "env")
    mine = write_model(tmp_path / "given")
    assert find_checkpoint("mine", folders=[tmp_path / "given"]).path == mine
    assert find_checkpoint("mine").path == tmp_path / "env" / "mine.pt"


def test_a_model_without_a_card_says_so_and_has_no_probe_limits(tmp_path):
    found = find_checkpoint(write_model(tmp_path / "any"))
    assert not found.facts.carded and found.facts.probes == {} and found.facts.confidence_norm is None
    assert found.card.packing.packed and found.card.contexts_s == (30.0,)


def test_a_file_that_differs_from_its_card_is_refused(tmp_path):
    path = write_model(tmp_path / "any", packing={"packed": True})
    path.write_bytes(b"other weights")
    with pytest.raises(ModelError, match=r"mine\.pt: its SHA-256 differs from its card mine\.json"):
        find_checkpoint(path)


def test_a_card_tells_what_share_of_phrases_is_missed_and_made_up(tmp_path):
    shares = {"share": 0.01, "upper_95": 0.02, "samples": 500, "command": "for people"}
    facts = find_checkpoint(write_model(tmp_path, missed_phrases=shares, packing={})).facts
    assert facts.missed_phrases == MeasuredShare(0.01, 0.02, 500)
    assert facts.false_phrases is None


@pytest.mark.parametrize(
    "shares",
    [{}, {"share": 0.3, "upper_95": 0.2, "samples": 9}, {"share": 0, "upper_95": 0.2, "samples": 0}, 0.1],
)
def test_a_share_that_is_none_is_refused(tmp_path, shares):
    with pytest.raises(ModelError, match="the model card cannot be used"):
        find_checkpoint(write_model(tmp_path, missed_phrases=shares))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"name": "x"}', '{"name": "x", "sha256": "y", "packing": {"z": 1}}']
)
def test_a_card_that_cannot_be_read_is_one_sentence(tmp_path, text):
    path = write_model(tmp_path / "any")
    path.with_suffix(".json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=r"mine\.json: the model card cannot be used"):
        find_checkpoint(path)


@pytest.mark.parametrize("name", ["nowhere/missing.pt", "missing.pt"])
def test_a_path_that_is_not_there_is_named(name):
    with pytest.raises(ModelError, match=r"missing\.pt: there is no such checkpoint"):
        find_checkpoint(name)


def test_a_folder_is_not_a_checkpoint(tmp_path):
    (tmp_path / "models.pt").mkdir()
    with pytest.raises(ModelError, match="this is a folder"):
        find_checkpoint(tmp_path / "models.pt")


def test_an_unknown_name_says_where_it_was_looked_for(tmp_path):
    with pytest.raises(ModelError, match=r"model 'nonesuch' was not found in .*models"):
        find_checkpoint("nonesuch", folders=[tmp_path])


@pytest.mark.parametrize("name", ["small", "large-v3", "turbo"])
def test_an_official_model_without_network_says_how_to_bring_it_and_leaves_nothing(tmp_path, name):
    with pytest.raises(ModelError, match=r"cannot be fetched .*bring https://.*\.pt over by hand and run"):
        find_checkpoint(name)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_file_that_only_calls_itself_official_is_refused(tmp_path):
    write_model(tmp_path / "models", name="large-v3")
    with pytest.raises(ModelError, match="this is not OpenAI's large-v3"):
        find_checkpoint("large-v3")


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x03\x04 broken", bytes(5000)])
def test_a_file_that_is_no_whisper_checkpoint_is_one_sentence(tmp_path, data):
    from auditor.asr.whisper import load_engine

    with pytest.raises(ModelError, match=r"mine\.pt: this is not a Whisper checkpoint") as raised:
        load_engine(write_model(tmp_path / "any", data=data))
    assert "\n" not in str(raised.value)


def test_another_networks_weights_are_no_whisper_checkpoint(tmp_path):
    import torch

    from auditor.asr.whisper import load_engine

    torch.save({"state_dict": {"w": torch.zeros(2)}}, tmp_path / "other.pt")
    with pytest.raises(ModelError, match="this is not a Whisper checkpoint"):
        load_engine(tmp_path / "other.pt")


def test_a_list_instead_of_a_checkpoint_is_no_whisper_checkpoint(tmp_path):
    import torch

    from auditor.asr.whisper import load_engine

    torch.save([1, 2], tmp_path / "list.pt")
    with pytest.raises(ModelError, match="this is not a Whisper checkpoint"):
        load_engine(tmp_path / "list.pt")


def test_better_models_that_lie_unused_are_named_best_first(tmp_path):
    write_model(tmp_path / "a", name="small")
    write_model(tmp_path / "b", name="large-v3")
    folders = [tmp_path / "a", tmp_path / "b"]
    shipped = ModelFacts(SHIPPED, "", demonstration=True)
    assert find_better(shipped, folders=folders) == [
        "large-v3",
        "small",
    ]
    assert find_better(ModelFacts("small", ""), folders=folders) == ["large-v3"]
    assert find_better(ModelFacts("a-fine-tune", ""), folders=folders) == []


def test_every_folder_is_searched_once(tmp_path):
    folders = model_folders([tmp_path, tmp_path])
    assert len(set(folders)) == len(folders)
