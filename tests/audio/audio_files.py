"""Sounds with a known truth, and real files of every kind made from them."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt
from ground_truth.coding import encode, pcm16

from auditor.audio.decode import Decoded
from auditor.signal import Channel

__all__ = [
    "babble",
    "channel",
    "decoded",
    "encode",
    "level_of",
    "loudest_hz",
    "noise",
    "pcm16",
    "silence",
    "tone",
    "write_wav",
]

Wave = npt.NDArray[np.float64]


def tone(hz: float, *, seconds: float, dbov: float = -20.0, rate_hz: int = 8000) -> Wave:
    """A sine of that level (a full-scale sine has -3.01 dBov)."""
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    return np.sqrt(2) * 10 ** (dbov / 20) * np.sin(2 * np.pi * hz * t)


def noise(*, seconds: float, dbov: float, rate_hz: int = 8000, seed: int = 0) -> Wave:
    """White noise of that level."""
    return np.random.default_rng(seed).normal(0, 10 ** (dbov / 20), round(seconds * rate_hz))


def silence(seconds: float, *, rate_hz: int = 8000) -> Wave:
    return np.zeros(round(seconds * rate_hz))


def babble(*, seconds: float, seed: int, dbov: float = -25.0, rate_hz: int = 8000) -> Wave:
    """Speech-like: noise through a slow random envelope, with pauses."""
    rng = np.random.default_rng(seed)
    steps = rng.choice([0.0, 0.3, 1.0], size=int(seconds * 4) + 2)
    envelope = np.interp(np.arange(round(seconds * rate_hz)), np.arange(len(steps)) * rate_hz / 4, steps)
    return envelope * noise(seconds=seconds, dbov=dbov, rate_hz=rate_hz, seed=seed + 1000)


def channel(wave: Wave, *, rate_hz: int = 8000, index: int = 0) -> Channel:
    return Channel(index, np.clip(wave, -1, 1).astype(np.float32), rate_hz)


def write_wav(
    path: Path,
    data: bytes,
    *,
    rate_hz: int = 8000,
    channels: int = 1,
    bits: int = 16,
    tag: int = 1,
    data_length: int | None = None,
    tail: bytes = b"",
) -> Path:
    """A WAV file by hand, so that its header can say anything."""
    length = len(data) if data_length is None else data_length
    align = channels * bits // 8
    fmt = struct.pack("<HHIIHH", tag, channels, rate_hz, rate_hz * align, align, bits)
    head = (
        b"RIFF" + struct.pack("<I", min(36 + length, 0xFFFFFFFF)) + b"WAVEfmt " + struct.pack("<I", 16) + fmt
    )
    path.write_bytes(head + b"data" + struct.pack("<I", length) + data + tail)
    return path


def decoded(
    *legs: Wave, rate_hz: int = 8000, name: str = "call.wav", warnings: tuple[str, ...] = ()
) -> Decoded:
    """What `decode` would return, without a file."""
    channels = tuple(channel(leg, rate_hz=rate_hz, index=k) for k, leg in enumerate(legs))
    return Decoded(
        path=Path(name),
        sha256=f"sha-of-{name}",
        codec="pcm_s16le",
        sample_rate_hz=rate_hz,
        channels=channels,
        duration_s=channels[0].duration_s,
        warnings=warnings,
    )


def level_of(samples: npt.NDArray[np.floating]) -> float:
    """dBov of samples."""
    return float(10 * np.log10(np.mean(np.asarray(samples, dtype=np.float64) ** 2) + 1e-12))


def loudest_hz(samples: npt.NDArray[np.floating], *, rate_hz: int) -> float:
    """The frequency of the strongest spectral line."""
    spectrum = np.abs(np.fft.rfft(np.asarray(samples) * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate_hz / len(samples))
