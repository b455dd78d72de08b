"""Sounds that are no speech: tones of the network, music, clicks, coughs (`Clip`), and noises (arrays).

Every function returning a `Clip` names its bursts in ``active``; its level is set when it is placed.
China's tones: 450 Hz ringback 1/4 s, busy 0.35/0.35, congestion 0.7/0.7, call waiting 0.4/4.
`noise` gives RMS 1 in the telephone band (300–3400 Hz), so that a signal-to-noise ratio means that band.
Coughs, knocks and music are synthesised: "cough-like", not recorded.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import scipy.signal

from auditor.records import Span
from ground_truth import speakers
from ground_truth.legs import RATE_HZ, Clip, Samples

BAND_HZ = (300.0, 3400.0)
NOISES = ("white", "pink", "car", "office", "babble")
NoiseKind = Literal["white", "pink", "car", "office", "babble"]
DTMF_HZ = {
    key: (low, high)
    for low, row in zip((697, 770, 852, 941), ("123A", "456B", "789C", "*0#D"), strict=True)
    for high, key in zip((1209, 1336, 1477, 1633), row, strict=True)
}


def cadence(
    kind: str, *, on_s: float, off_s: float, count: int, hz: float = 450.0, rate_hz: int = RATE_HZ
) -> Clip:
    """``count`` bursts of a sine with 5 ms ramps, ending with the last burst."""
    period, burst = round((on_s + off_s) * rate_hz), round(on_s * rate_hz)
    out = np.zeros((count - 1) * period + burst)
    for k in range(count):
        out[k * period : k * period + burst] = _ramped(
            np.sin(2 * np.pi * hz * _clock(burst, rate_hz)), rate_hz
        )
    starts = [k * period / rate_hz for k in range(count)]
    return Clip(out, rate_hz, tuple(Span(t, t + burst / rate_hz) for t in starts), kind, speaker="exchange")


def ringback(count: int, *, hz: float = 450.0, rate_hz: int = RATE_HZ) -> Clip:
    """Ringback: 1 s on, 4 s off."""
    return cadence("ringback", on_s=1.0, off_s=4.0, count=count, hz=hz, rate_hz=rate_hz)


def busy(count: int, *, hz: float = 450.0, rate_hz: int = RATE_HZ) -> Clip:
    """Busy tone: 0.35 s on and off."""
    return cadence("busy", on_s=0.35, off_s=0.35, count=count, hz=hz, rate_hz=rate_hz)


def congestion(count: int, *, hz: float = 450.0, rate_hz: int = RATE_HZ) -> Clip:
    """Congestion tone: 0.7 s on and off."""
    return cadence("congestion", on_s=0.7, off_s=0.7, count=count, hz=hz, rate_hz=rate_hz)


def call_waiting(count: int, *, hz: float = 450.0, rate_hz: int = RATE_HZ) -> Clip:
    """Call waiting: 0.4 s on, 4 s off."""
    return cadence("call_waiting", on_s=0.4, off_s=4.0, count=count, hz=hz, rate_hz=rate_hz)


def beep(seconds: float, *, hz: float = 1000.0, rate_hz: int = RATE_HZ) -> Clip:
    """One burst of a sine (1000 Hz: the beep before a recording starts)."""
    return cadence("beep", on_s=seconds, off_s=0.0, count=1, hz=hz, rate_hz=rate_hz)


def dtmf(keys: str, *, on_s: float = 0.1, off_s: float = 0.1, rate_hz: int = RATE_HZ) -> Clip:
    """Keys, two sines each."""
    burst, period = round(on_s * rate_hz), round((on_s + off_s) * rate_hz)
    out = np.zeros((len(keys) - 1) * period + burst)
    for k, key in enumerate(keys):
        two = sum(np.sin(2 * np.pi * hz * _clock(burst, rate_hz)) for hz in DTMF_HZ[key])
        out[k * period : k * period + burst] = _ramped(two, rate_hz)
    spans = tuple(Span(k * period / rate_hz, (k * period + burst) / rate_hz) for k in range(len(keys)))
    return Clip(out, rate_hz, spans, "dtmf", text=keys)


def music(
    seconds: float, *, rng: np.random.Generator, drums: bool | None = None, rate_hz: int = RATE_HZ
) -> Clip:
    """Hold music (or colour ringback): a melody of harmonic notes over chords, with or without drums."""
    count = round(seconds * rate_hz)
    out = np.zeros(count)
    beat_s = float(rng.uniform(0.25, 0.6))
    root_hz = float(rng.uniform(110, 220))
    scale = np.array([0, 2, 4, 7, 9, 12, 14, 16])
    vibrato_hz, decay = float(rng.uniform(4, 7)), float(rng.uniform(0.8, 4))
    bright = float(rng.uniform(1.0, 2.0))
    drums = bool(rng.random() < 0.5) if drums is None else drums
    degree = 4
    for k, start_s in enumerate(np.arange(0, seconds, beat_s)):
        first = round(start_s * rate_hz)
        degree = int(np.clip(degree + rng.integers(-2, 3), 0, len(scale) - 1))
        notes = [(2 * root_hz * 2 ** (scale[degree] / 12), 1.0, beat_s * 1.5)]
        if k % 4 == 0:
            chord = rng.choice([0, 5, 7, 9])
            notes += [(root_hz * 2 ** ((chord + step) / 12), 0.5, 4 * beat_s) for step in (0, 4, 7)]
        for hz, loud, length_s in notes:
            t = _clock(min(round(length_s * rate_hz), count - first), rate_hz)
            phase = 2 * np.pi * hz * (t + 0.0005 * np.sin(2 * np.pi * vibrato_hz * t) / vibrato_hz)
            tops = range(1, max(2, min(8, int(0.45 * rate_hz / hz))))
            wave = sum(np.sin(n * phase) / n**bright for n in tops)
            out[first : first + len(t)] += loud * wave * np.exp(-decay * t) * np.minimum(1, t / 0.01)
        if drums:
            hit = rng.standard_normal(min(round(0.12 * rate_hz), count - first))
            out[first : first + len(hit)] += hit * np.exp(-_clock(len(hit), rate_hz) / 0.02)
    return Clip(out, rate_hz, (Span(0, count / rate_hz),), "music", speaker="synthesised music")


def click(*, rng: np.random.Generator, rate_hz: int = RATE_HZ) -> Clip:
    """A switch click: some 3 ms of decaying noise."""
    return _knocks("click", ((0.0, 1.0),), rng=rng, decay_s=0.001, rate_hz=rate_hz)


def put_down(*, rng: np.random.Generator, rate_hz: int = RATE_HZ) -> Clip:
    """A handset dropped into its cradle: two or three knocks within 0.2 s."""
    times = ((0.0, 0.5), (0.09, 1.0), (0.15, 0.3))[: int(rng.integers(2, 4))]
    return _knocks("put_down", times, rng=rng, decay_s=0.005, rate_hz=rate_hz)


def knock(*, rng: np.random.Generator, rate_hz: int = RATE_HZ) -> Clip:
    """Something knocks against desk or microphone: low, 30 ms."""
    return _knocks("knock", ((0.0, 1.0),), rng=rng, decay_s=0.012, hz=250.0, rate_hz=rate_hz)


def cough(*, rng: np.random.Generator, rate_hz: int = RATE_HZ) -> Clip:
    """One to three cough-like bursts: noise through a throat, a sharp onset, 0.2 to 0.4 s each."""
    parts: list[Samples] = []
    spans: list[Span] = []
    at_s = 0.0
    for _ in range(int(rng.integers(1, 4))):
        count = round(float(rng.uniform(0.2, 0.4)) * rate_hz)
        t = _clock(count, rate_hz)
        sound = rng.standard_normal(count)
        throat = np.zeros(count)
        for low, high, loud in ((400, 900, 1.0), (1000, 1900, 0.8), (2200, 3400, 0.4)):
            shift = float(rng.uniform(0.85, 1.15))
            edges = (low * shift, min(high * shift, 0.47 * rate_hz))
            band = scipy.signal.butter(2, edges, "bandpass", fs=rate_hz, output="sos")
            throat += loud * scipy.signal.sosfilt(band, sound)
        second_s = float(rng.uniform(0.08, 0.12))
        envelope = np.exp(-t / 0.03) + 0.4 * np.exp(-(((t - second_s) / 0.05) ** 2))
        parts += [
            _ramped(throat * envelope, rate_hz, 0.002),
            np.zeros(round(float(rng.uniform(0.05, 0.2)) * rate_hz)),
        ]
        spans.append(Span(at_s, at_s + count / rate_hz))
        at_s += (len(parts[-2]) + len(parts[-1])) / rate_hz
    return Clip(np.concatenate(parts[:-1]), rate_hz, tuple(spans), "cough", speaker="cough-like noise")


def noise(kind: NoiseKind, seconds: float, *, rng: np.random.Generator, rate_hz: int = RATE_HZ) -> Samples:
    """Noise of RMS 1 within 300–3400 Hz. Stationary but for office (keys, murmur) and babble (six voices)."""
    count = round(seconds * rate_hz)
    white = rng.standard_normal(count)
    if kind == "white":
        out = white
    elif kind == "pink":
        out = _tilted(white, slope=-0.5)
    elif kind == "car":
        out = _tilted(white, slope=-1.2)
    elif kind == "office":
        out = _tilted(white, slope=-0.6) / 3 + 0.5 * _unit(
            _babble(count, 4, rng=rng, rate_hz=rate_hz), rate_hz
        )
        for first in rng.integers(0, max(1, count - rate_hz // 20), size=int(seconds * 1.5)):
            tap = click(rng=rng, rate_hz=rate_hz).samples
            end = min(count, int(first) + len(tap))
            out[first:end] += 2.0 * tap[: end - first]
    else:
        out = _babble(count, 6, rng=rng, rate_hz=rate_hz)
    return _unit(out, rate_hz)


def hum(seconds: float, *, mains_hz: float = 50.0, rate_hz: int = RATE_HZ) -> Samples:
    """Mains hum of RMS 1 (broad band): 50 Hz and its harmonics 2, 3, 5, 7."""
    t = _clock(round(seconds * rate_hz), rate_hz)
    out = sum(
        loud * np.sin(2 * np.pi * mains_hz * k * t)
        for k, loud in ((1, 1), (2, 0.4), (3, 0.5), (5, 0.2), (7, 0.1))
    )
    return np.asarray(out / np.sqrt(np.mean(np.square(out))))


def band_power(samples: Samples, *, rate_hz: int) -> float:
    """Mean power within 300–3400 Hz."""
    band = scipy.signal.butter(6, BAND_HZ, "bandpass", fs=rate_hz, output="sos")
    return float(np.mean(scipy.signal.sosfilt(band, samples) ** 2))


def _unit(samples: Samples, rate_hz: int) -> Samples:
    return samples / np.sqrt(max(band_power(samples, rate_hz=rate_hz), 1e-20))


def _tilted(white: Samples, *, slope: float) -> Samples:
    """White noise with its amplitude spectrum times f^slope (flat under 30 Hz)."""
    spectrum = np.fft.rfft(white)
    f = np.maximum(np.fft.rfftfreq(len(white), 1 / 8000), 30.0)
    return np.fft.irfft(spectrum * (f / 1000) ** slope, len(white))


def _babble(count: int, voices: int, *, rng: np.random.Generator, rate_hz: int) -> Samples:
    """Many voices at once, each speaking without a pause from a random place."""
    out = np.zeros(count)
    for _ in range(voices):
        speaker = speakers.pair(rng)[0]
        clip = speakers.say(speaker, 8, rng=rng, rate_hz=rate_hz)
        tiled = np.resize(np.roll(clip.samples, int(rng.integers(len(clip.samples)))), count)
        out += float(rng.uniform(0.5, 1.0)) * tiled
    return out


def _knocks(
    kind: str,
    knocks: tuple[tuple[float, float], ...],
    *,
    rng: np.random.Generator,
    decay_s: float,
    rate_hz: int,
    hz: float = 700.0,
) -> Clip:
    length = round(8 * decay_s * rate_hz)
    out = np.zeros(round(knocks[-1][0] * rate_hz) + length)
    for at_s, share in knocks:
        t = _clock(length, rate_hz)
        first = round(at_s * rate_hz)
        sound = rng.standard_normal(length) + 2 * np.sin(2 * np.pi * hz * t)
        out[first : first + length] += share * sound * np.exp(-t / decay_s)
    spans = tuple(Span(t, t + length / rate_hz) for t, _ in knocks)
    return Clip(out, rate_hz, spans, kind)


def _clock(count: int, rate_hz: int) -> Samples:
    return np.arange(max(0, count)) / rate_hz


def _ramped(samples: Samples, rate_hz: int, ramp_s: float = 0.005) -> Samples:
    count = min(round(ramp_s * rate_hz), len(samples) // 2)
    out = np.array(samples, dtype=np.float64)
    ramp = np.linspace(0, 1, count)
    out[:count] *= ramp
    out[len(out) - count :] *= ramp[::-1]
    return out
