"""Speech-like sound of pure arithmetic: vowels that the voice-activity network takes for a voice.

For tests that must run without recordings and without espeak-ng (``speakers.SYNTHETIC``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[Any]

_A = ((730, 90, 1.0), (1090, 110, 0.6), (2440, 160, 0.2))
_I = ((270, 60, 1.0), (2290, 120, 0.3), (3010, 150, 0.2))
_E = ((530, 70, 1.0), (1840, 110, 0.5), (2480, 150, 0.2))


def vowel(duration_s: float, *, f0_hz: float, formants: Any = _A, rate: int = 8000) -> Floats:
    """A vowel: harmonics of a moving F0 under resonances, peak 1, 20 ms attack and 40 ms release."""
    t = np.arange(round(duration_s * rate)) / rate
    phase = 2 * np.pi * np.cumsum(f0_hz * (1 + 0.15 * np.sin(2 * np.pi * 1.7 * t))) / rate
    out = np.zeros(len(t))
    for harmonic in range(1, int(3400 / f0_hz)):
        weight = sum(g / (1 + ((harmonic * f0_hz - c) / b) ** 2) for c, b, g in formants)
        out += weight * np.sin(harmonic * phase)
    envelope = np.minimum(1, np.minimum(t / 0.02, (duration_s - t) / 0.04))
    return out * envelope / np.abs(out).max()


def phrase(duration_s: float, *, f0_hz: float = 200.0, seed: int = 0, rate: int = 8000) -> Floats:
    """Syllables of changing vowels, 30 ms apart, for exactly ``duration_s``; peak 1."""
    rng = np.random.default_rng(seed)
    pieces: list[Floats] = []
    left = duration_s
    while left > 0.12:
        length = min(float(rng.uniform(0.12, 0.22)), left)
        if left - length < 0.16:
            length = left
        f0 = f0_hz * float(rng.uniform(0.8, 1.25))
        formants = (_A, _I, _E)[int(rng.integers(3))]
        pieces.append(vowel(length, f0_hz=f0, formants=formants, rate=rate))
        left -= length
        if left > 0.12:
            pieces.append(np.zeros(round(0.03 * rate)))
            left -= 0.03
    out = np.zeros(round(duration_s * rate))
    joined = np.concatenate(pieces)[: len(out)] if pieces else out
    out[: len(joined)] = joined
    return out
