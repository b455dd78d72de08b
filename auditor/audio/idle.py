"""Idle stretches: where a leg carries nothing, which is what a line that was put down sends.

"Nothing" is not ``x == 0``. A-law has no zero and idles at +-8/32768, constant or alternating; a codec
between the line and the file smears it: AMR leaves -111 dBov, Opus -100, G.723.1 -95, GSM -88 around a
constant, MP3 and AAC the exact pattern or nothing. So a frame is idle when either holds
    * its samples repeat with period 2 within `IdleSettings.pattern` (constants and alternating codes);
    * its variance is below `IdleSettings.idle_dbov`, and `below_floor_db` below the leg's own live noise.

Limits (they err towards "live", except 8-bit PCM): Opus and resampled rates turn the alternating code
into a tone at -77 dBov that is not recognised, and joint stereo at very low rates (Opus at 24 kbit/s)
leaks the other leg into an idle one; MP3 and AAC from 16 kbit/s on do not. 8-bit PCM shows no noise
under its step, so a quiet line looks idle between words; whoever concludes from idleness must look at
earlier idle stretches of the same leg too. Mute, discontinuous transmission and noise gates look exactly
like a line that was put down. The shorter leg of a pair is filled with zeros (warning padded_leg).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from auditor.records import Event
from auditor.signal import SILENCE_DBOV, Channel, power_to_dbov, runs_of

Floats = npt.NDArray[np.float64]
BLOCK_S = 60


@dataclass(frozen=True, slots=True)
class IdleSettings:
    """What counts as idle.

    Attributes:
        frame_s: length of a frame and resolution of the edges.
        shortest_s: shorter stretches are not reported.
        pattern: largest |x[n] - x[n-2]| of a repeating pattern, in units of full scale (2 of 32768;
            live noise of -72 dBov reaches 9 and more in every frame).
        idle_dbov: largest variance of a smeared frame; GSM of silence has -88, AMR 4.75 of a live
            line at -72 dBov has -81.
        below_floor_db: how far a smeared frame must lie below the leg's live noise, which is the
            tenth percentile of the frames above `idle_dbov`.
    """

    frame_s: float = 0.01
    shortest_s: float = 0.2
    pattern: float = 2.01 / 32768
    idle_dbov: float = -86.0
    below_floor_db: float = 8.0


def find_idle(channel: Channel, *, settings: IdleSettings = IdleSettings()) -> tuple[Event, ...]:
    """Stretches of at least ``settings.shortest_s`` without any signal, in time order.

    Args:
        channel: one leg at 8000 or 16000 Hz; read in blocks of 60 s.
        settings: limits.

    Returns:
        Events of kind ``idle``. A stretch that reaches the last whole frame ends at the end of the leg.
    """
    variance_dbov, repeats = _frames(channel, settings)
    live = variance_dbov[~repeats & (variance_dbov > settings.idle_dbov)]
    floor_dbov = float(np.percentile(live, 10)) if live.size else np.inf
    limit_dbov = min(settings.idle_dbov, floor_dbov - settings.below_floor_db)
    idle = repeats | (variance_dbov <= max(limit_dbov, SILENCE_DBOV))
    return tuple(
        Event(
            "idle",
            first * settings.frame_s,
            channel.duration_s if last == len(idle) else last * settings.frame_s,
            channel.index,
        )
        for first, last in runs_of(idle).tolist()
        if (last - first) * settings.frame_s >= settings.shortest_s - 1e-9
    )


def _frames(channel: Channel, settings: IdleSettings) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Per frame: variance in dBov, and whether its samples repeat with period 2."""
    size = round(settings.frame_s * channel.sample_rate_hz)
    variances: list[Floats] = [np.zeros(0)]
    repeats: list[npt.NDArray[np.bool_]] = [np.zeros(0, dtype=bool)]
    step = BLOCK_S * channel.sample_rate_hz
    for start in range(0, len(channel.samples), step):
        block = channel.samples[start : start + step]
        frames = block[: len(block) // size * size].reshape(-1, size)
        variances.append(np.var(frames, axis=1, dtype=np.float64))
        repeats.append(
            np.max(np.abs(frames[:, 2:] - frames[:, :-2]), axis=1, initial=0.0) <= settings.pattern
        )
    return power_to_dbov(np.concatenate(variances)), np.concatenate(repeats)
