"""The human takes in ``../shared/audio`` and espeak-ng: whether they are here, and reading them.

``needs_shared_audio`` and ``needs_espeak`` are marks for tests (``@needs_shared_audio``). Code that asks
for a take without the recordings skips the test that runs.

* ``words()``: what Yue Tan says: 8,500 Mandarin words, key = the characters.
* ``syllables()``: what Chen Wang says: every syllable with tone, key = pinyin with tone digit, ``v`` for ü.
* ``take("words", "喂")``: one take, 16 kHz float32, as recorded (0.2 s of room before and after).
"""

from __future__ import annotations

import ctypes.util
import io
import sys
import tarfile
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

RATE_HZ = 16_000
ROOT = Path(__file__).resolve().parents[2]
AUDIO = ROOT.parent / "shared" / "audio"
MODELS = ROOT / "models"

HAS_SHARED_AUDIO = (AUDIO / "cmn-words.tar").is_file() and (AUDIO / "cmn-syllables.tar").is_file()
HAS_ESPEAK = ctypes.util.find_library("espeak-ng") is not None

needs_shared_audio = pytest.mark.skipif(
    not HAS_SHARED_AUDIO, reason="the human recordings (../shared/audio) are not here"
)
needs_espeak = pytest.mark.skipif(not HAS_ESPEAK, reason="espeak-ng is not installed")

Floats = npt.NDArray[np.float32]


def words() -> tuple[str, ...]:
    """Every word of cmn-words.tar (patterns with a gap, like 越_越_, left out), in order."""
    return tuple(_members("words"))


def syllables() -> tuple[str, ...]:
    """Every syllable of cmn-syllables.tar, in order."""
    return tuple(_members("syllables"))


@lru_cache(maxsize=4096)
def take(kind: str, name: str) -> Floats:
    """One take as recorded, mono float32 at 16 kHz, read-only. ``kind`` is words or syllables."""
    tar = _tar(kind)
    file = tar.extractfile(_members(kind)[name])
    assert file is not None
    with av.open(io.BytesIO(file.read())) as container:
        mono = av.AudioResampler("fltp", "mono", RATE_HZ)
        frames = [out for frame in container.decode(audio=0) for out in mono.resample(frame)]
    samples = np.concatenate([frame.to_ndarray()[0] for frame in [*frames, *mono.resample(None)]])
    samples.setflags(write=False)
    return samples


def recipe_voices():
    """The module ``recipe.voices`` under models/, which speaks through espeak-ng; skips without it."""
    if not HAS_ESPEAK:
        pytest.skip("espeak-ng is not installed")
    if str(MODELS) not in sys.path:
        sys.path.insert(0, str(MODELS))
    from recipe import voices

    return voices


@lru_cache(maxsize=2)
def _tar(kind: str) -> tarfile.TarFile:
    if not HAS_SHARED_AUDIO:
        pytest.skip("the human recordings (../shared/audio) are not here")
    return tarfile.open(AUDIO / f"cmn-{kind}.tar")


@lru_cache(maxsize=2)
def _members(kind: str) -> dict[str, tarfile.TarInfo]:
    found = [m for m in _tar(kind).getmembers() if m.name.endswith(".opus")]
    named = {m.name.split("/")[-1].removesuffix(".opus"): m for m in found}
    return {name: named[name] for name in sorted(named) if "_" not in name}
