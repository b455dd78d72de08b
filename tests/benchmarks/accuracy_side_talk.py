"""Side talk (P3.5a): a second voice on the agent's leg while he is silent, and what must not count as one.

The text is a person's, so that only the sound decides. A hit is a finding for review (``distant_voice``): a
voice alone fails nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from accuracy_rows import Row, share_row
from ground_truth import line, scenes
from ground_truth.asides import aside
from ground_truth.legs import Call
from ground_truth.shared_audio import HAS_SHARED_AUDIO

from auditor import pipeline
from auditor.judge import judge, open_rulebook
from auditor.records import CallRecord, Finding, Recording, Transcript, TranscriptTurn

BOOK = open_rulebook()
WORDS = {"agent": "您的话费是五十元。", "customer": "好的,我知道了。"}


def rows(*, quick: bool) -> list[Row]:
    if not HAS_SHARED_AUDIO:
        pytest.skip("the human recordings (../shared/audio) are not here")
    count = 6 if quick else 60
    found = []
    for below_db in (15.0, 20.0, 25.0):
        calls = (aside(seed, below_db=below_db) for seed in range(count))
        what = f"second voice {below_db:.0f} dB below the agent, found"
        found.append(_share(what, calls, count, target=0.9, direction="at least"))
    quiet = {
        "nobody in the hold": (aside(k, below_db=None) for k in range(count)),
        "crosstalk at -20 dB": (
            line.crosstalk(aside(k, below_db=None), gain_db=-20, into="agent") for k in range(count)
        ),
        "line echo, 15 dB return loss": (
            line.line_echo(aside(k, below_db=None), of="customer", return_loss_db=15) for k in range(count)
        ),
        "babble at 10 dB": (
            line.add_noise(aside(k, below_db=None), snr_db=10, kind="babble", leg="agent")
            for k in range(count)
        ),
        "coughs, clicks and hold music": (
            scenes.conversation(7000 + k, duration_s=45.0) for k in range(count)
        ),
    }
    for what, calls in quiet.items():
        found.append(_share(f"taken for a second voice: {what}", calls, count, target=0.02))
    return found


def _share(what: str, calls: Iterator[Call], count: int, **more: object) -> Row:
    hits = sum(side_talk(call).verdict != "pass" for call in calls)
    return share_row("side talk", what, hits, count, **more)


def side_talk(call: Call) -> Finding:
    """The finding of P3.5a on a generated call, with a person's transcript of agent and customer."""
    turns = tuple(
        TranscriptTurn(one.role, one.start_s, one.end_s, WORDS[one.role])  # type: ignore[arg-type]
        for one in call.truth.spoken
        if one.role in WORDS
    )
    sound = pipeline.Sound(
        Recording(("made.wav",), ("0",), call.duration_s, 8000, 2, "two_legs", "pcm_s16le"),
        tuple(call.channels()),
    )
    wanted = pipeline.CallInput(
        paths=(Path("made.wav"),),
        record=CallRecord(agent_channel="left", direction="inbound"),
        transcript=Transcript("human", turns),
    )
    evidence = pipeline.hear(sound, call=wanted, engine=None, book=BOOK)
    return next(finding for finding in judge(evidence, book=BOOK)[0] if finding.rule == "P3.5a")
