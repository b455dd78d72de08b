"""What the columns of a manifest are called, in English, in Chinese, and by the settings.

A name is read without its case, blanks, dashes, underscores, brackets and their content: ``Agent ID``,
``agentId`` and ``agent_id`` are one. Three columns are not fields of a call record but say something about
them: ``caller`` and ``callee`` give the customer's number once the direction is known, ``started_day``
completes ``started_at`` where a table keeps day and time apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.inputs.call_record import KNOWN_FIELDS
from auditor.inputs.tables import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

AUDIO = "audio"
PAIR = ("agent_audio", "customer_audio")
FILES = (AUDIO, *PAIR, "transcript")
HELPERS = ("caller", "callee", "started_day")
FIELDS = frozenset({*FILES, *HELPERS, *KNOWN_FIELDS})

# Usual headings of Chinese call records and recording lists. [O]
_CHINESE: Mapping[str, tuple[str, ...]] = {
    "audio": ("录音文件", "录音", "录音文件名", "录音路径", "录音地址", "文件名", "音频", "音频文件"),
    "agent_audio": ("客服录音", "坐席录音", "座席录音", "客服音频"),
    "customer_audio": ("客户录音", "用户录音", "客户音频"),
    "transcript": ("转写", "转写文件", "文本文件", "转写文本"),
    "call_id": (
        "通话编号",
        "呼叫编号",
        "流水号",
        "话单号",
        "通话流水号",
        "呼叫流水号",
        "呼叫标识",
        "通话标识",
    ),
    "agent_channel": ("客服声道", "坐席声道", "座席声道"),
    "agent_id": ("工号", "坐席工号", "座席工号", "客服工号", "坐席编号", "座席编号", "话务员工号"),
    "agent_name": ("坐席", "座席", "客服", "坐席姓名", "座席姓名", "客服姓名", "话务员", "姓名"),
    "team": ("班组", "团队", "小组", "部门"),
    "direction": ("呼叫方向", "通话方向", "方向", "呼叫类型", "通话类型"),
    "line": ("热线", "服务热线", "线路", "业务线"),
    "started_at": ("开始时间", "通话开始时间", "呼叫时间", "来电时间", "呼叫开始时间"),
    "queued_at": ("排队时间", "排队开始时间", "进入排队时间"),
    "ring_at": ("振铃时间", "振铃开始时间"),
    "answered_at": ("接听时间", "应答时间", "接通时间"),
    "ended_at": ("结束时间", "通话结束时间", "挂机时间", "挂断时间"),
    "release_party": ("挂机方", "挂断方", "释放方", "先挂机方"),
    "survey_offered": ("满意度调查", "是否邀评", "是否转满意度"),
    "transferred_to": ("转接", "转接工号", "转接至", "转接对象"),
    "agents": ("经手坐席", "经手座席"),
    "customer_number": ("客户号码", "用户号码", "客户电话", "来电号码"),
    "caller": ("主叫", "主叫号码"),
    "callee": ("被叫", "被叫号码"),
    "started_day": ("日期", "通话日期", "呼叫日期"),
}


@dataclass(frozen=True, slots=True)
class Exporter:
    """One system's tables.

    Attributes:
        name: for messages.
        known_by: headings that its tables have, all of them.
        fields: its headings to fields.
        not_read: headings whose values mean something else than their usual name.
    """

    name: str
    known_by: tuple[str, ...]
    fields: Mapping[str, str]
    not_read: tuple[str, ...] = ()


_NAMES: Mapping[str, str] = {
    **{plain(field): field for field in FIELDS},
    **{plain(name): field for field, names in _CHINESE.items() for name in names},
}


def map_columns(
    headings: Sequence[str], *, wanted: Mapping[str, str], exporter: Exporter | None = None
) -> tuple[dict[str, str], tuple[str, ...], tuple[str, ...]]:
    """Which heading gives which field.

    Args:
        headings: of the table, as they stand there.
        wanted: ``[columns]`` of the settings: field to heading.
        exporter: whose table it is; its own headings are read before the usual ones.

    Returns:
        ``({heading: field}, faults, headings that nobody reads)``.
    """
    faults = [
        f"[columns] of the settings says that {field!r} is the column {heading!r}; there is none"
        for field, heading in wanted.items()
        if heading not in headings
    ]
    told = {heading: field for field, heading in wanted.items()}
    own = {plain(heading): field for heading, field in exporter.fields.items()} if exporter else {}
    barred = {plain(heading) for heading in exporter.not_read} if exporter else set()
    mapped: dict[str, str] = {}
    taken: dict[str, str] = {}
    for heading in headings:
        field = told.get(heading)
        if field is None:
            field = own.get(plain(heading)) or _NAMES.get(plain(heading))
            if field in wanted or plain(heading) in barred:  # the settings take it from elsewhere
                field = None
        if field is None:
            continue
        if field in taken:
            faults.append(
                f"the columns {taken[field]!r} and {heading!r} are both {field!r}; name one of them under"
                " [columns] of the settings"
            )
            continue
        taken[field] = heading
        mapped[heading] = field
    return mapped, tuple(faults), tuple(heading for heading in headings if heading and heading not in mapped)
