"""Bringing in an official checkpoint: from its own address, a mirror, or a file carried by hand.

What comes is written to ``NAME.pt.part`` (from a file: ``.copy``), verified against Whisper's own SHA-256
and renamed: a checkpoint is there whole or not at all. A download that breaks off keeps its ``.part``, and
the next one goes on from there.
"""

from __future__ import annotations

import errno
import os
import urllib.request
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit

from auditor.asr.checkpoints import checkpoint_sha256
from auditor.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Progress = Callable[[int, int | None], None]
    """Called with the bytes that are here and the bytes in all (None: the server does not say)."""

CONNECT_TIMEOUT_S = 15.0
_BLOCK_BYTES = 1 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT)


def official_address(name: str) -> tuple[str, str]:
    """The address and the SHA-256 of an official checkpoint, as openai-whisper publishes them."""
    import whisper  # noqa: PLC0415

    url: str = whisper._MODELS[name]
    return url, url.split("/")[-2]


def fetch_official(
    name: str,
    *,
    into: Path,
    source: str | None = None,
    progress: Progress | None = None,
    timeout_s: float = CONNECT_TIMEOUT_S,
) -> Path:
    """Bring an official checkpoint into a folder and return its path.

    Args:
        name: the official file name, such as ``large-v3``.
        into: made if it is not there.
        source: an http(s) address or a file; None: OpenAI's own address.
        progress: see `Progress`.
        timeout_s: how long the other side may be silent.

    Raises:
        ModelError: no network, no such file, a full disk (all of these keep the part of a download), or a
            file with another SHA-256, which is removed.
    """
    url, expected = official_address(name)
    source = source or url
    remote = is_address(source)
    if not remote and not Path(source).expanduser().is_file():
        raise ModelError(f"{source}: there is no such file; name the checkpoint file, or an http(s) address.")
    target = into / f"{name}.pt"
    partial = into / f"{name}.pt.{'part' if remote else 'copy'}"  # a copy spares the part of a download
    try:
        with _opened(partial, name=name) as output:
            if remote:
                _download(source, output=output, progress=progress, timeout_s=timeout_s)
            else:
                _copy(Path(source).expanduser(), output=output, progress=progress)
    except (OSError, HTTPException, UnicodeError) as error:
        kept = remote and partial.exists() and partial.stat().st_size > 0
        if not kept:
            partial.unlink(missing_ok=True)
        raise _not_fetched(name, error, source=source, url=url, into=into, kept=kept) from None
    digest = checkpoint_sha256(partial)
    if digest != expected:
        partial.unlink(missing_ok=True)
        again = "run it again, or name another address" if remote else "copy it anew, or name the right file"
        raise ModelError(
            f"{source}: this is not OpenAI's {name} (its SHA-256 is {digest[:12]}…, the right one is"
            f" {expected[:12]}…), so it was not taken in; {again} with --from."
        )
    try:
        partial.replace(target)
    except OSError as error:
        raise ModelError(f"{target}: cannot be put in place ({error.strerror}); move it away.") from None
    return target


def is_address(source: str) -> bool:
    """Whether a source is an http(s) address and not a file."""
    return urlsplit(source).scheme in ("http", "https")


@contextmanager
def _opened(partial: Path, *, name: str) -> Iterator[IO[bytes]]:
    """The part, open at its end and for this process alone."""
    try:
        partial.parent.mkdir(parents=True, exist_ok=True)
        output = partial.open("ab")
    except OSError as error:
        raise ModelError(
            f"{partial.parent}: cannot be written ({error.strerror}); name another folder with --to."
        ) from None
    with output:
        try:
            import fcntl  # noqa: PLC0415

            with suppress(OSError):  # a file system without locks
                try:
                    fcntl.flock(output, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise ModelError(
                        f"{partial}: another process is fetching {name} just now; wait until it is done."
                    ) from None
        except ImportError:  # Windows
            pass
        yield output


def _download(url: str, *, output: IO[bytes], progress: Progress | None, timeout_s: float) -> None:
    """Append to ``output`` what is still missing; start anew if the server cannot go on."""
    here = output.tell()
    ascii_url = quote(url, safe="%/:?#[]@!$&'()*+,;=~")  # a mirror's folders may have Chinese names
    request = urllib.request.Request(ascii_url, headers={"Range": f"bytes={here}-"} if here else {})
    try:
        response = urllib.request.urlopen(request, timeout=timeout_s)
    except HTTPError as error:
        if here and error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # nothing is missing; the checksum tells whether it is the right file
        raise
    with response:
        goes_on = response.status == HTTPStatus.PARTIAL_CONTENT
        if not goes_on or not response.headers.get("Content-Range", "").startswith(f"bytes {here}-"):
            output.truncate(0)
            if goes_on:
                raise OSError("the server sent another range than it was asked for")
            here = 0
        length = response.headers.get("Content-Length", "")
        total = here + int(length) if length.isdecimal() else None
        while block := response.read(_BLOCK_BYTES):
            output.write(block)
            here += len(block)
            if progress:
                progress(here, total)
    if total is not None and here < total:
        raise ConnectionError(f"the connection broke off after {here:,} of {total:,} bytes")


def _copy(source: Path, *, output: IO[bytes], progress: Progress | None) -> None:
    output.truncate(0)
    with source.open("rb") as file:
        total = os.fstat(file.fileno()).st_size
        while block := file.read(_BLOCK_BYTES):
            output.write(block)
            if progress:
                progress(file.tell(), total)


def _not_fetched(name: str, error: Exception, *, source: str, url: str, into: Path, kept: bool) -> ModelError:
    """One sentence: what went wrong, what is kept, and how the file gets here all the same."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return ModelError(f"{into}: the disk is full; make room, then run the same command again.")
    if not is_address(source):
        return ModelError(f"{source}: cannot be copied to {into} ({error}); copy it anew.")
    if isinstance(error, HTTPError):
        cause = f"{urlsplit(source).hostname} answered {error.code} {error.reason}"
    else:
        cause = str(getattr(error, "reason", error) or type(error).__name__)
    going_on = "; what came is kept, and the same command goes on from there" if kept else ""
    return ModelError(
        f"model {name!r} is not on this machine and cannot be fetched ({cause}){going_on}; without network"
        f" bring {url} over by hand and run `auditor models fetch {name} --from FILE`."
    )
