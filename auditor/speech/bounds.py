"""Where speech begins and ends: boundaries from frame levels, gates, and closing of short gaps.

Spans are ``(start_s, end_s)`` pairs here; they become `Segment` in `auditor.speech.vad`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from auditor.speech.levels import HOP_S, Levels

_Pair = tuple[float, float]
_Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class VadSettings:
    """What voice activity fixes. Sources: [P] published, [O] our own default.

    Attributes:
        enter: Probability at which a voice begins ([O]; silero's own 0.5 loses 3 % more of isolated
            words on A-law, measured, and noise, clicks and loud tones stay under 0.2).
        leave: Probability below which it ends ([P] silero's default: enter - 0.15).
        window_s: Length of the network's window (fixed by the network: 256 samples at 8 kHz).
        quiet: Windows below this probability are a pause to the network ([O], measured).
        clear_after: After so many of them in a row its memory is cleared ([O]; 8 windows = 0.26 s).
        min_speech_s: Shortest stretch kept; at most 0.1 so that a lone 喂 or 好 survives
            ([P] measurements.md, Segments and turns; a spoken 嗯 lasts 0.1 s and more).
        close_gap_s: Gaps shorter than this are closed ([P] measurements.md).
        search_s: How far before and after the network's answer speech may reach; it answers up to
            three windows late ([O], measured).
        dip_s: A quiet stretch inside a word (a stop's closure after its burst) that a boundary search
            may step over ([O]).
        over_floor_db: Speech frames stand this far over the noise floor ([O]).
        under_peak_db: ... and no further than this below the segment's loud frames: what is fainter is
            reverberation or the exchange ([O]; final nasals lie about 25 dB below their vowel).
        faintest_dbov: ... and not under this: idle A-law sits near -72 dBov, comfort noise near -65
            ([O]).
        min_peak_over_floor_db: The loud frames of a segment stand this far over the floor ([O]).
        floor_reach_s: Noise floor is taken from the pauses within this distance ([O]).
        murmur_under_db: Other people's murmur goes on in the pauses of who speaks, and the network hears
            it: frames this far below the loud ones of a stretch, and no louder than murmur is, are a
            pause in it ([O], measured on an office's murmur at 20 and 10 dB).
        murmur_spread: Murmur is as loud as the median of the pauses near by and so many times the way
            from there to their loudest twentieth: steady noise hardly leaves its floor ([O], measured).
        murmur_most_db: ... but no more than this over the median, as rings and knocks are no murmur; where
            no pause is near, so far over the leg's quietest tenth ([O]).
        murmur_pause_s: Such a pause lasts at least so long ([O]).
        loud_quantile: Frame level that counts as a leg's loudness when a faint leg is lifted ([O]).
        target_dbov: Faint legs are lifted to this before the network hears them: it loses speech
            below -45 dBov ([O], measured).
        max_lift_db: ... but never by more than this ([O]).
    """

    enter: float = 0.35
    leave: float = 0.2
    window_s: float = 0.032
    quiet: float = 0.1
    clear_after: int = 8
    min_speech_s: float = 0.08
    close_gap_s: float = 0.3
    search_s: float = 0.2
    dip_s: float = 0.05
    over_floor_db: float = 6.0
    under_peak_db: float = 32.0
    faintest_dbov: float = -65.0
    min_peak_over_floor_db: float = 6.0
    floor_reach_s: float = 3.0
    murmur_under_db: float = 4.0
    murmur_spread: float = 1.5
    murmur_most_db: float = 15.0
    murmur_pause_s: float = 0.25
    loud_quantile: float = 0.99
    target_dbov: float = -22.0
    max_lift_db: float = 25.0


DEFAULTS = VadSettings()

_FEWEST = 10  # frames of pause that tell its level


def refine(regions: Sequence[_Pair], *, levels: Levels, settings: VadSettings) -> list[_Pair]:
    """Moves the ends of rough regions to where the level rises and falls; drops what is no speech.

    Args:
        regions: Rough spans in time order, seconds.
        levels: Frame levels of the leg, dBov, one per 10 ms.
        settings: Thresholds.

    Returns:
        Spans in time order that do not overlap, multiples of 10 ms.
    """
    regions = _without_murmur(regions, levels=levels, settings=settings)
    speech = _near(regions, levels=levels, settings=settings)
    global_floor = float(np.quantile(levels, 0.1)) if len(levels) else 0.0
    refined: list[_Pair] = []
    for k, (start_s, end_s) in enumerate(regions):
        first, last = _frame(start_s), min(_frame(end_s), len(levels))
        if first >= last:
            continue
        pauses = _pauses(first, last, levels=levels, speech=speech, settings=settings)
        floor = float(np.median(pauses)) if pauses.size >= _FEWEST else global_floor
        peak = float(np.quantile(levels[first:last], 0.9))
        if peak < max(floor + settings.min_peak_over_floor_db, settings.faintest_dbov):
            continue
        threshold = max(floor + settings.over_floor_db, peak - settings.under_peak_db, settings.faintest_dbov)
        loud = np.flatnonzero(levels[first:last] >= threshold)
        if loud.size == 0:
            continue
        reach = _frame(settings.search_s)
        earliest = max(_frame(refined[-1][1]) if refined else 0, first - reach)
        following = _frame(regions[k + 1][0]) if k + 1 < len(regions) else len(levels)
        latest = min(following, len(levels), last + reach) - 1
        walk = partial(_walk, levels, threshold=threshold, settings=settings)
        begin = walk(start=first + int(loud[0]), stop=earliest)
        end = walk(start=first + int(loud[-1]), stop=latest)
        if (end + 1 - begin) * HOP_S >= settings.min_speech_s:
            refined.append((round(begin * HOP_S, 2), round((end + 1) * HOP_S, 2)))
    return refined


def close_gaps(spans: Sequence[_Pair], *, gap_s: float) -> list[_Pair]:
    """Joins spans whose gap is shorter than ``gap_s``; the input is in time order."""
    closed: list[_Pair] = []
    for start_s, end_s in spans:
        # A hair's breadth, so that 0.3 as a difference of floats is not taken for less than 0.3.
        if closed and start_s - closed[-1][1] < gap_s - 1e-9:
            closed[-1] = (closed[-1][0], max(end_s, closed[-1][1]))
        else:
            closed.append((start_s, end_s))
    return closed


def _frame(time_s: float) -> int:
    return max(0, round(time_s / HOP_S))


def _walk(levels: Levels, *, start: int, stop: int, threshold: float, settings: VadSettings) -> int:
    """The furthest loud frame from ``start`` towards ``stop`` without a quiet stretch over ``dip_s``."""
    step = 1 if stop >= start else -1
    allowed = _frame(settings.dip_s)
    furthest = start
    for frame in range(start, stop + step, step):
        if levels[frame] >= threshold:
            furthest = frame
        elif abs(frame - furthest) > allowed:
            break
    return furthest


def _near(regions: Sequence[_Pair], *, levels: Levels, settings: VadSettings) -> _Mask:
    """Which frames lie in the regions or within ``search_s`` of one."""
    speech = np.zeros(len(levels), dtype=bool)
    for start_s, end_s in regions:
        speech[_frame(start_s - settings.search_s) : _frame(end_s + settings.search_s)] = True
    return speech


def _pauses(first: int, last: int, *, levels: Levels, speech: _Mask, settings: VadSettings) -> Levels:
    """Levels of the pauses within reach of frames ``first … last``, dBov."""
    reach = _frame(settings.floor_reach_s)
    begin, end = max(0, first - reach), min(len(levels), last + reach)
    return levels[begin:end][~speech[begin:end]]


def _without_murmur(regions: Sequence[_Pair], *, levels: Levels, settings: VadSettings) -> list[_Pair]:
    """Regions cut where nobody but people further away speaks."""
    speech = _near(regions, levels=levels, settings=settings)
    cut: list[_Pair] = []
    for start_s, end_s in regions:
        first, last = _frame(start_s), min(_frame(end_s), len(levels))
        if first >= last:
            continue
        pauses = _pauses(first, last, levels=levels, speech=speech, settings=settings)
        if pauses.size >= _FEWEST:
            middle, loudest = np.quantile(pauses, (0.5, 0.95))
            murmur = middle + min(settings.murmur_spread * (loudest - middle), settings.murmur_most_db)
        else:
            murmur = np.quantile(levels, 0.1) + settings.murmur_most_db
        peak = np.quantile(levels[first:last], 0.9)
        own = first + np.flatnonzero(levels[first:last] >= min(peak - settings.murmur_under_db, murmur))
        ends = np.flatnonzero(np.diff(own) > _frame(settings.murmur_pause_s))
        begins = np.concatenate([own[:1], own[ends + 1]])
        ends = np.concatenate([own[ends], own[-1:]])
        cut += [(int(a) * HOP_S, (int(b) + 1) * HOP_S) for a, b in zip(begins, ends, strict=True)]
    return cut
