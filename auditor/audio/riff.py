"""What a WAV header promises against what the file holds.

Recorders that crash, or write to a pipe, leave headers that lie about the length. The decoder reads
past most such lies in silence; a report must not, because a call that was cut off spares its closing
clauses. Only lengths are read here; decoding is left to PyAV.

References: Microsoft/IBM RIFF (1991); EBU Tech 3306 (RF64/BW64: ``ds64`` carries the length).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

LengthState = Literal["right", "empty", "truncated", "unfinished", "too_short"]

# Lengths that writers put in as a placeholder and mend at the end: 0 and 0xFFFFFFFF (ffmpeg,
# FreeSWITCH), 0x7FFFxxxx (SoX to a pipe). A real file of 2 GiB has its bytes, so it is not caught.
PLACEHOLDER_FROM = 0x7FFF0000
MAX_CHUNKS = 1000
# A few bytes short is a rounding of the writer, not a call that was cut off.
SLACK_BYTES = 64


@dataclass(frozen=True, slots=True)
class WavHeader:
    """Facts of a WAV header.

    ``state`` compares the data chunk's length with the bytes that follow it: right, empty (no
    sound at all), truncated (promises more than there is), unfinished (a placeholder was never
    mended), too_short (promises less than half of what follows, and what follows is no chunk).
    ``format_tag`` is the codec number of the fmt chunk; None when there is no such chunk.
    """

    state: LengthState
    format_tag: int | None


def read_wav_header(path: Path) -> WavHeader | None:
    """The header's facts; None when the file is no WAV or has no data chunk."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if len(head) < 12 or head[8:12] != b"WAVE" or head[:4] not in (b"RIFF", b"RIFX", b"RF64", b"BW64"):
            return None
        order = ">" if head[:4] == b"RIFX" else "<"
        tag: int | None = None
        long_length: int | None = None
        for _ in range(MAX_CHUNKS):
            chunk = file.read(8)
            if len(chunk) < 8:
                return None
            name, length = chunk[:4], int(struct.unpack(order + "I", chunk[4:])[0])
            start = file.tell()
            if name == b"data":
                declared = long_length if long_length is not None and length == 0xFFFFFFFF else length
                return WavHeader(_state(file, start=start, declared=declared, size=size), tag)
            body = file.read(min(length, 28))
            if name == b"fmt " and len(body) >= 2:
                tag = int(struct.unpack(order + "H", body[:2])[0])
            if name == b"ds64" and len(body) >= 16:
                long_length = int(struct.unpack(order + "Q", body[8:16])[0])
            file.seek(start + length + length % 2)
    return None


def _state(file: BinaryIO, *, start: int, declared: int, size: int) -> LengthState:
    """Judge the data chunk's declared length; ``start`` is the offset of its first byte."""
    there = size - start
    if there == 0 or (declared == 0 and _is_chunk_chain(file, start, size=size)):
        return "empty"
    if declared == 0 or (declared >= PLACEHOLDER_FROM and declared > there):
        return "unfinished"
    if declared > there + SLACK_BYTES:
        return "truncated"
    after = start + declared + declared % 2
    if size - after > max(declared, 8) and not _is_chunk_chain(file, after, size=size):
        return "too_short"
    return "right"


def _is_chunk_chain(file: BinaryIO, offset: int, *, size: int) -> bool:
    """Whether well-formed chunks (printable name, length inside the file) lead from here to the end."""
    for _ in range(MAX_CHUNKS):
        if size - offset < 8:
            return True
        file.seek(offset)
        head = file.read(8)
        length = int(struct.unpack("<I", head[4:])[0])
        if not all(32 <= byte < 127 for byte in head[:4]) or offset + 8 + length > size:
            return False
        offset += 8 + length + length % 2
    return False
