"""The first words of a call by the real path: text and probes together, up to two verdicts (`RULES`).

A quarter of the openings each: mandated or not, with 喂 or not, over all voices. Each becomes a call of two
legs (the customer's is line noise) that goes through `auditor.pipeline`: voice activity, transcription,
turns, probes, judge. The truth is the verdict on the same words as a person's transcript; openings that
even a person's transcript leaves open are drawn again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import soxr

from auditor import pipeline
from auditor.judge import judge, open_rulebook
from auditor.records import CallRecord, Evidence, Recording, Roles, Segment, Utterance
from auditor.signal import Channel
from auditor.speech.turns import build_turns
from auditor.text.normalise import normalise
from recipe import texts, voices
from recipe.card_clips import RATES
from recipe.evaluate import LEG_HZ
from recipe.heldout import telephone
from recipe.intervals import share_of
from recipe.targets import is_writable
from recipe.voices import HELD_OUT_VARIANTS, RATE_HZ, VARIANTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from auditor.asr.whisper import WhisperEngine

RULES = ("P3.2a", "P3.2b")
MANDATED, WEI = "您好中国移动", "喂"
DECIDED = ("pass", "fail")
BOOK = open_rulebook()
RECORD = CallRecord(direction="inbound", line="1860", agent_channel="left")


@dataclass(frozen=True)
class Opening:
    """A first turn, who says it, and the right verdicts of `RULES`."""

    text: str
    voice: voices.Voice
    truth: tuple[str, ...]


def measure_openings(
    engine: WhisperEngine, *, count: int, tell: Callable[[int, int], None]
) -> dict[str, Any]:
    """Shares of openings decided right and left to a person; wrong ones by rule and direction.

    ``false_fail`` of P3.2b is the worst there is: 喂 where nobody said it.
    """
    found: dict[str, list[tuple[str, str]]] = {rule: [] for rule in RULES}
    right: list[bool] = []
    review: list[bool] = []
    for number in range(count):
        tell(number, count)
        opening = draw(number)
        heard = verdicts_of(hear_call(engine, opening, key=f"opening/{number}"))
        for rule, truth, verdict in zip(RULES, opening.truth, heard, strict=True):
            found[rule].append((truth, verdict))
        right.append(heard == opening.truth)
        review.append(any(one not in DECIDED for one in heard))
    return {
        "decided_right": share_of(right),
        "for_review": share_of(review),
        **{rule: _by_rule(pairs) for rule, pairs in found.items()},
    }


def draw(number: int) -> Opening:
    """One opening; its number says which quarter it is of."""
    mandated, wei = bool(number & 1), bool(number & 2)
    for attempt in range(1000):
        rng = Random(f"opening/{number}/{attempt}")
        text = texts.sentence(rng, kind="opening", words=("。",))
        if wei and not text.startswith(WEI):
            text = f"{WEI},{text}"
        said = normalise(text).text
        if (MANDATED in said) != mandated or (WEI in said) != wei or not is_writable(text):
            continue
        truth = verdicts_of(_as_written(text))
        if all(one in DECIDED for one in truth):
            drawn = voices.draw_voice(rng)
            name = f"{voices.MANDARIN}+{rng.choice((*VARIANTS, *HELD_OUT_VARIANTS))}"
            voice = replace(drawn, name=name, wpm=rng.randint(*RATES))
            return Opening(text, voice, truth)
    raise ValueError(f"no opening for quarter {number % 4}")


def hear_call(engine: WhisperEngine, opening: Opening, *, key: str) -> Evidence:
    """The opening as a call, heard by the package."""
    sound = voices.speak(texts.spoken(opening.text, yao=opening.voice.yao), voice=opening.voice)
    quiet = np.zeros(RATE_HZ, np.float32)
    agent = telephone(np.concatenate([quiet, sound, quiet, quiet]), key=key)
    samples = np.asarray(soxr.resample(agent, RATE_HZ, LEG_HZ), np.float32)
    noise = np.random.default_rng(len(samples)).normal(0, 0.001, len(samples)).astype(np.float32)
    call = pipeline.Sound(
        recording=_recording(len(samples) / LEG_HZ),
        channels=(Channel(0, samples, LEG_HZ), Channel(1, noise, LEG_HZ)),
    )
    return pipeline.hear(call, call=pipeline.CallInput(paths=(), record=RECORD), engine=engine, book=BOOK)


def verdicts_of(evidence: Evidence) -> tuple[str, ...]:
    """The verdicts of `RULES`."""
    findings, _ = judge(evidence, book=BOOK)
    verdicts = {finding.rule: finding.verdict for finding in findings}
    return tuple(verdicts[rule] for rule in RULES)


@cache
def _as_written(text: str) -> Evidence:
    """The opening as a person's transcript."""
    end_s = 1.0 + 0.25 * len(text)
    roles = Roles(0, 1.0, "flag", "recipe")
    said = Utterance(Segment(0, 1.0, end_s), text, None)
    return Evidence(
        recording=_recording(end_s + 2.0),
        call_record=RECORD,
        roles=roles,
        turns=build_turns((said,), roles=roles, system_phrases=BOOK.system_phrases),
        events=(),
        measurements={},
        segments=(),
        tracks={},
        probes=(),
        transcript_source="human",
        line="1860",
    )


def _recording(duration_s: float) -> Recording:
    return Recording(("opening.wav",), ("0" * 64,), duration_s, LEG_HZ, 2, "two_legs", "pcm_alaw", ())


def _by_rule(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """What became of one rule's truths."""
    good = [heard for truth, heard in pairs if truth == "pass"]
    bad = [heard for truth, heard in pairs if truth == "fail"]
    return {
        "decided_right": share_of([truth == heard for truth, heard in pairs]),
        "for_review": share_of([heard not in DECIDED for _, heard in pairs]),
        "false_fail": share_of([heard == "fail" for heard in good]),
        "false_pass": share_of([heard == "pass" for heard in bad]),
    }
