"""espeak-ng behind a pipe: a small process that forks for every sentence.

The library keeps state between calls (its noise and flutter run on) and crashes now and then on a voice.
A fork per sentence starts from the same state each time, so the same request gives the same samples, and a
crash costs one sentence. Standard library only: what is forked must be small.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import os
import signal
import struct
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

RATE_HZ = 22_050
LONGEST_CPU_S = 10  # a sentence takes milliseconds; one that hangs is given up


def synthesise(text: str, *, voice: str, wpm: int, pitch: int, pitch_range: int) -> bytes:
    """int16 samples at 22,050 Hz; empty if espeak-ng has no such voice, crashes or hangs."""
    process = _server(os.getpid())
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps([text, voice, wpm, pitch, pitch_range]).encode() + b"\n")
    process.stdin.flush()
    (length,) = struct.unpack("<I", process.stdout.read(4))
    return process.stdout.read(length)


@lru_cache(maxsize=1)
def _server(_owner: int) -> subprocess.Popen[bytes]:
    """One per process: a worker that was forked must not share its parent's pipe.

    In a session of its own: Ctrl-C is for who asked, who may want to finish; it ends with the pipe.
    """
    command = [sys.executable, "-S", str(Path(__file__))]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)


def serve() -> None:
    """Answer requests until the input ends: 4 bytes of length, then the samples."""
    library = ctypes.CDLL(ctypes.util.find_library("espeak-ng") or "libespeak-ng.so.1")
    if library.espeak_Initialize(2, 0, None, 0) != RATE_HZ:  # 2: synchronous, samples to the callback
        raise OSError("espeak-ng does not speak at 22,050 Hz")
    for line in sys.stdin.buffer:
        child = os.fork()
        if child == 0:
            # By its own time: on a busy machine the clock would cut sentences that are well. Off before the
            # answer is written: half an answer would leave the asker waiting for the rest for ever.
            signal.setitimer(signal.ITIMER_PROF, LONGEST_CPU_S)
            samples = _say(library, json.loads(line))
            signal.setitimer(signal.ITIMER_PROF, 0)
            _write(struct.pack("<I", len(samples)) + samples)
            os._exit(0)
        if os.waitpid(child, 0)[1] != 0:
            _write(struct.pack("<I", 0))


def _say(library: Any, request: list[Any]) -> bytes:
    text, voice, wpm, pitch, pitch_range = request
    pieces: list[bytes] = []

    def collect(samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            pieces.append(ctypes.string_at(samples, count * 2))
        return 0

    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
    callback = kind(collect)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        return b""
    for parameter, value in ((1, wpm), (3, pitch), (4, pitch_range)):
        library.espeak_SetParameter(parameter, value, 0)
    data = text.encode()
    library.espeak_Synth(data, len(data) + 1, 0, 0, 0, 1, None, None)
    library.espeak_Synchronize()
    return b"".join(pieces)


def _write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


if __name__ == "__main__":
    serve()
