"""What one call shows of the recorder that made it: sound alone, and words where a model is given.

Conventions: a *pause* of a leg is what lies between its segments of speech, from the first to the last. A
leg is *gated* where at least ``gated_share`` of its pauses are idle, in ``gated_stretches`` stretches or more
(a noise gate, discontinuous transmission); *muted* where a pause of ``mute_s`` or more is idle otherwise.
Levels are dBov of the 200-3400 Hz band (`auditor.speech.levels`): power mean over speech, median over live
frames 0.2 s from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from auditor.audio.decode import DecodeLimits, decode
from auditor.audio.idle import find_idle
from auditor.audio.layout import is_silent, lay_out
from auditor.audio.tones import find_tones
from auditor.records import CallRecord, Event, Recording, Roles, Segment, Span, Utterance
from auditor.signal import Channel
from auditor.speech.active import find_speech
from auditor.speech.levels import HOP_S, frame_levels
from auditor.speech.roles import assign_roles

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from auditor.asr.engine import Engine
    from auditor.audio.decode import RawFormat

FULL_SCALE = 32768


@dataclass(frozen=True, slots=True)
class CallSettings:
    """What one call is looked at for. All [O].

    Attributes:
        gated_share: share of a leg's pauses that is idle where a gate is at work.
        gated_stretches: how many idle stretches that takes.
        mute_s: an idle pause this long is a mute.
        clear_s: the line's noise is taken this far from speech.
        heard_s: with a model, the part of the call from its start that is transcribed.
        live_dbov: frames under this are no noise of a live line.
    """

    gated_share: float = 0.3
    gated_stretches: int = 3
    mute_s: float = 1.0
    clear_s: float = 0.2
    heard_s: float = 60.0
    live_dbov: float = -86.0


DEFAULTS = CallSettings()


@dataclass(frozen=True, slots=True)
class LegFacts:
    """One leg. ``dead_from_s``: where it falls idle for good; None: live to its end."""

    leg: int
    silent: bool
    level_dbov: float | None
    noise_dbov: float | None
    idle_code: str | None
    gated: bool
    muted: bool
    dead_from_s: float | None
    speech: tuple[Segment, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CallFacts:
    """One call. ``files_s`` are the lengths of its files; ``channels`` stay for comparing calls."""

    paths: tuple[Path, ...]
    recording: Recording
    record: CallRecord
    files_s: tuple[float, ...]
    legs: tuple[LegFacts, ...]
    tones: tuple[Event, ...]
    roles: Roles
    utterances: tuple[Utterance, ...]
    channels: tuple[Channel, ...]

    @property
    def name(self) -> str:
        """The (first) file's name."""
        return self.paths[0].name

    @property
    def speech(self) -> tuple[Segment, ...]:
        """Speech of all legs, in order of time."""
        every = [segment for leg in self.legs for segment in leg.speech]
        return tuple(sorted(every, key=lambda one: one.start_s))


def examine(
    paths: tuple[Path, ...],
    *,
    record: CallRecord,
    raw: RawFormat | None = None,
    engine: Engine | None = None,
    max_duration_s: float = 4 * 3600,
    settings: CallSettings = DEFAULTS,
) -> CallFacts:
    """Everything that one call shows.

    Args:
        paths: the recording, or the two files of a pair.
        record: its call record.
        raw: format of headerless files.
        engine: hears the start of the call, so that words show who is the agent; None: sound only.
        max_duration_s: a longer recording is refused.
        settings: what is looked for.

    Raises:
        InputError: a file cannot be read as a recording of a call.
    """
    files = [decode(path, raw=raw, limits=DecodeLimits(max_duration_s=max_duration_s)) for path in paths]
    recording, channels = lay_out(files)
    tones = find_tones(channels)
    spoken = find_speech(channels, events=tones)
    utterances = _heard(engine, channels, spoken, settings=settings) if engine else ()
    roles = assign_roles(
        utterances,
        layout=recording.layout,
        flag=None,
        record=record,
        events=tones,
        silent_leg="silent_leg" in recording.warnings,
    )
    return CallFacts(
        paths=paths,
        recording=recording,
        record=record,
        files_s=tuple(file.duration_s for file in files),
        legs=tuple(_leg(c, speech=s, settings=settings) for c, s in zip(channels, spoken, strict=True)),
        tones=tones,
        roles=roles,
        utterances=utterances,
        channels=channels,
    )


def _heard(
    engine: Engine,
    channels: tuple[Channel, ...],
    spoken: list[tuple[Segment, ...]],
    *,
    settings: CallSettings,
) -> tuple[Utterance, ...]:
    from auditor.asr.batching import transcribe_call  # noqa: PLC0415

    start = [tuple(one for one in leg if one.end_s <= settings.heard_s) for leg in spoken]
    return transcribe_call(engine, channels=channels, segments=start)


def _leg(channel: Channel, *, speech: tuple[Segment, ...], settings: CallSettings) -> LegFacts:
    idle = [event.span for event in find_idle(channel)]
    ends_idle = bool(idle) and idle[-1].end_s >= channel.duration_s - 0.02
    gated, muted = _gated(idle, speech=speech, settings=settings)
    level, noise = _levels(channel, speech=speech, settings=settings)
    return LegFacts(
        leg=channel.index,
        silent=is_silent(channel),
        level_dbov=level,
        noise_dbov=noise,
        idle_code=_idle_code(channel, idle),
        gated=gated,
        muted=muted,
        dead_from_s=idle[-1].start_s if ends_idle and idle[-1].start_s > 0 else None,
        speech=speech,
    )


def _gated(idle: Sequence[Span], *, speech: tuple[Segment, ...], settings: CallSettings) -> tuple[bool, bool]:
    """Whether the leg's pauses are idle by a gate, or one of them by a mute."""
    pauses = [Span(a.end_s, b.start_s) for a, b in pairwise(speech) if b.start_s > a.end_s]
    shared = [[(pause, stretch.overlap_s(pause)) for stretch in idle] for pause in pauses]
    idle_s = [seconds for row in shared for _, seconds in row if seconds > 0.1]
    pauses_s = sum(pause.duration_s for pause in pauses)
    gated = (
        len(idle_s) >= settings.gated_stretches
        and pauses_s > 0
        and sum(idle_s) >= settings.gated_share * pauses_s
    )
    return gated, not gated and any(seconds >= settings.mute_s for seconds in idle_s)


def _levels(
    channel: Channel, *, speech: tuple[Segment, ...], settings: CallSettings
) -> tuple[float | None, float | None]:
    levels = frame_levels(channel).astype(np.float64)
    inside = np.zeros(len(levels), dtype=bool)
    near = np.zeros(len(levels), dtype=bool)
    for one in speech:
        inside[round(one.start_s / HOP_S) : round(one.end_s / HOP_S)] = True
        first = max(0, round((one.start_s - settings.clear_s) / HOP_S))
        near[first : round((one.end_s + settings.clear_s) / HOP_S)] = True
    live = levels[~near & (levels > settings.live_dbov)]
    level = float(10 * np.log10(np.mean(10 ** (levels[inside] / 10)))) if inside.any() else None
    return level, float(np.median(live)) if live.size else None


def _idle_code(channel: Channel, idle: Sequence[Span]) -> str | None:
    """What the leg carries where it is idle, by its longest stretch."""
    if not idle:
        return None
    longest = max(idle, key=lambda span: span.duration_s)
    middle_s = (longest.start_s + longest.end_s) / 2
    samples = channel.slice(max(longest.start_s, middle_s - 0.05), min(longest.end_s, middle_s + 0.05))
    values = sorted(set(np.round(samples * FULL_SCALE).astype(int).tolist()))
    named = {(0,): "0 (µ-law 0xFF, PCM)", (8,): "+8 (A-law 0xD5)", (-8,): "-8 (A-law 0x55)"}
    if tuple(values) in named:
        return named[tuple(values)]
    if values == [-8, 8]:
        return "±8 (A-law 0xD5/0x55)"
    if len(values) == 1:
        return f"{values[0]:+d}"
    return "smeared by a codec"
