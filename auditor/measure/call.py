"""One call measured: every figure of agent, customer and call, segment statistics, tracks and events.

The stage knows no threshold of any rule: it stores what was measured, and kinds judge it.

Conventions
    * Two separate legs and a known agent: the other leg is the customer's. On a mono recording, or while
      nobody knows the agent, the figures of agent and customer have the reason ``no_roles`` and the
      segments the role ``unknown``; what needs no roles (silences, rings) is measured all the same, and the
      one track of a single leg stands under ``call``.
    * System voices belong to nobody: a segment that lies mostly in a system turn counts as somebody speaking
      (for silences) and keeps its statistics, but never enters a figure of the agent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from auditor.measure import timing
from auditor.measure.figures import measured, missing
from auditor.measure.parties import (
    PARTY_FIGURES,
    Leg,
    Speaker,
    listen,
    no_roles,
    party_figures,
    party_sound,
    system_segments,
    whose_legs,
)
from auditor.measure.segments import party_track, segment_stats, syllables_by_segment
from auditor.measure.settings import DEFAULTS, MeasureSettings, measuring_sha256
from auditor.measure.volume import clip_shares
from auditor.records import (
    Event,
    Layout,
    Measurement,
    Party,
    Role,
    Roles,
    Segment,
    SegmentStats,
    Track,
    Turn,
)
from auditor.signal import Channel

__all__ = [
    "PARTY_FIGURES",
    "CallMeasurements",
    "MeasureSettings",
    "measure_call",
    "measure_legs",
    "measuring_sha256",
]

_OVER = "level_dbov of the agent - level_dbov of the customer"


@dataclass(frozen=True)
class CallMeasurements:
    """What measuring hands to judging; ``events`` are the silences and overlaps found here."""

    measurements: dict[Party, dict[str, Measurement]]
    segments: tuple[SegmentStats, ...]
    tracks: dict[Party, Track]
    events: tuple[Event, ...]


def measure_call(
    channels: Sequence[Channel],
    *,
    segments: Sequence[Segment],
    turns: Sequence[Turn],
    roles: Roles,
    events: Sequence[Event],
    layout: Layout,
    codec: str = "",
    settings: MeasureSettings = DEFAULTS,
    answered_at_s: float | None = None,
    legs: Sequence[Leg] | None = None,
) -> CallMeasurements:
    """Measure a call.

    Args:
        channels: its legs.
        segments: the speech of all legs.
        turns: the turns with their text and roles.
        roles: who is the agent.
        events: tones and idle stretches (`audio.tones`).
        layout: what the recording is.
        codec: the recording's (`Recording.codec`), for what it takes off the level.
        settings: what measuring must fix.
        answered_at_s: when the call was answered, on the recording's clock, if something outside says so.
        legs: what `measure_legs` found with the same segments, events and settings; None: found here.
    """
    duration_s = max((channel.duration_s for channel in channels), default=0.0)
    if legs is None:
        legs = measure_legs(channels, segments=segments, events=events, settings=settings)
    party_of = whose_legs(legs, roles=roles, layout=layout)
    system = system_segments(segments, turns)
    syllables = syllables_by_segment(turns, segments)
    measurements: dict[Party, dict[str, Measurement]] = {
        "agent": no_roles(),
        "customer": no_roles(),
        "call": {},
    }
    stats: list[SegmentStats] = []
    tracks: dict[Party, Track] = {}
    speech: dict[Speaker, list[Segment]] = {"agent": [], "customer": []}
    for leg in legs:
        party = party_of.get(leg.channel.index)
        own = [segment for segment in leg.segments if segment not in system]
        sound = party_sound(leg, own, settings=settings)
        share, clipped = clip_shares(leg.channel, own, settings=settings)
        role: Role = "unknown" if party is None else party
        stats += segment_stats(sound, role=role, clipped=clipped, syllables=syllables, settings=settings)
        stats += _system_stats(leg, [s for s in leg.segments if s in system], syllables, settings=settings)
        if party is not None:
            speech[party] = own
            spoken = [t for t in turns if t.role == party and t.channel == leg.channel.index]
            measurements[party] = party_figures(
                leg, sound, spoken, share, events, codec=codec, settings=settings
            )
        if party is not None or len(legs) == 1:
            tracks[party or "call"] = party_track(sound, duration_s=duration_s, settings=settings)
    voices = [segment for segment in segments if segment not in system]
    silences = timing.find_silences(segments, duration_s=duration_s, settings=settings)
    overlaps = _overlaps(voices, speech, known=bool(party_of), settings=settings)
    measurements["call"] = _call_figures(
        measurements,
        turns=turns,
        segments=segments,
        voices=voices,
        speech=speech,
        silences=silences,
        overlaps=overlaps,
        events=events,
        known=bool(party_of),
        legs=len(legs),
        answered_at_s=answered_at_s,
        settings=settings,
    )
    return CallMeasurements(
        measurements=measurements,
        segments=tuple(sorted(stats, key=lambda item: (item.start_s, item.channel))),
        tracks=tracks,
        events=tuple(sorted((*silences, *overlaps), key=lambda event: (event.start_s, event.kind))),
    )


def measure_legs(
    channels: Sequence[Channel],
    *,
    segments: Sequence[Segment],
    events: Sequence[Event],
    settings: MeasureSettings = DEFAULTS,
) -> tuple[Leg, ...]:
    """What needs no words: frames, pitch and noise floor of each leg."""
    return tuple(listen(channel, segments=segments, events=events, settings=settings) for channel in channels)


def _system_stats(
    leg: Leg,
    segments: Sequence[Segment],
    syllables: dict[Segment, int | None],
    *,
    settings: MeasureSettings,
) -> list[SegmentStats]:
    sound = party_sound(leg, segments, settings=settings)
    clipped = [0.0] * len(segments)
    return segment_stats(sound, role="system", clipped=clipped, syllables=syllables, settings=settings)


def _overlaps(
    voices: Sequence[Segment],
    speech: dict[Speaker, list[Segment]],
    *,
    known: bool,
    settings: MeasureSettings,
) -> tuple[Event, ...]:
    if known:
        return timing.find_overlaps(speech["agent"], speech["customer"], settings=settings)
    return timing.find_overlaps(
        [s for s in voices if s.channel == 0], [s for s in voices if s.channel != 0], settings=settings
    )


def _call_figures(
    parties: dict[Party, dict[str, Measurement]],
    *,
    turns: Sequence[Turn],
    segments: Sequence[Segment],
    voices: Sequence[Segment],
    speech: dict[Speaker, list[Segment]],
    silences: Sequence[Event],
    overlaps: Sequence[Event],
    events: Sequence[Event],
    known: bool,
    legs: int,
    answered_at_s: float | None,
    settings: MeasureSettings,
) -> dict[str, Measurement]:
    first_agent_s = min((s.start_s for s in speech["agent"]), default=None)
    first_voice_s = min((s.start_s for s in voices), default=None)
    found = [
        *timing.gap_figures(turns if known else (), settings=settings),
        *timing.opening_figures(
            first_speech_s=first_agent_s if known else first_voice_s,
            first_agent_s=first_agent_s,
            events=events,
            answered_at_s=answered_at_s,
            settings=settings,
        ),
        _level_over(parties["agent"]["level_dbov"], parties["customer"]["level_dbov"]),
        timing.silence_figure(silences, segments=segments, settings=settings),
        timing.overlap_figure(overlaps, legs=legs, settings=settings),
        timing.share_figure(speech["agent"], speech["customer"]),
    ]
    needs_roles = ("response_gap_median_s", "response_gap_p95_s", "response_gap_max_s", "greeting_delay_s")
    named = {item.name: item for item in found}
    if not known:
        for name in (*needs_roles, "level_over_customer_db", "agent_speech_share"):
            named[name] = missing(name, named[name].unit, "no_roles", method=named[name].method)
    return named


def _level_over(agent: Measurement, customer: Measurement) -> Measurement:
    name = "level_over_customer_db"
    if agent.value is None or customer.value is None:
        reason = agent.reason or customer.reason or "no_data"
        return missing(name, "dB", reason, method=_OVER)
    error = float(np.hypot(agent.error or 0.0, customer.error or 0.0))
    return measured(name, agent.value - customer.value, "dB", error=error, method=_OVER)
