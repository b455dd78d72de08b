"""Rings before the answer (`ringing`, offered by `scenes`)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from auditor.records import Span
from ground_truth import line, sounds, speakers
from ground_truth.legs import RATE_HZ, Call, Placed, build
from ground_truth.speakers import Speaker, say
from ground_truth.truth import LEGS, Leg, Ringing

PERIOD_S, ON_S = 5.0, 1.0


def ringing(
    seed: int,
    *,
    rings: int | None = None,
    hz: float | None = None,
    level_dbov: float | None = None,
    leg: Leg | None = None,
    colour: bool = False,
    talk_over: bool | None = None,
    inside_ring: bool | None = None,
    cut_by_start: bool | None = None,
    voices: tuple[Speaker, Speaker] | None = None,
    rate_hz: int = RATE_HZ,
) -> Call:
    """A call from its rings to some 10 s after the answer, with `Truth.ringing`; None draws.

    Args:
        seed: Everything follows from it.
        rings: Rings that the phone gave, 1 to 8.
        hz: 425 to 475.
        level_dbov: -45 to -6 (of the tone's RMS).
        leg: On which leg the ringback is heard.
        colour: 彩铃: music and a slogan in place of the tone.
        talk_over: Somebody speaks on the other leg, and faintly on the ringing leg, during the rings.
        inside_ring: The answer cuts the last burst short (0.15 to 0.9 s of it are left).
        cut_by_start: The file starts inside the first ring or in the pause behind rings that it misses.
        voices: Agent and customer.
        rate_hz: Of the call.
    """
    rng = np.random.default_rng([seed, 4])
    rings = int(rng.integers(1, 9)) if rings is None else rings
    hz = float(rng.uniform(425, 475)) if hz is None else hz
    level = float(rng.uniform(-45, -6)) if level_dbov is None else level_dbov
    leg = LEGS[int(rng.integers(2))] if leg is None else leg
    draws = rng.random(3)
    talk_over = bool(draws[0] < 0.3) if talk_over is None else talk_over
    inside_ring = bool(draws[1] < 0.3) if inside_ring is None else inside_ring
    cut_by_start = bool(draws[2] < 0.2) if cut_by_start is None else cut_by_start

    lead_s = float(rng.uniform(0.3, 2.5))
    if cut_by_start:
        # Some seconds into the ringing: within a burst or within the pause after it.
        missed = int(rng.integers(0, max(1, rings)))
        lead_s = -missed * PERIOD_S - float(
            rng.uniform(0.1, 0.85) if rng.random() < 0.5 else rng.uniform(1.0, 4.5)
        )
        lead_s = max(lead_s, -(rings - 1) * PERIOD_S - 0.8)
    full = [Span(lead_s + PERIOD_S * k, lead_s + PERIOD_S * k + ON_S) for k in range(rings)]
    if inside_ring:
        answered_s = full[-1].start_s + float(rng.uniform(0.15, 0.9))
        answered_s = max(answered_s, 0.15)
        full[-1] = Span(full[-1].start_s, max(full[-1].start_s, answered_s))
    else:
        answered_s = full[-1].end_s + float(rng.uniform(0.1, 3.8))
    bursts = tuple(Span(max(0.0, s.start_s), s.end_s) for s in full if s.end_s > 0.0)
    who = dict(zip(LEGS, voices or speakers.pair(rng), strict=True))
    placed = _talk_over(who, leg=leg, until_s=answered_s, rng=rng, rate_hz=rate_hz) if talk_over else []
    greeting, at = _greeting(who, after_s=answered_s, rng=rng, rate_hz=rate_hz)
    placed += greeting
    duration_s = at + 0.5
    if colour:
        clip = sounds.music(answered_s, rng=rng, rate_hz=rate_hz)
        placed.append(Placed(clip, 0.0, max(level, -35.0), leg))
        bursts = (Span(0.0, answered_s),)
    else:
        placed += [
            _burst(s, hz=hz, level_dbov=level, leg=leg, rate_hz=rate_hz)
            for s in bursts
            if s.duration_s > 0.01
        ]
    call = build(placed, duration_s=duration_s, scene="ringing", seed=seed, rate_hz=rate_hz)
    call = line.floor_noise(call, level_dbov=float(rng.uniform(-72, -58)), seed=seed)
    if talk_over:
        call = line.crosstalk(call, gain_db=float(rng.uniform(-40, -25)), into=leg)
    heard = 0 if colour else sum(s.duration_s >= 0.1 for s in bursts)
    truth = Ringing(
        "music" if colour else "tone",
        leg,
        hz,
        level,
        bursts,
        heard,
        rings,
        answered_s,
        lead_s < 0,
        inside_ring,
    )
    return Call(call.legs, replace(call.truth, ringing=truth))


def _talk_over(
    who: dict[Leg, Speaker], *, leg: Leg, until_s: float, rng: np.random.Generator, rate_hz: int
) -> list[Placed]:
    """Somebody speaks on the leg that does not ring, before the answer."""
    other: Leg = "customer" if leg == "agent" else "agent"
    placed: list[Placed] = []
    at = float(rng.uniform(0.2, 1.0))
    while at < until_s - 1.5:
        clip = say(who[other], int(rng.integers(1, 4)), rng=rng, rate_hz=rate_hz)
        if at + clip.duration_s > until_s - 0.2:
            break
        placed.append(Placed(clip, at, float(rng.uniform(-34, -20)), other, other))
        at += clip.duration_s + float(rng.uniform(0.5, 3.0))
    return placed


def _greeting(
    who: dict[Leg, Speaker], *, after_s: float, rng: np.random.Generator, rate_hz: int
) -> tuple[list[Placed], float]:
    """The agent answers, the customer replies …; and when the last one is done."""
    placed: list[Placed] = []
    at = after_s + float(rng.uniform(0.3, 2.5))
    speaking: Leg = "agent"
    for _ in range(int(rng.integers(2, 5))):
        clip = say(who[speaking], int(rng.integers(2, 6)), rng=rng, rate_hz=rate_hz)
        placed.append(Placed(clip, at, float(rng.uniform(-26, -20)), speaking, speaking))
        at += clip.duration_s + float(rng.uniform(0.4, 1.0))
        speaking = "customer" if speaking == "agent" else "agent"
    return placed, at


def _burst(span: Span, *, hz: float, level_dbov: float, leg: Leg, rate_hz: int) -> Placed:
    """One burst of tone; a cut edge is a cut, without a ramp but for its 5 ms."""
    clip = sounds.cadence("ringback", on_s=span.duration_s, off_s=0.0, count=1, hz=hz, rate_hz=rate_hz)
    return Placed(clip, span.start_s, level_dbov, leg)
