"""Measure a model's probe limits, error rates and confidence norm: the figures on its card.

Needs the program ``espeak-ng``. From the repository::

    python tests/benchmarks/probe_thresholds.py [--model starter] [--clips 400] [--write]

Agent turns are synthesised with many voices, 150-220 words a minute, 8 kHz A-law, 15-40 dB of noise, and
taken through the real voice activity detection, transcription and probes. Even clips choose the limits,
odd clips are held out and give the error rates. ``--write`` puts the figures into the model's card.

How limits are chosen. A place counts only where the engine stands by its own text (``LEAST_SUPPORT_NATS``,
written to the card). The side that can accuse an agent (opening absent, 喂 present, 你 for 您) lies
``SAFETY_NATS`` beyond the worst clip of the choosing half, and never nearer to zero than ``LEAST_NATS``
(odds of 150 to 1). The side that acquits lies beyond the worst clip too, rivals' names apart: a model
that cannot tell 中国联通 from 中国移动 says so with ``rivals_heard_as_present``. What falls between decides
nothing.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import random
import re
import subprocess
import wave
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

from auditor.asr.batching import transcribe_call
from auditor.asr.checkpoints import find_checkpoint
from auditor.asr.engine import Engine
from auditor.asr.probe import run_probes, support_nats
from auditor.asr.whisper import WhisperEngine, load_engine
from auditor.asr.windows import cut
from auditor.records import ProbeSpec, SuspectSpan, Turn, TurnPart, Utterance
from auditor.signal import Channel, Samples, resample
from auditor.speech.vad import find_segments

SAFETY_NATS = 3.0
LEAST_NATS = 5.0
LEAST_SUPPORT_NATS = {"opening": -0.35, "wei": -0.35, "nin": -0.8}
RIVALS = ("联通", "电信")
SPECS = (
    ProbeSpec(
        "opening",
        "agent_first_turn",
        ("您好,中国移动",),
        ("你好,中国移动", "您好,中国联通", "您好,中国电信", "您好", "你好", ""),
    ),
    ProbeSpec("wei", "agent_turn_start", ("喂",), ("",)),
    ProbeSpec("nin", "each_occurrence", ("您",), ("你",)),
)
ACCUSING_SIDE = {"opening": "absent", "wei": "present", "nin": "absent"}

GREETED = (
    "您好，中国移动，我能为您做些什么？",
    "您好，中国移动，请讲。",
    "您好，中国移动。",
    "您好，中国移动，请问有什么可以帮您？",
    "您好，中国移动，很高兴为您服务。",
    "喂，您好，中国移动，请讲。",
)
NOT_GREETED = (
    "你好，请问你要办什么业务？",
    "你好。",
    "你好，中国移动，请讲。",
    "您好，请问您要办理什么业务？",
    "您好。",
    "您好，请讲。",
    "您好，我能为您做些什么？",
    "您好，中国联通，请讲。",
    "您好，中国电信，我能为您做些什么？",
    "请讲。",
    "喂，什么事？",
    "喂，你好，请讲。",
    "喂，您好，我能为您做些什么？",
    "喂。",
    "什么事？",
)
LATER = (
    "好的，请稍等，马上为您查询。",
    "请问您还有其他问题吗？谢谢您，请挂机。",
    "请问您的手机号码是多少？",
    "为您查到这个月的话费是一百五十元。",
    "喂，您在听吗？",
    "喂，你说什么？",
    "你的手机号码是多少？",
    "你等一下。",
    "你还有别的问题吗？",
    "对不起，让您久等了。",
    "位置已经为您登记了。",
    "不客气，再见。",
)
VARIANTS = (
    "", "f1", "f2", "f3", "f4", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "Annie", "Alicia",
    "linda", "steph", "steph2", "belinda", "aunty", "Andrea", "Denis", "Michael", "Jacky", "Lee", "pablo",
)  # fmt: skip


@dataclass(frozen=True)
class Clip:
    """One spoken agent turn."""

    text: str
    voice: str
    first: bool
    channel: Channel


@dataclass(frozen=True)
class Margin:
    """One probe's margin beside the truth; ``rival``: another company's name stood in the phrase's place."""

    nats: float
    present: bool
    rival: bool


def a_law(samples: Samples) -> Samples:
    """There and back through 8-bit A-law companding (ITU-T G.711, the continuous curve)."""
    scale = 1 + np.log(87.6)
    size = np.abs(np.clip(samples, -1, 1))
    packed = np.where(size < 1 / 87.6, 87.6 * size / scale, (1 + np.log(np.maximum(87.6 * size, 1))) / scale)
    packed = np.round(packed * 127) / 127
    size = np.where(packed < 1 / scale, packed * scale / 87.6, np.exp(packed * scale - 1) / 87.6)
    return (np.sign(samples) * size).astype(np.float32)


def speak(text: str, *, voice: str, words_per_min: int, pitch: int) -> Samples:
    """Synthetic speech at 8 kHz."""
    command = ["espeak-ng", "-v", voice, "-s", str(words_per_min), "-p", str(pitch), "--stdout", text]
    spoken = subprocess.run(command, capture_output=True, check=True).stdout
    with wave.open(io.BytesIO(spoken)) as file:
        rate = file.getframerate()
    samples = np.frombuffer(spoken[44:], dtype="<i2").astype(np.float32) / 32768
    return resample(samples, rate, 8000)


def make_clips(count: int, *, seed: int) -> list[Clip]:
    """Turns of all kinds in turn, each with a voice, rate, pitch, level and noise of its own."""
    dice = random.Random(seed)
    noise = np.random.default_rng(seed)
    # Openings decide the most, so each turns up three times as often as a later sentence.
    texts = [(text, True) for text in GREETED * 3 + NOT_GREETED * 2] + [(text, False) for text in LATER]
    order: list[tuple[str, bool]] = []
    while len(order) < count:
        order += dice.sample(texts, len(texts))
    clips = []
    for text, first in order[:count]:
        variant = dice.choice(VARIANTS)
        speech = speak(
            text,
            voice=f"cmn+{variant}" if variant else "cmn",
            words_per_min=dice.randint(150, 220),
            pitch=dice.randint(30, 70),
        )
        speech *= dice.uniform(0.1, 0.9) / max(1e-6, float(np.abs(speech).max()))
        level = float(np.sqrt(np.mean(speech**2))) * 10 ** (-dice.uniform(15, 40) / 20)
        samples = np.pad(speech, (round(8000 * dice.uniform(0.3, 1.5)), 4000))
        samples = a_law(samples + noise.normal(0, level, len(samples)).astype(np.float32))
        clips.append(Clip(text=text, voice=variant, first=first, channel=Channel(0, samples, 8000)))
    return clips


def as_turn(utterances: tuple[Utterance, ...]) -> Turn:
    """All utterances of a clip as one agent turn."""
    text, parts, suspects = "", [], []
    for one in utterances:
        suspects += [
            SuspectSpan(len(text) + span.start, len(text) + span.end, span.reason)
            for span in one.suspect_spans
        ]
        parts.append(TurnPart(one.segment.start_s, one.segment.end_s, len(text), len(text) + len(one.text)))
        text += one.text
    return Turn(
        "agent", 0, parts[0].start_s, parts[-1].end_s, text, tuple(parts), None, None, tuple(suspects)
    )


def support_at(engine: Engine, *, clip: Clip, utterances: tuple[Utterance, ...], at_s: float) -> float:
    """The engine's support for its own text in the utterance that holds a time."""
    nearest = min(utterances, key=lambda one: max(one.segment.start_s - at_s, at_s - one.segment.end_s, 0.0))
    segment = nearest.segment
    samples, _ = cut(clip.channel, segment.start_s, segment.end_s, packing=engine.packing)
    return support_nats(engine, samples=samples, heard=nearest.text)


def is_present(name: str, clip: Clip) -> bool | None:
    """Whether the phrase of a probe was spoken; None: the clip says nothing about that probe."""
    if name == "opening":
        return "您好，中国移动" in clip.text
    if name == "wei":
        return clip.text.startswith("喂")
    return None if "你" in clip.text and "您" in clip.text else "你" not in clip.text


def limits(found: list[Margin], *, accusing: str) -> tuple[float, float]:
    """(present_nats, absent_nats) from the choosing half; see the module's docstring."""
    lowest_present = min((one.nats for one in found if one.present), default=0.0)
    highest_absent = max((one.nats for one in found if not one.present and not one.rival), default=0.0)
    if accusing == "absent":
        absent_nats = min(lowest_present - SAFETY_NATS, -LEAST_NATS)
        present_nats = max(highest_absent + 0.1, 0.0)
    else:
        present_nats = max(highest_absent + SAFETY_NATS, LEAST_NATS)
        absent_nats = min(lowest_present - 0.1, 0.0)
    return round(present_nats, 1), round(absent_nats, 1)


def error_rates(found: list[Margin], *, present_nats: float, absent_nats: float) -> dict[str, float]:
    """Shares on the held-out half, of places where the phrase was or was not spoken."""
    said = [one.nats for one in found if one.present]
    unsaid = [one.nats for one in found if not one.present and not one.rival]
    rivals = [one.nats for one in found if one.rival]

    def share(some: list[float], *, as_present: bool) -> float:
        hits = sum(nats >= present_nats if as_present else nats <= absent_nats for nats in some)
        return round(hits / max(1, len(some)), 3)

    rates = {
        "n_present": len(said),
        "n_absent": len(unsaid),
        "present_heard_as_present": share(said, as_present=True),
        "present_heard_as_absent": share(said, as_present=False),
        "absent_heard_as_absent": share(unsaid, as_present=False),
        "absent_heard_as_present": share(unsaid, as_present=True),
    }
    more = {"n_rivals": len(rivals), "rivals_heard_as_present": share(rivals, as_present=True)}
    return rates | more if rivals else rates


def bare(text: str) -> str:
    """Letters, digits and characters only."""
    return re.sub(r"[^\w]", "", text)


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--model", default=None)
    asked.add_argument("--clips", type=int, default=400)
    asked.add_argument("--seed", type=int, default=2026)
    asked.add_argument("--threads", type=int, default=None)
    asked.add_argument("--write", action="store_true")
    asked.add_argument("--details", type=Path, default=None, help="write every margin to this file")
    return asked.parse_args()


def main() -> None:
    """Measure, print, and write when asked."""
    args = _arguments()
    engine = load_engine(args.model, threads=args.threads)
    assert isinstance(engine, WhisperEngine)
    everything = replace(
        engine.checkpoint.card, least_support_nats=dict.fromkeys(LEAST_SUPPORT_NATS, -math.inf)
    )
    engine.checkpoint = replace(engine.checkpoint, card=everything)
    margins: dict[str, tuple[list[Margin], list[Margin]]] = {spec.name: ([], []) for spec in SPECS}
    confidences: list[float] = []
    details: list[dict[str, object]] = []
    wrong = characters = missed = asked_at = counted = 0
    for number, clip in enumerate(make_clips(args.clips, seed=args.seed)):
        segments = find_segments(clip.channel)
        utterances = transcribe_call(engine, channels=[clip.channel], segments=[segments])
        characters += len(bare(clip.text))
        if not utterances:
            missed += 1
            wrong += len(bare(clip.text))
            continue
        turn = as_turn(utterances)
        wrong += Levenshtein.distance(bare(turn.text), bare(clip.text))
        confidences += [one.confidence for one in utterances if one.confidence and not one.suspect_spans]
        specs = [spec for spec in SPECS if clip.first or spec.name != "opening"]
        for probe in run_probes(engine, channels=[clip.channel], turns=[turn], specs=specs):
            present = is_present(probe.name, clip)
            if present is None:
                continue
            support = support_at(engine, clip=clip, utterances=utterances, at_s=probe.at.start_s)
            rival = probe.name == "opening" and any(name in clip.text for name in RIVALS)
            asked_at += 1
            if support >= LEAST_SUPPORT_NATS[probe.name]:
                counted += 1
                margins[probe.name][number % 2].append(Margin(probe.margin_nats, present, rival))
            details.append(
                {
                    "text": clip.text,
                    "heard": turn.text,
                    "voice": clip.voice,
                    "probe": probe.name,
                    "present": present,
                    "margin": probe.margin_nats,
                    "foil": probe.foil,
                    "half": number % 2,
                    "support": round(support, 3),
                }
            )
    probes = {}
    for name, (choosing, held_out) in margins.items():
        present_nats, absent_nats = limits(choosing, accusing=ACCUSING_SIDE[name])
        probes[name] = {
            "present_nats": present_nats,
            "absent_nats": absent_nats,
            "least_support_nats": LEAST_SUPPORT_NATS[name],
            **error_rates(held_out, present_nats=present_nats, absent_nats=absent_nats),
        }
    calls = [
        float(np.exp(np.mean(np.log(confidences[i : i + 8])))) for i in range(0, len(confidences) - 7, 8)
    ]
    median = float(np.median(calls))
    figures = {
        "confidence_norm": {
            "median": round(median, 3),
            "spread": round(1.4826 * float(np.median(np.abs(np.array(calls) - median))), 3),
        },
        "probes": probes,
        "measured": {
            "command": f"python tests/benchmarks/probe_thresholds.py --clips {args.clips} --seed {args.seed}",
            "clips": args.clips,
            "share_of_places_with_support": round(counted / max(1, asked_at), 3),
            "clips_without_voice_activity": missed,
            "character_error_rate": round(wrong / characters, 3),
        },
    }
    print(json.dumps(figures, ensure_ascii=False, indent=2))
    if args.details:
        args.details.write_text(json.dumps(details, ensure_ascii=False, indent=0), encoding="utf-8")
    if args.write:
        card = find_checkpoint(args.model).path.with_suffix(".json")
        written = json.loads(card.read_text(encoding="utf-8")) | figures
        card.write_text(json.dumps(written, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
