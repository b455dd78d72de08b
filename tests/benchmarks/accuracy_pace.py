"""Pace with the true transcript, on segments that voice activity found, and the check without any words.

Truth: syllables ÷ the truth's own segments (words with gaps under 0.3 s closed). Codecs and SNR 15–30 dB.
"""

from __future__ import annotations

import numpy as np
from accuracy_rows import Row, share_row
from accuracy_vad import found_in
from ground_truth import coding, line, speakers
from ground_truth.legs import Call, Placed, build
from voice_truth import ROLES

from auditor.measure.call import measure_call
from auditor.measure.f0 import track_f0
from auditor.measure.frames import measure_frames
from auditor.measure.nuclei import count_nuclei
from auditor.records import Turn, TurnPart

CODECS = [c for c in ("alaw", "mulaw", "gsm", "amr", "mp3", "opus") if coding.can_encode(c)]


def rows(*, quick: bool) -> list[Row]:
    """The rows of this section; some 5 minutes on one core, ``quick`` one."""
    return [*_paces(12 if quick else 120), _nuclei(10 if quick else 60)]


def monologue(seed: int) -> Call:
    """Six phrases of one voice; between words 20–120 ms."""
    rng = np.random.default_rng([seed, 71])
    voice = speakers.VOICES[seed % len(speakers.VOICES)]
    placed, at = [], 1.0
    for _ in range(6):
        clip = speakers.say(voice, 12 if voice.source == "syllables" else 6, rng=rng)
        placed.append(Placed(clip, at, -26.0 + float(rng.uniform(-2, 2)), "agent", "agent"))
        at += clip.duration_s + float(rng.uniform(2.2, 3.0))
    call = build(placed, duration_s=at + 1, scene="monologue", seed=seed)
    return line.floor_noise(call, level_dbov=-66.0, seed=seed)


def _syllables(text: str) -> int:
    """One per character, one per tone digit of pinyin."""
    return sum(c.isdigit() for c in text) or len(text)


def _paces(count: int) -> list[Row]:
    within, covered, n, silent = 0, 0, 0, 0
    for seed in range(count):
        rng = np.random.default_rng([seed, 73])
        call = monologue(seed)
        noisy = line.add_noise(call, snr_db=float(rng.uniform(15, 30)), seed=seed)
        heard = coding.through(noisy, CODECS[seed % len(CODECS)])
        found = found_in(heard)["agent"]
        turns = []
        for said in call.truth.said_on("agent"):
            own = [s for s in found if s.start_s < said.end_s and s.end_s > said.start_s]
            text = "好" * _syllables(said.text)
            if not own:
                continue
            cuts = np.cumsum([0.0, *(s.end_s - s.start_s for s in own)])
            cuts = np.round(len(text) * cuts / cuts[-1]).astype(int)
            parts = tuple(
                TurnPart(s.start_s, s.end_s, int(a), int(b))
                for s, a, b in zip(own, cuts[:-1], cuts[1:], strict=True)
            )
            turns.append(Turn("agent", 0, own[0].start_s, own[-1].end_s, text, parts=parts))
        figure = measure_call(
            heard.channels(), segments=found, turns=turns, roles=ROLES, events=(), layout="two_legs"
        ).measurements["agent"]["articulation_char_per_min"]
        if figure.value is None or figure.error is None:
            silent += 1
            continue
        spoken = sum(_syllables(said.text) for said in call.truth.said_on("agent"))
        truth = 60 * spoken / sum(s.duration_s for s in call.truth.segments("agent"))
        n += 1
        within += abs(figure.value / truth - 1) <= 0.05
        covered += abs(figure.value - truth) <= figure.error
    note = f"{silent} silent" if silent else ""
    more = {"target": 0.95, "direction": "at least"}
    return [
        share_row("pace", "within ±5 % with the true transcript", within, n, note=note, **more),
        share_row("pace", "the truth lies within the stated error", covered, n, **more),
    ]


def _nuclei(count: int) -> Row:
    ratios = []
    for seed in range(count):
        call = monologue(seed * len(speakers.VOICES))  # the unshifted voice that reads words
        channel, spans = call.channels()[0], list(call.truth.segments("agent"))
        found = count_nuclei(measure_frames(channel).low, f0_hz=track_f0(channel, spans), spans=spans)
        ratios.append(found / sum(_syllables(said.text) for said in call.truth.said_on("agent")))
    hits = sum(abs(ratio - 1) <= 0.15 for ratio in ratios)
    note = f"mean {np.mean(ratios):.2f} per syllable"
    return share_row(
        "pace",
        "nuclei within ±15 % on human words, calls",
        hits,
        count,
        target=0.95,
        direction="at least",
        note=note,
    )
