"""Speech for the sample calls: espeak-ng renders a sentence, numpy and scipy shape it like a telephone.

espeak-ng must be installed (``apt install espeak-ng``); its output carries no licence of its own.
Samples are float64 at 8000 Hz, 1.0 = full scale, so ``20*log10(rms)`` is the level in dBov.
"""

from __future__ import annotations

import io
import subprocess
import wave
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np
import scipy.signal
import soxr
from numpy.typing import NDArray
from recipe.voices import MANDARIN, to_pinyin

Samples = NDArray[np.float64]

RATE_HZ = 8000
WORDS_PER_CHAR = 0.65  # words a minute to ask espeak-ng for, for a pace of one 字/分
TRIM_DB = 40.0  # speech starts and ends where 10 ms RMS is within this of the loudest 10 ms
FRAME = RATE_HZ // 100


@dataclass(frozen=True)
class Voice:
    """One speaker: an espeak-ng variant, its rate in 字/分, pitch (0..99), and how lively it is.

    ``pitch_range_percent`` scales the tones' excursions (100 = as espeak-ng speaks). So that nobody
    reads a list, ``pitch_spread`` is the standard deviation of pitch between sentences, each sentence
    lies 0 to ``level_spread_db`` below ``level_dbov``, and its level falls by ``level_fall_db`` to its
    end. ``level_steadying`` is 0 for the level as spoken and 1 for one evened out over every 0.1 s.
    """

    variant: str
    rate: int = 260
    pitch: int = 62
    pitch_range_percent: int = 130
    pitch_spread: float = 5.0
    level_dbov: float = -23.0
    level_spread_db: float = 6.0
    level_fall_db: float = 5.0
    level_steadying: float = 0.0


def speak(text: str, *, voice: Voice, pitch: int, rate: int) -> Samples:
    """Render one sentence with espeak-ng, at 8 kHz and trimmed (`trim`), level as it comes.

    It is given pinyin, as the recipe of the checkpoint gives it: its voice for characters reads them partly
    as English.
    """
    spoken_text = escape(to_pinyin(text))
    ssml = f'<speak><prosody range="{voice.pitch_range_percent}%">{spoken_text}</prosody></speak>'
    words = str(round(WORDS_PER_CHAR * rate))
    command = ["espeak-ng", "-m", "-v", f"{MANDARIN}+{voice.variant}", "-s", words, "-p", str(pitch)]
    done = subprocess.run([*command, "--stdout", ssml], capture_output=True, check=True)
    with wave.open(io.BytesIO(done.stdout)) as header:
        rate_hz = header.getframerate()
    # espeak-ng streams: the length in its header is a placeholder, so the data are read past it.
    spoken = np.frombuffer(done.stdout[44:], dtype="<i2").astype(np.float64) / 32768
    return trim(telephone_band(soxr.resample(spoken, rate_hz, RATE_HZ)))


def telephone_band(samples: Samples) -> Samples:
    """Keep 250–3500 Hz, about what a handset and a G.711 trunk leave."""
    sections = scipy.signal.butter(4, (250, 3500), btype="bandpass", fs=RATE_HZ, output="sos")
    return np.asarray(scipy.signal.sosfiltfilt(sections, samples))


def frame_levels_db(samples: Samples) -> Samples:
    """RMS level of each 10 ms in dBov, shape (n // 80,)."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    return np.asarray(10 * np.log10(np.mean(frames**2, axis=1) + 1e-12))


def trim(samples: Samples) -> Samples:
    """Cut the silence before and after: the truth's turn times are those of the trimmed speech."""
    levels = frame_levels_db(samples)
    (loud,) = np.nonzero(levels > levels.max() - TRIM_DB)
    return samples[loud[0] * FRAME : (loud[-1] + 1) * FRAME]


def speech_level_db(samples: Samples) -> float:
    """Level of the frames within 25 dB of the loudest, in dBov."""
    levels = frame_levels_db(samples)
    active = levels[levels > levels.max() - 25]
    return float(10 * np.log10(np.mean(10 ** (active / 10))))


def set_level(samples: Samples, *, level_dbov: float) -> Samples:
    """Scale so that the speech level is ``level_dbov``; peaks are rounded off below full scale."""
    scaled = samples * 10 ** ((level_dbov - speech_level_db(samples)) / 20)
    peak = float(np.abs(scaled).max())
    return scaled if peak < 0.95 else scaled * 0.95 / peak


def steady(samples: Samples, *, amount: float) -> Samples:
    """Even out the level: divide by the 0.1 s envelope (floor -26 dB) to the power ``amount``."""
    window = np.hanning(2 * 10 * FRAME + 1)
    envelope = np.sqrt(np.convolve(samples**2, window / window.sum(), mode="same"))
    envelope = np.maximum(envelope, envelope.max() * 10 ** (-26 / 20))
    return np.asarray(samples * envelope**-amount)
