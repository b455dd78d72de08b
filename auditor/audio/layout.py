"""Which legs a recording has: mono, the same sound twice, two legs, or a pair of files.

Conventions: legs are numbered from 0 in the order of the file (or of the pair). Two legs are *the same
sound* when one is the other times a constant: recorders that copy a mono mix into both channels would
otherwise let both parties say the same words. A little gain and a codec's joint stereo are allowed for;
crosstalk is not, for it repeats one party only.

Warnings (codes), beside those of the files
    same_audio_on_both_legs: kept as one leg · silent_leg: a leg without any sound, so that the other may
    hold both parties · extra_channels: channels without a sound of their own were left out · padded_leg:
    the files of a pair differ in length and the shorter was filled with silence (that silence says
    nothing about who hung up).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from auditor.audio.decode import Decoded
from auditor.audio.legs import LegWriter
from auditor.errors import InputError, UsageError
from auditor.records import Layout, Recording
from auditor.signal import Channel, Samples

BLOCK_S = 60


@dataclass(frozen=True, slots=True)
class LayoutSettings:
    """What counts as silent and as the same sound.

    Attributes:
        frame_s: frame in which legs are compared.
        silent_dbov: a leg whose loudest frame is below this is silent; A-law's random lowest codes have -72.
        active_range_db: frames this far below a leg's loudest frame or more are not compared.
        max_gain_db: largest gain between copies; sidetone and crosstalk lie at -10 dB and below.
        residual_db: what is left after subtracting the scaled copy, per frame, against the frame
            itself; independent sounds leave 0 dB, MP3 joint stereo at 16 kbit/s about -15 dB or less.
        same_share: share of the active frames that must match.
        pad_tolerance_s: difference in length of a pair that is not worth a warning.
    """

    frame_s: float = 0.032
    silent_dbov: float = -70.0
    active_range_db: float = 40.0
    max_gain_db: float = 6.0
    residual_db: float = -12.0
    same_share: float = 0.95
    pad_tolerance_s: float = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class _Energies:
    """Per frame, shape ``(frames,)``: energy of either leg and their product."""

    first: npt.NDArray[np.float64]
    second: npt.NDArray[np.float64]
    cross: npt.NDArray[np.float64]


def lay_out(
    files: Sequence[Decoded], *, settings: LayoutSettings = LayoutSettings()
) -> tuple[Recording, tuple[Channel, ...]]:
    """Say what was recorded and hand over its legs (one or two).

    Args:
        files: one recording, or two mono recordings of the same call (first file = leg 0).
        settings: limits of the comparison.

    Raises:
        UsageError: more than two files, or none.
        InputError: a file of a pair is not mono, or a recording has more than two channels with a
            sound of their own.
    """
    if not 1 <= len(files) <= 2:
        raise UsageError(
            f"A call is one recording or a pair of them, not {len(files)} files; name one or two."
        )
    warnings = {code for file in files for code in file.warnings}
    legs = list(_pair(files, warnings, settings) if len(files) == 2 else files[0].channels)
    if len(legs) > 2:
        legs = _own_sounds(files[0], settings)
        warnings.add("extra_channels")
    layout: Layout = "mono" if len(legs) == 1 else "pair" if len(files) == 2 else "two_legs"
    silent = [is_silent(leg, settings=settings) for leg in legs]
    if any(silent):
        warnings.add("silent_leg")
    elif len(legs) == 2 and is_same_sound(legs[0], legs[1], settings=settings):
        layout, legs = "duplicated", legs[:1]
        warnings.add("same_audio_on_both_legs")
    channels = tuple(Channel(k, leg.samples, leg.sample_rate_hz) for k, leg in enumerate(legs))
    recording = Recording(
        paths=tuple(str(file.path) for file in files),
        sha256=tuple(file.sha256 for file in files),
        duration_s=max(leg.duration_s for leg in channels),
        sample_rate_hz=max(file.sample_rate_hz for file in files),
        channels=sum(len(file.channels) for file in files),
        layout=layout,
        codec="+".join(dict.fromkeys(file.codec for file in files)),
        warnings=tuple(sorted(warnings)),
    )
    return recording, channels


def mix_down(recording: Recording, channels: Sequence[Channel]) -> tuple[Recording, tuple[Channel, ...]]:
    """Two legs as one, for a recording of which it is known that both parties share a channel.

    A silent leg is left out; two live ones are added, clipped at full scale.
    """
    if len(channels) == 1:
        return recording, tuple(channels)
    live = [leg for leg in channels if not is_silent(leg)] or list(channels[:1])
    with LegWriter(legs=1, rate_hz=live[0].sample_rate_hz) as writer:
        for blocks in zip(*map(_blocks, live), strict=True):
            both = np.clip(np.sum(blocks, axis=0), -1, 1).astype(np.float32)
            writer.write(both[:, None], rate_hz=live[0].sample_rate_hz)
        (samples,) = writer.finish()
    warnings = tuple(code for code in recording.warnings if code != "silent_leg")
    return replace(recording, layout="mono", warnings=warnings), (
        Channel(0, samples[: len(live[0].samples)], live[0].sample_rate_hz),
    )


def is_silent(leg: Channel, *, settings: LayoutSettings = LayoutSettings()) -> bool:
    """Whether no frame of the leg, its mean taken off, reaches ``settings.silent_dbov``."""
    size = round(settings.frame_s * leg.sample_rate_hz)
    limit = 10 ** (settings.silent_dbov / 10)
    return all(
        not len(frames) or float(np.var(frames, axis=1).max()) < limit
        for frames in (_framed(block, size) for block in _blocks(leg))
    )


def is_same_sound(first: Channel, second: Channel, *, settings: LayoutSettings = LayoutSettings()) -> bool:
    """Whether one leg is a scaled copy of the other.

    With ``g = sum(ab) / sum(aa)`` over all active frames, a frame matches when
    ``sum((b - g*a)**2) <= 10**(residual_db/10) * sum(b**2)``.
    """
    found = _energies(first, second, settings)
    loudest = max(float(found.first.max(initial=0)), float(found.second.max(initial=0)))
    if loudest <= 0:
        return True
    active = np.maximum(found.first, found.second) >= loudest * 10 ** (-settings.active_range_db / 10)
    a, b, ab = found.first[active], found.second[active], found.cross[active]
    if a.sum() <= 0 or b.sum() <= 0:
        return False
    gain = ab.sum() / a.sum()
    if not abs(20 * np.log10(max(abs(gain), 1e-9))) <= settings.max_gain_db:
        return False
    residual = b - 2 * gain * ab + gain**2 * a
    matches = residual <= 10 ** (settings.residual_db / 10) * np.maximum(b, gain**2 * a)
    return bool(np.mean(matches) >= settings.same_share)


def _own_sounds(file: Decoded, settings: LayoutSettings) -> list[Channel]:
    """The channels that are neither silent nor a copy of an earlier one; at most two."""
    kept: list[Channel] = []
    for channel in file.channels:
        if is_silent(channel, settings=settings):
            continue
        if not any(is_same_sound(other, channel, settings=settings) for other in kept):
            kept.append(channel)
    if len(kept) > 2:
        raise InputError(
            f"{file.path} has {len(kept)} channels with different sound, a call has one or two; "
            "export the agent's and the customer's channel only."
        )
    return kept or [file.channels[0]]


def _pair(files: Sequence[Decoded], warnings: set[str], settings: LayoutSettings) -> tuple[Channel, ...]:
    """Two mono files as two legs: one rate, one length."""
    for file in files:
        if len(file.channels) != 1:
            raise InputError(
                f"{file.path} has {len(file.channels)} channels, but each file of a pair holds one party; "
                "give it alone, or export each party as mono."
            )
    legs = [file.channels[0] for file in files]
    rate_hz = max(leg.sample_rate_hz for leg in legs)
    durations_s = [leg.duration_s for leg in legs]
    if abs(durations_s[0] - durations_s[1]) > settings.pad_tolerance_s:
        warnings.add("padded_leg")
    count = max(round(leg.duration_s * rate_hz) for leg in legs)
    return tuple(Channel(k, _fitted(leg, rate_hz, count), rate_hz) for k, leg in enumerate(legs))


def _fitted(leg: Channel, rate_hz: int, count: int) -> Samples:
    """The leg at ``rate_hz``, exactly ``count`` samples long; itself when nothing is to be done."""
    if leg.sample_rate_hz == rate_hz and len(leg.samples) == count:
        return leg.samples
    with LegWriter(legs=1, rate_hz=rate_hz) as writer:
        for block in _blocks(leg):
            writer.write(np.array(block)[:, None], rate_hz=leg.sample_rate_hz)
        writer.pad_to(count)
        return writer.finish()[0][:count]


def _blocks(leg: Channel) -> list[Samples]:
    """Views of at most `BLOCK_S` seconds, so that a mapped leg is never in memory as a whole."""
    step = BLOCK_S * leg.sample_rate_hz
    return [leg.samples[start : start + step] for start in range(0, len(leg.samples), step)]


def _framed(samples: Samples, size: int) -> npt.NDArray[np.float64]:
    """Shape ``(n // size, size)``; what is shorter than a frame is one frame of its own."""
    if 0 < len(samples) < size:
        return np.asarray(samples, dtype=np.float64)[None, :]
    return np.asarray(samples[: len(samples) // size * size], dtype=np.float64).reshape(-1, size)


def _energies(first: Channel, second: Channel, settings: LayoutSettings) -> _Energies:
    """Energies of both legs, frame by frame."""
    size = round(settings.frame_s * first.sample_rate_hz)
    rows: list[tuple[npt.NDArray[np.float64], ...]] = []
    for one, other in zip(_blocks(first), _blocks(second), strict=True):
        a, b = _framed(one, size), _framed(other, size)
        rows.append((np.einsum("ij,ij->i", a, a), np.einsum("ij,ij->i", b, b), np.einsum("ij,ij->i", a, b)))
    columns = [np.concatenate(column) for column in zip(*rows, strict=True)] if rows else [np.zeros(0)] * 3
    return _Energies(*columns)
