"""The figures of one party on its own leg, and which leg is whose.

Conventions
    * A leg carries its party's voice and perhaps a system voice; a segment that lies mostly in a system turn
      never enters a figure of the party.
    * `PARTY_FIGURES` lists every figure of agent and customer with its unit; all are always there, with a
      value or with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from auditor.measure.clarity import clarity_figure
from auditor.measure.f0 import track_f0
from auditor.measure.figures import PartySound, measured, missing
from auditor.measure.frames import Floats, LegFrames, measure_frames, span_mask
from auditor.measure.noise import NoiseFloor, measure_noise
from auditor.measure.pace import pace_figures
from auditor.measure.pitch import pitch_figures
from auditor.measure.release import release_figures
from auditor.measure.settings import MeasureSettings
from auditor.measure.volume import clipped_figure, level_figures
from auditor.records import Event, Layout, Measurement, Roles, Segment, Turn
from auditor.signal import Channel

Speaker = Literal["agent", "customer"]

PARTY_FIGURES = {
    "articulation_char_per_min": "char/min",
    "pace_char_per_min": "char/min",
    "nuclei_per_min": "nuclei/min",
    "spoken_syllables": "syllables",
    "pace_turns": "turns",
    "speech_s": "s",
    "level_dbov": "dBov",
    "level_sd_db": "dB",
    "clipped_share": "share",
    "alpha_ratio_db": "dB",
    "f0_median_hz": "Hz",
    "f0_sd_st": "st",
    "phrase_f0_sd_st": "st",
    "voiced_s": "s",
    "asr_confidence": "probability",
    "snr_db": "dB",
    "noise_dbov": "dBov",
    "live_until_s": "s",
    "longest_earlier_idle_s": "s",
    "put_down_rise_db": "dB",
    "put_down_at_s": "s",
}
"""Name and unit of every figure of agent and customer."""

_SPEECH = "sum of the lengths of the party's segments"


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """One leg with its speech, system voices included."""

    channel: Channel
    segments: tuple[Segment, ...]
    frames: LegFrames
    f0_hz: Floats
    noise: NoiseFloor


def listen(
    channel: Channel, *, segments: Sequence[Segment], events: Sequence[Event], settings: MeasureSettings
) -> Leg:
    """Frames, pitch and noise floor of one leg; its segments in time order."""
    own = sorted((s for s in segments if s.channel == channel.index), key=lambda s: s.start_s)
    frames = measure_frames(channel, settings=settings)
    return Leg(
        channel=channel,
        segments=tuple(own),
        frames=frames,
        f0_hz=track_f0(channel, [segment.span for segment in own], settings=settings),
        noise=measure_noise(frames, segments=segments, events=events, settings=settings),
    )


def whose_legs(legs: Sequence[Leg], *, roles: Roles, layout: Layout) -> dict[int, Speaker]:
    """Which leg is whose; empty while nobody can tell."""
    indices = [leg.channel.index for leg in legs]
    separate = layout in ("two_legs", "pair") and len(legs) > 1
    if not separate or roles.agent_channel not in indices:
        return {}
    customer = next(index for index in indices if index != roles.agent_channel)
    return {roles.agent_channel: "agent", customer: "customer"}


def system_segments(segments: Sequence[Segment], turns: Sequence[Turn]) -> set[Segment]:
    """Segments at least half of which lies in a system voice's turn on the same leg."""
    system = [turn for turn in turns if turn.role == "system"]
    return {
        segment
        for segment in segments
        if sum(segment.span.overlap_s(turn.span) for turn in system if turn.channel == segment.channel)
        > 0.5 * segment.span.duration_s
    }


def party_sound(leg: Leg, segments: Sequence[Segment], *, settings: MeasureSettings) -> PartySound:
    """The sound of a party that speaks the given segments of a leg."""
    return PartySound(
        frames=leg.frames,
        f0_hz=leg.f0_hz,
        segments=tuple(segments),
        speech=span_mask((s.span for s in segments), len(leg.frames.power), hop_s=settings.hop_s),
        noise=leg.noise,
    )


def party_figures(
    leg: Leg,
    sound: PartySound,
    turns: Sequence[Turn],
    clipped: float | None,
    events: Sequence[Event],
    *,
    codec: str,
    settings: MeasureSettings,
) -> dict[str, Measurement]:
    """Every figure of one party, keyed and ordered like `PARTY_FIGURES`."""
    speech_s = sum(segment.span.duration_s for segment in sound.segments)
    error_s = settings.boundary_error_s * float(np.sqrt(2 * len(sound.segments)))
    levels = level_figures(sound, codec=codec, settings=settings)
    snr_db = next(one.value for one in levels if one.name == "snr_db")
    found = [
        *pace_figures(sound, turns=turns, snr_db=snr_db, settings=settings),
        measured("speech_s", speech_s, "s", error=error_s, span=sound.span, method=_SPEECH),
        *levels,
        clipped_figure(clipped, sound),
        *pitch_figures(sound, settings=settings),
        clarity_figure(turns),
        *release_figures(
            leg.channel, segments=leg.segments, events=events, level=levels[0], settings=settings
        ),
    ]
    by_name = {item.name: item for item in found}
    return {name: by_name[name] for name in PARTY_FIGURES}


def no_roles() -> dict[str, Measurement]:
    """The figures of a party that nobody can point to."""
    return {name: missing(name, unit, "no_roles") for name, unit in PARTY_FIGURES.items()}
