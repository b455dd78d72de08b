"""Windows to train on: everything about window ``index`` follows from (seed, index) alone."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from whisper.audio import log_mel_spectrogram

from recipe import channel, tables, targets, texts, voices
from recipe.targets import IGNORE, Segment, Target
from recipe.voices import RATE_HZ, Humans, Samples

if TYPE_CHECKING:
    from collections.abc import Sequence

SENTENCE_WEIGHTS = (10, 13, 13, 7, 13, 30, 7, 7)  # of texts.KINDS


@dataclass(frozen=True, slots=True)
class Mix:
    """What a batch is made of: context lengths with their shares, and shares of special windows."""

    contexts_s: tuple[float, ...] = (5.0, 10.0, 20.0, 30.0)
    shares: tuple[float, ...] = (0.48, 0.30, 0.12, 0.10)
    batch_s: float = 120.0  # seconds of window in a batch
    non_speech: float = 0.06
    foreign: float = 0.05
    human: float = 0.25
    timestamps: float = 0.5
    previous: float = 0.06
    longest_sentence_s: float = 30.0


SHORT = Mix(contexts_s=(3.0,), shares=(1.0,), non_speech=0.03, foreign=0.0, longest_sentence_s=2.6)
"""The first steps from scratch: short sentences are what alignment is learned on."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where words come from; ``humans`` None: espeak-ng alone."""

    words: tuple[str, ...]
    humans: Humans | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Sound of ``context_s`` at most, what is said in it, and what it is."""

    samples: Samples
    segments: tuple[Segment, ...]
    spoken: str
    language: str | None
    context_s: float


@dataclass(slots=True)
class Batch:
    """Tensors of one step: mel (b, 80, 2t), inputs, outputs and places (b, l), labels for CTC."""

    mel: Tensor
    inputs: Tensor
    outputs: Tensor
    places: Tensor
    labels: Tensor
    label_lengths: Tensor


def make_batch(step: int | str, *, seed: int, mix: Mix, sources: Sources, held_out: bool = False) -> Batch:
    """The batch of one training step, or of voices and sentences that training never uses."""
    rng = Random(f"{seed}/{step}")
    context_s = rng.choices(mix.contexts_s, mix.shares)[0]
    count = max(1, int(mix.batch_s / context_s))
    windows = [
        make_window(f"{seed}/{step}/{row}", context_s=context_s, mix=mix, sources=sources, held_out=held_out)
        for row in range(count)
    ]
    wanted = [_target(window, rng, mix=mix) for window in windows]
    return collate(windows, wanted)


def collate(windows: Sequence[Window], wanted: Sequence[Target]) -> Batch:
    """Pad and stack."""
    longest = max(len(target.inputs) for target in wanted)
    labels = [targets.ctc_labels(window.spoken) for window in windows]
    return Batch(
        mel=torch.stack([mel_of(window.samples, context_s=window.context_s) for window in windows]),
        inputs=_stack([t.inputs for t in wanted], longest, targets.tokenizer().eot),
        outputs=_stack([t.outputs for t in wanted], longest, IGNORE),
        places=torch.tensor([t.places + [-1.0] * (longest - len(t.places)) for t in wanted]),
        labels=torch.tensor([label for row in labels for label in row], dtype=torch.long),
        label_lengths=torch.tensor([len(row) for row in labels], dtype=torch.long),
    )


def mel_of(samples: Samples, *, context_s: float) -> Tensor:
    """Whisper's own log-mel of the samples, padded with zeros to the context."""
    size = int(context_s * RATE_HZ)
    padded = np.zeros(size, np.float32)
    padded[: min(size, samples.size)] = samples[:size]
    return torch.as_tensor(log_mel_spectrogram(torch.from_numpy(padded)))


def make_window(key: str, *, context_s: float, mix: Mix, sources: Sources, held_out: bool = False) -> Window:
    """One window; the same key gives the same window."""
    rng = Random(key)
    noise = np.random.default_rng(rng.getrandbits(64))
    draw = rng.random()
    if draw < mix.non_speech:
        seconds = context_s if rng.random() < 0.7 else rng.uniform(1, context_s)
        sound = channel.non_speech(rng.choice(channel.NON_SPEECH), seconds, noise)
        return Window(channel.through_line(sound, noise), (), "", None, context_s)
    if draw < mix.non_speech + mix.foreign:
        code = rng.choice(list(tables.FOREIGN))
        sound = _foreign(code, rng, seconds=context_s)
        return Window(channel.impair(sound, noise), (), "", code, context_s)
    sound, segments, spoken = _talk(rng, context_s=context_s, mix=mix, sources=sources, held_out=held_out)
    other = None
    if rng.random() < 0.2:
        line = texts.sentence(rng, kind="customer", words=sources.words)
        other = voices.speak(line, voice=voices.draw_voice(rng))
    return Window(channel.impair(sound, noise, other=other), segments, spoken, "zh", context_s)


def _talk(
    rng: Random, *, context_s: float, mix: Mix, sources: Sources, held_out: bool
) -> tuple[Samples, tuple[Segment, ...], str]:
    """One to many sentences of one speaker, now and then of two, with pauses between."""
    lead_s = rng.choice((0.0, 0.2, rng.uniform(0, 0.6), rng.uniform(0, min(4.0, context_s / 3))))
    speakers = [_speaker(rng, mix=mix, sources=sources, held_out=held_out) for _ in range(2)]
    # Full windows: silence is soon learned, and costs as much to train on as speech.
    wish = rng.choice((1, 2, 99, 99, 99, 99, 99, 99) if context_s > 5 else (1, 99, 99))
    narrow_gaps = rng.random() < 0.75
    parts: list[Samples] = [np.zeros(int(lead_s * RATE_HZ), np.float32)]
    at = parts[0].size
    segments: list[Segment] = []
    spoken: list[str] = []
    turn = too_long = 0
    for _ in range(60):
        if len(segments) >= wish or too_long > 4:
            break
        if segments and rng.random() < 0.08:
            turn = 1 - turn
        text, said, sound = _say(rng, speaker=speakers[turn], sources=sources, held_out=held_out)
        if sound.size < 0.1 * RATE_HZ or sound.size > mix.longest_sentence_s * RATE_HZ:
            continue
        gap_s = rng.uniform(0.15, 0.7) if narrow_gaps else rng.uniform(0.3, 3.0)
        start = at + int(gap_s * RATE_HZ) if segments else at
        end = start + sound.size
        if end > context_s * RATE_HZ:
            if not segments:
                continue
            too_long += 1  # a shorter one may still fit
            if context_s == 30.0 and rng.random() < 0.3 and start < context_s * RATE_HZ - 8000:
                parts += [np.zeros(start - at, np.float32), sound]
                segments.append(Segment(start / RATE_HZ, None, ""))
                spoken.append(_heard_part(said, share=(context_s * RATE_HZ - start) / sound.size))
                break
            continue
        parts += [np.zeros(start - at, np.float32), sound]
        at = end
        segments.append(Segment(start / RATE_HZ, end / RATE_HZ, text))
        spoken.append(said)
    tail = int(rng.choice((0.0, 0.2, rng.uniform(0, context_s))) * RATE_HZ)
    joined = np.concatenate([*parts, np.zeros(tail, np.float32)])[: int(context_s * RATE_HZ)]
    return joined, tuple(segments), "".join(spoken)


@dataclass(frozen=True, slots=True)
class _Speaker:
    voice: voices.Voice
    human: bool
    gain: float


def _speaker(rng: Random, *, mix: Mix, sources: Sources, held_out: bool) -> _Speaker:
    human = sources.humans is not None and rng.random() < mix.human
    voice = voices.draw_voice(rng, held_out=held_out)
    return _Speaker(voice, human, rng.uniform(0.5, 1.5))


def _say(rng: Random, *, speaker: _Speaker, sources: Sources, held_out: bool) -> tuple[str, str, Samples]:
    """Text as written, text as spoken, sound at a level of its own."""
    kind = rng.choices(texts.KINDS, SENTENCE_WEIGHTS)[0]
    asked = held_out and kind in texts.RICH_KINDS
    text = texts.sentence(rng, kind=kind, words=sources.words, held_out=asked)
    said = texts.spoken(text, yao=speaker.voice.yao)
    sound = None
    if speaker.human and sources.humans is not None:
        sound = voices.speak_human(said, rng=rng, humans=sources.humans)
    if sound is None:
        sound = voices.speak(said, voice=speaker.voice)
    if not targets.is_writable(text):
        sound = sound[:0]
    level = channel.speech_level(sound) or 1.0
    return text, said, sound * np.float32(0.08 * speaker.gain * rng.uniform(0.7, 1.4) / level)


def _heard_part(said: str, *, share: float) -> str:
    bare = texts.strip(said)
    return bare[: int(len(bare) * share)]


def _foreign(code: str, rng: Random, *, seconds: float) -> Samples:
    voice_name, lines = tables.FOREIGN[code]
    voice = voices.draw_voice(rng, language=voice_name)
    parts = [np.zeros(int(rng.uniform(0, 0.6) * RATE_HZ), np.float32)]
    for _ in range(rng.choice((1, 2, 6))):
        words = rng.choice(lines.split("|"))
        parts += [
            voices.speak(words, voice=voice),
            np.zeros(int(rng.uniform(0.1, 0.8) * RATE_HZ), np.float32),
        ]
    return np.concatenate(parts)[: int(seconds * RATE_HZ)]


def _target(window: Window, rng: Random, *, mix: Mix) -> Target:
    if window.language != "zh" or not window.segments:
        language = None if window.language in (None, "zh") else window.language
        return targets.other_target(language=language, timestamps=rng.random() < mix.timestamps)
    cut = window.segments[-1].end_s is None
    timestamps = cut or rng.random() < mix.timestamps
    previous: tuple[int, ...] = ()
    if rng.random() < mix.previous:
        earlier = (
            "以下是普通话的句子。"
            if rng.random() < 0.4
            else texts.sentence(rng, kind="polite", words=("。",))
        )
        previous = targets.encode(earlier)
    return targets.speech_target(
        window.segments, context_s=window.context_s, timestamps=timestamps, previous=previous
    )


def _stack(rows: list[list[int]], length: int, filler: int) -> Tensor:
    return torch.tensor([row + [filler] * (length - len(row)) for row in rows], dtype=torch.long)
