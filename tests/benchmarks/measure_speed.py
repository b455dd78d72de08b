"""How fast the measuring stage is: a 10-minute stereo call at 8 kHz, about 45 % speech on each leg.

Run ``OMP_NUM_THREADS=1 python tests/benchmarks/measure_speed.py [minutes]``; the goal is 150 × real time per
core. The speech is a gliding pulse train with the pauses and levels of talk: what is measured does
not depend on words, and neither does the time it takes. Process time counts every thread.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np

from auditor.measure.call import measure_call
from auditor.records import Roles, Segment, Turn, TurnPart
from auditor.signal import Channel, Samples

RATE_HZ = 8000
PHRASE_S = 2.7
PERIOD_S = 6.0


def leg(index: int, *, minutes: float, rng: np.random.Generator) -> tuple[Channel, list[Segment], list[Turn]]:
    """One leg: a phrase of 2.7 s every 6 s (the other leg speaks in between) over noise at -60 dBov."""
    period: Samples = rng.normal(0, 1e-3, round(PERIOD_S * RATE_HZ)).astype(np.float32)
    time_s = np.arange(round(PHRASE_S * RATE_HZ)) / RATE_HZ
    hz = (110 + 100 * index) * 2 ** (np.sin(2 * np.pi * 1.5 * time_s) / 4)
    phase = 2 * np.pi * np.cumsum(hz) / RATE_HZ
    voice = sum(np.cos(k * phase) / k for k in range(1, 12)) * (
        0.2 + np.abs(np.sin(2 * np.pi * 2.5 * time_s))
    )
    first = round(index * PERIOD_S / 2 * RATE_HZ)
    period[first : first + len(voice)] += (0.05 * voice).astype(np.float32)
    count = round(minutes * 60 / PERIOD_S)
    segments = [
        Segment(index, i * PERIOD_S + first / RATE_HZ, i * PERIOD_S + first / RATE_HZ + PHRASE_S)
        for i in range(count)
    ]
    text = "请问您还有其他问题吗谢谢您"
    turns = [
        Turn(
            role="agent" if index == 0 else "customer",
            channel=index,
            start_s=item.start_s,
            end_s=item.end_s,
            text=text,
            parts=(TurnPart(item.start_s, item.end_s, 0, len(text)),),
        )
        for item in segments
    ]
    return Channel(index, np.tile(period, count), RATE_HZ), segments, turns


def main() -> None:
    """Print the speed of measuring and the memory it took, after a minute's call that loads the libraries."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    idle = _resident_mb()
    measure(minutes=1.0, runs=("a minute, imports included",))
    libraries = _resident_mb()
    grown = measure(minutes=minutes, runs=("first run", "second run"))
    first = libraries - idle
    print(f"resident memory grew by {grown:.0f} MB (and by {first:.0f} MB for the libraries and a minute)")


def measure(*, minutes: float, runs: tuple[str, ...]) -> float:
    """Measure a call of so many minutes, print the speeds; by how many MB resident memory grew meanwhile."""
    rng = np.random.default_rng(0)
    legs = [leg(index, minutes=minutes, rng=rng) for index in (0, 1)]
    channels = [channel for channel, _, _ in legs]
    segments = [segment for _, found, _ in legs for segment in found]
    turns = [turn for _, _, found in legs for turn in found]
    roles = Roles(agent_channel=0, confidence=1.0, source="flag", reason="benchmark")
    before = _resident_mb()
    for run in runs:
        started = time.process_time()
        measure_call(channels, segments=segments, turns=turns, roles=roles, events=(), layout="two_legs")
        spent_s = time.process_time() - started
        duration_s = channels[0].duration_s
        print(
            f"{run}: {duration_s:.0f} s of stereo in {spent_s:.2f} s of one core"
            f" = {duration_s / spent_s:.0f} × real time"
        )
    return _resident_mb() - before


def _resident_mb() -> float:
    """The most that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
