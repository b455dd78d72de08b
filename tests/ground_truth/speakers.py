"""Who speaks. `say` gives words as a `Clip` with the truth of every word.

Speakers (all female recordings are one woman each; shifted voices are named as what they are):

* ``YUE_TAN``: human words; ask with a number of words or with text that splits into
  `shared_audio.words` (most common characters are among them), else ``KeyError``.
* ``CHEN_WANG``: human syllables; any text whose pinyin she read.
* ``shifted(YUE_TAN, semitones=-5, formants=0.85, tempo=1.5)``: Praat's "Change gender" (overlap-add for
  pitch and tempo, resampling for the formants) makes another voice: ``MALE_LIKE``, and `VOICES`, eight in
  all. The takes are citations of 110 (Chen Wang) and 165 characters a minute (Yue Tan), half as fast as
  talk, with fricatives twice as long; so `VOICES` are shortened to 200–270. The bare speakers are not.
* ``espeak("m3", pitch=40)``: espeak-ng's ``cmn-latn-pinyin+variant`` (the plain ``cmn`` voice misreads
  characters).
* ``SYNTHETIC``: vowels of pure arithmetic; needs neither recordings nor espeak-ng; text is meaningless.

``pair(rng)`` draws two different human voices (synthetic ones without the recordings).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import Literal

import numpy as np
import numpy.typing as npt
import soxr

from auditor.records import Span
from ground_truth import shared_audio
from ground_truth.legs import RATE_HZ, Clip, Samples, active_span
from ground_truth.voiced import vowel

ROOM_S = 0.02  # kept around a take's active span, faded
FADE_S = 0.01
VOCABULARY = 160  # random words come from so many per speaker, so that decoding them pays


@dataclass(frozen=True, slots=True)
class Speaker:
    """One voice. ``semitones`` and ``formants`` move the pitch and the resonances of human takes,
    ``tempo`` shortens them.
    """

    name: str
    source: Literal["words", "syllables", "espeak", "synthetic"]
    semitones: float = 0.0
    formants: float = 1.0
    tempo: float = 1.0
    variant: str = ""
    pitch: int = 50
    wpm: int = 190
    pitch_range: int = 50


YUE_TAN = Speaker("Yue Tan", "words")
CHEN_WANG = Speaker("Chen Wang", "syllables")
SYNTHETIC = Speaker("synthetic vowels", "synthetic")
SYNTHETIC_LOW = Speaker("synthetic vowels −9 st", "synthetic", semitones=-9.0)


def shifted(
    speaker: Speaker, *, semitones: float = 0.0, formants: float = 1.0, tempo: float = 1.0
) -> Speaker:
    """Another voice, or another tempo, out of a human one."""
    sign = "+" if semitones >= 0 else "−"
    moved = f" {sign}{abs(semitones):g} st, formants ×{formants:g}" if (semitones, formants) != (0, 1) else ""
    name = f"{speaker.name}{moved}{f', tempo ×{tempo:g}' if tempo != 1 else ''}"
    return replace(speaker, name=name, semitones=semitones, formants=formants, tempo=tempo)


def espeak(variant: str, *, pitch: int = 50, wpm: int = 190, pitch_range: int = 50) -> Speaker:
    """An espeak-ng voice."""
    name = f"espeak-ng {variant}, pitch {pitch}"
    return Speaker(name, "espeak", variant=variant, pitch=pitch, wpm=wpm, pitch_range=pitch_range)


MALE_LIKE = shifted(YUE_TAN, semitones=-9, formants=0.84, tempo=1.6)
VOICES = (
    shifted(YUE_TAN, tempo=1.4),
    shifted(CHEN_WANG, tempo=1.8),
    MALE_LIKE,
    shifted(CHEN_WANG, semitones=-10, formants=0.83, tempo=1.9),
    shifted(YUE_TAN, semitones=-5, formants=0.92, tempo=1.5),
    shifted(CHEN_WANG, semitones=-4, formants=0.94, tempo=2.0),
    shifted(YUE_TAN, semitones=2, formants=1.06, tempo=1.7),
    shifted(CHEN_WANG, semitones=-7, formants=0.88, tempo=1.7),
)


def pair(rng: np.random.Generator, *, of: tuple[Speaker, ...] | None = None) -> tuple[Speaker, Speaker]:
    """Two different voices; synthetic ones when the recordings are missing."""
    voices = of or (VOICES if shared_audio.HAS_SHARED_AUDIO else (SYNTHETIC, SYNTHETIC_LOW))
    first, second = rng.choice(len(voices), size=2, replace=False)
    return voices[int(first)], voices[int(second)]


def say(
    speaker: Speaker,
    what: str | int,
    *,
    rng: np.random.Generator,
    rate_hz: int = RATE_HZ,
    gap_s: tuple[float, float] = (0.02, 0.12),
) -> Clip:
    """A phrase.

    Args:
        speaker: Who.
        what: The text, or how many random words (syllables for a syllable or synthetic voice).
        rng: Draws words and the gaps.
        rate_hz: Of the clip.
        gap_s: Between the active spans of two words; drawn evenly. espeak-ng speaks in one breath.

    Returns:
        The phrase, ``active`` word by word, 20 ms of faded room at both ends.
    """
    if speaker.source == "espeak":
        return _say_espeak(speaker, what, rng=rng, rate_hz=rate_hz)
    units = _units(speaker, what, rng=rng)
    parts: list[Samples] = []
    active: list[Span] = []
    at = 0.0
    for k, unit in enumerate(units):
        samples = spoken(speaker, unit, rate_hz)
        span = active_span(samples, rate_hz=rate_hz)
        if k:
            pause_s = float(rng.uniform(*gap_s)) - 2 * ROOM_S
            count = round(pause_s * rate_hz)
            if count >= 0:
                parts.append(np.zeros(count))
            else:  # takes overlap by their faded room
                count = -min(-count, len(parts[-1]), len(samples))
                parts[-1] = parts[-1].copy()
                parts[-1][count:] += samples[:-count]
                samples, span = (
                    samples[-count:],
                    Span(span.start_s + count / rate_hz, span.end_s + count / rate_hz),
                )
                count = 0
            at += count / rate_hz
        active.append(Span(at + span.start_s, at + span.end_s))
        parts.append(samples)
        at += len(samples) / rate_hz
    text = "".join(units)
    return Clip(np.concatenate(parts), rate_hz, tuple(active), "speech", text, speaker.name)


def spell(text: str) -> list[str]:
    """Pinyin with tone digits, one per character, ``v`` for ü: the keys of Chen Wang's syllables."""
    from pypinyin import Style, lazy_pinyin

    found = lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True, errors="ignore")
    return [one.replace("ü", "v") for one in found]


def _units(speaker: Speaker, what: str | int, *, rng: np.random.Generator) -> list[str]:
    """The takes to join: words, syllables or made-up vowels."""
    if speaker.source == "synthetic":
        count = what if isinstance(what, int) else len(what)
        return [f"〔{int(k)}〕" for k in rng.integers(0, 60, size=count)]
    if isinstance(what, int):
        names = _vocabulary(speaker)
        return [names[int(k)] for k in rng.integers(0, len(names), size=what)]
    if speaker.source == "syllables":
        return spell(what)
    known = set(shared_audio.words())
    units, at = [], 0
    while at < len(what):
        length = next((n for n in (5, 4, 3, 2, 1) if what[at : at + n] in known), 0)
        if not length:
            raise KeyError(f"{speaker.name} has no take of {what[at]!r} in {what!r}")
        units.append(what[at : at + length])
        at += length
    return units


@lru_cache(maxsize=16)
def _vocabulary(speaker: Speaker) -> tuple[str, ...]:
    names = shared_audio.words() if speaker.source == "words" else shared_audio.syllables()
    return tuple(Random(speaker.name).sample(sorted(names), VOCABULARY))


@lru_cache(maxsize=4096)
def spoken(speaker: Speaker, unit: str, rate_hz: int = RATE_HZ) -> Samples:
    """One take by name as this speaker, trimmed to its active span and 20 ms of faded room at both ends."""
    if speaker.source == "synthetic":
        rng = np.random.default_rng(int(unit.strip("〔〕")))
        f0_hz = 200 * float(rng.uniform(0.8, 1.25)) * 2 ** (speaker.semitones / 12)
        samples = vowel(float(rng.uniform(0.14, 0.24)), f0_hz=f0_hz, rate=rate_hz)
    else:
        human = _shift(shared_audio.take(speaker.source, unit), speaker)
        samples = np.asarray(soxr.resample(human, shared_audio.RATE_HZ, rate_hz), dtype=np.float64)
    room = round(ROOM_S * rate_hz)
    span = active_span(samples, rate_hz=rate_hz)
    first, last = round(span.start_s * rate_hz), round(span.end_s * rate_hz)
    padded = np.pad(samples, room)[first : last + 2 * room].astype(np.float64)
    ramp = np.linspace(0, 1, round(FADE_S * rate_hz))
    padded[: len(ramp)] *= ramp
    padded[len(padded) - len(ramp) :] *= ramp[::-1]
    # Takes differ by 10 dB as recorded; within a phrase a speaker is steady.
    padded /= np.sqrt(np.mean(padded[room:-room] ** 2))
    padded.setflags(write=False)
    return padded


def _shift(samples: npt.NDArray[np.float32], speaker: Speaker) -> npt.NDArray[np.float64]:
    if (speaker.semitones, speaker.formants, speaker.tempo) == (0, 1, 1):
        return samples.astype(np.float64)
    import parselmouth
    from parselmouth.praat import call

    seed_praat()
    sound = parselmouth.Sound(samples.astype(np.float64), shared_audio.RATE_HZ)
    pitch = sound.to_pitch(pitch_floor=90, pitch_ceiling=600)
    median_hz = call(pitch, "Get quantile", 0, 0, 0.5, "Hertz")
    goal_hz = median_hz * 2 ** (speaker.semitones / 12) if median_hz > 0 else 0.0
    with warnings.catch_warnings(action="ignore"):  # an unvoiced take keeps its sound
        out = call([sound, pitch], "Change gender", speaker.formants, goal_hz, 1.0, 1 / speaker.tempo)
    return np.asarray(out.values[0], dtype=np.float64)


def seed_praat() -> None:
    """Let each take begin alike: Praat draws random numbers for voiceless stretches, from the clock."""
    from parselmouth.praat import run

    run("random_initializeWithSeedUnsafelyButPredictably (2026)")


def _say_espeak(speaker: Speaker, what: str | int, *, rng: np.random.Generator, rate_hz: int) -> Clip:
    if isinstance(what, int):
        known = (
            shared_audio.words()
            if shared_audio.HAS_SHARED_AUDIO
            else ("电话", "手机", "今天", "天气", "汽车")
        )
        what = "".join(known[int(k)] for k in rng.integers(0, len(known), size=what))
    samples = _espeak(speaker, what, rate_hz)
    span = active_span(samples, rate_hz=rate_hz)
    inner = _inner_spans(samples, span, rate_hz=rate_hz)
    return Clip(samples, rate_hz, inner, "speech", what, speaker.name)


@lru_cache(maxsize=1024)
def _espeak(speaker: Speaker, text: str, rate_hz: int) -> Samples:
    voices = shared_audio.recipe_voices()
    voice = voices.Voice(
        f"{voices.MANDARIN}+{speaker.variant}", speaker.wpm, speaker.pitch, speaker.pitch_range, False
    )
    spoken = voices.speak(text, voice=voice)
    if not len(spoken):
        raise ValueError(f"espeak-ng said nothing for {text!r} as {speaker.variant}")
    samples = np.asarray(soxr.resample(spoken, voices.RATE_HZ, rate_hz), dtype=np.float64)
    samples.setflags(write=False)
    return samples


def _inner_spans(
    samples: Samples, whole: Span, *, rate_hz: int, least_gap_s: float = 0.1
) -> tuple[Span, ...]:
    """The active span, parted where the clean sound stays 35 dB under its peak for ``least_gap_s``."""
    hop = round(0.005 * rate_hz)
    power = np.mean(samples[: len(samples) // hop * hop].reshape(-1, hop) ** 2, axis=1)
    loud = np.flatnonzero(power >= power.max() * 10**-3.5)
    cuts = np.flatnonzero(np.diff(loud) * hop / rate_hz > least_gap_s)
    starts = [whole.start_s, *(float(loud[k + 1]) * hop / rate_hz for k in cuts)]
    ends = [*(float(loud[k] + 1) * hop / rate_hz for k in cuts), whole.end_s]
    return tuple(Span(a, b) for a, b in zip(starts, ends, strict=True))
