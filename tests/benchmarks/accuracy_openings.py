"""The mandated opening on bad lines: how often P3.2a fails though it was said, or P3.2b without a 喂.

Openings as the model's card has them (`recipe.card_openings`, the mandated half, every voice of espeak-ng)
on two legs, heard by the whole pipeline with the model in AUDITOR_MODEL (``--model``) or the one that
ships. The card tells the same of good lines, and of openings that are not the mandated ones.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from accuracy_rows import Row, share_row
from ground_truth import coding, line
from ground_truth.legs import RATE_HZ, Call, Clip, Placed, active_span, build
from ground_truth.shared_audio import recipe_voices

from auditor import pipeline
from auditor.asr.whisper import load_engine
from auditor.signal import resample

LINES: dict[str, Callable[[Call], Call]] = {
    "A-law": lambda call: call,
    "noise, SNR 10 dB": lambda call: line.add_noise(call, snr_db=10, kind="pink", seed=1),
    "noise, SNR 3 dB": lambda call: line.add_noise(call, snr_db=3, kind="white", seed=1),
    "nothing over 1.5 kHz": lambda call: line.low_pass(call, hz=1500, leg="agent"),
    "8 % of the packets lost": lambda call: line.packet_loss(call, share=0.08, burst=1.0, leg="agent"),
    "a hall, 0.6 s": lambda call: line.reverberate(call, rt60_s=0.6, direct_to_reverberant_db=0, leg="agent"),
    "GSM": lambda call: coding.through(call, "gsm"),
    "MP3, 16 kbit/s": lambda call: coding.through(call, "mp3"),
}
FIRST = 20_001  # numbers of openings that no card has


def rows(*, quick: bool) -> list[Row]:
    """The rows of this section; some 15 minutes on one core, ``quick`` one."""
    recipe_voices()  # skips without espeak-ng
    from recipe import card_openings

    engine = load_engine(os.environ.get("AUDITOR_MODEL"), threads=1)
    found: list[Row] = []
    for name, change in LINES.items():
        failed = review = right = n = 0
        for seed in range(4 if quick else 60):
            opening = card_openings.draw(FIRST + 2 * seed)
            call = change(_call(opening))
            heard = _verdicts(call, engine=engine)
            pairs = list(zip(opening.truth, heard, strict=True))
            failed += any(truth == "pass" and verdict == "fail" for truth, verdict in pairs)
            review += "needs_review" in heard
            right += heard == opening.truth
            n += 1
        found.append(share_row("openings", f"{name}: failed without cause", failed, n, target=0.0))
        found.append(share_row("openings", f"{name}: for review", review, n))
        found.append(share_row("openings", f"{name}: decided right", right, n))
    return found


def _call(opening: object) -> Call:
    from recipe import card_openings, texts, voices

    assert isinstance(opening, card_openings.Opening)
    sound = voices.speak(texts.spoken(opening.text, yao=opening.voice.yao), voice=opening.voice)
    sound = resample(sound, voices.RATE_HZ, RATE_HZ)
    span = active_span(sound, rate_hz=RATE_HZ)
    clip = Clip(sound, RATE_HZ, (span,), "speech", opening.text, opening.voice.name)
    placed = [Placed(clip, 1.3, -24.0, "agent", "agent")]
    call = build(placed, duration_s=clip.duration_s + 3.6, scene="opening", seed=len(sound))
    return line.floor_noise(call, level_dbov=-60.0, seed=1)


def _verdicts(call: Call, *, engine: object) -> tuple[str, ...]:
    from recipe import card_openings

    with tempfile.TemporaryDirectory() as folder:
        paths = coding.write(call, Path(folder)).paths
        given = pipeline.CallInput(paths, record=card_openings.RECORD)
        sound = pipeline.listen(pipeline.open_call(given))
        heard = pipeline.hear(sound, call=given, engine=engine, book=card_openings.BOOK)  # type: ignore[arg-type]
    return card_openings.verdicts_of(heard)
