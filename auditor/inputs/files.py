"""Reading small text files that people write by hand, one sentence for whatever is wrong; hashes of files."""

from __future__ import annotations

import hashlib
import json
from difflib import get_close_matches
from typing import TYPE_CHECKING

from auditor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from auditor.inputs.storage import File


def read_text(path: File, *, what: str) -> str:
    """The file's text: UTF-8 (with or without BOM), else GB18030, the encodings that centres export.

    Raises:
        UsageError: the file is missing, a folder, unreadable or in neither encoding.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such {what}; check the path.") from None
    except IsADirectoryError:
        raise UsageError(f"{path}: this is a folder, not a {what}; name the file itself.") from None
    except OSError as error:
        raise UsageError(f"{path}: the {what} cannot be read ({error.strerror}).") from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError(f"{path}: the {what} is neither UTF-8 nor GB18030 text; save it as UTF-8.")


def read_json_object(path: File, *, what: str) -> dict[str, object]:
    """The file's one JSON object.

    Raises:
        UsageError: as `read_text`, or the text is not a JSON object.
    """
    try:
        loaded = json.loads(read_text(path, what=what))
    except json.JSONDecodeError as error:
        raise UsageError(f"{path}: line {error.lineno} of the {what} is not JSON: {error.msg}.") from None
    if not isinstance(loaded, dict):
        raise UsageError(f"{path}: the {what} must be one JSON object, not a {type(loaded).__name__}.")
    return loaded


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hexadecimal, read in blocks.

    Raises:
        OSError: it cannot be read; what that means is the caller's to say.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unknown_key(path: File, key: str, known: Collection[str], *, where: str = "") -> UsageError:
    """The error for a key that nobody reads, with the nearest known one."""
    near = get_close_matches(key, list(known), n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(sorted(known))}."
    place = f" in {where}" if where else ""
    return UsageError(f"{path}: unknown key {key!r}{place}; {hint}")
