"""Writing [recorder]: the rest of the file stays, and every change is named."""

import tomllib
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import UsageError
from auditor.inputs.recorder_table import MANUAL, edit_recorder
from auditor.records import RecorderProfile

VALUES = {"agent_channel": "left", "liveness": False, "announcements": ("欢迎致电", "请稍候")}


def table(text):
    return tomllib.loads(text)["recorder"]


def test_every_key_of_the_profile_has_its_line():
    assert tuple(MANUAL) == tuple(field.name for field in fields(RecorderProfile))


def test_a_new_file_has_every_key_with_its_manual_and_its_counts():
    text, changes = edit_recorder("", values=VALUES, why={"agent_channel": "9/9 calls"})
    assert table(text) == {
        "agent_channel": "left",
        "liveness": False,
        "announcements": ["欢迎致电", "请稍候"],
    }
    assert '"left" # doctor: 9/9 calls' in text
    assert all(f"# {MANUAL[key]}" in text for key in VALUES)
    assert [change.before for change in changes] == [None] * 3


def test_nothing_to_change_gives_the_text_back():
    text, _ = edit_recorder("threads = 1\n", values=VALUES, why={})
    assert edit_recorder(text, values=VALUES, why={"liveness": "new"}) == (text, ())
    assert edit_recorder("threads = 1\n", values={}, why={}) == ("threads = 1\n", ())


def test_comments_and_other_tables_stay():
    before = '# ours\nmodel = "medium"  # big\n\n[recorder]\n# keep\nstarts = "at_answer"  # known\n'
    text, (change, *_) = edit_recorder(before, values={"starts": "before_answer"}, why={"starts": "5/5"})
    assert text == before.replace('"at_answer"  # known', '"before_answer" # known')
    assert (change.key, change.before, change.after) == ("starts", '"at_answer"', '"before_answer"')


def test_doctors_own_note_is_renewed():
    before = "[recorder]\nliveness = true # doctor: 5/5\n"
    text, _ = edit_recorder(before, values={"liveness": False}, why={"liveness": "3/9"})
    assert "liveness = false # doctor: 3/9" in text


def test_a_table_on_one_line_stays_on_one_line():
    before = 'recorder = {agent_channel = "right"}\nthreads = 2\n'
    text, _ = edit_recorder(before, values={"agent_channel": "left"}, why={"agent_channel": "9/9"})
    assert text == before.replace("right", "left")


@pytest.mark.parametrize("rest", ["", "\n[other]\nx = 1\n"])
@given(
    before=st.dictionaries(st.sampled_from(["agent_channel", "starts"]), st.sampled_from(["a", "b"])),
    values=st.dictionaries(st.sampled_from(list(MANUAL)), st.sampled_from(["a", "c", True])),
)
def test_any_edit_changes_only_what_it_names(rest, before, values):
    old = "x = 1\n[recorder]\n" + "".join(f'{key} = "{value}"\n' for key, value in before.items()) + rest
    text, changes = edit_recorder(old, values=values, why={})
    now = tomllib.loads(text)
    assert now.pop("recorder") == {**before, **values}
    was = tomllib.loads(old)
    was.pop("recorder")
    assert now == was
    assert {change.key for change in changes} == {k for k, v in values.items() if before.get(k) != v}


def test_what_cannot_be_edited_safely_is_refused(monkeypatch):
    import tomlkit

    monkeypatch.setattr(tomlkit, "dumps", lambda _document: "threads = 3\n")
    with pytest.raises(UsageError, match="by hand"):
        edit_recorder("threads = 2\n", values={"liveness": True}, why={})
