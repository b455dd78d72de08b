"""Call records (话单): what the switch knows about a call.

Accepted is one JSON object with the fields of `records.CallRecord`; times are ISO 8601, and a time
without a zone is read in the zone of the settings (Asia/Shanghai by default).
"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from auditor.errors import UsageError
from auditor.inputs.files import read_json_object, unknown_key
from auditor.records import CallRecord

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_ZONE = "Asia/Shanghai"
_KNOWN = frozenset(field.name for field in fields(CallRecord))
_TEXT_FIELDS = ("call_id", "agent_id", "line", "customer_number", "team")
_IN_ORDER = ("queued_at", "ring_at", "answered_at", "ended_at")


def read_call_record(path: Path, *, time_zone: str = DEFAULT_ZONE) -> CallRecord:
    """Read and check one call record.

    Raises:
        UsageError: an unknown field, a value of the wrong type, or times out of order.
    """
    loaded = read_json_object(path, what="call record")
    for key in loaded:
        if key not in _KNOWN:
            raise unknown_key(path, key, _KNOWN)
    for key in _TEXT_FIELDS:  # spreadsheets and switches write 1860 and 8001 as numbers
        if isinstance(loaded.get(key), int):
            loaded[key] = str(loaded[key])
    try:
        record = TypeAdapter(CallRecord).validate_python(loaded)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{path}: field {key!r} is wrong: {first['msg']}.") from None
    record = with_zone(record, time_zone=time_zone)
    _check_order(path, record)
    return record


def with_zone(record: CallRecord, *, time_zone: str) -> CallRecord:
    """The record with every naive time placed in ``time_zone``."""
    zone = ZoneInfo(time_zone)
    changes = {
        field.name: value.replace(tzinfo=zone)
        for field in fields(record)
        if isinstance(value := getattr(record, field.name), datetime) and value.tzinfo is None
    }
    return replace(record, **changes)  # type: ignore[arg-type]


def _check_order(path: Path, record: CallRecord) -> None:
    known = [(name, value) for name in _IN_ORDER if (value := getattr(record, name)) is not None]
    for (earlier, first), (later, second) in pairwise(known):
        if second < first:
            raise UsageError(
                f"{path}: {later!r} ({second.isoformat()}) lies before {earlier!r} ({first.isoformat()});"
                " correct the record."
            )
