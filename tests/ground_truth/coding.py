"""Real encoders, real files, and the truth moved by what the encoder delays.

* `CODECS`: names to use: pcm16, alaw, mulaw, gsm, amr, mp3, opus, flac. PyAV's wheels hold no GSM encoder:
  ``gsm`` goes through the ``ffmpeg`` program (libgsm) and skips the running test without it.
* `write`: a call as files: ``stereo`` (one file, agent left), ``pair`` (one file per leg) or ``mono`` (both
  legs summed). AMR and GSM hold one channel and 8 kHz: pair or mono only.
* `through`: encoded and decoded again (by `auditor.audio.decode`), at the call's rate and length, delay
  removed from the samples: what a recording of that codec sounds like, with the truth unchanged.

The delay of every codec is measured once a process, by correlating a decoded phrase with itself as it
was (`delay_s`); LAME and Opus write theirs into the file and most of it is gone after decoding.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import av
import numpy as np
import numpy.typing as npt
import pytest
import scipy.signal

from auditor.audio.decode import decode
from auditor.signal import resample
from ground_truth.legs import RATE_HZ, Call, Samples
from ground_truth.truth import LEGS, Effect, Truth
from ground_truth.voiced import phrase

Layout = Literal["stereo", "pair", "mono"]


@dataclass(frozen=True, slots=True)
class Codec:
    """How one codec is written. ``bit_rate`` is of the whole file, None where the codec fixes it."""

    encoder: str
    sample_format: str
    container: str
    suffix: str
    bit_rate: int | None = None
    mono_only: bool = False


CODECS = {
    "pcm16": Codec("pcm_s16le", "s16", "wav", ".wav"),
    "alaw": Codec("pcm_alaw", "s16", "wav", ".wav"),
    "mulaw": Codec("pcm_mulaw", "s16", "wav", ".wav"),
    "flac": Codec("flac", "s16", "flac", ".flac"),
    "gsm": Codec("libgsm", "s16", "gsm", ".gsm", mono_only=True),
    "amr": Codec("libopencore_amrnb", "s16", "amr", ".amr", bit_rate=12_200, mono_only=True),
    "mp3": Codec("libmp3lame", "s16p", "mp3", ".mp3", bit_rate=16_000),
    "opus": Codec("libopus", "s16", "ogg", ".opus", bit_rate=24_000),
}
LOSSY = ("gsm", "amr", "mp3", "opus")


@dataclass(frozen=True, slots=True)
class Written:
    """Files of one call. ``truth`` has the times of the decoded files; ``pair``: agent first."""

    paths: tuple[Path, ...]
    truth: Truth
    codec: str
    layout: Layout
    delay_s: float


def can_encode(codec: str) -> bool:
    """Whether this machine can write the codec."""
    if CODECS[codec].encoder == "libgsm":
        return shutil.which("ffmpeg") is not None
    return CODECS[codec].encoder in av.codecs_available or codec in ("pcm16", "alaw", "mulaw", "flac")


def write(
    call: Call,
    folder: Path,
    *,
    codec: str = "alaw",
    layout: Layout = "stereo",
    name: str = "call",
    bit_rate: int | None = None,
) -> Written:
    """Writes a call into ``folder``; see the module for codecs and layouts. ``bit_rate`` of each file."""
    kind = CODECS[codec]
    if layout == "stereo" and kind.mono_only:
        raise ValueError(f"{codec} holds one channel: write a pair or mono")
    if not can_encode(codec):
        pytest.skip(f"this machine cannot encode {codec}")
    groups: list[tuple[str, list[Samples]]]
    if layout == "pair":
        groups = [(f"{name}.{leg}", [call.legs[leg]]) for leg in LEGS]
    elif layout == "mono":
        groups = [(name, [call.legs["agent"] + call.legs["customer"]])]
    else:
        groups = [(name, [call.legs[leg] for leg in LEGS])]
    paths = []
    for stem, legs in groups:
        path = folder / f"{stem}{kind.suffix}"
        _encode(path, legs, kind=kind, rate_hz=call.rate_hz, bit_rate=bit_rate)
        paths.append(path)
    delay = delay_s(codec, rate_hz=call.rate_hz)
    truth = call.truth.moved({leg: lambda t: t + delay for leg in LEGS})
    return Written(tuple(paths), truth, codec, layout, delay)


def through(call: Call, codec: str, *, bit_rate: int | None = None) -> Call:
    """The call as decoded from that codec; joint stereo where the codec holds two channels."""
    layout: Layout = "pair" if CODECS[codec].mono_only else "stereo"
    with tempfile.TemporaryDirectory() as folder:
        written = write(call, Path(folder), codec=codec, layout=layout, bit_rate=bit_rate)
        found = [
            resample(np.asarray(c.samples), c.sample_rate_hz, call.rate_hz)
            for path in written.paths
            for c in decode(path).channels
        ]
    late = round(written.delay_s * call.rate_hz)
    count = len(call.legs["agent"])
    legs = {leg: _cut(samples, late, count) for leg, samples in zip(LEGS, found, strict=True)}
    effect = Effect("coded", {"codec": codec, "bit_rate": bit_rate or CODECS[codec].bit_rate})
    return call.changed(legs, effect)


@lru_cache(maxsize=32)
def delay_s(codec: str, *, rate_hz: int = RATE_HZ) -> float:
    """Seconds by which the decoded sound is late, to one sample."""
    spoken = 0.2 * phrase(2.0, seed=5, rate=rate_hz)
    burst = np.pad(spoken, rate_hz // 2)
    kind = CODECS[codec]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"delay{kind.suffix}"
        _encode(path, [burst], kind=kind, rate_hz=rate_hz, bit_rate=None)
        channel = decode(path).channels[0]
    back = resample(np.asarray(channel.samples), channel.sample_rate_hz, rate_hz)
    likeness = scipy.signal.correlate(back, burst, mode="full")
    lags = scipy.signal.correlation_lags(len(back), len(burst), mode="full")
    return float(lags[int(np.argmax(likeness))]) / rate_hz


def pcm16(*legs: npt.NDArray[Any]) -> bytes:
    """Interleaved 16-bit samples."""
    whole = np.clip(np.round(np.stack(legs, axis=1) * 32768), -32768, 32767)
    return whole.astype("<i2").tobytes()


def encode(
    path: Path,
    *legs: npt.NDArray[Any],
    codec: str,
    sample_format: str,
    container: str,
    rate_hz: int = RATE_HZ,
    bit_rate: int | None = None,
) -> Path:
    """A file of any codec and container that PyAV can write."""
    layout = "mono" if len(legs) == 1 else "stereo"
    with av.open(str(path), "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate_hz, layout=layout, format=sample_format)
        if bit_rate:
            stream.bit_rate = bit_rate
        size = stream.codec_context.frame_size or 1024
        resampler = av.AudioResampler(format=sample_format, layout=layout, rate=rate_hz, frame_size=size)
        samples = np.frombuffer(pcm16(*legs), "<i2")[None, :]
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="s16", layout=layout)
        frame.sample_rate = rate_hz
        for ready in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(ready))
        output.mux(stream.encode(None))
    return path


def _encode(path: Path, legs: list[Samples], *, kind: Codec, rate_hz: int, bit_rate: int | None) -> None:
    if kind.encoder == "libgsm":
        command = ["ffmpeg", "-v", "error", "-f", "s16le", "-ar", str(rate_hz), "-ac", "1", "-i", "-"]
        subprocess.run([*command, "-c:a", "libgsm", "-y", str(path)], input=pcm16(*legs), check=True)
        return
    encode(
        path,
        *legs,
        codec=kind.encoder,
        sample_format=kind.sample_format,
        container=kind.container,
        rate_hz=rate_hz,
        bit_rate=bit_rate or kind.bit_rate,
    )


def _cut(samples: npt.NDArray[Any], late: int, count: int) -> Samples:
    moved = np.concatenate([np.zeros(max(0, -late)), samples[max(0, late) :]])[:count]
    return np.asarray(np.pad(moved, (0, count - len(moved))), dtype=np.float64)
