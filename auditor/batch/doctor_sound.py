"""What is only reported of a recorder: formats, channels, tones, levels, idle codes, pairs."""

from __future__ import annotations

from collections import Counter
from statistics import median
from typing import TYPE_CHECKING

from auditor.batch.doctor_check import SIDE_NAMES, SIDES, Check, CheckSettings, busy, counted, rings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from auditor.batch.doctor_call import CallFacts


def formats(calls: Sequence[CallFacts]) -> Check:
    """Codecs and rates."""
    formats = [f"{c.recording.codec} {c.recording.sample_rate_hz} Hz" for c in calls]
    (_, most), *_ = Counter(formats).most_common(1)
    return Check("format", f"编码与采样率:{counted(formats)}", most, len(calls))


def layouts(calls: Sequence[CallFacts]) -> list[Check]:
    """Channels; silent legs and clipping where there are any."""
    names = {"mono": "单声道", "duplicated": "双声道内容相同", "two_legs": "双声道", "pair": "两个文件"}
    layouts = [names[call.recording.layout] for call in calls]
    (_, most), *_ = Counter(layouts).most_common(1)
    checks = [Check("layout", f"声道:{counted(layouts)}", most, len(calls))]
    silent = [leg.leg for call in calls for leg in call.legs if leg.silent]
    if silent:
        where = counted(SIDE_NAMES[leg] for leg in silent)
        checks.append(Check("silent_leg", f"整路无声:{where}", len(silent), len(calls)))
    clipped = sum("clipped" in call.recording.warnings for call in calls)
    if clipped:
        checks.append(Check("clipped", "录音削顶(电平过高)", clipped, len(calls)))
    return checks


def tones(calls: Sequence[CallFacts]) -> list[Check]:
    """Ringback before and busy tone after the talk, and on which leg."""
    checks = []
    kinds: tuple[tuple[str, str, Callable[[CallFacts], list[int]]], ...] = (
        ("ringback", "回铃音", rings),
        ("busy_tone", "忙音(最后一句话之后)", busy),
    )
    for name, label, legs_of in kinds:
        having = [(call, sorted(set(legs_of(call)))) for call in calls if legs_of(call)]
        where = Counter(_where(call, legs) for call, legs in having)
        shown = "、".join(f"{place} {count} 通" for place, count in where.most_common())
        said = f"{label}:{len(having)}/{len(calls)} 通" + (f"({shown})" if shown else "")
        checks.append(Check(name, said, max(where.values(), default=0), len(having)))
    return checks


def _where(call: CallFacts, legs: Sequence[int]) -> str:
    if call.recording.layout in ("mono", "duplicated"):
        return "单声道"
    if len(legs) > 1:
        return "两路都有"
    agent = call.roles.agent_channel
    if agent is None:
        return SIDE_NAMES[legs[0]]
    return "客服声道(客户听到)" if legs[0] == agent else "客户声道(客服听到)"


def levels(calls: Sequence[CallFacts]) -> list[Check]:
    """Speech and noise of either leg over the calls, and how far the recorder's gain wanders."""
    checks = []
    for leg in range(2):
        own = [found for call in calls for found in call.legs if found.leg == leg]
        speech = [found.level_dbov for found in own if found.level_dbov is not None]
        noise = [found.noise_dbov for found in own if found.noise_dbov is not None]
        if not speech:
            continue
        name = SIDE_NAMES[leg] if any(len(call.legs) > 1 for call in calls) else "单声道"
        said = f"{name}话音电平 {median(speech):.0f} dBov({min(speech):.0f} 至 {max(speech):.0f})"
        if noise:
            said += f",线路噪声 {median(noise):.0f} dBov"
        near = sum(abs(level - median(speech)) <= 6 for level in speech)
        checks.append(Check(f"level_{SIDES[leg]}", f"{said};中位数 ±6 dB 以内", near, len(speech)))
    return checks


def idle(calls: Sequence[CallFacts]) -> list[Check]:
    """What idle legs carry; gates and mutes."""
    checks = []
    codes = [leg.idle_code for call in calls for leg in call.legs if leg.idle_code]
    if codes:
        shown = "、".join(f"{code} {count} 路" for code, count in Counter(codes).most_common())
        (_, most), *_ = Counter(codes).most_common(1)
        checks.append(Check("idle_code", f"空闲码:{shown}", most, len(codes)))
    for name, label in (("gated", "静噪或 DTX(话间归零)"), ("muted", "静音(整段归零)")):
        legs = [leg for call in calls for leg in call.legs if getattr(leg, name)]
        where = counted(SIDE_NAMES[leg.leg] for leg in legs)
        having = sum(any(getattr(leg, name) for leg in call.legs) for call in calls)
        said = f"{label}:{having}/{len(calls)} 通" + (f"({where})" if where else "")
        checks.append(Check(name, said, having, len(calls)))
    return checks


def pairs(calls: Sequence[CallFacts], *, settings: CheckSettings) -> list[Check]:
    """Whether the two files of a pair are of one length."""
    gaps_s = [abs(c.files_s[0] - c.files_s[1]) for c in calls if len(c.files_s) == 2]
    if not gaps_s:
        return []
    equal = sum(gap <= settings.pair_error_s for gap in gaps_s)
    said = f"成对文件长短相差不超过 {settings.pair_error_s:g} 秒,最多差 {max(gaps_s):.1f} 秒"
    return [Check("pairs", said, equal, len(gaps_s))]
