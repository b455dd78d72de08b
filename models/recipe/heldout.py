"""Held-out sets and the error rate on them: voices, sentences and settings that training never uses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import soxr
import torch
import whisper
from torch import Tensor
from whisper.decoding import DecodingOptions, DecodingTask

from auditor.text.normalise import normalise
from recipe import channel, dataset, network, targets, texts, voices
from recipe.dataset import Batch, Mix, Sources
from recipe.voices import RATE_HZ, Samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

CONTEXTS_S = (5.0, 10.0, 20.0, 30.0)
SERVICE_KINDS = ("opening", "mandated", "polite", "customer", "digits")


@dataclass(frozen=True, slots=True)
class Clips:
    """Sounds and what is said in them."""

    sounds: tuple[Samples, ...]
    texts: tuple[str, ...]


class _Encoded(DecodingTask):  # type: ignore[misc]
    def _get_audio_features(self, mel: Tensor) -> Tensor:
        return mel


def hear(
    model: Any, sounds: Sequence[Samples], *, timestamps: bool = False, longest: int | None = None
) -> list[Any]:
    """Greedy decoding, each sound in the shortest context that holds it; results in order.

    ``longest`` stops after so many tokens (None: Whisper's own limit).
    """
    options = DecodingOptions(
        language="zh", without_timestamps=not timestamps, sample_len=longest, fp16=False
    )
    results: list[Any] = [None] * len(sounds)
    for context_s in CONTEXTS_S:
        inside = [i for i, sound in enumerate(sounds) if _context_of(sound) == context_s]
        for first in range(0, len(inside), 16):
            rows = inside[first : first + 16]
            mel = torch.stack([dataset.mel_of(sounds[i], context_s=context_s) for i in rows])
            with torch.no_grad():
                heard = _Encoded(model, options).run(network.encode(model, mel))
            for i, result in zip(rows, heard, strict=True):
                results[i] = result
    return results


def _context_of(sound: Samples) -> float:
    return next((c for c in CONTEXTS_S if sound.size <= c * RATE_HZ), CONTEXTS_S[-1])


def distance(said: str, heard: str) -> int:
    """Levenshtein distance in characters."""
    row = list(range(len(heard) + 1))
    for i, char in enumerate(said, start=1):
        above, row[0] = row[0], i
        for j, other in enumerate(heard, start=1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (char != other))
    return row[-1]


def cer(pairs: Iterable[tuple[str, str]]) -> float:
    """Character error rate over (said, heard), both normalised once."""
    wrong = length = 0
    for said, heard in pairs:
        bare = normalise(said).text
        wrong += distance(bare, normalise(heard).text)
        length += len(bare)
    return wrong / max(1, length)


def clips_cer(path: Path, clips: Clips) -> float:
    """CER of a checkpoint file on clips."""
    model = whisper.load_model(str(path), device="cpu")
    return cer(zip(clips.texts, [r.text for r in hear(model, clips.sounds)], strict=True))


def telephone(sound: Samples, *, key: str, snr_db: float = 20.0) -> Samples:
    """8 kHz G.711 A-law at a speech level of -24 dBov with noise, 0.3 s of it before and after."""
    rng = np.random.default_rng(Random(key).getrandbits(64))
    quiet = np.zeros(int(0.3 * RATE_HZ), np.float32)
    clip = np.concatenate([quiet, sound, quiet])
    level = channel.speech_level(clip) or 1.0
    noisy = clip * (0.063 / level) + channel.coloured(clip.size, rng) * 0.063 * 10 ** (-snr_db / 20)
    narrow = soxr.resample(channel.telephone_band(noisy.astype(np.float32)), RATE_HZ, 8000)
    return np.asarray(soxr.resample(channel.g711(narrow, law="a"), 8000, RATE_HZ), np.float32)


def service_clips(
    sources: Sources,
    *,
    count: int,
    held_out: bool,
    kinds: Sequence[str] = SERVICE_KINDS,
    human: bool = False,
) -> Clips:
    """Sentences over the telephone, by held-out voices or put together from human words."""
    sounds, said = [], []
    for index in range(count * 4):
        key = f"clips/{kinds}/{human}/{index}"
        rng = Random(key)
        text = texts.sentence(rng, kind=rng.choice(kinds), words=sources.words, held_out=held_out)
        voice = voices.draw_voice(rng, held_out=True)
        spoken = texts.spoken(text, yao=voice.yao)
        sound = None
        if human and sources.humans is not None:
            sound = voices.speak_human(spoken, rng=rng, humans=sources.humans)
        elif not human:
            sound = voices.speak(spoken, voice=replace(voice, wpm=min(voice.wpm, 300)))
        if sound is not None and RATE_HZ // 4 < sound.size < 29 * RATE_HZ and targets.is_writable(text):
            sounds.append(telephone(sound, key=key))
            said.append(text)
        if len(said) == count:
            break
    return Clips(tuple(sounds), tuple(said))


def held_out_batches(sources: Sources, *, seed: int, count: int = 4) -> list[Batch]:
    """Batches as in training, of held-out voices and sentences."""
    mix = Mix(contexts_s=(10.0,), shares=(1.0,))
    named = [f"held/{i}" for i in range(count)]
    return [dataset.make_batch(n, seed=seed, mix=mix, sources=sources, held_out=True) for n in named]


@torch.no_grad()
def held_out_losses(trainee: network.Trainee, batches: Sequence[Batch]) -> dict[str, float]:
    """Mean losses."""
    sums: dict[str, float] = {}
    with torch.autocast("cpu", torch.bfloat16):
        for batch in batches:
            for name, value in trainee.losses(batch, guided=True).items():
                sums[f"held_{name}"] = sums.get(f"held_{name}", 0.0) + float(value) / len(batches)
    return sums
