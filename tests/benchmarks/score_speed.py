"""How long a newcomer waits: `auditor --help`, and `auditor score` on a 60 s call, process start included.

Usage (after `pip install .`)::

    python tests/benchmarks/score_speed.py [repeats]

Prints the median of the repeats and the fastest, in seconds of wall clock, and processor seconds.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
CALL = REPOSITORY / "sample_calls" / "good_call.wav"


def timed(command: list[str]) -> tuple[float, float]:
    """Wall and processor seconds of one run, which must succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall_s = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    auditor = str(Path(sys.executable).with_name("auditor"))
    for name, command in (
        ("auditor --help", [auditor, "--help"]),
        (f"auditor score {CALL.name}", [auditor, "score", str(CALL)]),
    ):
        runs = [timed(command) for _ in range(repeats)]
        walls = [wall for wall, _ in runs]
        cpu_s = statistics.median(cpu for _, cpu in runs)
        print(
            f"{name}: median {statistics.median(walls):.2f} s, fastest {min(walls):.2f} s, "
            f"processor {cpu_s:.2f} s ({repeats} runs)"
        )


if __name__ == "__main__":
    main()
