"""What a telephone line and a recorder do to speech, and sounds that are no speech. All at 16 kHz."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import av
import numpy as np
import scipy.signal
import soxr

from recipe.voices import RATE_HZ, Samples

if TYPE_CHECKING:
    from numpy.random import Generator

NON_SPEECH = ("silence", "noise", "ringback", "busy", "dtmf", "music", "clicks", "hum")


def speech_level(samples: Samples) -> float:
    """RMS of the 20 ms frames within 25 dB of the loudest, full scale 1."""
    frames = samples[: samples.size // 320 * 320].reshape(-1, 320)
    if not frames.size:
        return 0.0
    powers = np.mean(frames**2, axis=1)
    return float(np.sqrt(np.mean(powers[powers >= powers.max() / 316]))) if powers.max() > 0 else 0.0


def impair(samples: Samples, rng: Generator, *, other: Samples | None = None) -> Samples:
    """A random line: reverberation, noise, crosstalk, gain, clipping, band, codec."""
    level = speech_level(samples)
    out = samples
    if rng.random() < 0.15:
        out = reverberate(out, rng, decay_s=rng.uniform(0.08, 0.5), mix=rng.uniform(0.1, 0.5))
    if rng.random() < 0.85:
        out = out + coloured(out.size, rng) * (level or 0.05) * _db(-rng.uniform(3, 40))
    if other is not None and other.size:
        echo = np.resize(np.roll(other, int(rng.integers(other.size))), out.size)
        out = out + echo * ((level or 0.05) / (speech_level(echo) or 1) * _db(-rng.uniform(18, 40)))
    target = _db(-rng.uniform(8, 42))
    out = out * (target / (level or 0.1))
    if rng.random() < 0.05:
        out = out * _db(rng.uniform(6, 18))
    return through_line(np.clip(out, -1, 1).astype(np.float32), rng)


def through_line(samples: Samples, rng: Generator) -> Samples:
    """Wide band, 8 kHz, G.711 A or mu, or MP3 after 8 kHz."""
    draw = rng.random()
    if draw < 0.25:
        return samples
    narrow = telephone_band(samples) if rng.random() < 0.7 else samples
    narrow = np.asarray(soxr.resample(narrow, RATE_HZ, 8000, quality="MQ"), np.float32)
    if draw > 0.5:
        narrow = g711(narrow, law="a" if draw > 0.7 else "mu")
    elif draw > 0.46:
        narrow = mp3(narrow)
    wide = np.asarray(soxr.resample(narrow, 8000, RATE_HZ, quality="MQ"), np.float32)
    return (
        np.resize(wide, samples.size)
        if wide.size >= samples.size
        else np.pad(wide, (0, samples.size - wide.size))
    )


def telephone_band(samples: Samples) -> Samples:
    """Keep 300-3400 Hz."""
    sections = scipy.signal.butter(4, (300, 3400), btype="bandpass", fs=RATE_HZ, output="sos")
    return np.asarray(scipy.signal.sosfilt(sections, samples), np.float32)


def g711(samples: Samples, *, law: str) -> Samples:
    """Compand, round to 8 bits, expand (the continuous laws, A = 87.6, mu = 255)."""
    size = np.abs(np.clip(samples, -1, 1))
    if law == "mu":
        code = np.round(np.log1p(255 * size) / np.log(256) * 127) / 127
        back = np.expm1(code * np.log(256)) / 255
    else:
        scale = 1 + np.log(87.6)
        small = 87.6 * size / scale
        large = (1 + np.log(np.maximum(87.6 * size, 1))) / scale
        code = (np.floor(np.where(size < 1 / 87.6, small, large) * 127) + 0.5) / 127.5
        back = np.where(code < 1 / scale, code * scale / 87.6, np.exp(code * scale - 1) / 87.6)
    return np.asarray(np.copysign(back, samples), np.float32)


def mp3(samples: Samples, *, rate_hz: int = 8000, bit_rate: int = 16_000) -> Samples:
    """Through an MP3 encoder and decoder; the encoder's delay is removed."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp3") as container:
        stream = container.add_stream("mp3", rate=rate_hz, layout="mono")
        stream.bit_rate = bit_rate
        data = (np.clip(samples, -1, 1) * 32767).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(data, format="s16p", layout="mono")
        frame.sample_rate = rate_hz
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    buffer.seek(0)
    with av.open(buffer, "r") as container:
        parts = [frame.to_ndarray()[0].astype(np.float32) for frame in container.decode(audio=0)]
    decoded = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    return np.pad(decoded, (0, max(0, samples.size - decoded.size)))[: samples.size]


def reverberate(samples: Samples, rng: Generator, *, decay_s: float, mix: float) -> Samples:
    """Add a tail of decaying noise; ``decay_s`` is the time to fall by 60 dB."""
    length = int(decay_s * RATE_HZ)
    tail = rng.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
    wet = scipy.signal.fftconvolve(samples, tail / np.sqrt(np.sum(tail**2)))[: samples.size]
    return np.asarray(samples + mix * wet, np.float32)


def coloured(size: int, rng: Generator) -> Samples:
    """Noise of RMS 1 with a random tilt between white and brown."""
    noise = rng.standard_normal(size).astype(np.float32)
    kind = rng.random()
    if kind < 0.6:
        pole = rng.uniform(0.5, 0.99)
        noise = np.asarray(scipy.signal.lfilter([1.0], [1.0, -pole], noise), np.float32)
    return np.asarray(noise / (np.std(noise) + 1e-9), np.float32)


def non_speech(kind: str, seconds: float, rng: Generator) -> Samples:
    """A stretch without speech: tones of the network (450 Hz), keys, music, hum, clicks, noise, nothing."""
    size = int(seconds * RATE_HZ)
    time = np.arange(size) / RATE_HZ
    floor = coloured(size, rng) * _db(-rng.uniform(45, 95))
    if kind == "silence":
        sound = np.zeros(size) if rng.random() < 0.5 else floor
    elif kind == "noise":
        envelope = 1 + rng.uniform(0, 0.9) * np.sin(
            2 * np.pi * rng.uniform(0.1, 4) * time + rng.uniform(0, 6)
        )
        sound = coloured(size, rng) * envelope * _db(-rng.uniform(12, 60))
    elif kind in ("ringback", "busy"):
        on, off = {"ringback": (1.0, 4.0), "busy": ((0.35, 0.35), (0.7, 0.7))[int(rng.integers(2))]}[kind]
        gate = (time + rng.uniform(0, on + off)) % (on + off) < on
        tone = np.sin(2 * np.pi * rng.uniform(425, 475) * time)
        sound = gate * tone * _db(-rng.uniform(6, 30)) + floor
    elif kind == "dtmf":
        sound = floor
        for start in np.arange(rng.uniform(0, 1), seconds - 0.2, rng.uniform(0.2, 0.8)):
            low, high = rng.choice([697, 770, 852, 941]), rng.choice([1209, 1336, 1477])
            gate = (time >= start) & (time < start + 0.1)
            sound = sound + gate * 0.1 * (np.sin(2 * np.pi * low * time) + np.sin(2 * np.pi * high * time))
    elif kind == "music":
        sound = _music(time, rng) * _db(-rng.uniform(12, 35)) + floor
    elif kind == "clicks":
        sound = floor
        for start in rng.integers(0, max(1, size - 800), int(rng.integers(2, 12))):
            burst = rng.standard_normal(800) * np.exp(-np.arange(800) / rng.uniform(20, 200))
            sound[start : start + 800] += burst[: size - start] * _db(-rng.uniform(3, 30))
    else:
        mains = sum(np.sin(2 * np.pi * 50 * k * time) / k for k in (1, 2, 3, 4, 6))
        sound = mains * _db(-rng.uniform(20, 45)) + floor
    return np.clip(sound, -1, 1).astype(np.float32)


def _music(time: np.ndarray, rng: Generator) -> np.ndarray:
    """Chords and a tune with decaying, harmonic notes."""
    beat = rng.uniform(0.18, 0.6)
    key = rng.uniform(110, 330)
    scale = np.array([0, 2, 4, 7, 9, 12, 14, 16, 19])
    out = np.zeros(time.size)
    for start in np.arange(0, time[-1] if time.size else 0, beat):
        first = int(start * RATE_HZ)
        span = time[first : first + int(beat * 2 * RATE_HZ)] - start
        for _ in range(int(rng.integers(1, 4))):
            pitch = key * 2 ** (rng.choice(scale) / 12)
            note = sum(np.sin(2 * np.pi * pitch * k * span) / k**1.5 for k in range(1, 5))
            out[first : first + span.size] += note * np.exp(-span * rng.uniform(1, 6))
    return out / (np.std(out) + 1e-9)


def _db(value: float) -> float:
    return float(10 ** (value / 20))
