"""Random calls from a seed, each with its truth; the same seed gives the same samples.

* `conversation`: two parties in turn, with overlaps, backchannels, coughs, clicks, hold music and tones.
* `ending` (module `endings`): who releases, how, and what makes it look otherwise.
* `ringing` (module `ringings`): rings before the answer.
* `noise_and_music_hours`: calls without any signalling tone, to count false ones.

Legs carry floor noise at ``floor_dbov`` and no impairment: add those with `ground_truth.line`, then code.
Voices are drawn from `speakers.VOICES` unless ``voices=(agent, customer)`` is given; without the human
recordings they are synthetic vowels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from auditor.records import Span
from ground_truth import line, sounds, speakers
from ground_truth.endings import VARIANTS, ending
from ground_truth.legs import RATE_HZ, Call, Placed, build
from ground_truth.ringings import ringing
from ground_truth.speakers import Speaker, say
from ground_truth.truth import LEGS, Leg

__all__ = ["VARIANTS", "conversation", "ending", "noise_and_music_hours", "ringing"]

LISTENING = ("嗯", "好", "对", "是", "行")
ALONE = ("喂", "好", "对", "是", "再见", "谢谢")
CLEAR_S = 0.5  # a sound that is no speech keeps this distance from speech on its own leg


def conversation(
    seed: int,
    *,
    duration_s: float = 60.0,
    voices: tuple[Speaker, Speaker] | None = None,
    level_dbov: tuple[float, float] = (-32.0, -19.0),
    floor_dbov: float = -66.0,
    overlaps: bool = True,
    sounds_too: bool = True,
    hold: bool | None = None,
    rate_hz: int = RATE_HZ,
) -> Call:
    """A talk of two parties.

    Args:
        seed: Everything follows from it.
        duration_s: Of the call.
        voices: Agent and customer; drawn when None.
        level_dbov: Each party's level is drawn from this range, its phrases lie within ±2 dB of it.
        floor_dbov: White noise of the line on both legs.
        overlaps: Whether parties start before the other is done, and whether listeners say 嗯, 好.
        sounds_too: Coughs, clicks, knocks, keys and beeps, 0.5 s away from speech on their leg.
        hold: A stretch of hold music on the agent's leg; drawn (1 in 4) when None.
        rate_hz: Of the call.
    """
    rng = np.random.default_rng([seed, 1])
    drawn = voices or speakers.pair(rng)
    who = dict(zip(LEGS, drawn, strict=True))
    level = {leg: float(rng.uniform(*level_dbov)) for leg in LEGS}
    hold = bool(rng.random() < 0.25) if hold is None else hold
    placed: list[Placed] = []
    at = float(rng.uniform(0.4, 2.0))
    leg: Leg = "agent"
    hold_at = float(rng.uniform(0.3, 0.6)) * duration_s if hold else np.inf
    free_s = dict.fromkeys(LEGS, 0.0)  # a leg speaks once at a time
    while at < duration_s - 1.5:
        if at > hold_at:
            seconds = float(rng.uniform(4, min(10, duration_s - at)))
            clip = sounds.music(seconds, rng=rng, rate_hz=rate_hz)
            begin_s = max(at, *free_s.values()) + CLEAR_S
            placed.append(Placed(clip, begin_s, float(rng.uniform(-30, -18)), "agent"))
            at, hold_at = begin_s + seconds + CLEAR_S, np.inf
            continue
        for _ in range(int(rng.integers(1, 4))):
            what = _alone(who[leg], rng) if rng.random() < 0.12 else int(rng.integers(2, 7))
            clip = say(who[leg], what, rng=rng, rate_hz=rate_hz)
            at = max(at, free_s[leg] + 0.35)
            if at + clip.duration_s > duration_s - 0.3:
                at = duration_s
                break
            placed.append(Placed(clip, at, level[leg] + float(rng.uniform(-2, 2)), leg, leg))
            if overlaps and clip.duration_s > 2 and rng.random() < 0.25:
                _listen(
                    placed,
                    clip.duration_s,
                    at=at,
                    leg=_other(leg),
                    who=who,
                    level=level,
                    rng=rng,
                    free_s=free_s,
                )
            at += clip.duration_s
            free_s[leg] = at
            at += float(rng.uniform(0.45, 1.2))
        early = overlaps and rng.random() < 0.15
        at += float(rng.uniform(-1.6, -0.6)) if early else float(rng.uniform(-0.2, 0.8))
        leg = _other(leg)
    call = build(placed, duration_s=duration_s, scene="conversation", seed=seed, rate_hz=rate_hz)
    if sounds_too:
        placed += _sounds(call, rng=rng, rate_hz=rate_hz)
        call = build(placed, duration_s=duration_s, scene="conversation", seed=seed, rate_hz=rate_hz)
    return line.floor_noise(call, level_dbov=floor_dbov, seed=seed)


def noise_and_music_hours(seed: int, *, hours: float = 1.0, rate_hz: int = RATE_HZ) -> Iterator[Call]:
    """Calls of 60 s without any signalling tone: talk, hold music, noises, keys, electronic beeps."""
    for k in range(round(hours * 60)):
        rng = np.random.default_rng([seed, k, 2])
        draw = k % 3
        if draw == 0:
            call = conversation(1000 * seed + k, rate_hz=rate_hz)
        else:
            placed: list[Placed] = []
            for leg in LEGS:
                at = float(rng.uniform(0, 2))
                while at < 55:
                    seconds = float(rng.uniform(5, 25))
                    clip = sounds.music(seconds, rng=rng, rate_hz=rate_hz)
                    if draw == 2 and rng.random() < 0.6:
                        clip = say(speakers.pair(rng)[0], int(rng.integers(4, 16)), rng=rng, rate_hz=rate_hz)
                    placed.append(Placed(clip, at, float(rng.uniform(-40, -10)), leg))
                    at += clip.duration_s + float(rng.exponential(1.5))
            call = build(placed, duration_s=60.0, scene="noise_and_music", seed=seed, rate_hz=rate_hz)
            call = line.floor_noise(call, seed=seed)
            if rng.random() < 0.5:
                kind = sounds.NOISES[int(rng.integers(len(sounds.NOISES)))]
                call = line.add_noise(call, level_dbov=float(rng.uniform(-60, -25)), kind=kind, seed=k)  # type: ignore[arg-type]
        yield Call(call.legs, replace(call.truth, scene="noise_and_music", seed=seed * 10_000 + k))


def _alone(speaker: Speaker, rng: np.random.Generator) -> str | int:
    word = ALONE[int(rng.integers(len(ALONE)))]
    return 1 if speaker.source == "synthetic" else word


def _listen(placed: list[Placed], length_s: float, *, at: float, leg: Leg, who, level, rng, free_s) -> None:
    """The listener says a short word somewhere inside the phrase."""
    word = LISTENING[int(rng.integers(len(LISTENING)))]
    speaker = who[leg]
    if speaker.source == "syllables" and word == "嗯":
        word = "好"
    clip = say(speaker, 1 if speaker.source == "synthetic" else word, rng=rng)
    begin_s = at + float(rng.uniform(0.4, length_s - 1.2))
    if begin_s < free_s[leg] + 0.35:
        return
    placed.append(Placed(clip, begin_s, level[leg] - float(rng.uniform(0, 4)), leg, leg))
    free_s[leg] = begin_s + clip.duration_s


def _sounds(call: Call, *, rng: np.random.Generator, rate_hz: int) -> list[Placed]:
    """Sounds in the pauses of each leg."""
    made: list[Placed] = []
    for leg in LEGS:
        taken = [
            *call.truth.segments(leg),
            *(Span(s.start_s, s.end_s) for s in call.truth.sounded if s.leg == leg),
        ]
        for _ in range(int(rng.poisson(call.duration_s / 20))):
            draw = rng.random()
            if draw < 0.35:
                clip, loud = sounds.cough(rng=rng, rate_hz=rate_hz), float(rng.uniform(-32, -18))
            elif draw < 0.6:
                clip, loud = sounds.click(rng=rng, rate_hz=rate_hz), float(rng.uniform(-30, -10))
            elif draw < 0.75:
                clip, loud = sounds.knock(rng=rng, rate_hz=rate_hz), float(rng.uniform(-30, -12))
            elif draw < 0.9:
                keys = "".join(rng.choice(list("0123456789"), size=int(rng.integers(1, 6))))
                clip, loud = sounds.dtmf(keys, rate_hz=rate_hz), float(rng.uniform(-25, -10))
            else:
                clip, loud = (
                    sounds.beep(float(rng.uniform(0.1, 0.5)), rate_hz=rate_hz),
                    float(rng.uniform(-30, -15)),
                )
            for _ in range(8):
                at = float(rng.uniform(0.2, call.duration_s - clip.duration_s - 0.2))
                room = Span(at - CLEAR_S, at + clip.duration_s + CLEAR_S)
                if all(room.overlap_s(span) == 0 for span in taken):
                    made.append(Placed(clip, at, loud, leg))
                    taken.append(Span(at, at + clip.duration_s))
                    break
    return made


def _other(leg: Leg) -> Leg:
    return "customer" if leg == "agent" else "agent"
