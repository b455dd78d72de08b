"""How a model wants to be used: packing, encoder contexts, prompt and temperatures, chosen by error rate.

Legs of three turns, one to two service sentences each, 2.5 s between turns, are heard through the
package's own path under each option. Options stand in order of preference (cheaper or safer first); the
first whose character error rate is within ``TIE`` of the best is chosen, one kind of option after another.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import soxr

from auditor.asr.batching import transcribe_call
from auditor.asr.checkpoints import SAFE_PROMPT
from auditor.asr.engine import Packing
from auditor.signal import Channel
from auditor.speech.vad import find_segments
from recipe import texts, voices
from recipe.engines import with_card
from recipe.evaluate import LEG_HZ, character_errors
from recipe.heldout import SERVICE_KINDS, telephone
from recipe.targets import is_writable
from recipe.voices import RATE_HZ, Samples

if TYPE_CHECKING:
    from collections.abc import Callable

    from auditor.asr.whisper import WhisperEngine
    from recipe.dataset import Sources

TIE = 0.005
TURNS = 3
BETWEEN_TURNS_S = 2.5
OPTIONS: dict[str, dict[str, Any]] = {
    "packing": {
        "one segment per window": Packing(packed=False, max_window_s=9.6, join_gap_s=0.0),
        "segments less than 0.6 s apart together, up to 9.6 s": Packing(
            packed=False, max_window_s=9.6, join_gap_s=0.6
        ),
        "segments less than 0.6 s apart together, up to 28 s": Packing(packed=False, join_gap_s=0.6),
        "28 s windows with 0.8 s between segments": Packing(packed=True),
    },
    "contexts_s": {
        "5, 10, 20, 30 s": (5.0, 10.0, 20.0, 30.0),
        "10, 20, 30 s": (10.0, 20.0, 30.0),
        "10, 15, 30 s": (10.0, 15.0, 30.0),
        "30 s": (30.0,),
    },
    "temperatures": {"0": (0.0,), "0, 0.2, 0.4, 0.6": (0.0, 0.2, 0.4, 0.6)},
    "prompt": {"none": None, "the safe prompt": SAFE_PROMPT},
}


@dataclass(frozen=True)
class Leg:
    """One party's leg and what is said on it."""

    channel: Channel
    text: str


def measure_choices(
    engine: WhisperEngine,
    sources: Sources,
    *,
    count: int,
    keep: bool,
    tell: Callable[[int, int], None],
) -> dict[str, Any]:
    """The error rate of every option, and the chosen ones; with ``keep`` the engine's card stays chosen."""
    legs = [make_leg(f"choices/{index}", sources=sources) for index in range(count)]
    rates: dict[str, dict[str, float]] = {}
    steps = sum(map(len, OPTIONS.values()))
    done = 0
    for kind, options in OPTIONS.items():
        rates[kind] = {}
        for name, value in options.items():
            tell(done, steps)
            rates[kind][name] = _error_rate(with_card(engine, **{kind: value}), legs)
            done += 1
        if not keep:
            best = min(rates[kind].values())
            first = next(name for name, rate in rates[kind].items() if rate <= best + TIE)
            engine = with_card(engine, **{kind: options[first]})
    card = engine.checkpoint.card
    packing = {name: getattr(card.packing, name) for name in Packing.__slots__}
    return {
        "choices": {
            "how": f"{count} legs of {TURNS} turns of service sentences, held-out voices, 8 kHz"
            f" A-law, SNR 20 dB; character error rate; the first option within {TIE} of the best",
            **rates,
        },
        "packing": packing,
        "contexts_s": list(card.contexts_s),
        "temperatures": list(card.temperatures),
        "prompt": card.prompt,
    }


def make_leg(key: str, *, sources: Sources) -> Leg:
    """A leg at 8 kHz; the same key gives the same leg."""
    rng = Random(key)
    voice = voices.draw_voice(rng, held_out=True)
    parts: list[Samples] = [_quiet(0.5)]
    said: list[str] = []
    while len(said) < TURNS:
        turn = [texts.sentence(rng, kind=rng.choice(SERVICE_KINDS), words=sources.words, held_out=True)]
        if rng.random() < 0.5:
            turn.append(
                texts.sentence(rng, kind=rng.choice(SERVICE_KINDS), words=sources.words, held_out=True)
            )
        sounds = [voices.speak(texts.spoken(text, yao=voice.yao), voice=voice) for text in turn]
        if not all(sound.size and is_writable(text) for sound, text in zip(sounds, turn, strict=True)):
            continue
        for sound in sounds:
            parts += [sound, _quiet(rng.uniform(0.2, 0.8))]
        parts.append(_quiet(BETWEEN_TURNS_S))
        said.append("".join(turn))
    whole = telephone(np.concatenate(parts), key=key)
    samples = np.asarray(soxr.resample(whole, RATE_HZ, LEG_HZ), np.float32)
    return Leg(Channel(0, samples, LEG_HZ), "".join(said))


def _error_rate(engine: WhisperEngine, legs: list[Leg]) -> float:
    pairs = []
    for leg in legs:
        heard = transcribe_call(engine, channels=[leg.channel], segments=[find_segments(leg.channel)])
        pairs.append((leg.text, "".join(one.text for one in heard)))
    return float(character_errors(pairs)["value"])


def _quiet(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE_HZ), np.float32)
