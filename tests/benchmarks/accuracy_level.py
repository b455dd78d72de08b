"""Level, noise and their errors on calls of known level: every codec, gain and noise; gates; shouting.

Truth: the clean call's power within 300–3400 Hz over the same segments, by a brick-wall filter over the
whole leg; for the noise, the level at which it was added. Segments are the truth's: this is about measuring
alone. Shouted phrases are whole phrases of a human voice, 12 dB up and 8 semitones higher (overlap-add).
"""

from __future__ import annotations

import numpy as np
from accuracy_rows import Row, share_row
from ground_truth import coding, line, speakers
from ground_truth.legs import Call, Placed, build
from ground_truth.truth import LEGS
from voice_truth import Met, counted, measure, speech_level_dbov, talk, verdict

CODECS = [c for c in ("pcm16", "alaw", "mulaw", "gsm", "amr", "mp3", "opus") if coding.can_encode(c)]


def rows(*, quick: bool) -> list[Row]:
    """The rows of this section; some 8 minutes on one core, ``quick`` one."""
    return [*_levels(6 if quick else 40), *_gates(6 if quick else 40), *_shouting(14 if quick else 120)]


def _levels(count: int) -> list[Row]:
    level, noise, snr = Met(), Met(), Met()
    for seed in range(count):
        rng = np.random.default_rng([seed, 41])
        clean = line.gain(talk(8000 + seed), db=float(rng.choice([-15.0, -8.0, 0.0, 6.0])))
        truth = {leg: speech_level_dbov(clean, leg) for leg in LEGS}
        for snr_db in (15.0, 22.0, 30.0):
            noisy = line.add_noise(clean, snr_db=snr_db, kind=("white", "pink")[seed % 2], seed=seed)
            added = noisy.truth.effects[-1].parameters["level_dbov"]
            codec = CODECS[(seed + int(snr_db)) % len(CODECS)]
            found = measure(coding.through(noisy, codec), codec=codec).measurements
            for leg in LEGS:
                level.add(codec, found[leg]["level_dbov"], truth[leg])
                noise.add(codec, found[leg]["noise_dbov"], added[leg])
                snr.add(codec, found[leg]["snr_db"], truth[leg] - added[leg])
    return [
        *level.rows("level", "level at SNR 15–30 dB", within=0.5, unit="dB"),
        *snr.rows("noise", "SNR, stationary noise 15–30 dB", within=2.0, unit="dB"),
        noise.coverage("noise", "noise level"),
    ]


def _gates(count: int) -> list[Row]:
    reasons = []
    for seed in range(count):
        gated = line.add_noise(talk(8500 + seed), snr_db=25.0, seed=seed)
        for leg in LEGS:
            gated = line.noise_gate(gated, leg=leg)
        found = measure(coding.through(gated, CODECS[1 + seed % 2])).measurements
        reasons += [found[leg]["snr_db"].reason for leg in LEGS]
    hits = sum(reason is not None for reason in reasons)
    return [share_row("noise", "unknown under a gate", hits, len(reasons), target=0.95, direction="at least")]


def angry(seed: int, *, shouts: int, gain_db: float = 0.0) -> Call:
    """Nine phrases of one voice, so many of them shouted, and a customer in between."""
    rng = np.random.default_rng([seed, 43])
    voices = [speakers.YUE_TAN, speakers.MALE_LIKE, speakers.VOICES[4], speakers.VOICES[6]]
    voice = voices[seed % len(voices)]
    loud = speakers.shifted(voice, semitones=voice.semitones + 8, formants=voice.formants)
    loud_at = set(rng.choice(np.arange(1, 9), size=shouts, replace=False).tolist())
    placed, at = [], 1.0
    for k in range(9):
        who, up_db = (loud, 12.0) if k in loud_at else (voice, float(rng.uniform(-2, 2)))
        clip = speakers.say(who, int(rng.integers(4, 8)), rng=rng)
        placed.append(Placed(clip, at, -30 + up_db + gain_db, "agent", "agent"))
        at += clip.duration_s + 0.8
    answer = speakers.say(speakers.CHEN_WANG, 6, rng=rng)
    placed.append(Placed(answer, at, -28.0, "customer", "customer"))
    call = build(placed, duration_s=at + answer.duration_s + 1, scene="angry", seed=seed)
    return line.floor_noise(call, level_dbov=-62.0 + gain_db, seed=seed)


def _shouting(count: int) -> list[Row]:
    found: dict[bool, list[str]] = {True: [], False: []}
    for seed in range(count):
        gain_db = float(np.random.default_rng([seed, 47]).uniform(-15, 5))
        for shouts in (2, 0):
            call = angry(seed, shouts=shouts, gain_db=gain_db)
            coded = coding.through(call, CODECS[seed % len(CODECS)])
            found[shouts > 0].append(verdict("V2", measure(coded)).verdict)
    shouted, calm = counted(found[True]), counted(found[False])
    return [
        share_row(
            "level",
            "calls with two shouted phrases that V2 finds",
            shouted.get("fail", 0) + shouted.get("needs_review", 0),
            count,
            target=0.95,
            direction="at least",
            note="failed or sent to review; gain −15…+5 dB, every codec",
        ),
        share_row(
            "level", "of these, failed", shouted.get("fail", 0), count, note="the rest lies near a limit"
        ),
        share_row(
            "level",
            "the same calls without a shout that fail V2",
            calm.get("fail", 0),
            count,
            target=0.0,
            note=f"{calm.get('needs_review', 0)} for review",
        ),
    ]
