"""From an open container to blocks of samples: packets in, damage survived, the time axis kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import av
import numpy as np
import numpy.typing as npt

from auditor.audio.legs import Block

BLOCK_S = 2.0
# Containers that stamp packets with real time; elsewhere stamps are counted and prove no gap.
STAMPED = {"mov", "mp4", "m4a", "matroska", "webm", "ogg", "asf", "flv", "mpegts"}
GAP_S = (0.1, 60.0)  # shorter is rounding, longer is a broken stamp
MAX_READ_ERRORS = 50


@dataclass(slots=True)
class Damage:
    """How many packets could not be decoded so far."""

    packets: int = 0


@dataclass(slots=True)
class _Pending:
    """Frames of one format that wait to become a block; each of shape ``(n, legs)``."""

    rate_hz: int
    frames: list[npt.NDArray[np.generic]] = field(default_factory=list)
    count: int = 0

    def add(self, frame: npt.NDArray[np.generic]) -> None:
        self.frames.append(frame)
        self.count += len(frame)


def best_audio(container: av.container.InputContainer) -> av.AudioStream | None:
    """The audio track to hear: the one ffmpeg finds best, else the first; None without any."""
    tracks = container.streams.audio
    if len(tracks) < 2:
        return tracks[0] if tracks else None
    best = container.streams.best("audio")
    return best if isinstance(best, av.AudioStream) else tracks[0]


def blocks_of(
    container: av.container.InputContainer, *, stream: av.AudioStream, damage: Damage
) -> Iterator[tuple[Block, int]]:
    """Yield ``(samples, rate_hz)``: float32 of shape ``(n, legs)``, about `BLOCK_S` long.

    A packet that cannot be decoded is counted in ``damage`` and replaced by silence of its length. A
    change of the number of channels inside the file keeps the first number: a mono frame goes to
    every leg, further channels are left out.
    """
    stamped = bool(STAMPED & set(container.format.name.split(",")))
    pending: _Pending | None = None
    legs = 0
    position_s: float | None = None  # where the next frame should start, by the container's stamps
    lost_s = 0.0
    for packet in _packets(container, stream=stream, damage=damage):
        try:
            frames = [frame for frame in packet.decode() if isinstance(frame, av.AudioFrame)]
        except (av.FFmpegError, ValueError):
            damage.packets += 1
            if packet.duration and packet.time_base and not stamped:
                lost_s += min(float(packet.duration * packet.time_base), GAP_S[1])
            continue
        for frame in frames:
            samples = _by_leg(frame)
            legs = legs or samples.shape[1]
            if samples.shape[1] != legs:
                samples = np.repeat(samples[:, :1], legs, 1) if samples.shape[1] < legs else samples[:, :legs]
            rate_hz = frame.sample_rate
            if stamped and frame.pts is not None and frame.time_base:
                start_s = float(frame.pts * frame.time_base)
                gap_s = 0.0 if position_s is None else start_s - position_s
                lost_s = gap_s if GAP_S[0] <= gap_s <= GAP_S[1] else 0.0
                position_s = start_s + len(samples) / rate_hz
            if pending and (pending.rate_hz != rate_hz or pending.frames[0].dtype != samples.dtype):
                yield _block(pending)
                pending = None
            pending = pending or _Pending(rate_hz)
            if lost_s:
                pending.add(_silence(round(lost_s * rate_hz), like=samples))
                lost_s = 0.0
            pending.add(samples)
            if pending.count >= BLOCK_S * rate_hz:
                yield _block(pending)
                pending = None
    if pending:
        yield _block(pending)


def _packets(
    container: av.container.InputContainer, *, stream: av.AudioStream, damage: Damage
) -> Iterator[av.Packet[av.AudioStream]]:
    """The track's packets; a read error is counted and reading goes on behind it."""
    for _ in range(MAX_READ_ERRORS):
        try:
            yield from container.demux(stream)
            return
        except (av.FFmpegError, ValueError):
            damage.packets += 1


def _by_leg(frame: av.AudioFrame) -> npt.NDArray[np.generic]:
    """A frame's samples as ``(n, legs)`` in the decoder's own number type."""
    samples = frame.to_ndarray()
    return samples.T if frame.format.is_planar else samples.reshape(-1, len(frame.layout.channels))


def _silence(count: int, *, like: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """``count`` samples of the number type's zero (unsigned 8 bit rests at 128)."""
    return np.full((count, like.shape[1]), 128 if like.dtype == np.uint8 else 0, like.dtype)


def _block(pending: _Pending) -> tuple[Block, int]:
    """The waiting frames as float32 in -1..1 (floats are passed on as they are)."""
    whole = np.concatenate(pending.frames)
    block = np.asarray(whole, dtype=np.float32)
    if whole.dtype == np.uint8:
        block -= np.float32(128)
    if np.issubdtype(whole.dtype, np.integer):
        block *= np.float32(2.0 ** -(8 * whole.dtype.itemsize - 1))
    return block, pending.rate_hz
