"""What needs the model's own words: clarity (V5) on good and bad lines, and pace within ±8 %.

Calls: six service sentences of one espeak-ng voice each (variants, 150 to 200 words a minute), three
answers of another, two legs, A-law, line noise at -62 dBov, heard and judged by the whole pipeline with
the model in AUDITOR_MODEL (``--model``) or the one that ships, in the voice of the sample calls. V5 never
fails; what is counted is how often it asks a person to listen. "Unusual" voices stand for accents, which
nothing here has: flattened tones, high and low pitch, a whisperer's variant.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from accuracy_rows import Row, share_row
from ground_truth import coding, line
from ground_truth.legs import Call, Clip, Placed, active_span, build
from ground_truth.shared_audio import recipe_voices

sys.path.append(str(Path(__file__).parents[2] / "sample_calls"))
import voices

from auditor import pipeline
from auditor.asr.whisper import load_engine
from auditor.judge import open_rulebook
from auditor.records import CallAudit

SAID = (
    "您好中国移动很高兴为您服务",
    "请问有什么可以帮您",
    "请您稍等我马上为您查询",
    "让您久等了您的话费余额是五十元",
    "您现在使用的是全球通套餐",
    "我已经为您办理好了请您放心",
    "请问您还需要其他帮助吗",
    "对不起给您带来不便请您谅解",
    "请您提供一下身份证号码",
    "您可以到附近的营业厅办理",
    "感谢您的来电祝您生活愉快再见",
    "这项业务下个月一号生效",
)
ASKED = ("我想查一下话费", "好的谢谢你", "那我知道了再见")
VARIANTS = ("f2", "m3", "f4", "m1", "f1", "m7", "f5", "m2")
UNUSUAL = (
    voices.Voice("f2", pitch_range_percent=40),
    voices.Voice("m3", pitch_range_percent=40),
    voices.Voice("f4", pitch=95),
    voices.Voice("m1", pitch=12),
    voices.Voice("whisperf"),
)
LINES: dict[str, Callable[[Call], Call]] = {
    "intact": lambda call: call,
    "quiet, 18 dB fainter": lambda call: line.gain(call, db=-18, leg="agent"),
    "muffled, under 1 kHz": lambda call: line.low_pass(call, hz=1000, leg="agent"),
    "a hall, 0.8 s": lambda call: line.reverberate(
        call, rt60_s=0.8, direct_to_reverberant_db=-3, leg="agent"
    ),
    "a fifth of the packets lost": lambda call: line.packet_loss(call, share=0.2, burst=2.0, leg="agent"),
}
GOOD = ("intact", "quiet, 18 dB fainter", "unusual voices")


def rows(*, quick: bool) -> list[Row]:
    """The rows of this section; some 12 minutes on one core, ``quick`` one."""
    recipe_voices()  # skips without espeak-ng
    count = 3 if quick else 24
    engine, book = load_engine(os.environ.get("AUDITOR_MODEL"), threads=1), open_rulebook()

    def hear(call: Call) -> CallAudit:
        with tempfile.TemporaryDirectory() as folder:
            paths = coding.write(line.floor_noise(call, level_dbov=-62.0, seed=1), Path(folder)).paths
            given = pipeline.CallInput(paths, agent_channel="left")
            heard = pipeline.hear(
                pipeline.listen(pipeline.open_call(given)), call=given, engine=engine, book=book
            )
        return pipeline.audit(heard, book=book, engine=engine)

    conditions = {name: [change(talk(seed)) for seed in range(count)] for name, change in LINES.items()}
    conditions["unusual voices"] = [talk(seed, voice=UNUSUAL[seed % len(UNUSUAL)]) for seed in range(count)]
    sure: dict[str, list[float]] = {}
    found: list[Row] = []
    paces: list[bool] = []
    for name, calls in conditions.items():
        asked = n = 0
        for call in calls:
            audit = hear(call)
            verdict = next(f.verdict for f in audit.findings if f.rule == "V5")
            asked, n = asked + (verdict == "needs_review"), n + 1
            figures = audit.evidence.measurements["agent"]
            sure.setdefault(name, []).append(figures["asr_confidence"].value or 0.0)
            if name == "intact":
                pace = figures["articulation_char_per_min"].value
                paces.append(pace is not None and abs(pace / _pace(call) - 1) <= 0.08)
        what = f"V5 asks a person to listen: {name}"
        note = f"confidence {np.median(sure[name]):.2f} (median)"
        target = 0.1 if name in GOOD else None
        found.append(share_row("clarity", what, asked, n, target=target, note=note))
    for name in list(LINES)[2:]:
        lower = [bad < good for bad, good in zip(sure[name], sure["intact"], strict=True)]
        what = f"confidence falls: {name}"
        found.append(share_row("clarity", what, sum(lower), len(lower), target=0.95, direction="at least"))
    more = {"target": 0.95, "direction": "at least", "note": engine.facts.name}
    found.append(share_row("pace", "within ±8 % with the model's own words", sum(paces), len(paces), **more))
    return found


def talk(seed: int, *, voice: voices.Voice | None = None) -> Call:
    """One call: the agent's six sentences, the customer's three between them."""
    rng = np.random.default_rng([seed, 91])
    voice = voice or voices.Voice(VARIANTS[seed % len(VARIANTS)])
    other = voices.Voice(VARIANTS[(seed + 3) % len(VARIANTS)])
    rate = int(rng.uniform(220, 300))
    said = [SAID[0], *(SAID[int(k)] for k in rng.permutation(np.arange(1, len(SAID)))[:5])]
    placed, at = [], 1.0
    for k, text in enumerate(said):
        clip = _clip(text, voice, rate=rate)
        placed.append(Placed(clip, at, -25.0, "agent", "agent"))
        at += clip.duration_s + float(rng.uniform(0.8, 1.2))
        if k % 2:
            answer = _clip(ASKED[k // 2], other, rate=240)
            placed.append(Placed(answer, at, -25.0, "customer", "customer"))
            at += answer.duration_s + float(rng.uniform(0.8, 1.2))
    return build(placed, duration_s=at + 1, scene="service talk", seed=seed)


def _clip(text: str, voice: voices.Voice, *, rate: int) -> Clip:
    samples = voices.speak(text, voice=voice, pitch=voice.pitch, rate=rate)
    span = active_span(samples, rate_hz=voices.RATE_HZ)
    return Clip(samples, voices.RATE_HZ, (span,), "speech", text, f"espeak-ng {voice.variant}")


def _pace(call: Call) -> float:
    """Characters a minute over the agent's true segments."""
    characters = sum(len(said.text) for said in call.truth.said_on("agent"))
    return 60 * characters / sum(s.duration_s for s in call.truth.segments("agent"))
