"""Call records (话单): what the switch knows about a call.

Accepted is one JSON object with the fields of `records.CallRecord`, or the cells of a manifest's row that
somebody has already brought under these names; times are ISO 8601, and a time without a zone is read in the
zone of the settings (Asia/Shanghai by default).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from auditor.errors import UsageError
from auditor.inputs.files import read_json_object, unknown_key
from auditor.records import CallRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.inputs.storage import File

DEFAULT_ZONE = "Asia/Shanghai"
KNOWN_FIELDS = frozenset(field.name for field in fields(CallRecord))
TIME_FIELDS = ("started_at", "queued_at", "ring_at", "answered_at", "ended_at")
_TEXT_FIELDS = ("call_id", "agent_id", "line", "customer_number", "team")
_IN_ORDER = ("queued_at", "ring_at", "answered_at", "ended_at")
_DAY_ONLY = re.compile(r"\s*\d{4}-\d{2}-\d{2}\s*")


@dataclass(frozen=True, slots=True)
class FieldFault:
    """What is wrong with one field of a record: its name, and the rest of the sentence."""

    field: str
    what: str


def read_call_record(path: File, *, time_zone: str = DEFAULT_ZONE) -> CallRecord:
    """Read and check one call record.

    Raises:
        UsageError: an unknown field, a value of the wrong type, or times out of order.
    """
    loaded = read_json_object(path, what="call record")
    for key in loaded:
        if key not in KNOWN_FIELDS:
            raise unknown_key(path, key, KNOWN_FIELDS)
    record, faults = check_record(loaded, time_zone=time_zone)
    if faults:
        raise UsageError(f"{path}: field {faults[0].field!r} {faults[0].what}.")
    return record


def check_record(
    values: Mapping[str, object], *, time_zone: str = DEFAULT_ZONE
) -> tuple[CallRecord, tuple[FieldFault, ...]]:
    """A record from values under the names of its fields, and all that is wrong with them.

    A field that is wrong is left out of the record.
    """
    left = dict(values)
    for key in _TEXT_FIELDS:  # spreadsheets and switches write 1860 and 8001 as numbers
        if isinstance(number := left.get(key), int) and not isinstance(number, bool):
            left[key] = str(number)
    faults = []
    for key in TIME_FIELDS:  # read as midnight it would accuse somebody of calling at night
        if isinstance(text := left.get(key), str) and _DAY_ONLY.fullmatch(text):
            faults.append(FieldFault(key, f"is wrong: {text.strip()!r} is a day without a time of day"))
            del left[key]
    try:
        record = _adapter().validate_python(left)
    except ValidationError as error:
        for each in error.errors():
            key = ".".join(str(part) for part in each["loc"])
            faults.append(FieldFault(key, f"is wrong: {each['msg']}"))
            left.pop(str(each["loc"][0]), None)
        record = _adapter().validate_python(left)
    record = with_zone(record, time_zone=time_zone)
    faults += _order_faults(record)
    return record, tuple(faults)


@cache
def _adapter() -> TypeAdapter[CallRecord]:
    return TypeAdapter(CallRecord)


def with_zone(record: CallRecord, *, time_zone: str) -> CallRecord:
    """The record with every naive time placed in ``time_zone``."""
    zone = ZoneInfo(time_zone)
    changes = {
        name: value.replace(tzinfo=zone)
        for name in TIME_FIELDS
        if isinstance(value := getattr(record, name), datetime) and value.tzinfo is None
    }
    return replace(record, **changes)  # type: ignore[arg-type]


def _order_faults(record: CallRecord) -> list[FieldFault]:
    known = [(name, value) for name in _IN_ORDER if (value := getattr(record, name)) is not None]
    return [
        FieldFault(
            later,
            f"({second.isoformat()}) lies before {earlier!r} ({first.isoformat()}); correct the record",
        )
        for (earlier, first), (later, second) in pairwise(known)
        if second < first
    ]
