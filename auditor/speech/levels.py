"""Frame levels of one leg, read block by block: what boundaries, gates and crosstalk are decided on.

Conventions: a frame is 20 ms under a Hann window, one every 10 ms; frame ``k`` is centred on
``(k + 0.5) * HOP_S``. Levels are dBov of the 200-3400 Hz band, so that hum and offset are no sound.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from auditor.signal import Channel, Samples, power_to_dbov

HOP_S = 0.01
FRAME_S = 0.02
BAND_HZ = (200.0, 3400.0)
BLOCK_S = 60.0

Levels = npt.NDArray[np.float32]


def read(channel: Channel, *, first: int, count: int) -> Samples:
    """Samples ``first … first + count`` in memory, zero where the leg has none or is not finite.

    Args:
        channel: The leg; its samples may be a memory map.
        first: Index of the first sample; may be negative.
        count: How many samples.

    Returns:
        Shape ``(count,)``, float32.
    """
    out = np.zeros(count, dtype=np.float32)
    begin, end = max(0, first), min(len(channel.samples), first + count)
    if begin < end:
        out[begin - first : end - first] = channel.samples[begin:end]
    return np.nan_to_num(out, copy=False, nan=0.0, posinf=0.0, neginf=0.0)


def frame_levels(channel: Channel) -> Levels:
    """Band level of every frame of a leg.

    ``level = 10*log10(2 * sum(|X|^2 over the band) / (N * sum(w^2)))``: a sine of amplitude a inside
    the band reads ``20*log10(a) - 3.01`` to within 0.2 dB.

    Args:
        channel: The leg.

    Returns:
        Shape ``(ceil(duration / 10 ms),)``, float32, dBov, floored at `auditor.signal.SILENCE_DBOV`.
    """
    rate = channel.sample_rate_hz
    hop, size = round(HOP_S * rate), round(FRAME_S * rate)
    frames = -(-len(channel.samples) // hop)
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    points = 1 << (size - 1).bit_length()
    bins = np.fft.rfftfreq(points, 1 / rate)
    band = (bins >= BAND_HZ[0]) & (bins <= BAND_HZ[1])
    scale = 2.0 / (points * float(np.sum(window**2)))
    levels = np.empty(frames, dtype=np.float32)
    per_block = round(BLOCK_S / HOP_S)
    lead = (size - hop) // 2
    for first in range(0, frames, per_block):
        count = min(per_block, frames - first)
        samples = read(channel, first=first * hop - lead, count=(count - 1) * hop + size)
        view = np.lib.stride_tricks.sliding_window_view(samples, size)[::hop]
        spectrum = np.fft.rfft(view * window, n=points, axis=1)[:, band]
        power = scale * np.sum(spectrum.real**2 + spectrum.imag**2, axis=1)
        levels[first : first + count] = power_to_dbov(power)
    return levels
