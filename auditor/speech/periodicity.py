"""How periodic a stretch of sound is: what tells a voice from a cough, a breath or a rustle.

Every syllable has a voiced vowel, which repeats itself 75 to 420 times a second. A frame's periodicity is
the greatest normalised cross-correlation of ``w`` = 40 ms with what follows one period later,

    ``max over lags k of  sum x[n] x[n + k] / sqrt(sum x[n]² · sum x[n + k]²)``,  n = 0 … w - 1,

1 for a steady tone and near 0.25 for noise (Atal and Rabiner, 1976: voiced, unvoiced, silence).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from auditor.signal import Samples

WINDOW_S = 0.04
HOP_S = 0.01
PITCH_HZ = (75.0, 420.0)

Floats = npt.NDArray[np.float64]


def frame_periodicity(samples: Samples, *, rate_hz: int) -> tuple[Floats, Floats]:
    """Periodicity and power of every 10 ms.

    Args:
        samples: shape ``(n,)``.
        rate_hz: their rate.

    Returns:
        Two arrays of shape ``(frames,)``: periodicity, -1 to 1 (0 for digital silence), and mean power;
        empty for less than 54 ms.
    """
    width, hop = round(WINDOW_S * rate_hz), round(HOP_S * rate_hz)
    shortest, longest = int(rate_hz / PITCH_HZ[1]), int(rate_hz / PITCH_HZ[0])
    if len(samples) < width + longest:
        return np.zeros(0), np.zeros(0)
    frames = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float64), width + longest)[::hop]
    frames = frames - frames.mean(axis=1, keepdims=True)
    points = 1 << (2 * width + longest - 1).bit_length()
    first = np.fft.rfft(frames[:, :width], n=points, axis=1)
    both = np.fft.irfft(first.conj() * np.fft.rfft(frames, n=points, axis=1), n=points, axis=1)
    sums = np.cumsum(np.pad(frames**2, ((0, 0), (1, 0))), axis=1)
    energies = sums[:, width:] - sums[:, : longest + 1]
    lags = slice(shortest, longest + 1)
    size = np.sqrt(energies[:, :1] * energies[:, lags])
    periodicity = (both[:, lags] / np.maximum(size, 1e-12)).max(axis=1)
    return np.clip(periodicity, -1.0, 1.0), energies[:, 0] / width
