"""The speech of every leg of a call: voice activity without the other party's leak and without tones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from auditor.records import TONE_KINDS, Event, Segment, Span
from auditor.signal import Channel, Samples
from auditor.speech.bounds import DEFAULTS, close_gaps
from auditor.speech.crosstalk import mask_crosstalk
from auditor.speech.levels import HOP_S, Levels, frame_levels, read
from auditor.speech.periodicity import frame_periodicity
from auditor.speech.vad import find_segments_of_legs

# [O] A segment of which a tone covers this share is the tone.
_COVERED = 0.5
# [O] Keys dialled in a row, whose edges a codec smears by so much, make one segment. Somebody who speaks over
# them sounds between them: for so long, and no further than this below the segment's loud frames.
_SMEAR_S = 0.13
_RING_DOWN_S = 0.03
_BETWEEN_S = 0.08
_UNDER_LOUD_DB = 25.0
# [O] A click or a knock: a short segment with so much of its power in so few milliseconds. Of 1,478 single
# words over A-law, GSM, AMR, MP3 and Opus none has more than 0.88 there; clicks and knocks have 0.92.
_KNOCK_S = 0.4
_STROKE_S = 0.03
_IN_STROKE = 0.92
# [O] A cough or a breath: a short segment without voice. Of the frames within 15 dB of the loudest, a fifth
# has a periodicity of 0.37 and more in 672 short spoken segments (six codecs, SNR 5 dB and more); in coughs
# 0.32 at most, and no two have 0.45. So it must be without the loudest stroke: a knock hides no word.
_COUGH_S = 1.2
_LOUD_DB = 15.0
_VOICED_SHARE = 0.2
_HARDLY_VOICED = 0.34
_VOICED = 0.45
_STROKE_FRAMES = 6
_LOUD_BESIDE_DB = 10.0
# [O] Only where the line is quiet enough to tell and nothing else is said near by: a whisper beside words, or
# speech in loud noise, is for the recogniser to doubt.
_COUGH_OVER_FLOOR_DB = 20.0
_FLOOR_REACH_S = 1.0
# [O] A blip of hold music: so short a segment inside the music, and no other so near.
_BLIP_S = 0.25
_ALONE_S = 1.0


def find_speech(channels: Sequence[Channel], *, events: Sequence[Event]) -> list[tuple[Segment, ...]]:
    """Each leg's speech: crosstalk masked; no tone, key, click, knock or cough, and no blip of music.

    Args:
        channels: the legs of one call, each at 8000 or 16000 Hz.
        events: what was found on them; only tones, keys and music count.

    Returns:
        For every leg, in the order given, its segments in time order.

    Raises:
        ModelError: the vendored network is missing or damaged.
    """
    legs = mask_crosstalk(channels, find_segments_of_legs(channels))
    return [
        _without_noises(_without_tones(leg, channel=channel, events=events), channel=channel, events=events)
        for leg, channel in zip(legs, channels, strict=True)
    ]


def _without_tones(
    leg: Sequence[Segment], *, channel: Channel, events: Sequence[Event]
) -> tuple[Segment, ...]:
    tones = [event.span for event in events if event.kind in TONE_KINDS and event.channel == channel.index]
    if not tones:
        return tuple(leg)
    smeared = sorted((tone.start_s - _SMEAR_S, tone.end_s + _SMEAR_S) for tone in tones)
    rows = [Span(*pair) for pair in close_gaps(smeared, gap_s=DEFAULTS.close_gap_s - 2 * _SMEAR_S)]

    def is_tone(one: Segment) -> bool:
        covered = sum(tone.overlap_s(one.span) for tone in tones) >= _COVERED * one.span.duration_s
        inside = any(row.start_s <= one.start_s and one.end_s <= row.end_s for row in rows)
        return (covered or inside) and not _sounds_between(tones, one, channel=channel)

    return tuple(one for one in leg if not is_tone(one))


def _without_noises(
    leg: Sequence[Segment], *, channel: Channel, events: Sequence[Event]
) -> tuple[Segment, ...]:
    music = [event.span for event in events if event.kind == "music" and event.channel == channel.index]

    def is_noise(one: Segment) -> bool:
        if _is_knock(one, channel=channel):
            return True
        if any(other.span.gap_s(one.span) <= _ALONE_S for other in leg if other is not one):
            return False
        return _is_blip(one, music) or _is_cough(one, channel=channel)

    return tuple(one for one in leg if not is_noise(one))


def _is_blip(segment: Segment, music: Sequence[Span]) -> bool:
    """Whether the segment is hardly longer than a note and lies in music."""
    length_s = segment.span.duration_s
    return length_s <= _BLIP_S and any(one.overlap_s(segment.span) > 0.9 * length_s for one in music)


def _sounds_between(tones: Sequence[Span], segment: Segment, *, channel: Channel) -> bool:
    """Whether something sounds in the segment where no tone does."""
    levels = _levels_of(segment.span, channel=channel)
    at_s = segment.start_s + (np.arange(len(levels)) + 0.5) * HOP_S
    toned = np.zeros(len(levels), dtype=np.bool_)
    for tone in tones:
        toned |= (at_s >= tone.start_s - _RING_DOWN_S) & (at_s <= tone.end_s + _RING_DOWN_S)
    loud = levels >= np.quantile(levels, 0.9) - _UNDER_LOUD_DB
    return bool(np.sum(loud & ~toned) * HOP_S >= _BETWEEN_S)


def _is_knock(segment: Segment, *, channel: Channel) -> bool:
    """Whether the segment is one stroke and hardly anything else."""
    if segment.span.duration_s > _KNOCK_S:
        return False
    power = np.sort(10 ** (_levels_of(segment.span, channel=channel).astype(np.float64) / 10))
    return bool(power[-round(_STROKE_S / HOP_S) :].sum() >= _IN_STROKE * power.sum())


def _is_cough(segment: Segment, *, channel: Channel) -> bool:
    """Whether the segment is short, stands far over the line's noise, and nothing in it is voiced."""
    if segment.span.duration_s > _COUGH_S:
        return False
    periodicity, power = frame_periodicity(
        _samples_of(segment.span, channel=channel), rate_hz=channel.sample_rate_hz
    )
    if not len(power):
        return False
    around = Span(max(0.0, segment.start_s - _FLOOR_REACH_S), segment.end_s + _FLOOR_REACH_S)
    floor = np.quantile(_levels_of(around, channel=channel), 0.1)
    if np.quantile(_levels_of(segment.span, channel=channel), 0.9) < floor + _COUGH_OVER_FLOOR_DB:
        return False
    loud = periodicity[power >= power.max() * 10 ** (-_LOUD_DB / 10)]
    if np.quantile(loud, 1 - _VOICED_SHARE) >= _HARDLY_VOICED or np.sum(loud >= _VOICED) > 1:
        return False
    beside = np.abs(np.arange(len(power)) - int(power.argmax())) > _STROKE_FRAMES
    if not beside.any():
        return False
    beside &= power >= power[beside].max() * 10 ** (-_LOUD_BESIDE_DB / 10)
    return bool(np.sum(periodicity[beside] >= _VOICED) <= 1)


def _samples_of(span: Span, *, channel: Channel) -> Samples:
    """The span's samples alone."""
    rate = channel.sample_rate_hz
    first, last = round(span.start_s * rate), round(span.end_s * rate)
    return read(channel, first=first, count=last - first)


def _levels_of(span: Span, *, channel: Channel) -> Levels:
    """Frame levels of the span alone."""
    return frame_levels(Channel(channel.index, _samples_of(span, channel=channel), channel.sample_rate_hz))
