"""Recordings in an object store, brought here to be played: read whole, once, and only if they are the ones.

A range of the object itself would do for plain WAV, but not for what has to be decoded, and could not be
known for the recording that was audited before all of it was read. So it lies in the jukebox's folder for as
long as there is room; a store that did not answer is left alone for a while, since every asking takes long.
"""

from __future__ import annotations

import threading
from time import monotonic
from typing import TYPE_CHECKING

from auditor.errors import ChangedError, InputError, UnreachableError, UsageError
from auditor.inputs.storage import StoredFile, check_address, fetch

if TYPE_CHECKING:
    from pathlib import Path

_REST_S = 30.0
_AT_ONCE = 4  # readings; more visitors wait for them, and other pages go on
CHANGED = "录音文件在评分之后被改动过，为免张冠李戴不予播放。"
_GONE = "录音已不在对象存储的原处，不能播放；评分和文字不受影响。"
_SILENT = "存放录音的对象存储现在连不上，请稍后再试；评分和文字不受影响。"
_CLOSED = "网站无权读取对象存储里的录音，请管理员检查权限。"
_NO_DRIVER = "网站没有装读取对象存储的组件（安装项 storage），不能播放，请管理员安装。"


class NoSoundError(Exception):
    """The recording cannot be played; the message is a sentence for the page.

    Attributes:
        passing: whether it may be played later.
    """

    def __init__(self, sentence: str, *, passing: bool = False) -> None:
        super().__init__(sentence)
        self.passing = passing


class Stores:
    """Reads recordings from object stores."""

    def __init__(self) -> None:
        self._turns = threading.Semaphore(_AT_ONCE)
        self._silent: dict[str, float] = {}  # a store's address -> until when it is left alone

    def read(self, address: str, *, sha256: str, to: Path) -> None:
        """Write a recording to a file.

        Raises:
            NoSoundError: it is gone or another one now, may not be read, or its store does not answer.
            OSError: the file cannot be written.
        """
        store = "/".join(address.split("/")[:3])
        with self._turns:
            if monotonic() < self._silent.get(store, 0.0):
                raise NoSoundError(_SILENT, passing=True)
            try:
                check_address(address)
                with to.open("wb") as file:
                    found = fetch(StoredFile(address), into=file)
            except FileNotFoundError:
                raise NoSoundError(_GONE) from None
            except UnreachableError:
                self._silent[store] = monotonic() + _REST_S
                raise NoSoundError(_SILENT, passing=True) from None
            except ChangedError:
                raise NoSoundError(CHANGED) from None
            except InputError:
                raise NoSoundError(_CLOSED) from None
            except UsageError:
                raise NoSoundError(_NO_DRIVER) from None
        if found != sha256:
            raise NoSoundError(CHANGED)


def kept_name(address: str, *, sha256: str) -> str:
    """The name under which a recording lies here: its content's, with the ending that it has there."""
    suffix = StoredFile(address).suffix.lower()
    return sha256 + (suffix if suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) < 9 else "")
