"""Fetching an official checkpoint from its own address: verified, atomic, never half there."""

from __future__ import annotations

import hashlib
import tempfile
import urllib.request
from http.client import HTTPException
from pathlib import Path

from auditor.errors import ModelError

CONNECT_TIMEOUT_S = 15.0
_BLOCK_BYTES = 1 << 20


def official_address(name: str) -> tuple[str, str]:
    """The address and the SHA-256 of an official checkpoint, as openai-whisper publishes them."""
    import whisper  # noqa: PLC0415

    url: str = whisper._MODELS[name]
    return url, url.split("/")[-2]


def fetch_official(name: str, *, into: Path, timeout_s: float = CONNECT_TIMEOUT_S) -> Path:
    """Download an official checkpoint into a folder and return its path.

    Raises:
        ModelError: no network, a full disk, or a file with another SHA-256; nothing is left behind.
    """
    url, expected = official_address(name)
    target = into / f"{name}.pt"
    by_hand = (
        f"bring {url} over by hand as ./models/{name}.pt, or leave out --model to use the one that ships"
    )
    partial: Path | None = None
    try:
        into.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with (
            urllib.request.urlopen(url, timeout=timeout_s) as source,
            tempfile.NamedTemporaryFile(dir=into, prefix=f".{name}-", suffix=".part", delete=False) as output,
        ):
            partial = Path(output.name)
            while block := source.read(_BLOCK_BYTES):
                digest.update(block)
                output.write(block)
        if digest.hexdigest() != expected:
            raise ModelError(
                f"model {name!r}: the download has the wrong SHA-256; run it again, or {by_hand}."
            )
        partial.replace(target)
    except (OSError, HTTPException) as error:
        cause = getattr(error, "reason", error)
        raise ModelError(
            f"model {name!r} is not on this machine and cannot be fetched ({cause}); {by_hand}."
        ) from None
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)
    return target
