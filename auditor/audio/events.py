"""Everything on a call's legs that is not speech: signalling tones, keys, music, idle stretches.

What needs speech to be named (silences, overlaps, holds, announcements) is told where speech is known:
`auditor.measure.timing` and `auditor.speech.occupied`.
"""

from __future__ import annotations

from collections.abc import Sequence

from auditor.audio.dtmf import find_keys
from auditor.audio.idle import find_idle
from auditor.audio.music import find_music
from auditor.audio.tones import find_tones
from auditor.records import Event
from auditor.signal import Channel

TONES = frozenset({"ringback", "busy", "congestion", "waiting", "dtmf"})


def find_events(channels: Sequence[Channel]) -> tuple[Event, ...]:
    """Tones, keys, music and idle stretches of all legs, by time.

    Args:
        channels: the legs of one call, each at 8000 or 16000 Hz.
    """
    tones = [*find_tones(channels), *(event for leg in channels for event in find_keys(leg))]
    music = [event for leg in channels for event in find_music(leg, tones=tones)]
    idle = [event for leg in channels for event in find_idle(leg)]
    return tuple(sorted([*tones, *music, *idle], key=lambda e: (e.start_s, e.end_s, e.kind)))
