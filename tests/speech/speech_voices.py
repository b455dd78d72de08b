"""Sounds for the speech tests: vowels that the network takes for a voice, telephone codecs, tones."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from ground_truth.voiced import phrase, vowel

__all__ = ["a_law", "call", "leg", "phrase", "take", "truth_bounds", "vowel"]

Floats = npt.NDArray[Any]


def leg(
    duration_s: float,
    spoken: list[tuple[float, float]],
    *,
    peak: float = 0.3,
    noise_dbov: float = -66.0,
    f0_hz: float = 200.0,
    seed: int = 0,
    rate: int = 8000,
) -> Floats:
    """A leg with phrases at the given spans over steady noise."""
    rng = np.random.default_rng(seed)
    out = 10 ** (noise_dbov / 20) * rng.standard_normal(round(duration_s * rate))
    for k, (start_s, end_s) in enumerate(spoken):
        sound = peak * phrase(end_s - start_s, f0_hz=f0_hz, seed=seed * 1000 + k, rate=rate)
        first = round(start_s * rate)
        out[first : first + len(sound)] += sound
    return out


def call(*, duration_s: float, seed: int, rate: int) -> npt.NDArray[np.float32]:
    """A leg that speaks 2 s in every 5 s."""
    spoken = [(t, t + 2.0) for t in np.arange(1.0 + 2.5 * (seed % 2), duration_s - 3, 5.0)]
    return leg(duration_s, spoken, seed=seed, rate=rate).astype(np.float32)


def a_law(samples: Floats) -> npt.NDArray[np.float32]:
    """Through the A-law curve (A = 87.6) with 8-bit steps and back."""
    a = 87.6
    size = np.abs(np.clip(samples, -1, 1))
    knee = 1 + np.log(a)
    curve = np.where(size < 1 / a, a * size / knee, (1 + np.log(np.maximum(a * size, 1e-12))) / knee)
    step = (np.floor(np.minimum(curve, 0.9999) * 128) + 0.5) / 128
    back = np.where(step < 1 / knee, step * knee / a, np.exp(step * knee - 1) / a)
    return (np.sign(samples) * back).astype(np.float32)


def take(source: Any, *, rate: int = 16000) -> npt.NDArray[np.float32]:
    """Decodes a recording to mono float32 at ``rate``."""
    import av

    from auditor.signal import resample

    with av.open(source) as container:
        stream = container.streams.audio[0]
        mono = av.AudioResampler("fltp", "mono", stream.rate)
        frames = [g for f in container.decode(stream) for g in mono.resample(f)]
        frames += mono.resample(None)
        samples = np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32)
        return resample(samples, stream.rate, rate)


def truth_bounds(clip: Floats, *, rate: int = 16000, under_peak_db: float = 35.0) -> tuple[float, float]:
    """First and last time at which 5 ms of a clean take lie within ``under_peak_db`` of its loudest."""
    hop = round(0.005 * rate)
    power = np.array([np.mean(clip[k : k + hop] ** 2) for k in range(0, len(clip) - hop, hop)])
    loud = np.flatnonzero(power >= power.max() * 10 ** (-under_peak_db / 10))
    return float(loud[0] * hop / rate), float((loud[-1] + 1) * hop / rate)
