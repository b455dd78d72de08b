"""The speech of every leg of a call: voice activity without the other party's leak and without tones."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.records import TONE_KINDS, Event, Segment, Span
from auditor.signal import Channel
from auditor.speech.bounds import DEFAULTS, close_gaps
from auditor.speech.crosstalk import mask_crosstalk
from auditor.speech.vad import find_segments_of_legs

# [O] A segment of which a tone covers this share is the tone ...
_COVERED = 0.5
# ... and its edges, which a codec smears, lie within this of it.
_SMEAR_S = 0.08


def find_speech(channels: Sequence[Channel], *, events: Sequence[Event]) -> list[tuple[Segment, ...]]:
    """Each leg's speech: crosstalk masked, and nothing that is mostly a tone or a key.

    Args:
        channels: the legs of one call, each at 8000 or 16000 Hz.
        events: what was found on them; only tones and keys count.

    Returns:
        For every leg, in the order given, its segments in time order.

    Raises:
        ModelError: the vendored network is missing or damaged.
    """
    legs = mask_crosstalk(channels, find_segments_of_legs(channels))
    return [_without_tones(leg, events=events) for leg in legs]


def _without_tones(leg: Sequence[Segment], *, events: Sequence[Event]) -> tuple[Segment, ...]:
    tones = sorted(
        (event.start_s - _SMEAR_S, event.end_s + _SMEAR_S)
        for event in events
        if event.kind in TONE_KINDS and leg and event.channel == leg[0].channel
    )
    # Keys dialled in a row are one sound, as the segment that they make is.
    rows = [Span(*pair) for pair in close_gaps(tones, gap_s=DEFAULTS.close_gap_s - 2 * _SMEAR_S)]
    return tuple(
        one for one in leg if sum(row.overlap_s(one.span) for row in rows) < _COVERED * one.span.duration_s
    )
