"""Boundary error and speed of voice activity: ``python tests/benchmarks/vad.py [--speed]``.

Accuracy needs the human recordings in ``../shared/audio`` (isolated words): words are set between
pauses, on A-law with noise; truth is where the clean 16 kHz take lies within 35 dB of its peak, the
quietest inner stretch bridged. Speed is measured on one core on synthetic speech.
"""

from __future__ import annotations

import argparse
import io
import sys
import tarfile
import time
from pathlib import Path

import numpy as np

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS.parent), str(TESTS), str(TESTS / "speech")]

from speech_voices import a_law, call, take, truth_bounds  # noqa: E402

from auditor.signal import Channel, resample  # noqa: E402
from auditor.speech.vad import find_segments, find_segments_of_legs  # noqa: E402

WORDS = Path(__file__).parents[2] / ".." / "shared" / "audio" / "cmn-words.tar"


def boundary_errors(level_dbov: float, noise_dbov: float, *, words: int, seed: int) -> dict[str, float]:
    """Errors in ms over isolated words of one woman at a level, in white noise of a level."""
    rng = np.random.default_rng(seed)
    starts, ends, lost, extra, at = [], [], 0, 0, 1.0
    spans, pieces = [], [np.zeros(8000)]
    with tarfile.open(WORDS) as tar:
        names = sorted(name for name in tar.getnames() if name.endswith(".opus"))
        for name in rng.choice(names, size=words, replace=False):
            clip = take(io.BytesIO(tar.extractfile(str(name)).read()))
            begin_s, end_s = truth_bounds(clip)
            at_8k = resample(clip, 16000, 8000)
            active = at_8k[int(begin_s * 8000) : int(end_s * 8000)]
            at_8k = at_8k * 10 ** (level_dbov / 20) / np.sqrt(np.mean(active**2))
            spans.append((at + begin_s, at + end_s))
            pause = rng.uniform(0.5, 1.5)
            pieces += [at_8k, np.zeros(int(pause * 8000))]
            at += (len(at_8k) + int(pause * 8000)) / 8000
    samples = np.concatenate(pieces)
    samples = samples + 10 ** (noise_dbov / 20) * rng.standard_normal(len(samples))
    found = [(s.start_s, s.end_s) for s in find_segments(Channel(0, a_law(samples), 8000))]
    for begin_s, end_s in spans:
        hits = [f for f in found if f[0] < end_s and f[1] > begin_s]
        if not hits:
            lost += 1
            continue
        starts.append(hits[0][0] - begin_s)
        ends.append(hits[-1][1] - end_s)
    extra = sum(1 for f in found if not any(f[0] < e and f[1] > b for b, e in spans))
    both = 1000 * np.abs(np.array(starts + ends))
    return {
        "start_median_ms": 1000 * float(np.median(starts)),
        "end_median_ms": 1000 * float(np.median(ends)),
        "abs_median_ms": float(np.median(both)),
        "abs_p90_ms": float(np.quantile(both, 0.9)),
        "lost": lost,
        "extra": extra,
        "of": len(spans),
    }


def speed(*, minutes: float, rate: int) -> tuple[float, float]:
    """(stereo, mono) seconds of audio per second of CPU time."""
    legs = [Channel(k, call(duration_s=minutes * 60, seed=k, rate=rate), rate) for k in (0, 1)]
    figures = []
    for channels in (legs, legs[:1]):
        begun = time.process_time()
        find_segments_of_legs(channels)
        figures.append(minutes * 60 / (time.process_time() - begun))
    return figures[0], figures[1]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speed", action="store_true")
    if parser.parse_args().speed:
        for rate in (8000, 16000):
            stereo, mono = speed(minutes=5, rate=rate)
            print(f"{rate} Hz: stereo {stereo:.0f} x real time, mono {mono:.0f} x, one core")
    else:
        for level, noise in ((-20, -66), (-25, -50), (-25, -40), (-35, -60), (-45, -66)):
            print(level, noise, boundary_errors(level, noise, words=120, seed=1))
