import pytest

from auditor.errors import UsageError
from auditor.inputs.config import load_settings


@pytest.fixture(autouse=True)
def no_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("AUDITOR_MODEL", raising=False)
    monkeypatch.delenv("AUDITOR_MODELS", raising=False)
    monkeypatch.chdir(tmp_path)


def test_without_a_file_the_defaults_hold():
    assert load_settings().time_zone == "Asia/Shanghai"


def test_the_file_in_the_current_folder_is_used(tmp_path):
    (tmp_path / "auditor.toml").write_text('[recorder]\nagent_channel = "right"\n')
    assert load_settings().recorder.agent_channel == "right"


def test_the_environment_overrides_the_file(tmp_path, monkeypatch):
    (tmp_path / "auditor.toml").write_text('model = "small"\n')
    monkeypatch.setenv("AUDITOR_MODEL", "medium")
    assert load_settings().model == "medium"


def test_relative_paths_count_from_the_settings_file(tmp_path):
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "auditor.toml").write_text('rulebook = "ours.yaml"\nmodel_folders = ["m"]\n')
    settings = load_settings(folder / "auditor.toml")
    assert settings.rulebook == folder / "ours.yaml"
    assert settings.model_folders == (folder / "m",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("modle = 'x'", "unknown key 'modle'; did you mean 'model'"),
        ("agent_channel = 'left'", "write it under .recorder"),
        ("[recorder]\nagent_chanel = 'left'", "unknown key 'agent_chanel' in .recorder.; did you mean"),
        ("[recorder]\nstarts = 'late'", "'recorder.starts' is wrong"),
        ("threads = 0", "'threads' is wrong"),
        ("time_zone = 'Mars/Olympus'", "there is no time zone 'Mars/Olympus'"),
        ("threads = ", "not valid TOML"),
    ],
)
def test_a_wrong_setting_is_refused_in_one_sentence(tmp_path, text, message):
    path = tmp_path / "auditor.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        load_settings(path)


def test_a_named_file_that_is_missing_is_an_error(tmp_path):
    with pytest.raises(UsageError, match="there is no such settings file"):
        load_settings(tmp_path / "none.toml")
