import hashlib
import json

import pytest

from auditor.asr.catalogue import CATALOGUE
from auditor.asr.checkpoints import OFFICIAL_BEST_FIRST, SHIPPED, shipped_folder
from auditor.asr.fetch import official_address
from auditor.asr.inventory import State, examine, find_all, take_stock

DATA = b"pretend weights of medium"


@pytest.fixture(autouse=True)
def a_clean_machine(monkeypatch, tmp_path):
    """Empty model folders but the shipped one, and a table in which `DATA` is OpenAI's medium."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("AUDITOR_MODELS", raising=False)
    digest = {"medium": hashlib.sha256(DATA).hexdigest()}
    monkeypatch.setattr(
        "auditor.asr.fetch.official_address", lambda name: (f"https://x/{name}.pt", digest.get(name, name))
    )


@pytest.fixture
def put(tmp_path):
    """Write a checkpoint file into ./models, with a card if its keys are given; returns the path."""

    def write(name, data=DATA, **card):
        path = tmp_path / "models" / f"{name}.pt"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        if card:
            path.with_suffix(".json").write_text(json.dumps({"name": name} | card), encoding="utf-8")
        return path

    return write


def test_the_catalogue_is_the_official_models_best_first():
    assert [entry.name for entry in CATALOGUE] == [name for name, _ in OFFICIAL_BEST_FIRST]
    rates = [entry.cer_read_percent for entry in CATALOGUE]
    assert rates == sorted(rates)


def test_every_model_of_the_catalogue_has_whispers_address(monkeypatch):
    monkeypatch.undo()
    assert all(official_address(entry.name)[0].endswith(f"/{entry.name}.pt") for entry in CATALOGUE)


def test_an_official_file_with_whispers_checksum_is_ok(put):
    held = examine(put("medium"))
    assert held.state is State.OK and held.note == "as OpenAI published it" and held.official is not None


def test_an_official_name_with_another_checksum_differs(put):
    held = examine(put("medium", b"half of it"))
    assert held.state is State.DIFFERS and held.note == "is not OpenAI's medium"


def test_an_official_file_under_another_name_is_recognised(put):
    held = examine(put("mine"))
    assert held.state is State.OK and held.note == "is OpenAI's medium under another name"


def test_a_fine_tune_without_a_card_is_unknown(put):
    assert examine(put("belle", b"other weights")).state is State.UNKNOWN


def test_a_file_is_compared_with_its_card(put):
    good, bad = hashlib.sha256(DATA).hexdigest(), "0" * 64
    assert examine(put("ours", sha256=good)).state is State.OK
    held = examine(put("ours", sha256=bad))
    assert held.state is State.DIFFERS and held.note == "its card ours.json has another SHA-256"


def test_a_card_that_cannot_be_read_is_a_difference(put):
    held = examine(put("ours", colour="red"))
    assert held.state is State.DIFFERS and "the model card cannot be used" in held.note


def test_the_shipped_checkpoint_is_a_demonstration_and_in_use():
    (held,) = [one for one in take_stock() if one.in_use]
    assert held.name == SHIPPED and held.ships and held.demonstration and held.state is State.OK


def test_every_official_model_is_listed_here_or_not(put):
    put("medium")
    states = {one.name: one.state for one in take_stock() if one.official}
    assert states == {entry.name: State.ABSENT for entry in CATALOGUE} | {"medium": State.OK}


def test_a_model_that_the_settings_ask_for_is_in_use(put):
    put("medium")
    assert [one.name for one in take_stock(in_use="medium") if one.in_use] == ["medium"]


@pytest.mark.parametrize(("wanted", "name"), [("turbo", "large-v3-turbo"), ("belle", "belle")])
def test_a_model_in_use_that_is_not_here_says_so(wanted, name):
    (held,) = [one for one in take_stock(in_use=wanted) if one.in_use]
    assert held.name == name and held.state is State.ABSENT


def test_a_model_in_use_outside_the_folders_is_listed(put, tmp_path):
    path = put("belle", b"other weights").rename(tmp_path / "belle.pt")
    (held,) = [one for one in take_stock(in_use=str(path)) if one.in_use]
    assert held.path == path and held.state is State.UNKNOWN


def test_a_download_that_broke_off_is_told(put):
    put("small").rename("models/small.pt.part")
    (small,) = [one for one in take_stock() if one.name == "small"]
    assert small.state is State.ABSENT and "partly fetched" in small.note


def test_a_file_that_two_folders_lead_to_is_found_once(put, tmp_path):
    put("medium")
    found = find_all(folders=[tmp_path / "models", shipped_folder()])
    assert [one.name for one in found] == ["medium", SHIPPED]
