"""Where decoded samples go: to the pipeline's rate, and out of memory when a call is long.

`LegWriter` takes blocks in file order and hands back one array per leg. Short calls stay in memory;
beyond `memory_bytes` everything goes to unnamed temporary files that are mapped back, so a 4-hour
call costs address space, not memory, and nothing is left behind even after a crash.
"""

from __future__ import annotations

import mmap
import tempfile
from typing import IO, Self

import numpy as np
import numpy.typing as npt
import soxr

from auditor.signal import Samples

Block = npt.NDArray[np.float32]
NARROW_HZ = 8000
WIDE_HZ = 16000
MEMORY_BYTES = 96 * 1024**2


def working_rate_hz(file_rate_hz: int) -> int:
    """The pipeline's rate for a file: 8000 Hz up to 8000 Hz, else 16000 Hz."""
    return NARROW_HZ if file_rate_hz <= NARROW_HZ else WIDE_HZ


class LegWriter:
    """Collects blocks of shape ``(n, legs)`` and returns one array per leg.

    At the working rate samples pass through untouched: idle codes must survive bit by bit.
    """

    def __init__(self, *, legs: int, rate_hz: int, memory_bytes: int = MEMORY_BYTES) -> None:
        self.legs = legs
        self.rate_hz = rate_hz
        self.written = 0
        self._memory_bytes = memory_bytes
        self._blocks: list[Block] = []
        self._files: list[IO[bytes]] = []
        self._stream: soxr.ResampleStream | None = None
        self._stream_hz = rate_hz

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._blocks.clear()
        for file in self._files:
            file.close()

    def write(self, block: Block, *, rate_hz: int) -> None:
        """Append a block that was sampled at ``rate_hz``; the rate may change between blocks."""
        if rate_hz != self._stream_hz:
            self._drain()
            self._stream_hz = rate_hz
        if rate_hz == self.rate_hz:
            self._store(block)
            return
        if self._stream is None:
            self._stream = soxr.ResampleStream(rate_hz, self.rate_hz, self.legs, dtype="float32")
        # Resampling can overshoot full scale by a few percent.
        self._store(np.clip(self._stream.resample_chunk(np.ascontiguousarray(block)), -1, 1))

    def pad_to(self, count: int) -> None:
        """Append silence until every leg has ``count`` samples."""
        self._drain()
        while self.written < count:
            self._store(np.zeros((min(count - self.written, 2**20), self.legs), np.float32))

    def finish(self) -> tuple[Samples, ...]:
        """The legs, each of shape ``(written,)``."""
        self._drain()
        if not self._files:
            whole = np.concatenate(self._blocks) if self._blocks else np.zeros((0, self.legs), np.float32)
            return tuple(np.ascontiguousarray(whole[:, leg]) for leg in range(self.legs))
        return tuple(_mapped(file) for file in self._files)

    def _drain(self) -> None:
        """Take what the resampler still holds."""
        if self._stream is not None:
            last = self._stream.resample_chunk(np.zeros((0, self.legs), np.float32), last=True)
            self._stream = None
            self._store(np.clip(last, -1, 1))

    def _store(self, block: Block) -> None:
        """Keep a block in memory, or move everything to disk once there is too much."""
        self.written += len(block)
        if not self._files:
            self._blocks.append(np.asarray(block, dtype=np.float32).reshape(-1, self.legs))
            if self.written * self.legs * 4 <= self._memory_bytes:
                return
            self._files = [tempfile.TemporaryFile() for _ in range(self.legs)]  # noqa: SIM115
            blocks, self._blocks = self._blocks, []
        else:
            blocks = [np.asarray(block, dtype=np.float32).reshape(-1, self.legs)]
        for one in blocks:
            for leg, file in enumerate(self._files):
                file.write(one[:, leg].tobytes())


def _mapped(file: IO[bytes]) -> Samples:
    """The file's samples as an array over a private map; the file may be closed afterwards."""
    file.flush()
    if file.seek(0, 2) == 0:
        return np.zeros(0, np.float32)
    return np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY), dtype=np.float32)
