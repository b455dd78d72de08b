"""Waveforms as small SVG paths: from the recording's peaks, or from the levels that the evidence keeps."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.records import Evidence, Party

# Lane drawing units: the SVG stretches, so only the ratio matters; whole units keep the path short.
LANE_HEIGHT = 200
_MARGIN = 4


@dataclass(frozen=True, slots=True)
class Leg:
    """One lane's sound: the channel, whose lane it is, and peaks per bin in 0..1.

    ``shared``: the channel carries both parties, and this lane is one of them.
    """

    channel: int
    name: str
    role: str
    peaks: tuple[float, ...]
    shared: bool = False


def bins_of(duration_s: float) -> int:
    """How many peaks a drawing of this length wants: ten a second, 1200 to 6000."""
    return min(6000, max(1200, math.ceil(10 * duration_s)))


def legs_of(evidence: Evidence, *, peaks: Sequence[Sequence[float]], duration_s: float) -> tuple[Leg, ...]:
    """The lanes of a call: the agent's first, then the others as recorded.

    Args:
        evidence: The call.
        peaks: Per channel, as `waveform_peaks` gives them; empty: `_levels` stand in.
        duration_s: How long the drawing is.
    """
    layout, agent = evidence.recording.layout, evidence.roles.agent_channel
    if layout in ("mono", "duplicated"):
        sound = tuple(peaks[0]) if peaks else _levels(evidence, ("agent", "customer", "call"), duration_s)
        channel = min((turn.channel for turn in evidence.turns), default=0)
        if not evidence.roles.known:
            return (Leg(channel, "双方混合", "unknown", sound),)
        return (
            Leg(channel, "客服", "agent", sound, shared=True),
            Leg(channel, "客户", "customer", sound, shared=True),
        )
    seen = max((turn.channel + 1 for turn in evidence.turns), default=0)
    count = max(len(peaks), seen, 1)
    legs: list[Leg] = []
    for channel in sorted(range(count), key=lambda channel: (channel != agent, channel)):
        name, role = f"声道 {channel + 1}", "unknown"
        if agent is not None:
            name, role = ("客服", "agent") if channel == agent else ("客户", "customer")
        if peaks:
            sound = tuple(peaks[channel]) if channel < len(peaks) else ()
        else:
            party: Party = "agent" if role == "agent" else "customer" if role == "customer" else "call"
            sound = _levels(evidence, (party,), duration_s)
        legs.append(Leg(channel, name, role, sound))
    return tuple(legs)


def _levels(evidence: Evidence, parties: Sequence[Party], duration_s: float) -> tuple[float, ...]:
    """The levels of the parties' speech as amplitudes, 10^(dB/20), one per step of their tracks."""
    tracks = [evidence.tracks[party] for party in parties if party in evidence.tracks]
    if not tracks:
        return ()
    bins = max(math.ceil(duration_s / tracks[0].step_s), *(len(track.level_dbov) for track in tracks))
    peaks = [0.0] * bins
    for track in tracks:
        for index, level in enumerate(track.level_dbov):
            if level is not None and math.isfinite(level):
                peaks[index] = max(peaks[index], min(1.0, 10 ** (level / 20)))
    return tuple(peaks)


def waveform_path(peaks: Sequence[float], *, ceiling: float) -> str:
    """A closed SVG path, mirrored about the middle of a lane; x counts bins, steps are relative.

    Formula: height = (LANE_HEIGHT / 2 - 4) * min(1, |peak| / ceiling), in whole units; an ``h`` stands for
    bins of equal height.
    """
    if not peaks:
        return ""
    middle, most = LANE_HEIGHT // 2, LANE_HEIGHT // 2 - _MARGIN
    heights = [round(most * min(1.0, abs(peak) / ceiling)) if math.isfinite(peak) else 0 for peak in peaks]
    upper = _steps([middle - height for height in heights], by=1)
    lower = _steps([middle + height for height in reversed(heights)], by=-1)
    return f"M0 {middle - heights[0]}{upper}v{2 * heights[-1]}{lower}z"


def _steps(values: Sequence[int], *, by: int) -> str:
    """Relative lines through the values, a step of ``by`` each."""
    told: list[str] = []
    level = 0
    for before, now in itertools.pairwise(values):
        if now == before:
            level += by
            continue
        if level:
            told.append(f"h{level}")
            level = 0
        told.append(f"l{by} {now - before}" if now > before else f"l{by}{now - before}")
    if level:
        told.append(f"h{level}")
    return "".join(told)


def ceiling_of(legs: Sequence[Leg]) -> float:
    """The peak that fills a lane: the 99.5 % quantile over all legs, so that one click flattens nothing."""
    values = sorted(abs(peak) for leg in legs for peak in leg.peaks if math.isfinite(peak))
    highest = values[min(len(values) - 1, int(0.995 * len(values)))] if values else 0.0
    return max(highest, 1e-3)
