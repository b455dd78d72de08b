"""Sound as loud as a leg's speech that voice activity took for none, just before speech.

It may be a cough, a chair, a radio; it may be the first words in a voice that the network does not know
(a whisper, a robot). So it is an event, ``unheard``, and whoever misses words at the start of speech can see
that something was there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from auditor.records import Event, Segment, Span
from auditor.signal import Channel, runs_of
from auditor.speech.bounds import close_gaps
from auditor.speech.levels import HOP_S, frame_levels
from auditor.speech.tonal import is_tone

# [O] All of it. The opening is looked for at the start of a call, so only so much of a leg is looked at.
_SEARCHED_S = 60.0
_REACH_S = 3.0  # before speech
_SHORTEST_S = 0.15  # a syllable
_CLOSE_S = 0.06
_UNDER_SPEECH_DB = 12.0
_OVER_FLOOR_DB = 15.0
_LOUD_QUANTILE = 0.8
_FLOOR_QUANTILE = 0.1
_EDGE_S = 0.1  # beside segments and events: how late or early their boundaries may be
_NO_SOUND = ("silence", "overlap", "idle")


def find_unheard(
    channel: Channel, *, segments: Sequence[Segment], events: Sequence[Event]
) -> tuple[Event, ...]:
    """Loud stretches within 3 s before the leg's speech that are no speech, tone, other event or leak.

    Args:
        channel: one leg.
        segments: the speech of all legs; while another leg speaks, sound here may be its leak.
        events: what was found on the call.

    Returns:
        Events of kind ``unheard`` in time order, of the leg's first minute.
    """
    own = [s for s in segments if s.channel == channel.index and s.start_s < _SEARCHED_S]
    if not own:
        return ()
    rate = channel.sample_rate_hz
    start = Channel(channel.index, channel.samples[: round(_SEARCHED_S * rate)], rate)
    levels = frame_levels(start)
    spoken = _covered([s.span for s in own], count=len(levels), edge_s=0.0)
    if not spoken.any():
        return ()
    speech = np.quantile(levels[spoken], _LOUD_QUANTILE) - _UNDER_SPEECH_DB
    floor = np.quantile(levels, _FLOOR_QUANTILE) + _OVER_FLOOR_DB
    known = [s.span for s in segments]
    known += [e.span for e in events if e.kind not in _NO_SOUND and e.channel in (None, channel.index)]
    loud = (levels >= max(speech, floor)) & ~_covered(known, count=len(levels), edge_s=_EDGE_S)
    found = close_gaps((runs_of(loud) * HOP_S).tolist(), gap_s=_CLOSE_S)
    return tuple(
        Event("unheard", start_s, end_s, channel.index)
        for start_s, end_s in found
        if end_s - start_s >= _SHORTEST_S
        and any(0 <= segment.start_s - end_s <= _REACH_S for segment in own)
        and not is_tone(start, start_s=start_s, end_s=end_s)
    )


def _covered(
    spans: Sequence[Span], *, count: int, edge_s: float
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which frames lie in any of the spans or within ``edge_s`` of it."""
    flags = np.zeros(count, dtype=np.bool_)
    for span in spans:
        flags[
            max(0, round((span.start_s - edge_s) / HOP_S)) : max(0, round((span.end_s + edge_s) / HOP_S))
        ] = True
    return flags
