"""The shared short-time spectrum: band powers of one leg, 25 ms frames every 10 ms.

Conventions
    * Everything is measured at 8 kHz between 300 and 3400 Hz, whatever the file's rate, so that
      recordings compare.
    * Frame ``k`` is centred on ``(k + 0.5) * 10 ms`` and stands for ``k*10 ms … (k+1)*10 ms``;
      a leg of ``d`` seconds has ``floor(d / 10 ms)`` frames.
    * Powers are mean squares (0 dBov = 1.0, a full-scale square wave).

Formula
    Hann window ``w``, FFT of N points: ``power = 2 / (N * sum(w**2)) * sum(|X[k]|**2)`` over the bins
    inside the band (Parseval), ``low`` over 300–1000 Hz and ``high`` over 1000–3400 Hz.

Tolerance
    Mean power of a tone inside the band within 0.05 dB of its true level; of band-limited noise within
    0.2 dB over 2 s; the band's edges are 40 Hz soft: a tone at an edge loses
    up to 3 dB, a strong harmonic just under 300 Hz adds up to 0.7 dB to a voice.

Source: measurements.md, Band. The spectrum is `librosa.stft`, block by block, so that memory stays
bounded on calls of hours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from auditor.measure.settings import DEFAULTS, MeasureSettings
from auditor.records import Span
from auditor.signal import Channel, Samples, resample

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]

_RESAMPLING_MARGIN = 400  # samples at 8 kHz on each side, so that no filter edge is measured


@dataclass(frozen=True, slots=True, eq=False)
class LegFrames:
    """Band powers of one leg, one value per frame.

    Attributes:
        channel: 0-based leg.
        duration_s: the leg's own length.
        low: mean square in 300–1000 Hz, shape ``(n,)``.
        high: mean square in 1000–3400 Hz, shape ``(n,)``.
        power: ``low + high``.
    """

    channel: int
    duration_s: float
    low: Floats
    high: Floats
    power: Floats


def read_8k(channel: Channel, first: int, last: int, *, settings: MeasureSettings = DEFAULTS) -> Samples:
    """Samples ``first:last`` of a leg, counted at 8 kHz; zeros before its start and after its end.

    A leg at another rate is resampled piece by piece with a margin, so a long call is never in memory
    as a whole. Samples that are not finite come back as 0.
    """
    rate = settings.rate_hz
    ratio = channel.sample_rate_hz // rate
    if channel.sample_rate_hz != ratio * rate:
        raise ValueError(f"a channel has 8000 or 16000 Hz, not {channel.sample_rate_hz}")
    margin = 0 if ratio == 1 else _RESAMPLING_MARGIN
    total = len(channel.samples)
    begin, end = max(0, (first - margin) * ratio), min(total, (last + margin) * ratio)
    out = np.zeros(max(0, last - first), dtype=np.float32)
    if end <= begin:
        return out
    piece = np.nan_to_num(
        np.asarray(channel.samples[begin:end], dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0
    )
    if ratio != 1:
        piece = resample(piece, channel.sample_rate_hz, rate)
    start = begin // ratio
    lower, upper = max(first, start), min(last, start + len(piece))
    if upper > lower:
        out[lower - first : upper - first] = piece[lower - start : upper - start]
    return out


def frame_count(duration_s: float, *, settings: MeasureSettings = DEFAULTS) -> int:
    """How many whole frames a leg of that length has."""
    return int(duration_s / settings.hop_s + 1e-6)


def measure_frames(channel: Channel, *, settings: MeasureSettings = DEFAULTS) -> LegFrames:
    """The band powers of a whole leg (the formula stands in the module's docstring)."""
    rate, size = settings.rate_hz, settings.fft_size
    hop, window = round(settings.hop_s * rate), round(settings.frame_s * rate)
    count = frame_count(channel.duration_s, settings=settings)
    per_block = max(1, round(settings.block_s / settings.hop_s))
    hz = np.arange(size // 2 + 1) * rate / size
    low_bins = (hz >= settings.band_low_hz) & (hz < settings.band_split_hz)
    high_bins = (hz >= settings.band_split_hz) & (hz <= settings.band_high_hz)
    low = np.zeros(count, dtype=np.float32)
    high = np.zeros(count, dtype=np.float32)
    for k in range(0, count, per_block):
        n = min(per_block, count - k)
        # The window of frame k is centred on the middle of its hop.
        first = k * hop + hop // 2 - size // 2
        samples = read_8k(channel, first, first + (n - 1) * hop + size, settings=settings)
        spectrum = _power_spectrum(samples, size=size, hop=hop, window=window)
        low[k : k + n] = spectrum[low_bins].sum(axis=0)
        high[k : k + n] = spectrum[high_bins].sum(axis=0)
    return LegFrames(
        channel=channel.index, duration_s=channel.duration_s, low=low, high=high, power=low + high
    )


def span_mask(spans: Iterable[Span], count: int, *, hop_s: float, guard_s: float = 0.0) -> Mask:
    """Which frames have their centre in one of the spans, each widened by ``guard_s`` on both sides."""
    mask = np.zeros(count, dtype=np.bool_)
    for span in spans:
        first, last = span_frames(Span(span.start_s - guard_s, span.end_s + guard_s), count, hop_s=hop_s)
        mask[first:last] = True
    return mask


def span_frames(span: Span, count: int, *, hop_s: float) -> tuple[int, int]:
    """The frames ``first:last`` whose centre lies in the span, inside ``0:count``."""
    first = int(np.ceil(span.start_s / hop_s - 0.5 - 1e-6))
    last = int(np.ceil(span.end_s / hop_s - 0.5 - 1e-6))
    first = min(max(first, 0), count)
    return first, min(max(last, first), count)


def _power_spectrum(samples: Samples, *, size: int, hop: int, window: int) -> Floats:
    """|X|² scaled so that a sum over bins is a mean square; shape ``(size // 2 + 1, frames)``."""
    import librosa  # noqa: PLC0415

    spectrum = librosa.stft(
        samples, n_fft=size, hop_length=hop, win_length=window, window="hann", center=False
    )
    energy = size * float(np.sum(librosa.filters.get_window("hann", window) ** 2))
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    return np.asarray(power * np.float32(2 / energy), dtype=np.float32)
