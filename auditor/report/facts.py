"""What is known of a call before any verdict: who, when, which legs, what to beware of, what was measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import PurePath

from auditor.kinds.listening import OTHER_LANGUAGE
from auditor.records import CallAudit, CallRecord, Measurement, Party
from auditor.report import labels
from auditor.report.typeset import clean
from auditor.text.clock import clock


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure in words: ``text`` is the value with its unit or why there is none."""

    party: Party
    label: str
    text: str
    known: bool
    main: bool


def headline(audit: CallAudit) -> dict[str, str]:
    """The call in words: label -> text, in the order in which reports show it."""
    recording, record = audit.evidence.recording, audit.evidence.call_record
    number_ = f"工号 {record.agent_id}" if record.agent_id else ""
    who = (
        f"{record.agent_name}（{number_}）" if record.agent_name and number_ else record.agent_name or number_
    )
    told = {
        "录音": " + ".join(PurePath(path).name for path in recording.paths),
        "时长": clock(recording.duration_s),
        "客服": " · ".join(part for part in (who, record.team) if part) or "未知（话单未给出）",
        "经手": _spells(record),
        "线路": _line(audit),
        "开始": f"{record.started_at:%Y-%m-%d %H:%M:%S}" if record.started_at else "",
        "声道": _legs(audit),
        "文本": labels.word(labels.TRANSCRIPT_SOURCES, audit.evidence.transcript_source),
    }
    return {name: clean(text) for name, text in told.items() if text}


def _spells(record: CallRecord) -> str:
    """Who held the line from when on, in a call that was handed over."""
    told = [f"工号 {spell.agent_id} 自 {clock(spell.from_s)}" for spell in record.agents]
    if record.transferred_to:
        told.append(f"转往 {record.transferred_to}")
    return "，".join(told)


def line_words(audit: CallAudit) -> str:
    """``1860 热线 · 呼入``."""
    direction = audit.evidence.call_record.direction
    name = labels.word(labels.LINES, audit.evidence.line)
    return f"{name} · {labels.word(labels.DIRECTIONS, direction) if direction else '方向未知'}"


def _line(audit: CallAudit) -> str:
    if audit.evidence.call_record.line is not None:
        return line_words(audit)
    return f"{line_words(audit)}（话单未写，按话术判断，把握 {audit.evidence.line_confidence:.0%}）"


def _legs(audit: CallAudit) -> str:
    roles, recording = audit.evidence.roles, audit.evidence.recording
    layout = labels.word(labels.LAYOUTS, recording.layout)
    if roles.agent_voice is not None:
        return f"{layout}，{labels.word(labels.ROLE_SOURCES, roles.source)}，把握 {roles.confidence:.0%}"
    if roles.agent_channel is None or recording.layout in ("mono", "duplicated"):
        return layout
    side = ("左声道", "右声道")[roles.agent_channel] if roles.agent_channel < 2 else "其他声道"
    if recording.layout == "pair":
        side = f"第 {roles.agent_channel + 1} 个文件"
    return f"{layout}，客服在{side}（{labels.word(labels.ROLE_SOURCES, roles.source)}）"


_CONTRADICTED = 0.5  # what `speech.roles` leaves of a flag or record that the words contradict


def cautions(audit: CallAudit) -> tuple[str, ...]:
    """What a reader must know before trusting the card, in Chinese sentences."""
    evidence = audit.evidence
    told = [labels.word(labels.WARNINGS, code) for code in evidence.recording.warnings]
    if not evidence.roles.known:
        told.append("分不清谁是客服，与说话人有关的条款不扣分")
    elif (
        evidence.roles.source in {"flag", "record", "recorder"} and evidence.roles.confidence <= _CONTRADICTED
    ):
        told.append("指定的客服声道与说话内容相反，请核对声道设置；在此之前谁也不扣分")
    if any(finding.reason_code == OTHER_LANGUAGE.code for finding in audit.findings):
        told.append(f"通话似乎不是普通话(最像 {evidence.language})")
    return tuple(clean(text) for text in told)


def is_demonstration(audit: CallAudit) -> bool:
    """Whether the model that heard the call must not be used on real agents."""
    return audit.evidence.model is not None and audit.evidence.model.demonstration


def figures(audit: CallAudit) -> tuple[Figure, ...]:
    """The measured figures that reports show, in fixed order; absent ones are left out.

    A figure that was looked for without result is kept, with the reason in Chinese.
    """
    shown: list[Figure] = []
    for label in labels.FIGURES:
        measured = audit.evidence.measurements.get(label.party, {}).get(label.name)
        if measured is None:
            continue
        text = figure_text(measured, label=label)
        known = measured.value is not None and math.isfinite(measured.value)
        shown.append(Figure(label.party, label.label, text, known, label.main))
    return tuple(shown)


def figure_text(measured: Measurement, *, label: labels.FigureLabel) -> str:
    """``285 字/分``, or the reason why there is no value."""
    if measured.value is None or not math.isfinite(measured.value):
        return labels.word(labels.MISSING, measured.reason or "no_data")
    return labels.in_unit(measured.value, label)
