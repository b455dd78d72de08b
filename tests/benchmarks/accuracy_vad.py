"""Voice activity: boundaries, frames, what is no speech, and lone words, on generated calls.

Speech is what the pipeline takes for it (`find_speech`). Truth: words within 35 dB of their clean peak, gaps
under 0.3 s closed. A boundary is that of a true segment against the outer bounds of what was found in it; a
missed segment has no boundary and counts under its own row. A sound counts as taken for speech when a
segment overlaps it by 80 ms on its leg (0.5 s away from any true speech).
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from accuracy_rows import Row, mean_row, quantile_row, share_row
from ground_truth import coding, line, scenes, shared_audio, sounds, speakers
from ground_truth.legs import Call, Placed, build
from ground_truth.truth import LEGS, Leg, span_frames

from auditor.audio.events import find_events
from auditor.records import Segment, Span
from auditor.speech.active import find_speech

CODECS = [codec for codec in ("alaw", "mulaw", "gsm", "amr", "mp3", "opus") if coding.can_encode(codec)]
STATIONARY: tuple[sounds.NoiseKind, ...] = ("white", "pink", "car")
OFFICE: sounds.NoiseKind = "office"  # murmur of four voices and keys: other people speak, every fourth call
LONE = ("喂", "好", "对", "是", "您好", "再见")
LISTED = (("SNR 20 dB", 0.95), ("SNR 10 dB", 0.90))
NO_SPEECH = ("cough", "click", "knock", "music", "dtmf", "beep")


def rows(*, quick: bool) -> list[Row]:
    """The rows of this section; some 15 minutes on one core, ``quick`` one."""
    if not shared_audio.HAS_SHARED_AUDIO:
        print("vad: synthetic vowels in place of the human recordings", file=sys.stderr)
    count = 12 if quick else 150  # 450 to 600 calls of 40 s in all
    return [*_clean(count), *_noisy(count), *_leaks(count // 2), *_lone(count // 2)]


def found_in(call: Call) -> dict[Leg, list[Segment]]:
    """What the pipeline takes for speech, by leg."""
    channels = call.channels()
    return dict(zip(LEGS, map(list, find_speech(channels, events=find_events(channels))), strict=True))


def boundary_errors(truth: Sequence[Span], found: Sequence[Segment]) -> tuple[list[float], int]:
    """Signed errors in ms of starts and ends (positive: late start, long end), and missed segments."""
    errors: list[float] = []
    missed = 0
    for span in truth:
        inside = [s for s in found if s.span.overlap_s(span) > 0]
        if not inside:
            missed += 1
            continue
        errors += [1000 * (inside[0].start_s - span.start_s), 1000 * (inside[-1].end_s - span.end_s)]
    return errors, missed


def frame_f1(call: Call, found: dict[Leg, list[Segment]]) -> float:
    """2TP / (2TP + FP + FN) over the 10 ms frames of both legs."""
    hits = wrong = 0
    for leg in LEGS:
        truth = call.truth.active(leg)
        heard = span_frames([s.span for s in found[leg]], call.duration_s)
        hits += int((truth & heard).sum())
        wrong += int((truth ^ heard).sum())
    return 2 * hits / max(1, 2 * hits + wrong)


def _clean(count: int) -> Iterator[Row]:
    """Calls with the line's own noise only, in every codec: boundaries, frames, and what is no speech."""
    errors: list[float] = []
    f1: dict[str, list[float]] = defaultdict(list)
    taken: dict[str, list[bool]] = defaultdict(list)
    missed = total = false = 0
    for seed in range(count):
        codec = CODECS[seed % len(CODECS)]
        call = coding.through(scenes.conversation(seed, duration_s=40), codec)
        found = found_in(call)
        f1[codec].append(frame_f1(call, found))
        for leg in LEGS:
            truth = call.truth.segments(leg)
            more, lost = boundary_errors(truth, found[leg])
            errors += more
            missed, total = missed + lost, total + len(truth)
            false += sum(all(s.span.overlap_s(t) == 0 for t in truth) for s in found[leg])
            for event in call.truth.sounded:
                if event.leg == leg and event.kind in NO_SPEECH:
                    span = Span(event.start_s, event.end_s)
                    overlap_s = sum(s.span.overlap_s(span) for s in found[leg])
                    taken[event.kind].append(overlap_s >= min(0.08, 0.8 * span.duration_s))
    size = np.abs(errors)
    clean = "A-law, µ-law, GSM, AMR, MP3, Opus"
    yield quantile_row("vad", f"boundary error, median ({clean})", size, 0.5, target=60, unit="ms")
    yield quantile_row("vad", "boundary error, 95 %", size, 0.95, target=200, unit="ms")
    yield Row("vad", "starts late by (mean)", float(np.mean(errors[::2])), len(errors[::2]), unit="ms")
    yield Row("vad", "ends late by (mean)", float(np.mean(errors[1::2])), len(errors[1::2]), unit="ms")
    yield share_row("vad", "true segments missed", missed, total, target=0.01)
    yield Row("vad", "segments without any speech, per call of 40 s", false / count, count)
    every = [value for values in f1.values() for value in values]
    yield mean_row("vad", "frame F1, line noise only", every, target=0.95, direction="at least")
    for codec, values in f1.items():
        yield mean_row("vad", f"frame F1, line noise only, {codec}", values)
    for kind in NO_SPEECH:
        yield share_row("vad", f"{kind} taken for speech", sum(taken[kind]), len(taken[kind]), target=0.01)


def _noisy(count: int) -> Iterator[Row]:
    """Calls at 20 and 10 dB, A-law, four kinds of noise in turn; boundaries without the office."""
    for name, target in LISTED:
        snr_db = float(name.split()[1])
        f1: dict[str, list[float]] = defaultdict(list)
        errors: list[float] = []
        missed = total = 0
        for seed in range(count):
            kind = OFFICE if seed % 4 == 3 else STATIONARY[seed % 4]
            call = scenes.conversation(10_000 + seed, duration_s=40)
            call = coding.through(line.add_noise(call, snr_db=snr_db, kind=kind, seed=seed), "alaw")
            found = found_in(call)
            f1[kind].append(frame_f1(call, found))
            if kind == OFFICE:
                continue
            for leg in LEGS:
                more, lost = boundary_errors(call.truth.segments(leg), found[leg])
                errors += more
                missed, total = missed + lost, total + len(call.truth.segments(leg))
        steady = [value for kind in STATIONARY for value in f1[kind]]
        yield mean_row("vad", f"frame F1, {name}, stationary", steady, target=target, direction="at least")
        for kind, values in f1.items():
            bound = {"target": target, "direction": "at least"} if kind == OFFICE else {}
            yield mean_row("vad", f"frame F1, {name}, {kind}", values, **bound)
        yield quantile_row("vad", f"boundary error, {name}, median", np.abs(errors), 0.5, unit="ms")
        yield quantile_row("vad", f"boundary error, {name}, 95 %", np.abs(errors), 0.95, unit="ms")
        yield share_row("vad", f"true segments missed, {name}", missed, total)


def _leaks(count: int) -> Iterator[Row]:
    """Crosstalk in both directions, -20 to -40 dB, 0 to 80 ms late: phrases of the other leg that remain."""
    left = phrases = missed = total = 0
    for seed in range(count):
        rng = np.random.default_rng([seed, 77])
        call = scenes.conversation(20_000 + seed, duration_s=40, sounds_too=False, hold=False)
        gain_db, delay_s = float(rng.uniform(-40, -20)), float(rng.uniform(0, 0.08))
        call = line.crosstalk(call, gain_db=gain_db, delay_s=delay_s)
        call = coding.through(call, CODECS[seed % len(CODECS)])
        found = found_in(call)
        for leg, other in (LEGS, LEGS[::-1]):
            own = call.truth.segments(leg)
            missed += boundary_errors(own, found[leg])[1]
            total += len(own)
            for span in call.truth.segments(other):
                if all(span.gap_s(mine) > 0.3 for mine in own):
                    phrases += 1
                    left += sum(s.span.overlap_s(span) for s in found[leg]) >= 0.1
    yield share_row(
        "vad", "leaked phrases taken for speech, crosstalk -20…-40 dB", left, phrases, target=0.01
    )
    yield share_row("vad", "true segments missed under crosstalk", missed, total, target=0.01)


def _lone(count: int) -> Iterator[Row]:
    """喂, 好 … alone between pauses of 2 s and more, -38 to -18 dBov, in every codec."""
    caught: dict[str, list[bool]] = defaultdict(list)
    for seed in range(count):
        rng = np.random.default_rng([seed, 78])
        placed: list[Placed] = []
        at = 1.5
        for word in rng.permutation(LONE):
            for leg in LEGS:
                speaker = speakers.pair(rng)[0]
                what = 1 if speaker.source == "synthetic" else str(word)
                clip = speakers.say(speaker, what, rng=rng)
                level = float(rng.uniform(-38, -18))
                placed.append(Placed(clip, at, level, leg, leg))
                at += clip.duration_s + float(rng.uniform(1.0, 2.0))
        call = line.floor_noise(build(placed, duration_s=at, seed=seed), seed=seed)
        call = coding.through(call, CODECS[seed % len(CODECS)])
        found = found_in(call)
        for one, spoken in zip(placed, sorted(call.truth.spoken, key=lambda s: s.start_s), strict=True):
            del one
            hit = any(s.span.overlap_s(Span(spoken.start_s, spoken.end_s)) > 0.05 for s in found[spoken.leg])  # type: ignore[index]
            caught[spoken.text].append(hit)
    words = [hit for hits in caught.values() for hit in hits]
    yield share_row(
        "vad",
        "lone words found (喂, 好, 对, 是, 您好, 再见)",
        sum(words),
        len(words),
        target=0.99,
        direction="at least",
    )
    for text in ("喂", "wei4", "wei2", "好", "hao3"):
        if caught.get(text):
            yield share_row("vad", f"lone {text} found", sum(caught[text]), len(caught[text]))
