"""Writing the ``[recorder]`` table into the text of a settings file, everything else left as it was.

tomlkit keeps comments, order and spacing of what a person wrote. A key that stands there already is changed
only where the value differs, and every change is named.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLE = "recorder"
# One line above each key, for whoever opens the file.
MANUAL: Mapping[str, str] = {
    "agent_channel": "客服所在声道:left | right | mono(双方同一声道);话单写明声道的以话单为准",
    "starts": "录音从何时开始:at_answer 接起之后 | before_answer 接起之前",
    "busy_tone_heard_by": "单声道录音里的忙音由谁听到:agent 客服(客户先挂)| customer 客户(客服先挂)",
    "liveness": "声道先断能否说明谁先挂机:false 不能(录音系统会静音、静噪,或总是先断同一路)",
    "announcements": "系统播放的提示语,不算任何人说的话(短语语法同规则本)",
}
MARK = "doctor:"


@dataclass(frozen=True, slots=True)
class Change:
    """One key: what it was (None: absent) and what it is now, as TOML."""

    key: str
    before: str | None
    after: str


def edit_recorder(
    text: str, *, values: Mapping[str, object], why: Mapping[str, str]
) -> tuple[str, tuple[Change, ...]]:
    """The settings file's text with these keys under ``[recorder]``, and what changed.

    Args:
        text: of the file; empty for a new one. Must be TOML.
        values: what to write; keys that are not named keep what they have.
        why: per key a short note that stands behind the value, after `MARK`. A person's own note behind a
            value is kept.

    Raises:
        UsageError: the table cannot be edited without touching something else.
    """
    import tomlkit  # noqa: PLC0415
    from tomlkit.items import InlineTable  # noqa: PLC0415

    document = tomlkit.parse(text)
    table: Any = document.get(TABLE)
    new = table is None
    if table is None:
        table = tomlkit.table()
    plain = isinstance(table, InlineTable)  # a table on one line has no room for comments
    changes: list[Change] = []
    for key in (key for key in MANUAL if key in values):
        value = list(value) if isinstance(value := values[key], tuple) else value
        old = table.value.item(key) if key in table else None
        if old is not None and old.unwrap() == value:
            continue
        item = tomlkit.item(value)
        changes.append(Change(key, None if old is None else old.as_string(), item.as_string()))
        note = "" if old is None else old.trivia.comment.lstrip("# ").strip()
        if key in why and not plain and (not note or note.startswith(MARK)):
            item.comment(f"{MARK} {why[key]}")
        elif note:
            item.comment(note)
        if old is None and not plain:
            table.add(tomlkit.comment(MANUAL[key]))
        table[key] = item
    if not changes:
        return text, ()
    if new:
        if text.strip():
            document.add(tomlkit.nl())
        document.add(TABLE, table)
    written = tomlkit.dumps(document)
    _check(written, before=text, values=values)
    return written, tuple(changes)


def _check(written: str, *, before: str, values: Mapping[str, object]) -> None:
    """Refuse to write what does not say what it should: the rest of the file must be as it was."""
    now, was = tomllib.loads(written), tomllib.loads(before)
    table = {**was.pop(TABLE, {}), **{k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}}
    if now.pop(TABLE, {}) != table or now != was:
        raise UsageError(
            "the settings file writes [recorder] in a way that cannot be edited safely (dotted keys?); write"
            " what the report says into it by hand."
        )
