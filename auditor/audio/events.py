"""Everything on a call's legs that is not speech: signalling tones, keys, music, idle stretches.

Silences and overlaps need speech to be named: `auditor.measure.timing`. Music needs it, too: a synthetic
voice stands as still as an instrument, so where voice activity hears speech there is none (`without_speech`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from auditor.audio.dtmf import find_keys
from auditor.audio.idle import find_idle
from auditor.audio.music import DEFAULTS as MUSIC
from auditor.audio.music import find_music
from auditor.audio.tones import find_tones
from auditor.records import Event, Segment
from auditor.signal import Channel


def find_events(channels: Sequence[Channel]) -> tuple[Event, ...]:
    """Tones, keys, music and idle stretches of all legs, by time.

    Args:
        channels: the legs of one call, each at 8000 or 16000 Hz.
    """
    tones = [*find_tones(channels), *find_keys(channels)]
    music = [event for leg in channels for event in find_music(leg, tones=tones)]
    idle = [event for leg in channels for event in find_idle(leg)]
    return tuple(sorted([*tones, *music, *idle], key=lambda e: (e.start_s, e.end_s, e.kind)))


def without_speech(
    events: Sequence[Event], *, segments: Sequence[Segment], shortest_s: float = MUSIC.shortest_s
) -> tuple[Event, ...]:
    """The events, music only where nobody speaks on its leg.

    Args:
        events: all events of the call.
        segments: the speech of all legs.
        shortest_s: what is left of music between speech counts from this length.
    """
    kept: list[Event] = []
    for event in events:
        if event.kind != "music":
            kept.append(event)
            continue
        own = sorted((s for s in segments if s.channel == event.channel), key=lambda s: s.start_s)
        at_s = event.start_s
        for start_s, end_s in [*((s.start_s, s.end_s) for s in own), (event.end_s, event.end_s)]:
            piece_s = min(start_s, event.end_s) - at_s
            if piece_s >= shortest_s:
                kept.append(replace(event, start_s=at_s, end_s=at_s + piece_s))
            at_s = max(at_s, end_s)
    return tuple(kept)
