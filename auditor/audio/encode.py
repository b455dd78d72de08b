"""Sound for the report: a small file that every browser plays, and the peaks its waveform is drawn from.

MP3 at 16 kHz, because browsers decode it everywhere; the 8 kHz variant (MPEG-2.5) is in no standard.
One leg: 32 kbit/s mono; two legs: 48 kbit/s, leg 0 left and leg 1 right. A minute is 240 or 360 kB.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import av
import numpy as np
import numpy.typing as npt

from auditor.errors import UsageError
from auditor.signal import Channel

PLAY_HZ = 16000
BIT_RATES = {1: 32_000, 2: 48_000}
BLOCK_S = 20


def encode_for_listening(channels: Sequence[Channel]) -> tuple[bytes, str]:
    """Encode one or two legs of a call for a browser.

    Args:
        channels: legs of one rate; the shorter is continued with silence.

    Returns:
        The file's bytes and its MIME type, ``audio/mpeg``.

    Raises:
        UsageError: not one or two legs, or legs of different rates.
    """
    if len(channels) not in BIT_RATES or len({channel.sample_rate_hz for channel in channels}) != 1:
        raise UsageError("Only one leg, or two legs of one sample rate, can be made into a sound file.")
    layout = "mono" if len(channels) == 1 else "stereo"
    rate_hz = channels[0].sample_rate_hz
    target = io.BytesIO()
    with av.open(target, mode="w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=PLAY_HZ, layout=layout, format="s16p")
        stream.options = {"compression_level": "7"}  # LAME's fast setting: twice the speed, same size
        stream.bit_rate = BIT_RATES[len(channels)]
        resampler = av.AudioResampler(
            format="s16p", layout=layout, rate=PLAY_HZ, frame_size=stream.codec_context.frame_size or 576
        )
        for block in _blocks(channels):
            frame = av.AudioFrame.from_ndarray(block, format="s16p", layout=layout)
            frame.sample_rate = rate_hz
            for ready in resampler.resample(frame):
                container.mux(stream.encode(ready))
        for ready in resampler.resample(None):
            container.mux(stream.encode(ready))
        container.mux(stream.encode(None))
    return target.getvalue(), "audio/mpeg"


def waveform_peaks(channel: Channel, *, bins: int) -> list[float]:
    """The largest magnitude in each of ``bins`` equal stretches of the leg.

    Args:
        channel: one leg.
        bins: how many columns the drawing has; at least 1.

    Returns:
        ``bins`` numbers in 0..1, three decimals: ``max |x|`` over stretch k, which covers
        ``k/bins .. (k+1)/bins`` of the duration (at least the one sample it falls on).
    """
    count = len(channel.samples)
    if not count:
        return [0.0] * bins
    edges = np.arange(bins + 1, dtype=np.int64) * count // bins
    peaks: list[float] = []
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        part = channel.samples[first : max(last, first + 1)]
        peaks.append(round(min(1.0, max(float(part.max()), -float(part.min()))), 3))
    return peaks


def _blocks(channels: Sequence[Channel]) -> Iterator[npt.NDArray[np.int16]]:
    """The legs as 16-bit blocks of shape ``(legs, n)``."""
    longest = max(len(channel.samples) for channel in channels)
    step = BLOCK_S * channels[0].sample_rate_hz
    for start in range(0, longest, step):
        block = np.zeros((len(channels), min(step, longest - start)), dtype=np.int16)
        for row, channel in zip(block, channels, strict=True):
            part = np.clip(channel.samples[start : start + step], -1, 1)
            row[: len(part)] = np.round(part * 32767).astype(np.int16)
        yield block
