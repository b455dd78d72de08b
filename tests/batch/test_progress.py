"""The bar, the plain lines, the log and the summary."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from auditor.batch import progress
from auditor.batch.progress import show_progress
from auditor.batch.tally import Tally, summary_lines
from auditor.errors import UsageError


def console(*, terminal):
    return Console(file=io.StringIO(), force_terminal=terminal, width=120)


def tally(**changes):
    made = Tally(calls=4, size_bytes=400, audited=2, done_bytes=200, heard_bytes=200, audio_s=120.0)
    for name, value in changes.items():
        setattr(made, name, value)
    made.began_s -= 60
    return made


def test_what_is_left_follows_from_the_bytes_heard():
    assert tally().left_s == pytest.approx(60, abs=1)
    assert tally().speed == pytest.approx(2, abs=0.1)
    assert Tally(calls=4).left_s is None


def test_a_terminal_gets_a_bar_with_calls_hours_speed_failures_and_time_left():
    shown = console(terminal=True)
    with show_progress(tally(), console=shown, log=None) as tell:
        tell("tick")
    text = shown.file.getvalue()
    for part in ("2/4 calls", "0.03 h of audio", "2.0 x real time", "0 failed", "about 01:00 left"):
        assert part in text


def test_elsewhere_there_are_plain_lines_now_and_then(monkeypatch):
    shown = console(terminal=False)
    monkeypatch.setattr(progress, "PLAIN_EVERY_S", 0.0)
    with show_progress(tally(), console=shown, log=None) as tell:
        tell("tick")
    assert shown.file.getvalue().startswith("2/4 calls, 0.03 h of audio, 2.0 x real time, 0 failed, about")
    assert "\x1b" not in shown.file.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
def test_a_failure_is_one_line_whatever_its_file_is_called(terminal):
    shown = console(terminal=terminal)
    with show_progress(tally(), console=shown, log=None) as tell:
        tell("failed", call_id=None, paths=["a\nb [red].wav"], code="input", reason="a\nb.wav is empty")
    (line,) = [line for line in shown.file.getvalue().splitlines() if "failed: " in line]
    assert "'a\\nb [red].wav': a b.wav is empty" in line


def test_the_log_has_a_json_object_a_line_and_is_added_to(tmp_path):
    log = tmp_path / "log.jsonl"
    for _ in range(2):
        with show_progress(tally(), console=console(terminal=False), log=log) as tell:
            tell("tick")
            tell("audited", call_id="通话\n1", paths=["\udcff.wav"])
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [line["event"] for line in lines] == ["audited", "audited"]
    assert lines[0]["call_id"] == "通话\n1"
    assert lines[0]["at"].endswith("+00:00")


def test_a_log_that_cannot_be_written_is_refused_in_a_sentence(tmp_path):
    with (
        pytest.raises(UsageError, match="the log cannot be written"),
        show_progress(tally(), console=console(terminal=False), log=Path(tmp_path)),
    ):
        pass


def test_the_summary_counts_cards_failures_and_says_how_to_go_on():
    ended = tally(unchanged=1)
    ended.results.update({"pass": 2, "fail": 1})
    ended.failures["hung"] = 1
    text = "\n".join(summary_lines(ended, stopped=False))
    assert "4 of 4 calls: 2 audited, 0 judged again, 1 unchanged, 1 failed" in text
    assert "2 passed, 1 failed cards, 0 need review, 0 not scored" in text
    assert "failures by reason: hung 1; --retry-failed tries them again" in text
    assert "run the same command again" in summary_lines(tally(), stopped=True)[-1]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_log_on_a_full_disk_is_told_once_and_ends_nothing():
    shown = console(terminal=False)
    with show_progress(tally(), console=shown, log=Path("/dev/full")) as tell:
        for _ in range(3):
            tell("judged", call_id="1")
    assert shown.file.getvalue().count("the log cannot be written now") == 1
