"""Pitch against `librosa.pyin` on human voices; flat and lively renderings of the same phrases.

Voices: Mandarin words and syllables of one woman each and eight sentences, as recorded, and slowed to 0.7 and
0.55 (pitch and formants, a man's range; those that fall under 88 Hz left out). pyin hears the voice before
the line, our tracker the voice itself and what a brick wall at 300–3400 Hz and A-law leave of it: behind
the brick wall pyin takes every fourth frame for another pitch. A frame counts when both call it voiced.
Renderings: Praat's overlap-add with the pitch contour of a phrase scaled around its median, to 0.15 and 1.3.
"""

from __future__ import annotations

import sys
import time
from functools import lru_cache
from pathlib import Path

import numpy as np
import soxr
from accuracy_rows import Row, mean_row, share_row
from ground_truth import shared_audio, speakers

from auditor.measure.f0 import track_f0
from auditor.measure.frames import span_mask
from auditor.records import Segment, Span
from auditor.signal import Channel

sys.path.append(str(Path(__file__).parents[1] / "measure"))
import measure_sounds as human
from test_human_clips import telephone

RATE_HZ = human.RATE_HZ
ECHOING = "NST_ID001.wav"  # a room in which pyin itself falls to 73 Hz: no truth
FLAT, LIVELY, LIMIT_ST = 0.15, 1.3, 1.5


def rows(*, quick: bool) -> list[Row]:
    """The rows of this section; some 8 minutes on one core, ``quick`` one."""
    return [*_against_pyin(20 if quick else 100), *_renderings(20 if quick else 200)]


def voices(count: int) -> dict[str, list[np.ndarray]]:
    """Groups of clips with pauses of 0.4 s, by kind of voice."""
    spoken = list(human.words(count, seed=11, shortest=2).values())
    names = np.random.default_rng(12).choice(shared_audio.syllables(), size=count, replace=False)
    read = [
        np.asarray(soxr.resample(shared_audio.take("syllables", name), shared_audio.RATE_HZ, RATE_HZ))
        for name in names
    ]
    groups = [spoken[k : k + 10] for k in range(0, count, 10)] + [
        read[k : k + 10] for k in range(0, count, 10)
    ]
    pause = human.silence(0.4)
    made = {"as recorded": [np.concatenate([x for clip in group for x in (clip, pause)]) for group in groups]}
    made["as recorded"] += [x for name, x in human.sentences().items() if name != ECHOING]
    for factor in (0.7, 0.55):
        made[f"slowed to {factor:g}"] = [
            soxr.resample(clip, RATE_HZ * factor, RATE_HZ).astype(np.float32)
            for clip in made["as recorded"][:: 4 if count < 50 else 1]
        ]
    return made


def pyin(samples: np.ndarray) -> np.ndarray:
    """Its pitch on our frames: half a hop later than its own."""
    import librosa

    later = np.concatenate([samples[40:], np.zeros(40, dtype=np.float32)])
    found, _, _ = librosa.pyin(later, fmin=65, fmax=500, sr=RATE_HZ, frame_length=512, hop_length=80)
    return np.asarray(found)


def spread(hz: np.ndarray) -> float:
    return float(np.std(12 * np.log2(hz)))


def _against_pyin(count: int) -> list[Row]:
    seconds = {"own": 0.0, "pyin": 0.0}
    made: list[Row] = []
    pyin(human.silence(1.0))  # compiles
    for kind, clips in voices(count).items():
        both_s, gross = {"": 0, ", telephone": 0}, {"": 0, ", telephone": 0}
        apart: dict[str, list[float]] = {"": [], ", telephone": []}
        for clip in clips:
            spans = [segment.span for segment in human.gate(clip)]
            begun = time.process_time()
            truth = pyin(clip)
            seconds["pyin"] += time.process_time() - begun
            if np.nanmedian(truth) < 88:
                continue
            for line, sound in (("", clip), (", telephone", telephone(clip))):
                begun = time.process_time()
                own = track_f0(Channel(0, sound, RATE_HZ), spans)
                seconds["own"] += (time.process_time() - begun) / 2
                known = truth[: len(own)]
                inside = span_mask(spans, len(known), hop_s=0.01)
                both = np.isfinite(own[: len(known)]) & np.isfinite(known) & inside
                off = np.abs(own[: len(known)][both] / known[both] - 1) > 0.2
                both_s[line] += int(both.sum())
                gross[line] += int(off.sum())
                if both.sum() > 100:
                    apart[line].append(spread(own[: len(known)][both]) - spread(known[both]))
        for line, errors in apart.items():
            made.append(
                share_row(
                    "pitch",
                    f"gross errors, {kind}{line}",
                    gross[line],
                    both_s[line],
                    target=0.03,
                    note="frames",
                )
            )
            made.append(
                mean_row("pitch", f"spread off pyin's, {kind}{line}", np.abs(errors), target=0.3, unit="st")
            )
    ratio = seconds["pyin"] / seconds["own"]
    speed = Row("pitch", "times as fast as pyin", ratio, 1, target=20, direction="at least")
    return [*made, speed]


@lru_cache(maxsize=1)
def _phrases(count: int) -> list[np.ndarray]:
    made = []
    for k in range(count):
        rng = np.random.default_rng([k, 61])
        voice = speakers.VOICES[k % len(speakers.VOICES)]
        clips = [speakers.say(voice, 8, rng=rng, rate_hz=16_000).samples for _ in range(3)]
        made.append(np.concatenate([x for c in clips for x in (c, np.zeros(8000))]))
    return made


def rendered(samples: np.ndarray, factor: float, *, rate_hz: int = 16_000) -> np.ndarray:
    """The same phrase with its pitch contour scaled around the median."""
    import parselmouth
    from parselmouth.praat import call

    speakers.seed_praat()
    sound = parselmouth.Sound(samples, rate_hz)
    work = call(sound, "To Manipulation", 0.01, 65, 600)
    tier = call(work, "Extract pitch tier")
    points = int(call(tier, "Get number of points"))
    hz = [call(tier, "Get value at index", k + 1) for k in range(points)]
    middle = float(np.median(hz))
    formula = f"{middle} * (self / {middle}) ^ {factor}"
    call(tier, "Formula", formula)
    call([tier, work], "Replace pitch tier")
    out = call(work, "Get resynthesis (overlap-add)")
    eight = soxr.resample(np.asarray(out.values[0]), rate_hz, RATE_HZ).astype(np.float32)
    return np.asarray(0.1 * eight / np.sqrt(np.mean(eight**2)))


def _renderings(count: int) -> list[Row]:
    right = {"": 0, ", telephone": 0}
    for samples in _phrases(count):
        flat, lively = rendered(samples, FLAT), rendered(samples, LIVELY)
        for line in right:
            found = []
            for sound in (flat, lively):
                heard = telephone(sound) if line else sound
                own = track_f0(Channel(0, heard, RATE_HZ), [Span(s.start_s, s.end_s) for s in _gate(sound)])
                own = own[np.isfinite(own)]
                found.append(spread(own) if len(own) > 50 else np.nan)
            right[line] += found[0] < LIMIT_ST < found[1]
    return [
        share_row(
            "pitch",
            f"flat and lively renderings on the right sides of {LIMIT_ST} st{line}",
            hits,
            count,
            target=0.99,
            direction="at least",
        )
        for line, hits in right.items()
    ]


def _gate(samples: np.ndarray) -> list[Segment]:
    return human.gate(samples)
