"""The files the samples are stored in: G.711 A-law WAV (written here), FLAC and MP3 (through PyAV)."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import numpy as np
from voices import RATE_HZ, Samples

_CEILING = 32767


def alaw(samples: Samples) -> bytes:
    """Encode to G.711 A-law, one byte a sample; digital silence becomes the idle code 0xD5."""
    linear = np.clip(np.rint(samples * 32768), -32768, _CEILING).astype(np.int64)
    sign = np.where(linear >= 0, 0x80, 0)
    # 13-bit magnitude; negative values are one's complement, as in ITU-T G.711 and its G.191 code.
    magnitude = np.where(linear >= 0, linear, ~linear) >> 4
    exponent = np.maximum(0, np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int64) - 3)
    mantissa = magnitude >> np.maximum(exponent - 1, 0) & 0x0F
    return ((sign | exponent << 4 | mantissa) ^ 0x55).astype(np.uint8).tobytes()


def write_alaw_wav(path: Path, *, legs: list[Samples]) -> None:
    """Write a WAV file of format 6 (A-law), 8 kHz, one channel per leg."""
    coded = np.stack([np.frombuffer(alaw(leg), dtype=np.uint8) for leg in legs], axis=1).tobytes()
    channels = len(legs)
    fmt = struct.pack("<HHIIHHH", 6, channels, RATE_HZ, RATE_HZ * channels, channels, 8, 0)
    fact = struct.pack("<I", len(legs[0]))
    pad = b"\0" * (len(coded) % 2)
    chunks = b"".join(
        name + struct.pack("<I", len(data)) + data + extra
        for name, data, extra in ((b"fmt ", fmt, b""), (b"fact", fact, b""), (b"data", coded, pad))
    )
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)


def write_compressed(path: Path, *, legs: list[Samples], codec: str, options: dict[str, str]) -> None:
    """Write FLAC or MP3 with PyAV; ``codec`` is flac or libmp3lame."""
    pcm = np.clip(np.rint(np.stack(legs, axis=1) * 32768), -32768, _CEILING).astype(np.int16)
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream(codec, rate=RATE_HZ, options={"flags": "+bitexact", **options})
        stream.layout = "stereo" if len(legs) == 2 else "mono"
        stream.format = "s16" if codec == "flac" else "s16p"
        shaped = pcm.reshape(1, -1) if codec == "flac" else np.ascontiguousarray(pcm.T)
        frame = av.AudioFrame.from_ndarray(shaped, format=stream.format.name, layout=stream.layout.name)
        frame.sample_rate = RATE_HZ
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
