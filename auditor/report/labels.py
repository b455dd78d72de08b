"""Chinese words for every code that a report shows: one table per kind of code.

A code without a word is shown as it stands (`word`), so that a new code never breaks a report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from auditor.records import LINE_NAMES, Party

DEMONSTRATION_LINE = "演示模型：仅适用于合成语音，不可用于评价真实客服"

SECTIONS: Mapping[str, str] = {
    "P": "电话礼仪",
    "V": "声音要求",
    "C": "礼貌用语",
    "S": "服务态度",
    "G": "服务通用语",
    "H": "1860",
    "W": "1258",
    "K": "大客户",
    "D": "电话清欠",
}

_SCRIPTS = frozenset("HWKD")

RESULTS: Mapping[str, str] = {
    "pass": "合格",
    "fail": "不合格",
    "needs_review": "待复核",
    "not_scored": "不评分",
}

VERDICTS: Mapping[str, str] = {
    "pass": "合格",
    "fail": "不合格",
    "needs_review": "待复核",
    "not_applicable": "不适用",
}

ROLES: Mapping[str, str] = {"agent": "客服", "customer": "客户", "system": "系统", "unknown": "说话人不明"}

ROLE_SOURCES: Mapping[str, str] = {
    "flag": "按命令指定",
    "record": "按话单",
    "recorder": "按录音系统设置",
    "tones": "按信号音",
    "speech": "按话语内容",
    "voice": "按嗓音分开后按话语内容",
    "none": "无从判断",
}

DIRECTIONS: Mapping[str, str] = {"inbound": "呼入", "outbound": "呼出"}

LINES = LINE_NAMES

CALLERS: Mapping[str, str] = {"own": "移动号码来电", "other": "其他网络来电"}

LAYOUTS: Mapping[str, str] = {
    "mono": "单声道",
    "duplicated": "双声道同音",
    "two_legs": "双声道",
    "pair": "双文件",
}

WARNINGS: Mapping[str, str] = {
    "truncated": "录音文件不完整（数据比文件头所写的短）",
    "unfinished_header": "录音文件头未写完",
    "starts_mid_speech": "录音从话音中间开始，开头可能缺失",
    "ends_mid_speech": "录音在话音中间结束，结尾可能缺失",
    "same_audio_on_both_legs": "左右声道内容相同，无法区分客服与客户",
    "silent_leg": "有一个声道始终没有声音",
    "clipped": "录音音量过载，有失真",
    "not_finite": "录音含无效采样值，已按静音处理",
    "damaged": "录音中有解不出的片段，已跳过",
    "padded_leg": "两个声道长短不一，短的一路以静音补齐",
    "extra_channels": "录音多于两个声道，多余声道未采用",
}

EVENTS: Mapping[str, str] = {
    "ringback": "回铃音",
    "busy": "忙音",
    "congestion": "拥塞音",
    "waiting": "呼叫等待音",
    "announcement": "系统播报",
    "hold": "等待",
    "silence": "静默",
    "overlap": "同时说话",
    "dtmf": "按键音",
    "music": "音乐",
    "click": "咔嗒声",
    "idle": "无信号",
    "unheard": "未识别的声音",
}

# Digits that are kept secret (`auditor.text.masked`), as a page names them.
TOKENS: Mapping[str, str] = {
    "PHONE": "电话号码",
    "ID": "证件号",
    "CARD": "卡号",
    "CODE": "密码",
    "NUMBER": "号码",
    "MISHEARD": "数字",
}

# What the timeline marks beside speech, in the order of its legend.
MARKS: Mapping[str, str] = {**EVENTS, "shout": "喊叫", "hang_up": "挂机"}

MISSING: Mapping[str, str] = {
    "no_data": "无数据",
    "too_short": "语音太少",
    "too_noisy": "噪声太大",
    "gated": "底噪被切除，无法测",
    "no_roles": "分不清客服",
    "not_recorded": "录音中没有",
    "not_trusted": "结果不可信",
}

SUSPECT: Mapping[str, str] = {
    "no_speech": "此处没有话音",
    "boilerplate": "疑为识别套话",
    "repetition": "疑为识别重复",
    "impossible_rate": "字数与时长不符",
    "low_confidence": "识别把握低",
}

TRANSCRIPT_SOURCES: Mapping[str, str] = {
    "asr": "自动识别",
    "human": "人工文本",
    "imported_asr": "外部识别",
}


@dataclass(frozen=True, slots=True)
class FigureLabel:
    """How one measurement is shown: value × ``scale`` with ``decimals`` and the Chinese unit."""

    party: Party
    name: str
    label: str
    unit: str
    decimals: int = 1
    scale: float = 1.0
    main: bool = False


FIGURES: tuple[FigureLabel, ...] = (
    FigureLabel("agent", "articulation_char_per_min", "语速", "字/分", 0, main=True),
    FigureLabel("agent", "pace_char_per_min", "语速（含停顿）", "字/分", 0),
    FigureLabel("agent", "level_dbov", "音量", "dB", main=True),
    FigureLabel("agent", "level_sd_db", "音量起伏", "dB"),
    FigureLabel("agent", "snr_db", "话音高出杂音", "dB", main=True),
    FigureLabel("agent", "f0_median_hz", "音高", "Hz", 0, main=True),
    FigureLabel("agent", "phrase_f0_sd_st", "语调起伏", "半音", main=True),
    FigureLabel("agent", "clipped_share", "失真占比", "%", 1, 100.0),
    FigureLabel("agent", "asr_confidence", "识别把握", "%", 0, 100.0, main=True),
    FigureLabel("agent", "speech_s", "说话时长", "秒"),
    FigureLabel("customer", "articulation_char_per_min", "语速", "字/分", 0),
    FigureLabel("customer", "level_dbov", "音量", "dB"),
    FigureLabel("customer", "snr_db", "话音高出杂音", "dB"),
    FigureLabel("customer", "speech_s", "说话时长", "秒"),
    FigureLabel("call", "rings", "接听前铃声", "声", 0, main=True),
    FigureLabel("call", "greeting_delay_s", "接通到开口", "秒", main=True),
    FigureLabel("call", "response_gap_median_s", "应答间隔（一般）", "秒", main=True),
    FigureLabel("call", "response_gap_p95_s", "应答间隔(95%)", "秒"),
    FigureLabel("call", "response_gap_max_s", "应答间隔（最长）", "秒", main=True),
    FigureLabel("call", "silence_s", "静默合计", "秒", main=True),
    FigureLabel("call", "overlap_s", "同时说话合计", "秒", main=True),
    FigureLabel("call", "agent_speech_share", "客服说话占比", "%", 0, 100.0, main=True),
    FigureLabel("call", "level_over_customer_db", "客服比客户响", "dB"),
)


@dataclass(frozen=True, slots=True)
class ProofLabel:
    """How a figure that a finding rests on is shown."""

    label: str
    unit: str
    decimals: int = 1
    scale: float = 1.0


# What a supervisor can make something of; margins and distances of the hearing stand in the JSON alone.
PROOFS: Mapping[str, ProofLabel] = {
    "articulation_char_per_min": ProofLabel("语速", "字/分", 0),
    "level_dbov": ProofLabel("音量", "dB"),
    "level_rise_db": ProofLabel("比平时响", "dB"),
    "pitch_rise_st": ProofLabel("比平时高", "个半音"),
    "shouted_phrases": ProofLabel("像喊的语句", "句", 0),
    "level_over_customer_db": ProofLabel("比客户响", "dB"),
    "level_sd_db": ProofLabel("音量起伏", "dB"),
    "f0_sd_st": ProofLabel("音高起伏", "个半音"),
    "phrase_f0_sd_st": ProofLabel("句内语调起伏", "个半音"),
    "snr_db": ProofLabel("话音高出杂音", "dB", 0),
    "clipped_share": ProofLabel("失真占比", "%", 1, 100.0),
    "burst_share": ProofLabel("突然变大占比", "%", 1, 100.0),
    "asr_confidence": ProofLabel("识别把握", "%", 0, 100.0),
    "rings": ProofLabel("铃声", "声", 0),
    "ring_time_s": ProofLabel("振铃", "秒"),
    "response_gap_max_s": ProofLabel("最长应答间隔", "秒"),
    "questions": ProofLabel("客户提问", "次", 0),
    "silences": ProofLabel("静默", "处", 0),
    "longest_silence_s": ProofLabel("最长静默", "秒"),
    "interruptions": ProofLabel("抢话", "次", 0),
    "wait_after_farewell_s": ProofLabel("话毕到挂机", "秒"),
    "put_down_rise_db": ProofLabel("放下话筒声高出话音", "dB", 0),
    "longest_turn_s": ProofLabel("最长一段话", "秒", 0),
    "agent_turns_s": ProofLabel("客服说话", "秒", 0),
    "agent_turns_share": ProofLabel("客服说话占比", "%", 0, 100.0),
}


def in_unit(value: float, label: FigureLabel | ProofLabel) -> str:
    """``285 字/分``, ``98%``."""
    return f"{value * label.scale:.{label.decimals}f}{'' if label.unit == '%' else ' '}{label.unit}"


def anchor(rule: str) -> str:
    """The id of a finding's row, ``finding-P3.2b``: what a link to it ends with."""
    return f"finding-{'-'.join(rule.split())}"


def word(table: Mapping[str, str], code: str) -> str:
    """The Chinese word for a code; the code itself where the table has none."""
    return table.get(code, code)


def section_name(section: str) -> str:
    """``P 电话礼仪``; the bare letter for a section that the course does not have."""
    return f"{section} {SECTIONS[section]}" if section in SECTIONS else section


def script_name(section: str) -> str:
    """``1258 话术`` for the script of a line, ``电话礼仪`` for clauses about every call."""
    name = SECTIONS.get(section, section)
    gap = " " if name.isascii() else ""
    return f"{name}{gap}话术" if section in _SCRIPTS else name


def section_order(section: str) -> tuple[int, str]:
    """Sort key: sections in the order of the course, unknown ones after them by name."""
    known = list(SECTIONS)
    return (known.index(section) if section in known else len(known), section)
