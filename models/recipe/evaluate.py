"""The sets of the target table that ask the bare network: error rates, non-speech, languages.

Every set is made from fixed seeds, of sentences, espeak-ng variants and settings that training never uses.
`card` runs them and the sets that go through the package's own path.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import soxr
import torch
import whisper
from torch import nn
from whisper.tokenizer import get_tokenizer

from auditor.asr.batching import transcribe_call
from auditor.signal import Channel
from auditor.speech.vad import find_segments
from auditor.text.normalise import normalise
from recipe import channel, dataset, network
from recipe.dataset import Mix, Sources
from recipe.heldout import Clips, distance, hear
from recipe.intervals import error_rate, share_of
from recipe.voices import RATE_HZ, Samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from auditor.asr.whisper import WhisperEngine

    Tell = Callable[[int, int], None]

NO_SPEECH = 0.6
FEW_TOKENS = 24  # whether anything is written shows in the first tokens; a loop need not be read to its end
AT_ONCE = 64
LEG_HZ = 8000


def character_errors(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Character error rate over (said, heard), both normalised once, with its interval."""
    counts = []
    for said, heard in pairs:
        bare = normalise(said).text
        counts.append((distance(bare, normalise(heard).text), len(bare)))
    return error_rate(counts)


def clips_errors(model: Any, clips: Clips, *, tell: Tell) -> dict[str, Any]:
    """Character error rate of greedy decoding on clips; empty where there are none."""
    order = sorted(range(len(clips.sounds)), key=lambda index: clips.sounds[index].size)
    heard: dict[int, str] = {}
    for first in range(0, len(order), AT_ONCE):
        rows = order[first : first + AT_ONCE]
        results = hear(model, [clips.sounds[index] for index in rows])
        heard.update((index, one.text) for index, one in zip(rows, results, strict=True))
        tell(len(heard), len(order))
    return character_errors((text, heard[index]) for index, text in enumerate(clips.texts))


def human_sentences(model: Any, audio: Path) -> dict[str, Any]:
    """Character error rate on the human sentences that INDEX.md transcribes."""
    rows = [line.split("|") for line in (audio / "INDEX.md").read_text(encoding="utf-8").splitlines()]
    pairs = []
    for row in rows:
        names = row[1].strip().split(", ") if len(row) > 4 and "sentences/" in row[1] else []
        for name, text in zip(names, row[4].split(" / ") if names else [], strict=False):
            path = audio / (name if name.startswith("sentences/") else f"sentences/{name}")
            pairs.append((text.strip(), hear(model, [whisper.load_audio(str(path))])[0].text))
    return character_errors(pairs)


def quiet_windows(count: int) -> Iterable[Samples]:
    """Non-speech of 5-30 s over a line, every kind in turn."""
    for index in range(count):
        rng = np.random.default_rng(index)
        kind = channel.NON_SPEECH[index % len(channel.NON_SPEECH)]
        yield channel.through_line(channel.non_speech(kind, rng.uniform(5, 30), rng), rng)


def non_speech(model: Any, engine: WhisperEngine, *, count: int, tell: Tell) -> dict[str, Any]:
    """Windows without speech that get text: of the bare network, and by the package's own path.

    ``by_the_package`` counts text in any utterance that voice activity let through;
    ``not_suspect`` the windows where some of it is text that the guard does not doubt.
    """
    written: list[bool] = []
    known: list[bool] = []
    passed: list[bool] = []
    trusted: list[bool] = []
    some: list[Samples] = []
    for number, sound in enumerate(quiet_windows(count), start=1):
        text, doubtless = _by_the_package(engine, sound)
        passed.append(text)
        trusted.append(doubtless)
        some.append(sound)
        if len(some) == AT_ONCE or number == count:
            heard = hear(model, some, longest=FEW_TOKENS)
            written += [bool(normalise(one.text).text) for one in heard]
            known += [one.no_speech_prob > NO_SPEECH for one in heard]
            some = []
        tell(number, count)
    return {
        "with_text": share_of(written),
        "no_speech_above_0.6": share_of(known),
        "by_the_package": share_of(passed),
        "not_suspect": share_of(trusted),
    }


def _by_the_package(engine: WhisperEngine, sound: Samples) -> tuple[bool, bool]:
    """Whether voice activity, windows and decoding give text, and text that the guard lets stand."""
    leg = Channel(0, np.asarray(soxr.resample(sound, RATE_HZ, LEG_HZ), np.float32), LEG_HZ)
    segments = find_segments(leg)
    heard = transcribe_call(engine, channels=[leg], segments=[segments]) if segments else ()
    written = [one for one in heard if normalise(one.text).text]
    sure = any(
        any(not any(s.start <= at < s.end for s in one.suspect_spans) for at in range(len(one.text)))
        for one in written
    )
    return bool(written), sure


def languages(model: Any, *, count: int, tell: Tell) -> dict[str, Any]:
    """Share of windows, Mandarin or not, told right from Mandarin or not by the language token."""
    right: list[bool] = []
    mixes = (Mix(non_speech=0.0, foreign=1.0), Mix(non_speech=0.0, foreign=0.0, human=0.0))
    book = get_tokenizer(True, num_languages=model.num_languages)
    for first in range(0, count, 16):
        windows = [
            dataset.make_window(
                f"lang/{index}",
                context_s=10.0,
                mix=mixes[index % 2],
                sources=Sources(("天气",)),
                held_out=True,
            )
            for index in range(first, min(count, first + 16))
        ]
        mel = torch.stack([dataset.mel_of(window.samples, context_s=10.0) for window in windows])
        with torch.no_grad():
            sound = network.encode(model, mel)
            _, shares = whisper.decoding.detect_language(_Bare(model), sound, book)
        right += [
            (max(one, key=one.get) == "zh") == (window.language == "zh")
            for one, window in zip(shares, windows, strict=True)
        ]
        tell(len(right), count)
    return share_of(right)


class _Bare(nn.Module):
    """What `detect_language` asks of a model when the sound is encoded already."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.is_multilingual, self.num_languages = True, model.num_languages
        self.dims = replace(model.dims, n_audio_ctx=500)
        self.logits = model.logits
