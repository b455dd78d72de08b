"""Language: Mandarin called foreign, foreign speech recognised, by the model in AUDITOR_MODEL (``--model``).

Mandarin: generated two-leg calls of human words (isolated takes, shifted voices among them) through pink
noise at 8 to 30 dB and A-law, and the human sentences one by one. Foreign: the English calls of the shared
recordings, whole and in pieces of 30 s. A call counts as foreign where it is in another language with the
rulebook's ``language_confidence`` at least.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from accuracy_rows import Row, share_row
from ground_truth import coding, line, scenes
from ground_truth.shared_audio import AUDIO, HAS_SHARED_AUDIO

from auditor.asr.language import detect_language
from auditor.asr.whisper import load_engine
from auditor.audio.decode import decode
from auditor.judge import open_rulebook
from auditor.records import Turn, TurnPart
from auditor.signal import Channel
from auditor.speech.vad import find_segments_of_legs

PIECE_S = 30.0
ENGLISH = ("english_agent_customer_8k_mono.wav", "sample.wav", "english_two_leg_10s.wav")


def rows(*, quick: bool) -> list[Row]:
    if not HAS_SHARED_AUDIO:
        pytest.skip("the human recordings (../shared/audio) are not here")
    engine = load_engine(os.environ.get("AUDITOR_MODEL"), threads=1)
    name = engine.facts.name
    if not engine.facts.knows_languages:
        note = f"{name} was not trained for languages: nothing is asked, nobody is called foreign"
        return [Row("language", "calls with a language", 0.0, 0, note=note)]
    limit = open_rulebook().settings.language_confidence

    def foreign(channels: tuple[Channel, ...]) -> bool:
        language, probability = detect_language(engine, channels=channels, turns=_turns(channels))
        return language not in (None, "zh") and (probability or 0.0) >= limit

    sets = {
        "Mandarin of human words called foreign": (_words(20 if quick else 400), "at most", 0.01),
        "human Mandarin sentences called foreign": (_sentences(), "at most", 0.01),
        "English telephone calls recognised": (_english(PIECE_S * 100), "at least", None),
        "English telephone calls, pieces of 30 s, recognised": (_english(PIECE_S), "at least", None),
    }
    found = []
    for what, (calls, direction, target) in sets.items():
        flags = [foreign(channels) for channels in calls]
        more = {"target": target, "direction": direction, "note": name}
        found.append(share_row("language", what, sum(flags), len(flags), **more))
    return found


def _turns(channels: tuple[Channel, ...]) -> list[Turn]:
    """A turn a segment; who speaks does not matter here."""
    legs = find_segments_of_legs(channels)
    return [
        Turn("unknown", s.channel, s.start_s, s.end_s, "", (TurnPart(s.start_s, s.end_s, 0, 0),))
        for leg in legs
        for s in leg
    ]


def _words(count: int) -> Iterator[tuple[Channel, ...]]:
    for seed in range(count):
        call = scenes.conversation(9000 + seed, duration_s=40.0)
        rng = np.random.default_rng(seed)
        call = line.add_noise(call, snr_db=float(rng.uniform(8, 30)), kind="pink", seed=seed)
        yield tuple(coding.through(call, "alaw").channels())


def _sentences() -> Iterator[tuple[Channel, ...]]:
    for path in sorted((AUDIO / "sentences").iterdir()):
        yield decode(path).channels[:1]


def _english(piece_s: float) -> Iterator[tuple[Channel, ...]]:
    for name in ENGLISH:
        path: Path = AUDIO / "calls" / name
        if not path.is_file():
            continue
        whole = decode(path).channels
        rate = whole[0].sample_rate_hz
        step = round(piece_s * rate)
        for first in range(0, max(1, len(whole[0].samples) - step // 3), step):
            yield tuple(Channel(c.index, np.array(c.samples[first : first + step]), rate) for c in whole)
