"""The target table for a checkpoint: `python -m recipe.evaluate MODEL.pt --audio DIR`.

Every set is made from fixed seeds, of sentences, espeak-ng variants and settings that training never uses.
"""

from __future__ import annotations

import argparse
import json
import statistics
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import whisper
from torch import nn

from auditor.text.normalise import normalise
from recipe import channel, dataset, network, targets, texts, voices
from recipe.dataset import Mix, Sources
from recipe.heldout import SERVICE_KINDS, cer, clips_cer, hear, service_clips, telephone

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


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
    sets = {
        "service": (SERVICE_KINDS, False),
        "words": (("words",), False),
        "human_words": (SERVICE_KINDS, True),
    }
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
