"""Call records that stand in file names: ``{date}_{time}_{agent}_{caller}``.

A pattern is matched against the whole name of the (first) file, or against its stem where the pattern has no
dot-ending of its own. ``{date}`` is eight digits or 2026-03-10, ``{time}`` six digits or 09-05-00, ``{}``
anything; the others are fields of the call record, or ``{agent}`` (its id), ``{caller}`` and ``{callee}``,
and take whatever stands up to the next fixed character. The first pattern that fits counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.batch.columns import HELPERS
from auditor.errors import UsageError
from auditor.inputs.call_record import KNOWN_FIELDS

if TYPE_CHECKING:
    from collections.abc import Sequence

_FIELD = re.compile(r"\{([a-z_]*)\}")
_ALIASES = {"agent": "agent_id", "customer": "customer_number"}
_SHAPES = {"date": r"\d{8}|\d{4}-\d{2}-\d{2}", "time": r"\d{6}|\d{2}-\d{2}-\d{2}|\d{2}\.\d{2}\.\d{2}"}
_DAY = "started_day"


@dataclass(frozen=True, slots=True)
class NamePattern:
    """One pattern, compiled. ``whole``: it is matched against the name with its ending."""

    text: str
    shape: re.Pattern[str]
    whole: bool


def compile_patterns(patterns: Sequence[str]) -> tuple[NamePattern, ...]:
    """Patterns ready for use.

    Raises:
        UsageError: an unknown field, one that stands twice, or two with nothing between them.
    """
    return tuple(_compile(text) for text in patterns)


def _compile(text: str) -> NamePattern:
    known = KNOWN_FIELDS - {"agents"} | {"date", "time", "", *_ALIASES, *HELPERS} - {_DAY}
    shape, end, names = "", 0, set[str]()
    for field in _FIELD.finditer(text):
        name, between = field[1], text[end : field.start()]
        if name not in known:
            raise UsageError(
                f"file_names: {text!r} has the unknown field {name!r}; use {', '.join(sorted(known - {''}))}."
            )
        if name and name in names:
            raise UsageError(
                f"file_names: {text!r} has {{{name}}} twice; write {{}} for what is to be passed over."
            )
        if end and not between and name not in _SHAPES:
            raise UsageError(
                f"file_names: {text!r} has nothing between two fields; nobody can tell them apart."
            )
        names.add(name)
        shape += re.escape(between) + (f"(?P<{name}>{_SHAPES.get(name, '.+?')})" if name else ".*?")
        end = field.end()
    if not names - {""}:
        raise UsageError(f"file_names: {text!r} names no field of a call record, such as {{agent_id}}.")
    rest = text[end:]
    return NamePattern(text, re.compile(shape + re.escape(rest), re.DOTALL), whole="." in rest)


def read_name(name: str, *, patterns: Sequence[NamePattern]) -> dict[str, str] | None:
    """Cells under field names as `values.record_values` takes them; None: no pattern fits."""
    stem = name.rpartition(".")[0] or name
    for pattern in patterns:
        found = pattern.shape.fullmatch(name if pattern.whole else stem)
        if found is None:
            continue
        cells = {_ALIASES.get(key, key): value for key, value in found.groupdict().items()}
        day, time = cells.pop("date", None), cells.pop("time", None)
        if day and time:  # a day alone would be midnight
            digits = re.sub(r"\D", "", time)
            cells["started_at"] = f"{re.sub(r'[^0-9]', '', day)}{digits}"
        return cells
    return None
