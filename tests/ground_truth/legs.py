"""Putting clips onto the two legs of a call.

* `Clip`: a sound with the spans in which it is truly active, counted from its own start.
* `Placed`: a clip at a time, at a level, on a leg, in a role. `build` turns a list of them into a `Call`.
* `Call`: samples by leg (``"agent"`` is channel 0, ``"customer"`` channel 1: what that party's side sends)
  and its `Truth` (module `truth`), frozen and JSON-able (`Truth.to_json`). Functions of
  `ground_truth.line` take a call and return another one, with one more `Effect` in ``truth.effects``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from auditor.records import Span
from auditor.signal import Channel
from ground_truth.truth import LEGS, Effect, Leg, Sounded, Spoken, Truth

Samples = npt.NDArray[np.float64]
RATE_HZ = 8000
UNDER_PEAK_DB = 35.0
ROOM_GAP_S = 0.06
ROOM_DB = 24.0


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A sound as made: any scale, and where in it something is active.

    Attributes:
        samples: Shape ``(n,)``.
        rate_hz: Of the samples.
        active: Spans from the clip's start: words of speech, bursts of a tone, the whole of music.
        kind: ``speech`` for what counts as speech; else an event: ringback, busy, congestion,
            call_waiting, dtmf, music, click, put_down, cough, knock, beep …
        text: What is said.
        speaker: Who says it, in words that say how the voice was made.
    """

    samples: Samples
    rate_hz: int
    active: tuple[Span, ...]
    kind: str = "speech"
    text: str = ""
    speaker: str = ""

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.rate_hz

    def level_dbov(self) -> float:
        """RMS over the active spans, as the samples stand."""
        return level_over(self.samples, self.active, rate_hz=self.rate_hz)


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A clip on a leg. ``level_dbov`` is the RMS over its active spans; role only matters for speech.

    Role ``system`` is an announcement (on the agent's leg); ``other`` is a second voice behind a party.
    """

    clip: Clip
    start_s: float
    level_dbov: float
    leg: Leg
    role: Literal["agent", "customer", "system", "other"] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """Two legs of equal length and their truth. ``legs`` may exceed ±1: `channels` clips like a recorder."""

    legs: dict[Leg, Samples]
    truth: Truth = field(repr=False)

    @property
    def rate_hz(self) -> int:
        return self.truth.rate_hz

    @property
    def duration_s(self) -> float:
        return self.truth.duration_s

    def channels(self) -> list[Channel]:
        """Agent and customer as the auditor's channels 0 and 1."""
        return [
            Channel(k, np.clip(self.legs[leg], -1, 1).astype(np.float32), self.rate_hz)
            for k, leg in enumerate(LEGS)
        ]

    def mono(self) -> Channel:
        """Both legs in one channel, as a mono recorder sums them."""
        both = np.clip(self.legs["agent"] + self.legs["customer"], -1, 1)
        return Channel(0, both.astype(np.float32), self.rate_hz)

    def changed(self, legs: Mapping[Leg, Samples], effect: Effect | None = None, **truth: Any) -> Call:
        """The call with some legs replaced, an effect noted and fields of the truth replaced."""
        effects = (*self.truth.effects, effect) if effect else self.truth.effects
        return Call({**self.legs, **legs}, replace(self.truth, effects=effects, **truth))


def build(
    placed: Iterable[Placed],
    *,
    duration_s: float,
    scene: str = "built",
    seed: int = 0,
    rate_hz: int = RATE_HZ,
) -> Call:
    """Clips onto two silent legs (exact zeros elsewhere; `line.floor_noise` adds a line's noise)."""
    count = round(duration_s * rate_hz)
    legs: dict[Leg, Samples] = {leg: np.zeros(count) for leg in LEGS}
    spoken: list[Spoken] = []
    sounded: list[Sounded] = []
    for one in placed:
        if one.clip.rate_hz != rate_hz:
            raise ValueError(f"a clip at {one.clip.rate_hz} Hz in a call at {rate_hz} Hz")
        first = round(one.start_s * rate_hz)
        begin, end = max(0, first), min(count, first + len(one.clip.samples))
        gain = 10 ** ((one.level_dbov - one.clip.level_dbov()) / 20)
        if end > begin:
            legs[one.leg][begin:end] += gain * one.clip.samples[begin - first : end - first]
        offset_s = first / rate_hz
        kept = [
            Span(max(0.0, s.start_s + offset_s), min(duration_s, s.end_s + offset_s))
            for s in one.clip.active
            if s.end_s + offset_s > 0 and s.start_s + offset_s < duration_s
        ]
        if not kept:
            continue
        place = (kept[0].start_s, kept[-1].end_s)
        if one.clip.kind == "speech":
            role = one.role or one.leg
            text, speaker = one.clip.text, one.clip.speaker
            spoken.append(Spoken(role, one.leg, *place, text, speaker, one.level_dbov, tuple(kept)))
        else:
            sounded.append(Sounded(one.clip.kind, one.leg, *place, one.level_dbov, tuple(kept)))
    spoken.sort(key=lambda s: (s.start_s, s.leg))
    sounded.sort(key=lambda s: (s.start_s, s.leg))
    truth = Truth(scene, seed, rate_hz, count / rate_hz, tuple(spoken), tuple(sounded))
    return Call(legs, truth)


def active_span(samples: npt.NDArray[Any], *, rate_hz: int, under_peak_db: float = UNDER_PEAK_DB) -> Span:
    """First to last 5 ms within ``under_peak_db`` of the loudest 5 ms, without the room around the word.

    Takes have breaths, mouth and mouse clicks before and after: stretches 60 ms and more apart from the
    word that never come within 24 dB of its peak are room (a second syllable behind a stop does).
    """
    hop = round(0.005 * rate_hz)
    frames = np.asarray(samples[: len(samples) // hop * hop], dtype=np.float64).reshape(-1, hop)
    power = np.mean(frames**2, axis=1)
    loud = np.flatnonzero(power >= power.max() * 10 ** (-under_peak_db / 10))
    parts = np.split(loud, np.flatnonzero(np.diff(loud) * 0.005 > ROOM_GAP_S) + 1)
    word = [part for part in parts if power[part].max() >= power.max() * 10 ** (-ROOM_DB / 10)]
    return Span(float(word[0][0]) * hop / rate_hz, float(word[-1][-1] + 1) * hop / rate_hz)


def level_over(samples: npt.NDArray[Any], spans: Sequence[Span], *, rate_hz: int) -> float:
    """RMS level over spans in dBov; -200 when there is nothing."""
    pieces = [samples[round(s.start_s * rate_hz) : round(s.end_s * rate_hz)] for s in spans]
    inside = np.concatenate(pieces) if pieces else np.zeros(0)
    power = float(np.mean(np.square(inside, dtype=np.float64))) if inside.size else 0.0
    return 10 * np.log10(max(power, 1e-20))
