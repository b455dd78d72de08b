"""Two legs from a dialogue: speech where it belongs, line noise, tones, clicks, and who releases when."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import scipy.signal
from voices import RATE_HZ, Samples, Voice, set_level, speak, steady, telephone_band

Role = Literal["agent", "customer", "system"]

FAN_HZ = (60.0, 350.0)  # a fan: loud, but below most of what makes speech intelligible
DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
TURN_GAP_S = 2.0  # a longer pause of the same party starts a new turn


@dataclass(frozen=True)
class Say:
    """One sentence. ``gap_s`` counts from the end of the sentence before; negative talks over it.

    ``burst`` raises one stretch (from, to as shares of the sentence) by so many dB.
    """

    role: Role
    text: str
    gap_s: float | None = None
    rate: int | None = None
    pitch: int | None = None
    gain_db: float = 0.0
    burst: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Ending:
    """Seconds after the last word at which each leg goes dead; the file ends with the later one."""

    agent_s: float = 2.9
    customer_s: float = 0.8
    busy_tone: bool = False
    put_down: bool = False


@dataclass(frozen=True)
class Scene:
    """What is heard around the words: lead-in, rings on a leg, noise and crosstalk on the agent leg."""

    lead_in_s: float = 0.9
    rings: int = 0
    ring_role: Literal["agent", "customer"] = "agent"
    noise_dbov: float | None = None
    crosstalk_db: float | None = None
    ending: Ending = field(default_factory=Ending)


@dataclass(frozen=True)
class Said:
    """A sentence in its place: seconds of its trimmed speech in the file."""

    role: Role
    text: str
    start_s: float
    end_s: float


def render(
    says: tuple[Say, ...], *, voices: dict[Role, Voice], scene: Scene, rng: np.random.Generator
) -> tuple[dict[str, Samples], list[Said]]:
    """Speak a dialogue onto two legs.

    Returns:
        The legs by role, equally long, shape (n,) at 8 kHz, exactly 0 where a party is not connected,
        and the sentences with their times. System voices lie on the agent leg.
    """
    clips: list[tuple[Said, Samples]] = []
    clock = scene.lead_in_s + (5.0 * scene.rings - 2.5 if scene.rings else 0.0)
    for before, say in zip((None, *says), says, strict=False):
        drawn = 0.6 if before and before.role == say.role else round(float(rng.uniform(0.55, 0.85)), 2)
        gap_s = 0.0 if before is None else drawn if say.gap_s is None else say.gap_s
        start_s = round(clock + gap_s, 2)
        samples = _shape(say, voice=voices[say.role], rng=rng)
        clock = start_s + len(samples) / RATE_HZ
        clips.append((Said(say.role, say.text, start_s, round(clock, 3)), samples))
    legs = _connect(clock, scene=scene, rng=rng)
    for said, samples in clips:
        leg = legs["customer" if said.role == "customer" else "agent"]
        first = round(said.start_s * RATE_HZ)
        leg[first : first + len(samples)] += samples
    if scene.crosstalk_db is not None:
        live = legs["agent"] != 0
        legs["agent"] = legs["agent"] + live * legs["customer"] * 10 ** (scene.crosstalk_db / 20)
    return legs, [said for said, _ in clips]


def turns(said: list[Said]) -> list[Said]:
    """Join sentences into turns: same party, nobody else between, pauses up to 2 s."""
    joined: list[Said] = []
    for one in said:
        last = joined[-1] if joined else None
        if last and last.role == one.role and one.start_s - last.end_s <= TURN_GAP_S:
            joined[-1] = Said(last.role, last.text + one.text, last.start_s, one.end_s)
        else:
            joined.append(one)
    return joined


def line_noise(
    count: int, *, level_dbov: float, rng: np.random.Generator, band_hz: tuple[float, float] = (150, 900)
) -> Samples:
    """Stationary noise of a telephone line: white through a second-order band, RMS ``level_dbov``."""
    sections = scipy.signal.butter(2, band_hz, btype="bandpass", fs=RATE_HZ, output="sos")
    noise = scipy.signal.sosfilt(sections, rng.standard_normal(count))
    return np.asarray(noise * 10 ** (level_dbov / 20) / np.sqrt(np.mean(noise**2)))


def tone(on_s: float, off_s: float, *, count: int, level_dbov: float = -20.0) -> Samples:
    """``count`` bursts of 450 Hz, each ``on_s`` with 10 ms ramps and ``off_s`` of silence after it."""
    time = np.arange(round(on_s * RATE_HZ)) / RATE_HZ
    ramp = np.minimum(1.0, np.minimum(time, time[::-1]) / 0.01)
    burst = ramp * np.sin(2 * np.pi * 450 * time) * np.sqrt(2) * 10 ** (level_dbov / 20)
    return np.tile(np.concatenate([burst, np.zeros(round(off_s * RATE_HZ))]), count)


def put_down(rng: np.random.Generator, *, level_dbov: float = -15.0) -> Samples:
    """A handset dropped into its cradle: two knocks 0.09 s apart, each dying away over 4 ms."""
    sound = np.zeros(round(0.2 * RATE_HZ))
    time = np.arange(round(0.06 * RATE_HZ)) / RATE_HZ
    for at_s, share in ((0.0, 0.5), (0.09, 1.0)):
        knock = rng.standard_normal(len(time)) + 2 * np.sin(2 * np.pi * 700 * time)
        first = round(at_s * RATE_HZ)
        sound[first : first + len(time)] += share * knock * np.exp(-time / 0.004)
    sound = telephone_band(sound)
    loudest = np.sqrt(np.convolve(sound**2, np.ones(40) / 40, mode="same").max())
    return np.asarray(np.clip(sound * 10 ** (level_dbov / 20) / loudest, -0.95, 0.95))


def _shape(say: Say, *, voice: Voice, rng: np.random.Generator) -> Samples:
    pitch = say.pitch or round(float(np.clip(voice.pitch + rng.normal(0, voice.pitch_spread), 20, 95)))
    # Numbers of a telephone are read digit by digit.
    text = re.sub(r"\d{4,}", lambda found: "".join(DIGITS[digit] for digit in found[0]), say.text)
    samples = speak(text, voice=voice, pitch=pitch, rate=say.rate or voice.rate)
    if voice.level_steadying:
        samples = steady(samples, amount=voice.level_steadying)
    samples = samples * 10 ** (-np.linspace(0, voice.level_fall_db, len(samples)) / 20)
    level = voice.level_dbov + say.gain_db - float(rng.uniform(0, voice.level_spread_db))
    samples = set_level(samples, level_dbov=level)
    if say.burst:
        first, last, rise_db = say.burst
        place = np.linspace(0, 1, len(samples))
        inside = np.clip(np.minimum(place - first, last - place) * len(samples) / RATE_HZ / 0.02, 0, 1)
        samples = samples * 10 ** (inside * rise_db / 20)
    return samples


def _connect(last_word_s: float, *, scene: Scene, rng: np.random.Generator) -> dict[str, Samples]:
    ending = scene.ending
    off_s = {"agent": last_word_s + ending.agent_s, "customer": last_word_s + ending.customer_s}
    count = round(max(off_s.values()) * RATE_HZ)
    legs: dict[str, Samples] = {}
    for role, level_dbov in (("agent", -63.0), ("customer", -61.0)):
        leg = line_noise(count, level_dbov=level_dbov, rng=rng)
        if role == "agent" and scene.noise_dbov is not None:
            leg += line_noise(count, level_dbov=scene.noise_dbov, rng=rng, band_hz=FAN_HZ)
        leg[round(off_s[role] * RATE_HZ) :] = 0
        legs[role] = leg
    if scene.rings:
        rings = tone(1.0, 4.0, count=scene.rings)
        first = round(scene.lead_in_s * RATE_HZ)
        # The answer comes 1.5 s after the last burst.
        legs[scene.ring_role][first : first + len(rings)][: count - first] += rings[: count - first]
    if ending.put_down:
        sound = put_down(rng)
        first = round((off_s["agent"] - 0.4) * RATE_HZ)
        legs["agent"][first : first + len(sound)] += sound
    if ending.busy_tone:
        gone = min(off_s, key=lambda role: off_s[role])
        first = round((off_s[gone] + 0.3) * RATE_HZ)
        busy = tone(0.35, 0.35, count=(count - first) // round(0.7 * RATE_HZ))
        legs[gone][first : first + len(busy)] += busy
    return legs
