"""Speech at 16 kHz: espeak-ng, and human words and syllables put together."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import av
import numpy as np
import soxr
from numpy.typing import NDArray
from pypinyin import Style, lazy_pinyin

from recipe import espeak

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

Samples = NDArray[np.float32]
RATE_HZ = 16_000
FRAME = RATE_HZ // 100
TRIM_DB = 40.0  # speech begins and ends where 10 ms are within this of the loudest 10 ms

_NAMES = (
    "m1 m2 m3 m5 m6 m7 m8 f1 f2 f3 f4 f5 klatt klatt2 klatt4 klatt5 klatt6 adam Alex Andrea Annie antonio"
    " anika anikaRobot aunty belinda benjamin boris caleb croak david Denis Diogo ed edward edward2 Gene2"
    " grandma grandpa gustave Henrique Hugo iven iven2 iven3 Jacky john Lee linda marcelo Marco Mario max"
    " Michael michel miguel Mike Nguyen norbert pablo paul pedro quincy rob robert robosoft robosoft3"
    " sandro shelby steph steph3 Storm travis UniRobot victor zac"
)
VARIANTS = tuple(_NAMES.split())
MANDARIN = "cmn-latn-pinyin"
HELD_OUT_VARIANTS = ("m4", "Alicia", "klatt3", "steph2", "Andy", "Gene")


@dataclass(frozen=True, slots=True)
class Voice:
    """One espeak-ng speaker: voice name, words a minute, pitch and pitch range (0..99), 幺 or 一 for 1."""

    name: str
    wpm: int
    pitch: int
    pitch_range: int
    yao: bool


@dataclass(frozen=True, slots=True)
class Humans:
    """Isolated takes: Mandarin words by one woman, syllables with tone by another; int16 at 16 kHz."""

    words: dict[str, NDArray[np.int16]]
    syllables: dict[str, NDArray[np.int16]]


def draw_voice(rng: Random, *, language: str = MANDARIN, held_out: bool = False) -> Voice:
    """A voice; held out ones have variants that training never uses."""
    variant = rng.choice(HELD_OUT_VARIANTS if held_out else VARIANTS)
    # One wpm of the pinyin voice is about 1.6 characters a minute: most speak 180 to 340, as people do.
    wpm = rng.randint(110, 210) if rng.random() < 0.7 else rng.randint(90, 330)
    return Voice(f"{language}+{variant}", wpm, rng.randint(20, 85), rng.randint(25, 85), rng.random() < 0.6)


def speak(text: str, *, voice: Voice) -> Samples:
    """Say a text with espeak-ng; trimmed, peak about 0.5; empty when nothing could be said."""
    said = to_pinyin(text) if voice.name.startswith(MANDARIN) else text
    data = espeak.synthesise(
        said, voice=voice.name, wpm=voice.wpm, pitch=voice.pitch, pitch_range=voice.pitch_range
    )
    raw = np.frombuffer(data, "<i2").astype(np.float32) / 32768
    if raw.size < 512:
        return np.zeros(0, np.float32)
    return trim(np.asarray(soxr.resample(raw, espeak.RATE_HZ, RATE_HZ, quality="MQ"), np.float32))


def to_pinyin(text: str) -> str:
    """Toned pinyin, words joined as they are spoken: what espeak-ng's pinyin voice reads.

    espeak-ng 1.51's plain ``cmn`` voice reads characters as English letters and tone
    digits ("nin two hao three"); ``cmn-latn-pinyin`` gives right phonemes for all 1,707 toned syllables.
    """
    syllables = lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True)
    return "".join(one if one[-1].isdigit() else f" {one} " for one in syllables)


def trim(samples: Samples) -> Samples:
    """Cut the silence before and after."""
    frames = samples[: samples.size // FRAME * FRAME].reshape(-1, FRAME)
    if not frames.size:
        return samples[:0]
    levels = 10 * np.log10(np.mean(frames.astype(np.float64) ** 2, axis=1) + 1e-12)
    (loud,) = np.nonzero(levels > max(levels.max() - TRIM_DB, -75.0))
    return samples[loud[0] * FRAME : (loud[-1] + 1) * FRAME] if loud.size else samples[:0]


def load_humans(audio: Path, *, cache: Path) -> Humans:
    """The takes in cmn-words.tar and cmn-syllables.tar, decoded once into ``cache``."""
    groups: list[dict[str, NDArray[np.int16]]] = []
    for name in ("cmn-words", "cmn-syllables"):
        kept = cache / f"{name}.npz"
        if not kept.is_file():
            cache.mkdir(parents=True, exist_ok=True)
            takes = _decode_tar(audio / f"{name}.tar")
            part = kept.with_suffix(".part.npz")
            ends = np.cumsum([take.size for take in takes.values()])
            np.savez(part, names=np.array(list(takes)), ends=ends, data=np.concatenate([*takes.values()]))
            part.replace(kept)
        with np.load(kept) as file:
            cut = np.split(file["data"], file["ends"][:-1])
            groups.append(dict(zip(map(str, file["names"]), cut, strict=True)))
    return Humans(words=groups[0], syllables=groups[1])


def speak_human(text: str, *, rng: Random, humans: Humans) -> Samples | None:
    """Put a text together from takes, as another, faster speaker; None if a sound is missing."""
    syllables_only = rng.random() < 0.2
    parts: list[Samples] = []
    pieces = _cut(text, known=set() if syllables_only else set(humans.words))
    for piece in pieces:
        if not piece.isalnum():
            parts.append(np.zeros(int(rng.uniform(0.08, 0.35) * RATE_HZ), np.float32))
            continue
        take = humans.words.get(piece)
        if take is None or syllables_only:
            readings = lazy_pinyin(piece, style=Style.TONE3, neutral_tone_with_five=True)
            take = humans.syllables.get(readings[0].replace("ü", "v"), take)
        if take is None:
            return None
        parts.append(trim(np.asarray(take.astype(np.float32) / 32768, np.float32)))
        parts.append(np.zeros(int(max(0.0, rng.uniform(-0.02, 0.05)) * RATE_HZ), np.float32))
    joined = np.concatenate([_fade(part) for part in parts])
    bend = rng.uniform(0.84, 1.18)  # pitch and vocal tract together
    bent = np.asarray(soxr.resample(joined, RATE_HZ, RATE_HZ * bend, quality="MQ"), np.float32)
    tempo = rng.uniform(1.0, 1.8) * bend
    return trim(stretch(bent, tempo=tempo))


def stretch(samples: Samples, *, tempo: float, frame: int = 480, search: int = 120) -> Samples:
    """Change tempo and keep pitch (WSOLA: overlap-add where the waveforms fit best)."""
    hop = frame // 2
    window = np.hanning(frame + 1)[:frame].astype(np.float32)
    count = max(1, int((samples.size - frame - 2 * search) / (hop * tempo)))
    if samples.size < frame + 4 * search:
        return samples
    out = np.zeros(count * hop + frame, np.float32)
    at = 0
    for index in range(count):
        if index:
            wish = samples[at + hop : at + hop + hop]
            middle = int(index * hop * tempo)
            low = max(0, middle - search)
            region = samples[low : middle + search + hop]
            if wish.size == hop and region.size > hop:
                at = low + int(np.argmax(np.correlate(region, wish, mode="valid")))
            else:
                at = middle
        piece = samples[at : at + frame]
        out[index * hop : index * hop + piece.size] += piece * window[: piece.size]
    return out


def _fade(part: Samples) -> Samples:
    if part.size < 160:
        return part
    part = part.copy()
    ramp = np.linspace(0, 1, 64, dtype=np.float32)
    part[:64] *= ramp
    part[-64:] *= ramp[::-1]
    return part


def _cut(text: str, *, known: set[str]) -> list[str]:
    """Greedy longest words; unknown ones character by character."""
    pieces = []
    at = 0
    while at < len(text):
        length = next((n for n in (4, 3, 2) if text[at : at + n] in known), 1)
        pieces.append(text[at : at + length])
        at += length
    return pieces


def _decode_tar(path: Path) -> dict[str, NDArray[np.int16]]:
    takes = {}
    with tarfile.open(path) as tar:
        for member in sorted(tar.getmembers(), key=lambda m: m.name):
            file = tar.extractfile(member) if member.isfile() else None
            if file is None or not member.name.endswith(".opus"):
                continue
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
            with av.open(io.BytesIO(file.read()), "r") as container:
                frames = [f for frame in container.decode(audio=0) for f in resampler.resample(frame)]
            if frames:
                takes[member.name.split("/")[-1].removesuffix(".opus")] = np.concatenate(
                    [f.to_ndarray()[0] for f in frames]
                )
    return takes
