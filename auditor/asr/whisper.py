"""The openai-whisper engine: greedy with temperature fallback, one encoding per window.

A window is encoded once and kept for as long as the call lasts: decoding, alignment, likelihoods and the
language share it. A checkpoint whose card allows it is encoded on the shortest context that holds the
window; official ones always on 30 s, as they were trained.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from auditor.asr.align import align
from auditor.asr.checkpoints import find_checkpoint
from auditor.asr.engine import SAMPLE_RATE_HZ, Engine, Heard, Packing
from auditor.asr.guard import is_loop, is_sound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from torch import Tensor
    from whisper.decoding import DecodingOptions, DecodingResult
    from whisper.model import Whisper
    from whisper.tokenizer import Tokenizer

    from auditor.asr.checkpoints import Card, Checkpoint
    from auditor.records import ModelFacts
    from auditor.signal import Samples

_BATCH_WINDOWS = 8
_BATCH_TEXTS = 16
_KEPT_WINDOWS = 32
_SMALL_MODEL = 30_000_000  # weights; below Whisper's tiny (39 million)
_TOKENS_PER_S = 16
_TOKENS_LEAST = 24


def load_engine(
    model: str | Path | None, *, folders: Sequence[Path] = (), threads: int | None = None
) -> Engine:
    """The engine for a checkpoint: None for the one that ships, an official name, or a path.

    Args:
        model: see `checkpoints.find_checkpoint`.
        folders: model folders that are searched first.
        threads: processor threads, fixed for the process so that a rerun adds up alike; None: all that
            this process may use, at most 8, but one for a small model, whose matrices are done before
            they are shared out.

    Raises:
        ModelError: missing, damaged, or not a Whisper checkpoint.
    """
    checkpoint = find_checkpoint(model, folders=folders)
    import torch  # noqa: PLC0415

    from auditor.asr.forward import load_model  # noqa: PLC0415

    network = load_model(checkpoint)
    small = sum(weights.numel() for weights in network.parameters()) < _SMALL_MODEL
    torch.set_num_threads(threads or (1 if small else min(8, _processors())))
    return WhisperEngine(checkpoint=checkpoint, model=network)


def describe_engine(
    model: str | Path | None, *, folders: Sequence[Path] = (), gpu: bool | None = None
) -> tuple[ModelFacts, dict[str, str]]:
    """Facts and options of the engine that `load_engine` would load, without its weights.

    Args:
        model: see `checkpoints.find_checkpoint`.
        folders: as for `load_engine`.
        gpu: whether it would be loaded onto one; None: as this machine has it.

    Raises:
        ModelError: as `load_engine`, as far as the file's outside shows it.
    """
    import torch  # noqa: PLC0415

    checkpoint = find_checkpoint(model, folders=folders)
    half = torch.cuda.is_available() if gpu is None else gpu
    return checkpoint.facts, _options(checkpoint.card, fp16=half)


def _options(card: Card, *, fp16: bool) -> dict[str, str]:
    """Everything that shapes the output besides the model itself."""
    packing = card.packing
    return {
        "language": "zh",
        "prompt": card.prompt or "",
        "temperatures": ",".join(f"{t:g}" for t in card.temperatures),
        "contexts_s": ",".join(f"{c:g}" for c in card.contexts_s),
        "packing": "packed" if packing.packed else f"joined<={packing.max_window_s:g}s",
        "fp16": str(fp16).lower(),
    }


@dataclass(eq=False)
class WhisperEngine:
    """An `engine.Engine` on a loaded checkpoint. Not for two threads at once."""

    checkpoint: Checkpoint
    model: Whisper
    _kept: OrderedDict[bytes, Tensor] = field(default_factory=OrderedDict, repr=False)

    @property
    def facts(self) -> ModelFacts:
        """See `engine.Engine`."""
        return self.checkpoint.facts

    @property
    def packing(self) -> Packing:
        """See `engine.Engine`."""
        return self._card.packing

    @property
    def least_support_nats(self) -> dict[str, float]:
        """See `engine.Engine`."""
        return self._card.least_support_nats

    @cached_property
    def name(self) -> str:
        """See `engine.Engine`."""
        from whisper.version import __version__  # noqa: PLC0415

        return f"openai-whisper {__version__}"

    @property
    def options(self) -> dict[str, str]:
        """See `engine.Engine`."""
        return _options(self._card, fp16=self._fp16)

    def transcribe(self, windows: Sequence[Samples]) -> list[Heard]:
        """See `engine.Engine`. Windows of one context length are decoded together, in order."""
        heard: list[Heard | None] = [None] * len(windows)
        for context_s in self._card.contexts_s:
            mine = [i for i, window in enumerate(windows) if self._context_s(window) == context_s]
            for first in range(0, len(mine), _BATCH_WINDOWS):
                batch = mine[first : first + _BATCH_WINDOWS]
                decoded = self._decode_batch([windows[i] for i in batch])
                for i, result in zip(batch, decoded, strict=True):
                    heard[i] = result
        return [one for one in heard if one is not None]

    def log_likelihoods(self, samples_16k: Samples, texts: Sequence[str]) -> list[float]:
        """See `engine.Engine`. Positions with the same tokens before them are projected once.

        A text with numbers counts as its likeliest spelling: the digits in groups, as the tokenizer joins
        them, or one by one, as the recipe teaches.
        """
        import torch  # noqa: PLC0415

        from auditor.asr.forward import hidden_states, log_probabilities  # noqa: PLC0415

        features = self._encode([samples_16k])[0]
        prefix = self._prefix
        spelled = [self._spellings(text) for text in texts]
        rows = [(*prefix, *tokens, self._tokenizer.eot) for tokens in chain.from_iterable(spelled)]
        known: dict[tuple[int, ...], Tensor] = {}  # tokens, the last to be predicted: state before it
        for first in range(0, len(rows), _BATCH_TEXTS):
            batch = rows[first : first + _BATCH_TEXTS]
            width = max(map(len, batch))
            padded = torch.tensor([[*row, *[self._tokenizer.eot] * (width - len(row))] for row in batch])
            hidden = hidden_states(self.model, padded[:, :-1].to(features.device), features)
            for row, states in zip(batch, hidden, strict=True):
                for end in range(len(prefix), len(row)):
                    known.setdefault(row[: end + 1], states[end - 1])
        scores = log_probabilities(self.model, known)
        likely = iter([sum(scores[row[: end + 1]] for end in range(len(prefix), len(row))) for row in rows])
        return [max(islice(likely, len(spellings))) for spellings in spelled]

    def _spellings(self, text: str) -> list[tuple[int, ...]]:
        """The ways in which a model may write a text as tokens."""
        joined = self._tokenizer.encode(text)
        single = [token for part in re.split(r"(\d)", text) for token in self._tokenizer.encode(part)]
        return list(dict.fromkeys((tuple(joined), tuple(single))))

    def language_probabilities(self, samples_16k: Samples) -> dict[str, float]:
        """See `engine.Engine`. The probabilities are over the languages that the card names (else all)."""
        import torch  # noqa: PLC0415

        codes, tokens = self._tokenizer.all_language_codes, self._tokenizer.all_language_tokens
        known = self._card.languages or codes
        pairs = [(code, token) for code, token in zip(codes, tokens, strict=True) if code in known]
        start = torch.tensor([[self._tokenizer.sot]], device=self.model.device)
        with torch.no_grad():
            logits = self.model.decoder(start, self._encode([samples_16k]))[0, 0]
        chances = logits[[token for _, token in pairs]].double().softmax(dim=-1)
        return {code: float(chance) for (code, _), chance in zip(pairs, chances, strict=True)}

    @property
    def _card(self) -> Card:
        return self.checkpoint.card

    @property
    def _fp16(self) -> bool:
        return bool(self.model.device.type == "cuda")

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from whisper.tokenizer import get_tokenizer  # noqa: PLC0415

        return get_tokenizer(
            self.model.is_multilingual,
            num_languages=self.model.num_languages,
            language="zh",
            task="transcribe",
        )

    @cached_property
    def _prefix(self) -> tuple[int, ...]:
        task = self._task(temperature=0.0, sample_len=1)
        return tuple(task.initial_tokens)

    def _task(self, *, temperature: float, sample_len: int) -> Any:
        from whisper.decoding import DecodingOptions  # noqa: PLC0415

        from auditor.asr.forward import EncodedTask  # noqa: PLC0415

        options: DecodingOptions = DecodingOptions(
            language="zh",
            temperature=temperature,
            prompt=self._card.prompt,
            sample_len=sample_len,
            without_timestamps=True,
            fp16=self._fp16,
        )
        return EncodedTask(self.model, options)

    def _context_s(self, window: Samples) -> float:
        seconds = len(window) / SAMPLE_RATE_HZ
        fitting = [context for context in self._card.contexts_s if context >= seconds]
        return min(fitting) if fitting else max(self._card.contexts_s)

    def _encode(self, windows: Sequence[Samples]) -> Tensor:
        """Encoded windows of one context length, shape ``(windows, frames, state)``."""
        import torch  # noqa: PLC0415

        from auditor.asr.forward import encode  # noqa: PLC0415

        keys = [hashlib.sha256(window.tobytes()).digest() for window in windows]
        new = {key: window for key, window in zip(keys, windows, strict=True) if key not in self._kept}
        if new:
            context_s = self._context_s(windows[0])
            for key, window in new.items():
                # One by one: what else is in a batch would show in the last bits.
                encoded = encode(self.model, [window], context_s=context_s, half=self._fp16)
                self._kept[key] = encoded[0]
        features = torch.stack([self._kept[key] for key in keys])
        while len(self._kept) > _KEPT_WINDOWS:
            self._kept.popitem(last=False)
        return features

    def _decode_batch(self, windows: list[Samples]) -> list[Heard]:
        features = self._encode(windows)
        seconds = [len(window) / SAMPLE_RATE_HZ for window in windows]
        first = self._card.temperatures[0]
        task = self._task(temperature=first, sample_len=self._sample_len(max(seconds)))
        results = task.run(features)
        return [
            self._finish(self._settle(result, window=window, features=one), features=one, duration_s=duration)
            for result, window, one, duration in zip(results, windows, features, seconds, strict=True)
        ]

    def _settle(self, greedy: DecodingResult, *, window: Samples, features: Tensor) -> DecodingResult:
        """The first decoding on the ladder that is sound; else the likeliest that is no loop."""
        if _is_sound(greedy):
            return greedy
        import torch  # noqa: PLC0415

        tried = [greedy]
        seed = int.from_bytes(hashlib.sha256(window.tobytes()).digest()[:4], "big")
        with torch.random.fork_rng(devices=[features.device] if self._fp16 else []):
            torch.manual_seed(seed)
            for temperature in self._card.temperatures[1:]:
                task = self._task(
                    temperature=temperature, sample_len=self._sample_len(len(window) / SAMPLE_RATE_HZ)
                )
                tried.append(task.run(features[None])[0])
                if _is_sound(tried[-1]):
                    return tried[-1]
        return max(tried, key=lambda result: (not is_loop(result.text), result.avg_logprob))

    def _sample_len(self, seconds: float) -> int:
        # More tokens than anybody can speak are a loop: cut it early.
        return int(min(self.model.dims.n_text_ctx // 2, _TOKENS_LEAST + _TOKENS_PER_S * seconds))

    def _finish(self, result: DecodingResult, *, features: Tensor, duration_s: float) -> Heard:
        tokens = [token for token in result.tokens if token < self._tokenizer.eot]
        pieces = align(
            self.model,
            self._tokenizer,
            features=features,
            prefix=self._prefix,
            text_tokens=tokens,
            duration_s=duration_s,
        )
        return Heard(
            text="".join(piece.text for piece in pieces),
            pieces=pieces,
            mean_log_probability=round(float(result.avg_logprob), 4),
            temperature=float(result.temperature),
            no_speech_probability=round(float(result.no_speech_prob), 4),
        )


def _is_sound(result: DecodingResult) -> bool:
    return is_sound(
        result.text, mean_log_probability=result.avg_logprob, no_speech_probability=result.no_speech_prob
    )


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
