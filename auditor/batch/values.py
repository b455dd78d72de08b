"""What cells of a manifest mean, as the values that `inputs.call_record.check_record` takes.

Only the writing is changed here (是 → true, 2026/3/2 9:05 → ISO 8601); whether a value is right is decided
there, so that a cell that is not understood goes on as it stands and is refused with its own text.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from auditor.inputs.call_record import TIME_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_WORDS: Mapping[str, Mapping[str, object]] = {
    "direction": {
        **dict.fromkeys(("inbound", "in", "incoming", "呼入", "来电", "入呼", "0"), "inbound"),
        **dict.fromkeys(
            ("outbound", "out", "outgoing", "predictive", "呼出", "外呼", "去电", "1"), "outbound"
        ),
    },
    "agent_channel": {
        **dict.fromkeys(("left", "l", "左", "左声道"), "left"),
        **dict.fromkeys(("right", "r", "右", "右声道"), "right"),
        **dict.fromkeys(("mono", "单声道", "混音"), "mono"),
    },
    "release_party": {
        **dict.fromkeys(("agent", "坐席", "座席", "客服", "话务员"), "agent"),
        **dict.fromkeys(("customer", "user", "caller", "客户", "用户"), "customer"),
        **dict.fromkeys(("system", "系统"), "system"),
    },
    "survey_offered": {
        **dict.fromkeys(("true", "yes", "y", "1", "是", "有"), True),
        **dict.fromkeys(("false", "no", "n", "0", "否", "无", "没有"), False),
    },
}
_TIME_FORMATS = (
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y.%m.%d %H:%M:%S",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H时%M分%S秒",
    "%Y%m%d%H%M%S",
    "%Y%m%d %H%M%S",
    "%Y%m%d %H:%M:%S",
)
_DAY_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")  # most tables: pydantic reads it, much faster
_EPOCH_S, _EPOCH_MS = re.compile(r"\d{10}"), re.compile(r"\d{13}")


def record_values(cells: Mapping[str, str | object], *, time_zone: str) -> dict[str, object]:
    """Cells under field names as record values; empty cells are unknown.

    ``caller`` and ``callee`` become the customer's number where the direction says which of them is the
    customer; ``agent_ids`` and ``agent_names`` become the agent where there is one only.
    """
    known = {field: cell for field, cell in cells.items() if not (isinstance(cell, str) and not cell.strip())}
    values: dict[str, object] = {}
    for field, cell in known.items():
        values[field] = _value(field, cell, time_zone=time_zone)
    day = values.pop("started_day", None)
    if day is not None:
        values["started_at"] = _join(day, values.get("started_at"))
    caller, callee = values.pop("caller", None), values.pop("callee", None)
    number = {"inbound": caller, "outbound": callee}.get(str(values.get("direction")))
    if number is not None:
        values.setdefault("customer_number", number)
    for several, one in (("agent_ids", "agent_id"), ("agent_names", "agent_name")):
        listed = values.pop(several, None)
        parts = (
            [part for part in re.split(r"[,;，；]", listed) if part.strip()]
            if isinstance(listed, str)
            else []
        )
        if len(parts) == 1:
            values.setdefault(one, parts[0].strip())
    return values


def _value(field: str, cell: object, *, time_zone: str) -> object:
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, float) and cell.is_integer():  # spreadsheets keep 1860 as 1860.0
        cell = int(cell)
    if field in TIME_FIELDS:
        return _time(cell, time_zone=time_zone)
    if field == "agents" and isinstance(cell, str):
        return _json(cell)
    if field in _WORDS:
        return _WORDS[field].get(str(cell).strip().casefold(), cell)
    if field == "agents":
        return cell
    return str(cell).strip()


def _time(cell: object, *, time_zone: str) -> object:
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return cell.isoformat()
    text = " ".join(str(cell).split())
    if _ISO.fullmatch(text):
        return text
    for pattern, unit in ((_EPOCH_S, 1), (_EPOCH_MS, 1000)):
        if pattern.fullmatch(text):
            return datetime.fromtimestamp(int(text) / unit, tz=UTC).astimezone(ZoneInfo(time_zone))
    day = _first(text, _DAY_FORMATS)
    return day.date().isoformat() if day else _first(text, _TIME_FORMATS) or text


def _first(text: str, formats: tuple[str, ...]) -> datetime | None:
    read: Callable[[str, str], datetime] = datetime.strptime
    for each in formats:
        try:
            return read(text, each)  # a zone, if any, is set by check_record
        except ValueError:
            continue
    return None


def _join(day: object, time: object) -> object:
    """A day and a time of day; a time that has its own day stands."""
    if isinstance(time, datetime) or (isinstance(time, str) and _ISO.fullmatch(time)):
        return time
    found = _first(" ".join(str(day).split()[:1]), _DAY_FORMATS)
    if found is None or time is None:
        return time if time is not None else str(day)
    text = str(time).strip()
    if re.fullmatch(r"\d{6}", text):
        text = f"{text[:2]}:{text[2:4]}:{text[4:]}"
    return _first(f"{found.date().isoformat()} {text}", _TIME_FORMATS) or f"{day} {time}"


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
