"""Signalling tones of a call, told apart by their cadence (idle stretches: `audio.idle`; keys: `audio.dtmf`).

Conventions: one `Event` per burst of tone, ``channel`` = the leg it was heard on. China's tones are
450 +- 25 Hz: ringback 1 s on / 4 s off, busy 0.35 / 0.35, congestion 0.7 / 0.7, call waiting 0.4 / 4
[Asterisk indications.conf, zone cn; GB/T 3380]. A continuous 450 Hz tone (dial tone) is no event.

Three things go beyond a cadence of clean bursts:
    * somebody talks over a ring: where a cadence says that a burst must be, its frequency and level are
      looked for in a band of 5 Hz, which speech does not fill;
    * one leg leaks into the other (joint stereo, crosstalk): the weaker of two bursts at a time is a copy;
    * a single burst, short because the file began inside it or the call was answered inside it, counts
      when nothing but quiet came before it and it is one sine from end to end.

Limits: tones under -40 dBov through AMR, whose level wanders, may be missed; a bare sine of an
electronic melody near 450 Hz that lasts 1 s between rests cannot be told from one burst of ringback; a
single short burst that follows other sound is no event. Timing is good to one frame (20 ms).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from auditor.audio.bursts import Burst, BurstSettings, find_bursts
from auditor.records import Event, EventKind
from auditor.signal import Channel, power_to_dbov, runs_of

_Named = tuple[EventKind, Burst]


@dataclass(frozen=True, slots=True)
class ToneSettings:
    """Which bursts make a cadence. Ranges are (least, most) seconds.

    Real exchanges keep +-10 %, frames add 20 ms at each end, and a codec's attack may hide as much.

    Attributes:
        bursts: what a burst is.
        ring_on_s, ring_off_s: ringback.
        lone_ring_s: a single burst without a cadence, after other sound.
        lone_level_sd_db: how unsteady a single burst may be, where a note must not pass.
        lone_coherence: how nearly it must be one sine; GSM and AMR at -45 dBov leave 0.9, candidates
            in speech and music stay under 0.85.
        still_ring_s, still_coherence, still_level_sd_db: a single burst without quiet around it.
        busy_on_s, busy_off_s, busy_bursts: busy, and how many bursts in a row prove it.
        congestion_on_s, congestion_off_s, congestion_bursts: the same for congestion.
        waiting_on_s, waiting_off_s, waiting_bursts: the same for call waiting.
        same_hz, same_db: bursts of one exchange differ by no more.
        covered_db: how far a burst that somebody talks over may lie below and above its cadence.
        covered_s: how much of it must be heard.
        covered_window_s: window of the search; 0.2 s is a band of 5 Hz.
        leak_db: a burst this far below one on the other leg at the same time is its copy.
    """

    bursts: BurstSettings = field(default_factory=BurstSettings)
    ring_on_s: tuple[float, float] = (0.8, 1.2)
    ring_off_s: tuple[float, float] = (3.4, 4.6)
    lone_ring_s: tuple[float, float] = (0.7, 1.3)
    lone_level_sd_db: float = 1.5
    lone_coherence: float = 0.87
    still_ring_s: tuple[float, float] = (0.9, 1.1)
    still_coherence: float = 0.9
    still_level_sd_db: float = 0.8
    busy_on_s: tuple[float, float] = (0.27, 0.43)
    busy_off_s: tuple[float, float] = (0.27, 0.43)
    busy_bursts: int = 3
    congestion_on_s: tuple[float, float] = (0.6, 0.8)
    congestion_off_s: tuple[float, float] = (0.6, 0.8)
    congestion_bursts: int = 2
    waiting_on_s: tuple[float, float] = (0.32, 0.48)
    waiting_off_s: tuple[float, float] = (3.4, 4.6)
    waiting_bursts: int = 2
    same_hz: float = 8.0
    same_db: float = 4.0
    covered_db: tuple[float, float] = (-6.0, 4.0)
    covered_s: float = 0.6
    covered_window_s: float = 0.2
    leak_db: float = 3.0


DEFAULTS = ToneSettings()


def find_tones(channels: Sequence[Channel], *, settings: ToneSettings = DEFAULTS) -> tuple[Event, ...]:
    """Ringback, busy, congestion and call-waiting bursts of all legs.

    Args:
        channels: the legs of one call, each at 8000 or 16000 Hz; read in blocks of 60 s.
        settings: limits.

    Returns:
        One event per burst, by time: kind ``ringback``, ``busy``, ``congestion`` or ``waiting``.
    """
    legs = [_name(channel, settings=settings) for channel in channels]
    return tuple(
        sorted(
            (
                Event(kind, burst.start_s, burst.end_s, channel.index)
                for k, channel in enumerate(channels)
                for kind, burst in legs[k]
                if not any(_is_copy(burst, legs[j], settings) for j in range(len(legs)) if j != k)
            ),
            key=lambda event: (event.start_s, event.channel or 0),
        )
    )


def _name(channel: Channel, *, settings: ToneSettings) -> list[_Named]:
    """The bursts of one leg that signal something, with what they signal."""
    bursts = find_bursts(channel, settings=settings.bursts)
    kinds: dict[Burst, EventKind] = {}
    cadences: tuple[tuple[EventKind, tuple[float, float], tuple[float, float], int], ...] = (
        ("busy", settings.busy_on_s, settings.busy_off_s, settings.busy_bursts),
        ("congestion", settings.congestion_on_s, settings.congestion_off_s, settings.congestion_bursts),
        ("ringback", settings.ring_on_s, settings.ring_off_s, 2),
        ("waiting", settings.waiting_on_s, settings.waiting_off_s, settings.waiting_bursts),
    )
    for kind, on_s, off_s, least in cadences:
        for chain in _chains(bursts, on_s=on_s, off_s=off_s, least=least, settings=settings):
            if not any(burst in kinds for burst in chain):
                kinds.update(dict.fromkeys(chain, kind))
    kinds.update((burst, "ringback") for burst in _lone_rings(bursts, taken=kinds, settings=settings))
    found: list[_Named] = [(kind, burst) for burst, kind in kinds.items()]
    found += [("ringback", burst) for burst in _covered_rings(channel, kinds, settings=settings)]
    return sorted(found, key=lambda named: named[1].start_s)


def _chains(
    bursts: Sequence[Burst],
    *,
    on_s: tuple[float, float],
    off_s: tuple[float, float],
    least: int,
    settings: ToneSettings,
) -> Iterator[list[Burst]]:
    """Runs of at least ``least`` bursts with that cadence.

    The last burst may be shorter (the call was answered, the recording stopped), and so may the
    first where the file begins; none may be longer. Only the first may follow other sound (an
    announcement).
    """
    first = 0
    while first < len(bursts):
        last = first + 1
        whole = _within(bursts[first].on_s, on_s)
        if whole or (bursts[first].at_start and bursts[first].on_s <= on_s[1]):
            while last < len(bursts) and _within(bursts[last].start_s - bursts[last - 1].end_s, off_s):
                steady = bursts[last].fresh or bursts[last].spread_db <= settings.lone_level_sd_db
                like = steady and _is_like(bursts[last], bursts[last - 1], settings=settings)
                whole = bursts[last].fresh and bursts[last].on_s >= on_s[0]
                if bursts[last].on_s > on_s[1] or not (like or whole):
                    break
                last += 1
                if bursts[last - 1].on_s < on_s[0]:
                    break
            if last - first >= least:
                yield list(bursts[first:last])
        first = last


def _lone_rings(
    bursts: Sequence[Burst], *, taken: dict[Burst, EventKind], settings: ToneSettings
) -> Iterator[Burst]:
    """Single bursts of ringback without a cadence."""
    for burst in bursts:
        # A melody's other notes are sines, too; what a voice leaves is hardly one.
        others = [
            b
            for b in bursts
            if b is not burst
            and (b.coherence >= settings.still_coherence or _is_like(b, burst, settings=settings))
        ]
        gaps_s = [max(b.start_s - burst.end_s, burst.start_s - b.end_s) for b in others]
        alone = min(gaps_s, default=np.inf) >= settings.ring_off_s[0]
        is_sine = (
            burst.coherence >= settings.lone_coherence and burst.spread_db <= 2 * settings.lone_level_sd_db
        )
        steady = burst.spread_db <= settings.lone_level_sd_db
        whole = _within(burst.on_s, settings.lone_ring_s) and burst.fresh and burst.quiet_after and steady
        # Under talk there is no quiet around it; but neither voice nor note stands so still for so long.
        whole |= (
            _within(burst.on_s, settings.still_ring_s)
            and burst.coherence >= settings.still_coherence
            and burst.spread_db <= settings.still_level_sd_db
        )
        # Cut short by the file's start or by the answer.
        opening = burst.first_sound and burst.on_s <= settings.lone_ring_s[1] and is_sine
        if burst not in taken and alone and (whole or opening):
            yield burst


def _is_like(burst: Burst, other: Burst, *, settings: ToneSettings) -> bool:
    """Whether two bursts may come from one exchange: one frequency, one level."""
    near_hz = abs(burst.hz - other.hz) <= settings.same_hz
    return near_hz and abs(burst.level_dbov - other.level_dbov) <= settings.same_db


def _covered_rings(channel: Channel, kinds: dict[Burst, EventKind], *, settings: ToneSettings) -> list[Burst]:
    """Rings that somebody talks over: looked for one period before and after known ones."""
    known = sorted((b for b, kind in kinds.items() if kind == "ringback"), key=lambda b: b.start_s)
    found: list[Burst] = []
    for model in [b for b in known if _within(b.on_s, settings.ring_on_s)]:
        period_s = sum(settings.ring_on_s) / 2 + sum(settings.ring_off_s) / 2
        for step_s in (-period_s, period_s):
            at_s = model.start_s + step_s
            while at_s + model.on_s >= 0 and at_s <= channel.duration_s:
                # A known burst may be what talking left of one: the cadence goes on behind it.
                near = any(abs(b.start_s - at_s) < settings.ring_off_s[0] / 2 for b in [*known, *found])
                heard = None if near else _covered(channel, model, at_s=at_s, settings=settings)
                if heard is not None:
                    found.append(heard)
                elif not near:
                    break
                at_s = (heard.start_s if heard else at_s) + step_s
    return found


def _covered(channel: Channel, model: Burst, *, at_s: float, settings: ToneSettings) -> Burst | None:
    """A burst like ``model`` around ``at_s`` under other sound.

    ``level[k] = 10 log10(2 |mean of x[n] exp(-2j pi f n / fs) over 0.2 s around k|**2)``, which at
    the burst's ends is 6 dB below its middle.
    """
    rate, half_s = channel.sample_rate_hz, settings.covered_window_s / 2
    slack_s = (settings.ring_off_s[1] - settings.ring_off_s[0]) / 2
    from_s = at_s - slack_s - half_s
    samples = channel.slice(from_s, at_s + settings.ring_on_s[1] + slack_s + half_s).astype(np.float64)
    hop, size = round(settings.bursts.frame_s * rate), round(settings.covered_window_s * rate)
    if len(samples) < size:
        return None
    turned = samples * np.exp(-2j * np.pi * model.hz / rate * np.arange(len(samples)))
    total = np.concatenate([[0], np.cumsum(turned)])
    starts = np.arange(0, len(samples) - size + 1, hop)
    level = power_to_dbov(2 * np.abs((total[starts + size] - total[starts]) / size) ** 2)
    low, high = settings.covered_db
    fits = (level >= model.level_dbov + low) & (level <= model.level_dbov + high)
    first, last = max(runs_of(fits).tolist(), key=lambda run: run[1] - run[0], default=(0, 0))
    start_s = max(0.0, from_s) + half_s + first * hop / rate
    end_s = start_s + (last - first) * hop / rate
    if not settings.covered_s <= end_s - start_s <= settings.ring_on_s[1] + settings.covered_window_s:
        return None
    return replace(model, start_s=start_s, end_s=end_s, at_start=False, at_end=False)


def _is_copy(burst: Burst, others: Sequence[_Named], settings: ToneSettings) -> bool:
    """Whether the other leg carries the same burst, louder."""
    return any(
        other.start_s < burst.end_s
        and burst.start_s < other.end_s
        and other.level_dbov - burst.level_dbov >= settings.leak_db
        for _, other in others
    )


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]
