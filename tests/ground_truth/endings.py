"""How a call ends, and what makes it look as if it ended otherwise (`ending`, offered by `scenes`)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from auditor.records import Span
from ground_truth import line, shared_audio, sounds, speakers
from ground_truth.legs import RATE_HZ, Call, Placed, build
from ground_truth.speakers import Speaker, say
from ground_truth.truth import LEGS, Ending, Leg, without

VARIANTS = (
    "plain",  # the releasing leg goes idle, the other stays live for 1–4 s
    "busy",  # ... and the exchange puts busy tone onto the dead leg
    "congestion",  # ... or congestion tone
    "together",  # both legs end within 0.2 s: nobody can tell
    "stop",  # the recording stops with the release: both legs live to the last sample
    "mute_before",  # the other party had muted for a while during the call
    "mute_self_before",  # the releasing party had
    "mute_to_end",  # the OTHER party mutes after its last word and the first one releases later
    "dtx",  # the other party's leg falls to an idle code between its words, to the end
    "dtx_comfort",  # ... to comfort noise
    "gate",  # the other party's leg is gated to zero between its words, to the end
    "gate_self",  # the releasing leg is
    "survey",  # a survey was announced on the agent's leg; then the agent releases
    "put_down",  # a handset is put down just before the releasing leg dies
)


def ending(
    seed: int,
    *,
    variant: str | None = None,
    by: Leg | None = None,
    voices: tuple[Speaker, Speaker] | None = None,
    code: line.IdleCode | None = None,
    rate_hz: int = RATE_HZ,
) -> Call:
    """The last 10 to 25 s of a call, with `Truth.ending`.

    Args:
        seed: Everything follows from it.
        variant: One of `VARIANTS`; drawn when None.
        by: Who releases; drawn when None. ``Ending.released_by`` is None where nobody can know from the
            sound (``together``, ``stop``).
        voices: Agent and customer.
        code: What an idle leg carries; drawn when None.
        rate_hz: Of the call.
    """
    rng = np.random.default_rng([seed, 3])
    variant = variant or VARIANTS[int(rng.integers(len(VARIANTS)))]
    drawn = LEGS[int(rng.integers(2))]
    by = "agent" if variant == "survey" else by or drawn
    code = code or line.IDLE_CODES[int(rng.integers(len(line.IDLE_CODES)))]
    other: Leg = "customer" if by == "agent" else "agent"
    who = dict(zip(LEGS, voices or speakers.pair(rng), strict=True))
    placed, at = _talk(who, rng=rng, rate_hz=rate_hz)
    if variant == "survey":
        clip = say(_announcer(), 8, rng=rng, rate_hz=rate_hz)
        placed.append(Placed(clip, at, -22.0, "agent", "system"))
        at += clip.duration_s + 0.5
    muted, mute = None, Span(0, 0)
    if variant in ("mute_before", "mute_self_before"):
        muted = other if variant == "mute_before" else by
        mute, at = _mute(placed, at, muted=muted, who=who, rng=rng, rate_hz=rate_hz)
    released_s = at + float(rng.uniform(0.3, 3.0))
    dead, end_s = _times(released_s, variant=variant, by=by, other=other, rng=rng)
    tone = None
    if variant in ("busy", "congestion"):
        tone = _tone(
            variant, leg=by, after_s=released_s, until_s=dead[other] or end_s, rng=rng, rate_hz=rate_hz
        )
        tone_end_s = tone.start_s + tone.clip.duration_s
        end_s = max(end_s, tone_end_s + 0.1)
        if dead[other] is not None:
            dead[other] = end_s - 0.1
    if variant == "put_down":
        clip = sounds.put_down(rng=rng, rate_hz=rate_hz)
        level = float(rng.uniform(-15, -8))
        placed.append(Placed(clip, released_s - clip.duration_s - 0.05, level, by))

    call = build(placed, duration_s=end_s, scene="ending", seed=seed, rate_hz=rate_hz)
    call = line.floor_noise(call, level_dbov=float(rng.uniform(-70, -55)), seed=seed)
    if muted:
        call = line.mute(call, leg=muted, start_s=mute.start_s, end_s=mute.end_s, code=code)
    call = _disguised(call, variant, by=by, other=other, released_s=released_s, code=code, rng=rng)
    for leg in LEGS:
        at_s = dead[leg]
        if at_s is not None:
            call = line.release(call, leg=leg, at_s=at_s, code=code)
    if tone:
        call = _overlaid(call, tone)
    known = None if variant in ("together", "stop") else by
    busy_on = tone.leg if tone else None
    truth = Ending(known, released_s, dict(dead), busy_on, variant == "survey", variant)
    return Call(call.legs, replace(call.truth, ending=truth))


def _talk(who: dict[Leg, Speaker], *, rng: np.random.Generator, rate_hz: int) -> tuple[list[Placed], float]:
    """The last phrases in turn, and when the next thing may happen."""
    level = {leg: float(rng.uniform(-30, -18)) for leg in LEGS}
    placed: list[Placed] = []
    at, leg = float(rng.uniform(0.2, 1.0)), LEGS[int(rng.integers(2))]
    for _ in range(int(rng.integers(3, 7))):
        clip = say(who[leg], int(rng.integers(1, 5)), rng=rng, rate_hz=rate_hz)
        placed.append(Placed(clip, at, level[leg], leg, leg))
        at += clip.duration_s + float(rng.uniform(0.4, 1.0))
        leg = "customer" if leg == "agent" else "agent"
    return placed, at


def _mute(
    placed: list[Placed],
    at: float,
    *,
    muted: Leg,
    who: dict[Leg, Speaker],
    rng: np.random.Generator,
    rate_hz: int,
) -> tuple[Span, float]:
    """One party mutes while the other one speaks on; then both say one more word."""
    speaking: Leg = "customer" if muted == "agent" else "agent"
    clip = say(who[speaking], 3, rng=rng, rate_hz=rate_hz)
    placed.append(Placed(clip, at + 0.5, -24.0, speaking, speaking))
    span = Span(at, at + 0.5 + clip.duration_s + float(rng.uniform(0.1, 1.0)))
    at = span.end_s + 0.3
    for leg in (muted, speaking):
        clip = say(who[leg], 1, rng=rng, rate_hz=rate_hz)
        placed.append(Placed(clip, at, -24.0, leg, leg))
        at += clip.duration_s + 0.5
    return span, at


def _times(
    released_s: float, *, variant: str, by: Leg, other: Leg, rng: np.random.Generator
) -> tuple[dict[Leg, float | None], float]:
    """When each leg dies, and when the file ends."""
    end_s = released_s + float(rng.uniform(1.2, 4.0))
    if variant == "together":
        second_s = released_s + float(rng.uniform(0, 0.18))
        return {by: released_s, other: second_s}, second_s + float(rng.uniform(0.3, 2.0))
    if variant == "stop":
        return {by: None, other: None}, released_s
    if rng.random() < 0.4:  # the other party hangs up too, and the file runs on a little
        return {by: released_s, other: end_s}, end_s + float(rng.uniform(0.2, 1.0))
    return {by: released_s, other: None}, end_s


def _tone(
    kind: str, *, leg: Leg, after_s: float, until_s: float, rng: np.random.Generator, rate_hz: int
) -> Placed:
    """The exchange's tone on the dead leg: at least three bursts."""
    make, period_s = (sounds.busy, 0.7) if kind == "busy" else (sounds.congestion, 1.4)
    start_s = after_s + float(rng.uniform(0.1, 0.6))
    count = max(3, int((until_s - start_s) / period_s))
    clip = make(count, hz=450 + float(rng.uniform(-15, 15)), rate_hz=rate_hz)
    return Placed(clip, start_s, float(rng.uniform(-30, -12)), leg)


def _disguised(
    call: Call,
    variant: str,
    *,
    by: Leg,
    other: Leg,
    released_s: float,
    code: line.IdleCode,
    rng: np.random.Generator,
) -> Call:
    """What looks like a release and is none."""
    if variant == "mute_to_end":
        last_s = max((s.end_s for s in call.truth.said_on(other)), default=0.0)
        start_s = min(last_s + 0.2, released_s - 0.25)
        return line.mute(call, leg=other, start_s=start_s, end_s=call.duration_s, code=code)
    if variant == "dtx":
        return line.dtx(call, leg=other, code=code)
    if variant == "dtx_comfort":
        return line.dtx(call, leg=other, comfort_dbov=float(rng.uniform(-75, -60)), seed=call.truth.seed)
    if variant == "gate":
        return line.noise_gate(call, leg=other)
    if variant == "gate_self":
        return line.noise_gate(call, leg=by)
    return call


def _announcer() -> Speaker:
    voice = speakers.shifted(speakers.CHEN_WANG, semitones=1, formants=1.03)
    return voice if shared_audio.HAS_SHARED_AUDIO else speakers.SYNTHETIC


def _overlaid(call: Call, tone: Placed) -> Call:
    """The exchange's tone on a leg that is dead otherwise, cut out of the truth's idle stretches."""
    only = build([tone], duration_s=call.duration_s, rate_hz=call.rate_hz)
    bursts = only.truth.sounded[0].active
    idle = [
        replace(one, start_s=span.start_s, end_s=span.end_s)
        for one in call.truth.idle
        for span in (
            without([Span(one.start_s, one.end_s)], bursts)
            if one.leg == tone.leg
            else [Span(one.start_s, one.end_s)]
        )
    ]
    legs = {tone.leg: call.legs[tone.leg] + only.legs[tone.leg]}
    return call.changed(legs, sounded=(*call.truth.sounded, *only.truth.sounded), idle=tuple(idle))
