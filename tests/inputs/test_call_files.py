"""Which files of a folder are calls."""

from pathlib import Path

import pytest

from auditor.errors import UsageError
from auditor.inputs.call_files import find_calls, pair_up


def names(calls):
    return [tuple(path.name for path in call) for call in calls]


@pytest.mark.parametrize(
    "pair",
    [
        ("1.agent.wav", "1.customer.wav"),
        ("agent-0017.al", "customer-0017.al"),
        ("a_客服_1.mp3", "a_客户_1.mp3"),
        ("CALL Agent 3.wav", "CALL Customer 3.wav"),
    ],
)
def test_files_that_differ_in_the_party_are_a_pair_agent_first(pair):
    assert names(pair_up(Path(name) for name in reversed(pair))) == [pair]


@pytest.mark.parametrize(
    "files",
    [
        ("1.agent.wav",),
        ("1.agent.wav", "1.customer.mp3"),
        ("1.agent.wav", "2.customer.wav"),
        ("in-1.wav", "out-1.wav"),
        ("agent.customer.1.wav", "customer.agent.1.wav"),
        ("x/1.agent.wav", "y/1.customer.wav"),
    ],
)
def test_anything_else_stands_alone(files):
    assert [len(call) for call in pair_up(map(Path, files))] == [1] * len(files)


def test_a_folder_is_searched_through_and_papers_are_left_out(tmp_path):
    (tmp_path / "day").mkdir()
    for name in ("b.wav", "day/a.amr", "b.record.json", "calls.csv", ".hidden.wav", "day/noend"):
        (tmp_path / name).write_bytes(b"x")
    assert names(find_calls(tmp_path)) == [("b.wav",), ("a.amr",), ("noend",)]


def test_a_folder_that_is_missing_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no such folder"):
        find_calls(tmp_path / "none")
