"""What the network and the recorder do. Every function takes a `Call`, returns another one, and notes itself.

Use them in the order in which they happen: noise at the telephone (`add_noise`, `hum`, `reverberate`),
the handset and sending side (`low_pass`, `gain`, `clip`, `noise_gate`, `dtx`, `mute`), the network
(`crosstalk`, `line_echo`, `packet_loss`, `floor_noise`, `release`), the recorder (`dc_offset`, `drift`),
then `ground_truth.coding`. ``leg`` is ``"agent"``, ``"customer"`` or None for both.

Idle codes, as the recorder's decoder gives them (so that re-encoding restores the code itself):
``alaw_d5`` = +8/32768 (A-law 0xD5), ``alaw_55`` = -8/32768 (0x55), ``ulaw_ff`` = 0 (µ-law 0xFF), ``zero``.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import scipy.signal

from auditor.records import Span
from ground_truth.handset import (
    add_noise,
    chosen,
    clip,
    dc_offset,
    floor_noise,
    gain,
    hum,
    low_pass,
    ratio,
    reverberate,
    speech_level_dbov,
    telephone_band,
)
from ground_truth.legs import Call, Samples
from ground_truth.truth import LEGS, Effect, Idle, Leg

__all__ = [
    "IDLE",
    "IDLE_CODES",
    "IdleCode",
    "add_noise",
    "clip",
    "crosstalk",
    "dc_offset",
    "drift",
    "dtx",
    "floor_noise",
    "gain",
    "hum",
    "line_echo",
    "low_pass",
    "mute",
    "noise_gate",
    "packet_loss",
    "release",
    "reverberate",
    "speech_level_dbov",
    "telephone_band",
]

IDLE = {"alaw_d5": 8 / 32768, "alaw_55": -8 / 32768, "ulaw_ff": 0.0, "zero": 0.0}
IdleCode = Literal["alaw_d5", "alaw_55", "ulaw_ff", "zero"]
IDLE_CODES: tuple[IdleCode, ...] = ("alaw_d5", "alaw_55", "ulaw_ff", "zero")


def crosstalk(call: Call, *, gain_db: float = -30.0, delay_s: float = 0.01, into: Leg | None = None) -> Call:
    """The other leg leaks in, delayed; simultaneous in both directions. The truth of speech stays."""
    legs: dict[Leg, Samples] = {}
    for one in chosen(into):
        other = call.legs[_other(one)]
        legs[one] = call.legs[one] + ratio(gain_db) * _delayed(other, round(delay_s * call.rate_hz))
    return call.changed(legs, Effect("crosstalk", {"gain_db": gain_db, "delay_s": delay_s, "into": into}))


def line_echo(
    call: Call, *, of: Leg, return_loss_db: float = 25.0, delay_s: float = 0.06, seed: int = 0
) -> Call:
    """A hybrid at the far end: what ``of`` says comes back on the other leg, late and dispersed (8 ms)."""
    rng = np.random.default_rng([seed, 23])
    count = round(0.008 * call.rate_hz)
    path = rng.standard_normal(count) * np.exp(-np.arange(count) / (count / 4))
    path *= ratio(-return_loss_db) / np.sqrt(np.sum(path**2))
    echo = _delayed(scipy.signal.fftconvolve(call.legs[of], path), round(delay_s * call.rate_hz))
    back = _other(of)
    effect = Effect("line_echo", {"of": of, "return_loss_db": return_loss_db, "delay_s": delay_s})
    return call.changed({back: call.legs[back] + echo[: len(call.legs[back])]}, effect)


def mute(call: Call, *, leg: Leg, start_s: float, end_s: float, code: IdleCode = "alaw_d5") -> Call:
    """The party presses mute: an idle code, whatever is said meanwhile."""
    return _idle(call, leg, [Span(start_s, min(end_s, call.duration_s))], code=code, why="mute")


def release(call: Call, *, leg: Leg, at_s: float, code: IdleCode = "alaw_d5") -> Call:
    """The leg goes dead for good."""
    return _idle(call, leg, [Span(min(at_s, call.duration_s), call.duration_s)], code=code, why="released")


def dtx(
    call: Call,
    *,
    leg: Leg,
    hangover_s: float = 0.2,
    comfort_dbov: float | None = None,
    code: IdleCode = "zero",
    seed: int = 0,
) -> Call:
    """Discontinuous transmission: nothing is sent between words but comfort noise, or an idle code.

    Follows the truth, not a detector: live from the start of each word or sound to ``hangover_s`` after it.
    """
    quiet = _pauses(call, leg, hangover_s=hangover_s, attack_s=0.0)
    if comfort_dbov is None:
        return _idle(call, leg, quiet, code=code, why="dtx")
    samples = call.legs[leg].copy()
    rng = np.random.default_rng([seed, 29])
    for span in quiet:
        first, last = round(span.start_s * call.rate_hz), round(span.end_s * call.rate_hz)
        samples[first:last] = ratio(comfort_dbov) * rng.standard_normal(last - first)
    effect = Effect("dtx", {"leg": leg, "hangover_s": hangover_s, "comfort_dbov": comfort_dbov})
    return call.changed({leg: samples}, effect)


def noise_gate(
    call: Call, *, leg: Leg, hangover_s: float = 0.25, attack_s: float = 0.01, code: IdleCode = "zero"
) -> Call:
    """A gate in headset or recorder: closed between words, open ``attack_s`` before and ``hangover_s`` after.

    Like `dtx` but for the lead; use `dtx` with ``comfort_dbov`` for a gate that leaves noise.
    """
    return _idle(
        call, leg, _pauses(call, leg, hangover_s=hangover_s, attack_s=attack_s), code=code, why="gate"
    )


def packet_loss(
    call: Call,
    *,
    share: float,
    burst: float = 1.0,
    concealment: Literal["silence", "repeat"] = "silence",
    frame_s: float = 0.02,
    leg: Leg | None = None,
    seed: int = 0,
) -> Call:
    """Frames are lost: a two-state chain with that mean share and mean burst length (in frames).

    ``repeat``: the last frame again, 6 dB fainter each time, like a simple concealment. The share that was
    lost is noted by leg.
    """
    legs: dict[Leg, Samples] = {}
    lost_share: dict[str, float] = {}
    size = round(frame_s * call.rate_hz)
    for one in chosen(leg):
        rng = np.random.default_rng([seed, LEGS.index(one), 31])
        samples = call.legs[one].copy()
        count = len(samples) // size
        back = 1 / max(burst, 1.0)
        into = min(1.0, back * share / max(1 - share, 1e-9))
        lost = np.zeros(count, dtype=bool)
        gone = False
        for k, draw in enumerate(rng.random(count)):
            gone = draw >= back if gone else draw < into
            lost[k] = gone
        for k in np.flatnonzero(lost):
            before = samples[(k - 1) * size : k * size] if k else np.zeros(size)
            samples[k * size : (k + 1) * size] = before / 2 if concealment == "repeat" else 0.0
        legs[one] = samples
        lost_share[one] = float(lost.mean()) if count else 0.0
    parameters = {"share": share, "burst": burst, "concealment": concealment, "lost": lost_share}
    return call.changed(legs, Effect("packet_loss", parameters))


def drift(call: Call, *, leg: Leg, ppm: float) -> Call:
    """The leg's clock is off by ``ppm``: positive makes it longer; what runs over the end is cut."""
    factor = 1 + ppm * 1e-6
    samples = call.legs[leg]
    # Over minutes a drift of tens of ppm is a few samples: linear interpolation would dull the sound.
    at = np.arange(len(samples)) / factor
    whole = np.floor(at).astype(int)
    rest = at - whole
    padded = np.pad(samples, (1, 3))
    p0, p1, p2, p3 = (padded[np.minimum(whole + k, len(padded) - 1)] for k in range(4))
    moved = p1 + 0.5 * rest * (
        p2 - p0 + rest * (2 * p0 - 5 * p1 + 4 * p2 - p3 + rest * (3 * (p1 - p2) + p3 - p0))
    )
    changed = call.changed({leg: moved}, Effect("drift", {"leg": leg, "ppm": ppm}))
    return Call(changed.legs, changed.truth.moved({leg: lambda t: t * factor}))


def _idle(call: Call, leg: Leg, spans: list[Span], *, code: IdleCode, why: str) -> Call:
    samples = call.legs[leg].copy()
    for span in spans:
        samples[round(span.start_s * call.rate_hz) : round(span.end_s * call.rate_hz)] = IDLE[code]
    noted = [Idle(leg, s.start_s, s.end_s, code, why) for s in spans if s.duration_s > 0]
    idle = tuple(sorted((*call.truth.idle, *noted), key=lambda one: (one.start_s, one.leg)))
    return call.changed({leg: samples}, Effect(why, {"leg": leg, "code": code}), idle=idle)


def _pauses(call: Call, leg: Leg, *, hangover_s: float, attack_s: float) -> list[Span]:
    """Where nothing sounds on a leg, the hangover behind each sound left out."""
    own = [*call.truth.words(leg), *(s for e in call.truth.sounded if e.leg == leg for s in e.active)]
    pauses: list[Span] = []
    at = 0.0
    for span in sorted(own):
        if span.start_s - attack_s > at:
            pauses.append(Span(at, span.start_s - attack_s))
        at = max(at, span.end_s + hangover_s)
    if at < call.duration_s:
        pauses.append(Span(at, call.duration_s))
    return pauses


def _other(leg: Leg) -> Leg:
    return "customer" if leg == "agent" else "agent"


def _delayed(samples: Samples, by: int) -> Samples:
    return np.concatenate([np.zeros(by), samples])[: len(samples)]
