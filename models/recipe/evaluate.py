"""The target table for a checkpoint: `python -m recipe.evaluate MODEL.pt --audio DIR`.

Every set is made from fixed seeds, of sentences, espeak-ng variants and settings that training never uses.
"""

from __future__ import annotations

import argparse
import json
import statistics
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import soxr
import torch
import whisper
from auditor.text.normalise import normalise
from recipe import channel, dataset, network, targets, texts, voices
from recipe.dataset import Batch, Mix, Sources
from recipe.voices import RATE_HZ, Samples
from torch import Tensor, nn
from whisper.decoding import DecodingOptions, DecodingTask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

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


def hear(model: Any, sounds: Sequence[Samples], *, timestamps: bool = False) -> list[Any]:
    """Greedy decoding, each sound in the shortest context that holds it; results in order."""
    options = DecodingOptions(language="zh", without_timestamps=not timestamps, fp16=False)
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
    sources: Sources, *, count: int, held_out: bool, kinds: Sequence[str] = SERVICE_KINDS, human: bool = False
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
def held_out_losses(
    trainee: network.Trainee, batches: Sequence[Batch]
) -> tuple[dict[str, float], Tensor]:
    """Mean losses, and the mean decoder output over the positions that count."""
    sums: dict[str, float] = {}
    outputs: list[Tensor] = []
    with torch.autocast("cpu", torch.bfloat16):
        for batch in batches:
            for name, value in trainee.losses(batch, guided=True).items():
                sums[f"held_{name}"] = sums.get(f"held_{name}", 0.0) + float(value) / len(batches)
            sound = network.encode(trainee.model, batch.mel)
            hidden, _ = network.decode(trainee.model, batch.inputs, sound, places=None)
            outputs.append(hidden[batch.outputs >= 0].float())
    return sums, torch.cat(outputs).mean(0)


def openings(model: Any, *, count: int) -> dict[str, float]:
    """First sentences with and without the mandated welcome and 喂: the share decided right by text."""
    right = false_wei = 0
    sounds, wanted = [], []
    for index in range(count):
        rng = Random(f"openings/{index}")
        text = texts.sentence(rng, kind="opening", words=("。",))
        voice = voices.draw_voice(rng, held_out=index % 2 == 0)
        sounds.append(telephone(voices.speak(texts.spoken(text, yao=True), voice=voice), key=f"o{index}"))
        wanted.append(text)
    for text, result in zip(wanted, hear(model, sounds), strict=True):
        truth, heard = normalise(text).text, normalise(result.text).text
        same = [("您好中国移动" in t, "喂" in t) for t in (truth, heard)]
        right += same[0] == same[1]
        false_wei += same[1][1] and not same[0][1]
    return {"decided_right_by_text": right / count, "false_wei": float(false_wei)}


def timestamps(model: Any, sources: Sources, *, count: int) -> dict[str, float]:
    """Median error of segment starts and ends in windows up to 30 s, seconds, and CER there."""
    mix = Mix(non_speech=0.0, foreign=0.0, human=0.0)
    errors: list[float] = []
    pairs = []
    book = targets.tokenizer()
    for index in range(count):
        context_s = (10.0, 20.0, 30.0)[index % 3]
        window = dataset.make_window(
            f"times/{index}", context_s=context_s, mix=mix, sources=sources, held_out=True
        )
        truth = [(s.start_s, s.end_s) for s in window.segments if s.end_s is not None]
        result = hear(model, [window.samples], timestamps=True)[0]
        marks = [(t - book.timestamp_begin) * 0.02 for t in result.tokens if t >= book.timestamp_begin]
        for start_s, end_s in truth:
            if marks:
                errors += [min(abs(m - start_s) for m in marks), min(abs(m - end_s) for m in marks)]
        pairs.append(("".join(s.text for s in window.segments), result.text))
    return {"median_error_s": statistics.median(errors) if errors else float("nan"), "cer": cer(pairs)}


def silence(model: Any, *, count: int) -> dict[str, float]:
    """Non-speech windows of 5-30 s: how many get text, how many a no-speech probability above 0.6."""
    sounds = []
    for index in range(count):
        rng = np.random.default_rng(index)
        kind = channel.NON_SPEECH[index % len(channel.NON_SPEECH)]
        sounds.append(channel.through_line(channel.non_speech(kind, rng.uniform(5, 30), rng), rng))
    heard = hear(model, sounds)
    return {
        "with_text": sum(bool(normalise(r.text).text) for r in heard) / count,
        "no_speech_above_0.6": sum(r.no_speech_prob > 0.6 for r in heard) / count,
    }


def languages(model: Any, *, count: int) -> float:
    """Share of windows, Mandarin or not, told right from Mandarin or not by the language token."""
    right = 0
    mixes = (Mix(non_speech=0.0, foreign=1.0), Mix(non_speech=0.0, foreign=0.0, human=0.0))
    for index in range(count):
        window = dataset.make_window(
            f"lang/{index}", context_s=10.0, mix=mixes[index % 2], sources=Sources(("天气",)), held_out=True
        )
        with torch.no_grad():
            sound = network.encode(model, dataset.mel_of(window.samples, context_s=10.0)[None])
            _, shares = whisper.decoding.detect_language(_Bare(model), sound, targets.tokenizer())
        right += (max(shares[0], key=shares[0].get) == "zh") == (window.language == "zh")
    return right / count


class _Bare(nn.Module):
    """What `detect_language` asks of a model when the sound is encoded already."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.dims, self.is_multilingual, self.num_languages = model.dims, True, model.num_languages
        self.dims = replace(model.dims, n_audio_ctx=500)
        self.logits = model.logits


def human_sentences(model: Any, audio: Path) -> float:
    """CER on the human sentences that INDEX.md transcribes."""
    rows = [line.split("|") for line in (audio / "INDEX.md").read_text(encoding="utf-8").splitlines()]
    pairs = []
    for row in rows:
        names = row[1].strip().split(", ") if len(row) > 4 and "sentences/" in row[1] else []
        for name, text in zip(names, row[4].split(" / ") if names else [], strict=False):
            path = audio / (name if name.startswith("sentences/") else f"sentences/{name}")
            pairs.append((text.strip(), hear(model, [whisper.load_audio(str(path))])[0].text))
    return cer(pairs)


def table(path: Path, *, sources: Sources, audio: Path | None, scale: float) -> dict[str, object]:
    """Every figure of the card; ``scale`` shrinks the sets."""
    model = whisper.load_model(str(path), device="cpu")
    many: Callable[[int], int] = lambda count: max(4, int(count * scale))  # noqa: E731
    rows: dict[str, object] = {}
    sets = {"service": (SERVICE_KINDS, False), "words": (("words",), False), "human_words": (SERVICE_KINDS, True)}
    for name, (kinds, human) in sets.items():
        clips = service_clips(sources, count=many(300), held_out=True, kinds=kinds, human=human)
        if clips.texts:
            rows[f"{name}_cer"] = clips_cer(path, clips)
    rows["openings"] = openings(model, count=many(500))
    rows["timestamps"] = timestamps(model, sources, count=many(90))
    rows["non_speech"] = silence(model, count=many(1000))
    rows["languages_right"] = languages(model, count=many(200))
    if audio is not None:
        rows["human_sentences_cer"] = human_sentences(model, audio)
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and print the table as JSON."""
    from recipe.train import load_sources  # noqa: PLC0415

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--audio", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("cache"))
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args(arguments)
    torch.set_num_threads(given.threads)
    sources = load_sources(given.audio, cache=given.cache)
    rows = table(given.model, sources=sources, audio=given.audio, scale=given.scale)
    print(json.dumps(rows, ensure_ascii=False, indent=2))  # noqa: T201


if __name__ == "__main__":
    main()
