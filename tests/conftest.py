"""Fixtures that several folders share: the command line in this process, and small sound files."""

import json
import struct
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("untimed")

sys.path.insert(0, str(Path(__file__).parent))  # `ground_truth` and `browser`, for every folder

from browser import chromium, open_page  # noqa: E402, F401  fixtures
from object_store import bucket, server, sftp_folder  # noqa: E402, F401  fixtures


@pytest.fixture
def run_auditor(monkeypatch, capsys, tmp_path):
    """Run ``auditor …`` in this process, in an empty folder: returns (exit code, stdout, stderr)."""
    from auditor import cli

    monkeypatch.chdir(tmp_path)
    for name in ("AUDITOR_MODEL", "AUDITOR_MODELS", "AUDITOR_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["auditor", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def score_json(run_auditor):
    """Score a call and return (exit code, the audit as JSON); stderr is shown when there is none."""

    def run(*arguments):
        code, out, err = run_auditor("score", *arguments, "--format", "json")
        assert out, err
        return code, json.loads(out)

    return run


@pytest.fixture
def write_wav(tmp_path):
    """Write float samples, shape (n,) or (n, channels), as 16-bit WAV; returns the path."""

    def write(samples, rate_hz=8000, name="call.wav"):
        samples = np.atleast_2d(np.asarray(samples, dtype=np.float64).T).T
        path = tmp_path / name
        with wave.open(str(path), "wb") as file:
            file.setnchannels(samples.shape[1])
            file.setsampwidth(2)
            file.setframerate(rate_hz)
            file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
        return path

    return write


@pytest.fixture
def write_float_wav(tmp_path):
    """Write float samples, shape (n, channels), as 32-bit float WAV; returns the path."""

    def write(samples, rate_hz=8000, name="float.wav"):
        data = np.asarray(samples, dtype="<f4")
        channels = data.shape[1]
        body = data.tobytes()
        header = struct.pack("<HHIIHH", 3, channels, rate_hz, rate_hz * 4 * channels, 4 * channels, 32)
        path = tmp_path / name
        path.write_bytes(
            b"RIFF"
            + struct.pack("<I", 36 + len(body))
            + b"WAVEfmt "
            + struct.pack("<I", 16)
            + header
            + b"data"
            + struct.pack("<I", len(body))
            + body
        )
        return path

    return write


FIGURES = pytest.StashKey[list]()


@pytest.fixture
def report_figure(request):
    """Print a measured figure in the summary at the end of the run."""
    return request.config.stash.setdefault(FIGURES, []).append


def pytest_sessionfinish(session):
    """A worker hands its figures to the process that prints them."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["figures"] = session.config.stash.get(FIGURES, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """The printing process takes what a worker hands over; a worker that crashed hands over nothing."""
    handed_over = getattr(node, "workeroutput", {}).get("figures", [])
    node.config.stash.setdefault(FIGURES, []).extend(handed_over)


def pytest_terminal_summary(terminalreporter, config):
    if figures := config.stash.get(FIGURES, []):
        terminalreporter.section("figures")
        for line in figures:
            terminalreporter.line(line)
