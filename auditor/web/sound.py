"""Recordings as a browser plays them: the file itself, or what the package's own decoder makes of it.

PCM in a WAV and FLAC are sent as they are. Everything else (A-law, GSM, AMR, MP3 with its estimated seeks,
damaged headers, pairs of files) goes through the decoder that the audit used, to 16-bit WAV: so a finding's
second is the same second here. What was made, or brought here from an object store, is kept within limits and
shared by all who listen; who may is asked before (`access`), never here.

A file that is not the one that was audited is not played: the findings would point at other words.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import threading
import wave
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from auditor.errors import AuditError
from auditor.inputs.storage import is_address
from auditor.web.stored_sound import CHANGED, NoSoundError, Stores, kept_name

if TYPE_CHECKING:
    from auditor.audio.decode import RawFormat
    from auditor.signal import Channel

_PCM, _EXTENSIBLE = 1, 0xFFFE
_BLOCK = 480_000
_MOST_DIGESTS = 10_000
MISSING = "录音文件已不在原处，不能播放；评分和文字不受影响。"
_FULL = "服务器的磁盘写不下可播放的录音，请管理员清理。"
_KEPT = re.compile(r"[0-9a-f]{64}(\.[0-9a-z]+)?")  # the names of what was made or brought here


@dataclass(frozen=True, slots=True)
class Recorded:
    """The files of a call as the store knows them.

    Attributes:
        paths: one file, or the agent's and the customer's.
        sha256: what they held when they were audited.
        raw: how headerless files are to be read.
    """

    paths: tuple[str, ...]
    sha256: tuple[str, ...]
    raw: RawFormat | None = None


@dataclass(frozen=True, slots=True)
class Playable:
    """A file to send, and its MIME type."""

    path: Path
    media_type: str


class Jukebox:
    """Finds or makes what can be played; one for a site.

    Args:
        folder: where what was made or fetched is kept; None: a folder of this process, gone with it.
        limit_bytes: how much that may be; what nobody heard for longest goes first.
    """

    def __init__(self, *, folder: Path | None = None, limit_bytes: int = 1_000_000_000) -> None:
        self._own = tempfile.TemporaryDirectory(prefix="auditor-sound-") if folder is None else None
        self._folder = Path(self._own.name) if self._own else folder
        self._limit = limit_bytes
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}
        self._digests: dict[tuple[str, int, int], str] = {}
        self._stores = Stores()

    def close(self) -> None:
        """Forget what was made, unless it was put into a folder that was named."""
        if self._own is not None:
            self._own.cleanup()

    def playable(self, recorded: Recorded) -> Playable:
        """What to send for a recording.

        Raises:
            NoSoundError: the file is gone, is another one now, or cannot be decoded; or its store does not
                answer.
        """
        given = zip(recorded.paths, recorded.sha256, strict=True)
        paths = [self._brought(a, sha) if is_address(a) else self._checked(a, sha) for a, sha in given]
        if len(paths) == 1 and recorded.raw is None and (media_type := playable_as_is(paths[0])):
            return Playable(paths[0], media_type)
        name = hashlib.sha256("\n".join((*recorded.sha256, repr(recorded.raw))).encode()).hexdigest()
        assert self._folder is not None
        made = self._folder / f"{name}.wav"
        with self._only_one(name):
            if not made.is_file():
                self._make(made, paths, raw=recorded.raw)
            os.utime(made)
        return Playable(made, "audio/wav")

    def is_there(self, recorded: Recorded) -> bool:
        """Whether the files lie where they lay: cheap, for pages that only say so; stores are not asked."""
        return all(is_address(path) or _is_file(path) for path in recorded.paths)

    def _checked(self, text: str, sha256: str) -> Path:
        """The file, if it is the one that was audited."""
        path = Path(text)
        if not _is_file(text):
            raise NoSoundError(MISSING)
        try:
            stat = path.stat()
            key = (text, stat.st_size, stat.st_mtime_ns)
            found = self._digests.get(key)
            if found is None:
                with path.open("rb") as file:
                    found = hashlib.file_digest(file, "sha256").hexdigest()
                with self._lock:
                    if len(self._digests) >= _MOST_DIGESTS:
                        self._digests.clear()
                    self._digests[key] = found
        except OSError:
            raise NoSoundError("录音文件不能读取，请管理员检查权限。") from None
        if found != sha256:
            raise NoSoundError(CHANGED)
        return path

    def _brought(self, address: str, sha256: str) -> Path:
        """The file, brought here unless it is: by its name it is the one that was audited."""
        assert self._folder is not None
        kept = self._folder / kept_name(address, sha256=sha256)
        partial = kept.with_name(f"{kept.name}.{threading.get_ident()}.part")
        with self._only_one(kept.name):
            try:
                if not kept.is_file():
                    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                    self._stores.read(address, sha256=sha256, to=partial)
                    self._make_room(partial.stat().st_size)
                    partial.replace(kept)
                os.utime(kept)
            except OSError:
                raise NoSoundError(_FULL) from None
            finally:
                partial.unlink(missing_ok=True)
        return kept

    def _make(self, made: Path, paths: Sequence[Path], *, raw: RawFormat | None) -> None:
        from auditor.audio.decode import decode  # noqa: PLC0415

        partial = made.with_suffix(f".{threading.get_ident()}.part")
        try:
            legs = [leg for path in paths for leg in decode(path, raw=raw).channels][:2]
            made.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_wav(partial, legs)
            self._make_room(partial.stat().st_size)
            partial.replace(made)
        except AuditError:
            raise NoSoundError("录音文件不能解码，不能播放；评分和文字不受影响。") from None
        except OSError:
            raise NoSoundError(_FULL) from None
        finally:
            partial.unlink(missing_ok=True)

    def _make_room(self, wanted: int) -> None:
        """Drop what nobody heard for longest; a file that is being sent stays until it is."""
        assert self._folder is not None
        with self._lock:
            kept = sorted(
                ((stat.st_mtime, stat.st_size, path) for path, stat in _files(self._folder)), reverse=True
            )
            room = self._limit - wanted
            for _, size, path in kept:
                room -= size
                if room < 0:
                    path.unlink(missing_ok=True)

    @contextmanager
    def _only_one(self, name: str) -> Iterator[None]:
        """Two who want the same recording at once: it is made for both."""
        with self._lock:
            lock = self._making.setdefault(name, threading.Lock())
        with lock:
            yield
        with self._lock:
            self._making.pop(name, None)


def playable_as_is(path: Path) -> str | None:
    """The MIME type of a file that every browser plays and seeks to the sample; None: it must be made so."""
    from auditor.audio.riff import read_wav_header  # noqa: PLC0415

    with path.open("rb") as file:
        head = file.read(64)
    if head[:4] == b"fLaC":
        return "audio/flac"
    header = read_wav_header(path) if head[:4] == b"RIFF" else None
    if header is None or header.state != "right" or header.format_tag not in (_PCM, _EXTENSIBLE):
        return None
    return "audio/wav" if _is_plain_pcm(head) else None


def write_wav(path: Path, legs: Sequence[Channel]) -> None:
    """One or two legs as 16-bit WAV; the shorter is continued with silence, the first is left."""
    longest = max(len(leg.samples) for leg in legs)
    rate_hz = max(leg.sample_rate_hz for leg in legs)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(legs))
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        legs = _at_one_rate(legs, rate_hz)
        longest = max(len(leg.samples) for leg in legs)
        for start in range(0, longest, _BLOCK):
            block = np.zeros((min(_BLOCK, longest - start), len(legs)), dtype="<i2")
            for column, leg in enumerate(legs):
                part = np.asarray(leg.samples[start : start + _BLOCK])
                block[: len(part), column] = np.round(np.clip(part, -1, 1) * 32767)
            file.writeframes(block.tobytes())


def _at_one_rate(legs: Sequence[Channel], rate_hz: int) -> list[Channel]:
    from auditor.signal import Channel, resample  # noqa: PLC0415

    return [
        leg
        if leg.sample_rate_hz == rate_hz
        else Channel(leg.index, resample(leg.samples, leg.sample_rate_hz, rate_hz), rate_hz)
        for leg in legs
    ]


def _is_plain_pcm(head: bytes) -> bool:
    """A usual header: 8 or 16 bits, one or two channels, where nearly every writer puts them."""
    if head[12:16] != b"fmt " or len(head) < 40:
        return False
    channels = int.from_bytes(head[22:24], "little")
    bits = int.from_bytes(head[34:36], "little")
    tag = int.from_bytes(head[20:22], "little")
    return tag == _PCM and channels in (1, 2) and bits in (8, 16)


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for path in folder.iterdir():
        if not _KEPT.fullmatch(path.name):
            continue
        try:
            yield path, path.stat()
        except FileNotFoundError:
            continue
