"""The measuring stage: speed on ten minutes of stereo, memory on four hours (`measure_speed`, run anew)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from accuracy_rows import Row


def rows(*, quick: bool) -> list[Row]:
    """The rows of this section; some two minutes, ``quick`` takes one hour for four."""
    speed, _ = _run(10)
    hours = 1 if quick else 4
    _, memory = _run(60 * hours)
    return [
        Row("speed", "measuring stage", speed, 1, target=150, direction="at least", unit="x real time"),
        Row("speed", f"measuring stage, memory on {hours} h of stereo", memory, 1, target=300, unit="MB"),
    ]


def _run(minutes: int) -> tuple[float, float]:
    root = Path(__file__).resolve().parents[2]
    said = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("measure_speed.py")), str(minutes)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(root)},
    ).stdout
    speed = float(re.findall(r"= (\d+) ×", said)[-1])
    memory = float(re.findall(r"grew by (\d+) MB", said)[-1])
    return speed, memory
