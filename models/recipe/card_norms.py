"""The confidence norm of V5: how sure the engine is of an ordinary agent, call by call.

A call here is an agent's leg: one voice, rate and line, an opening, sentences of the middle and a closing,
with silence where the customer speaks. It goes through the package's voice activity detection,
transcription, turns and `measure.clarity`; the norm is the median of its ``asr_confidence`` and 1.4826
times the median absolute deviation. Even calls make the norm, odd ones try it: ``reviewed`` is the share
of them that V5 would send to a person although nothing is wrong with them.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cast import F2, F4, F5, M3, M7
from voices import RATE_HZ

from auditor.asr.batching import transcribe_call
from auditor.calibrate import norms
from auditor.kinds import clarity
from auditor.measure.clarity import clarity_figure
from auditor.records import Roles
from auditor.speech.turns import build_turns
from auditor.speech.vad import find_segments
from recipe import card_turns
from recipe.card_phrases import BOOK, as_evidence
from recipe.intervals import share_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from auditor.asr.whisper import WhisperEngine
    from auditor.records import Evidence
    from auditor.signal import Channel

FEWEST_CALLS = 8
MIDDLES = (3, 6)
PAUSES_S = (2.2, 4.0)  # longer than `TurnSettings.max_gap_s`, so that every reply is a turn


def measure_norms(
    engine: WhisperEngine, *, calls: int, seed: int, tell: Callable[[int, int], None]
) -> dict[str, Any]:
    """``confidence_norm`` (None: too few calls gave a figure), and how it does on other calls."""
    heard: list[Evidence] = []
    for number in range(calls):
        tell(number, calls)
        leg = make_leg(random.Random(f"norms/{seed}/{number}"))
        utterances = transcribe_call(engine, channels=[leg], segments=[find_segments(leg)])
        turns = build_turns(utterances, roles=Roles(0, 1.0, "flag", "benchmark"))
        evidence = as_evidence(turns, duration_s=len(leg.samples) / RATE_HZ)
        heard.append(replace(evidence, measurements={"agent": {"asr_confidence": clarity_figure(turns)}}))
    norm = norm_of([value for one in heard[::2] if (value := _confidence(one)) is not None])
    tried = [] if norm is None else [is_reviewed(one, norm) for one in heard[1::2]]
    return {"confidence_norm": norm, "calls": calls, "reviewed": share_of(tried) or None}


def norm_of(confidences: Sequence[float]) -> dict[str, float] | None:
    """Median and spread over calls; None where too few gave a figure."""
    if len(confidences) < FEWEST_CALLS:
        return None
    found = norms.norm_of(sorted(confidences), model="", sha256="")
    return {"median": round(found.median, 3), "spread": round(found.spread, 3)}


def is_reviewed(evidence: Evidence, norm: dict[str, float]) -> bool:
    """Whether V5 sends a call to a person under a norm."""
    assert evidence.model is not None
    model = replace(evidence.model, confidence_norm=(norm["median"], norm["spread"]))
    rule = next(rule for rule in BOOK.rules if rule.id == "V5")
    params = clarity.Params.model_validate(rule.params)
    outcome = clarity.judge(replace(evidence, model=model), params=params, book=BOOK)
    return outcome.verdict == "needs_review"


def make_leg(dice: random.Random) -> Channel:
    """An agent's leg of one call; the same dice give the same samples."""
    _, opening = card_turns.sentences(0, dice)
    _, closing = card_turns.sentences(3, dice)
    said = ["".join(opening), *dice.sample(card_turns.MIDDLE, dice.randint(*MIDDLES)), "".join(closing)]
    voice = dice.choice((F2, F5, F4, M3, M7))
    return card_turns.render(said, voice=voice, dice=dice, pauses_s=PAUSES_S)


def _confidence(evidence: Evidence) -> float | None:
    return evidence.measurement("agent", "asr_confidence").value
