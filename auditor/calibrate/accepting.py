"""Accepted limits become a rulebook of the centre's own; the one they were measured with stays as it is."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from auditor.errors import UsageError
from auditor.judge import open_rulebook
from auditor.rulebook.load import SHIPPED_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.calibrate.thresholds import Suggestion
    from auditor.rulebook.schema import Rulebook

_HEAD = """\
# Written by `auditor calibrate` from {source}. Only what differs from the rulebook that it extends.
#
#   auditor rules check {name}
#   auditor rescore --rulebook {name}
"""


def write_rulebook(
    file: Path,
    suggestions: Sequence[Suggestion],
    *,
    changes: dict[str, dict[str, float]],
    base: Path | None,
    book: Rulebook,
    source: str,
    today: date | None = None,
) -> Rulebook:
    """Write a rulebook that extends another one by the accepted limits, and read it back.

    Args:
        file: to be made; one that is there is never replaced.
        suggestions: what was suggested, for the changelog.
        changes: rule -> parameters that are accepted.
        base: the file that it extends; None: the rulebook that ships.
        book: what is in there.
        source: what the limits were measured on, for people.
        today: for version and changelog; default: the clock.

    Raises:
        UsageError: the file is there already or cannot be written, or nothing is to be changed.
    """
    if not changes:
        raise UsageError("no limit is to be changed, so no rulebook was written.")
    if file.exists():
        raise UsageError(f"{file}: this file is there already; name a new one.")
    if base is not None and file.resolve() == base.resolve():
        raise UsageError(f"{file}: this is the rulebook that would be extended; name a new file.")
    day = today or date.today()
    version = f"{book.version}+calibrated-{day.isoformat()}"
    content = {
        "extends": SHIPPED_NAME if base is None else _path_from(file, base),
        "version": version,
        "valid_from": day,
        "changelog": [
            {
                "version": version,
                "date": day,
                "changes": [
                    f"{each.rule}: {each.param} {each.limit:g} → {each.suggested:g}"
                    for each in suggestions
                    if each.suggested is not None and each.param in changes.get(each.rule, {})
                ],
            }
        ],
        "rules": [{"id": rule, "params": params} for rule, params in changes.items()],
    }
    text = _HEAD.format(source=source, name=file.name) + yaml.safe_dump(
        content, allow_unicode=True, sort_keys=False, width=110
    )
    partial = file.with_name(f".{file.name}.part")
    try:
        partial.write_text(text, encoding="utf-8")
        written = open_rulebook(partial)
        partial.replace(file)
    except OSError as error:
        raise UsageError(f"{file}: cannot be written ({error.strerror}); choose another place.") from None
    finally:
        partial.unlink(missing_ok=True)
    return written


def _path_from(file: Path, base: Path) -> str:
    """The path of the base as the file has to write it."""
    try:
        return base.resolve().relative_to(file.resolve().parent).as_posix()
    except ValueError:
        return base.resolve().as_posix()
