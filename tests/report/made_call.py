"""One realistic audited call by hand: every verdict, a critical item, events, probes, two legs."""

from __future__ import annotations

import io
import math
import wave
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from auditor.records import (
    CallAudit,
    CallRecord,
    Event,
    Evidence,
    Finding,
    Measurement,
    ModelFacts,
    Points,
    Probe,
    Provenance,
    Recording,
    Role,
    Roles,
    Scorecard,
    SegmentStats,
    Span,
    SuspectSpan,
    Track,
    Turn,
    TurnPart,
    Verdict,
)
from auditor.store.masking import mask_evidence

DURATION_S = 78.4
WORDING = {"P3.2a": "「您好,中国移动」", "C6": "「谢谢您!请挂机。」"}


def turn(role: Role, channel: int, start_s: float, end_s: float, text: str, **extra: object) -> Turn:
    part = TurnPart(start_s, end_s, 0, len(text))
    fields: dict[str, object] = {"confidence": 0.83, "temperature": 0.0, **extra}
    return Turn(role, channel, start_s, end_s, text, (part,), **fields)  # type: ignore[arg-type]


def finding(
    rule: str,
    title: str,
    verdict: Verdict,
    reason: str,
    *,
    weight: float = 4.0,
    at: Sequence[tuple[float, float]] = (),
    quote: str | None = None,
    critical: bool = False,
    same_as: str | None = None,
    confidence: float = 0.93,
    measured: dict[str, float] | None = None,
    clause: str | None = None,
) -> Finding:
    return Finding(
        rule=rule,
        clause=clause or title,
        title=title,
        section=rule[0],
        verdict=verdict,
        reason_code="said" if verdict == "pass" else "shown",
        reason=reason,
        weight=weight,
        critical=critical,
        same_as=same_as,
        quote=quote,
        at=tuple(Span(a, b) for a, b in at),
        measured=measured or {},
        confidence=confidence,
    )


def make_turns() -> tuple[Turn, ...]:
    return (
        turn("system", 1, 5.2, 8.1, "您的来电可能会被录音。工号八零零一为您服务。"),
        turn("agent", 0, 8.9, 10.6, "喂,你好,请讲。"),
        turn("customer", 1, 11.2, 15.9, "你好,我想问一下我这个月的话费怎么多了五十块钱?"),
        turn("agent", 0, 16.6, 19.8, "请您稍等,马上为您查询。"),
        turn("agent", 0, 33.4, 40.2, "查到了,您上个月开通了流量包,每月五十元,所以话费多了五十元。"),
        turn("customer", 1, 40.9, 44.8, "我没有开过啊,是不是你们弄错了?"),
        turn("agent", 0, 44.1, 48.0, "不可能,明明是你自己开的。"),
        turn("customer", 1, 48.6, 52.7, "那我现在要投诉,你帮我取消掉。"),
        turn("agent", 0, 53.3, 59.9, "好的,已经为您取消,下个月起不再收取,请您留意短信通知。"),
        turn("customer", 1, 60.6, 62.3, "行吧,谢谢。"),
        turn(
            "agent",
            0,
            63.0,
            66.2,
            "谢谢观看,请不吝点赞订阅。再见。",
            confidence=0.31,
            suspect_spans=(SuspectSpan(0, 12, "boilerplate"),),
        ),
        turn("customer", 1, 66.9, 67.6, "再见。"),
    )


def make_findings() -> tuple[Finding, ...]:
    return (
        finding(
            "P1",
            "三要素",
            "fail",
            "没有报单位名称，见 P3.2a。",
            weight=0.0,
            at=[(8.9, 10.6)],
            same_as="P3.2a",
        ),
        finding("P3.1", "三声内接起", "pass", "一声铃响后接起。", at=[(1.0, 2.0)], measured={"rings": 1.0}),
        finding(
            "P3.2a",
            "首句「您好,中国移动」",
            "fail",
            "客服第一句没有「您好,中国移动」,也没有等价的节日问候。",
            weight=8.0,
            at=[(8.9, 10.6)],
            quote="喂,你好,请讲。",
            measured={"margin_nats": -14.2345678, "distance": 0.731},
        ),
        finding(
            "P3.2b",
            "不说「喂」",
            "needs_review",
            "文字中有「喂」,但声学比对不足以确认。",
            at=[(8.9, 9.3)],
            quote="喂",
            confidence=0.64,
            measured={"margin_nats": 1.2},
        ),
        finding("P3.5b", "杂音的控制", "pass", "信噪比 27.3 dB。", measured={"snr_db": 27.3}),
        finding(
            "P3.6a",
            "等对方先挂断",
            "not_applicable",
            "两个声道同时结束,录音看不出谁先挂断。",
            confidence=0.99,
        ),
        finding("P3.6b", "轻放话筒", "not_applicable", "录音在客户挂断时结束。", weight=0.0),
        finding("V1", "语音适中", "pass", "音量 -22.1 dBov,没有突然拔高。"),
        finding("V2", "语调柔和", "pass", "没有喊叫的句子。"),
        finding("V3", "语速要适中", "fail", "语速 436 字/分,超过 420 字/分。", at=[(33.4, 40.2)], weight=4.0),
        finding("V4", "抑扬顿挫", "pass", "语调起伏 2.1 半音。"),
        finding("V5", "吐字清晰", "not_applicable", "演示模型没有本中心的识别把握常模。"),
        finding("C1", "问候语", "fail", "见 P3.2a。", weight=0.0, at=[(8.9, 10.6)], same_as="P3.2a"),
        finding(
            "C6",
            "告别语",
            "needs_review",
            clause="告别语：通话结束时说「再见」",
            reason="结尾一句有存疑文字,听不清是否告别。",
            at=[(63.0, 66.2)],
            quote="谢谢观看,请不吝点赞订阅。再见。",
            confidence=0.55,
        ),
        finding("C7", "「请」「您」二字", "pass", "用「您」5 次、「请」3 次。", at=[(16.6, 19.8)]),
        finding("C8b", "问有答声", "pass", "每个问题都在 1 秒内应答。"),
        finding(
            "C9",
            "应答过程不冷场",
            "pass",
            "13.6 秒静默事先说明「请您稍等」。",
            at=[(19.8, 33.4)],
            measured={"longest_silence_s": 13.6},
        ),
        finding(
            "C11d",
            "不与客户争辩",
            "fail",
            "客服直接否定客户并归责:「不可能,明明是你自己开的」。",
            weight=6.0,
            at=[(44.1, 48.0)],
            quote="不可能,明明是你自己开的",
            critical=True,
            confidence=0.9,
        ),
        finding(
            "C12",
            "认真听清对方讲话",
            "needs_review",
            "客服打断客户一次(重叠 0.7 秒),一次不足以判定。",
            at=[(44.1, 44.8)],
        ),
        finding("G1", "「您好,我能为您做些什么」", "pass", "以「请讲」请客户说明来意。", at=[(8.9, 10.6)]),
        finding("H1", "查询话费", "not_applicable", "本通话没有该情形。"),
        finding("K1", "大客户开头语", "not_applicable", "非大客户线路。"),
    )


def measured(name: str, value: float | None, unit: str, **extra: object) -> Measurement:
    fields: dict[str, object] = {"method": "hand", **extra}
    return Measurement(name, value, unit, **fields)  # type: ignore[arg-type]


def make_evidence() -> Evidence:
    level = tuple(-22.0 + math.sin(k / 7) if k % 50 < 30 else None for k in range(784))
    pitch = tuple(210.123456 + k % 9 if value is not None else None for k, value in enumerate(level))
    agent = [
        measured("articulation_char_per_min", 436.04, "char/min", error=12.3, span=Span(8.9, 66.2)),
        measured("pace_char_per_min", 391.9, "char/min"),
        measured("level_dbov", -22.1234, "dBov", error=0.4),
        measured("level_sd_db", 4.31, "dB"),
        measured("snr_db", 27.31, "dB"),
        measured("f0_median_hz", 213.4, "Hz"),
        measured("phrase_f0_sd_st", 2.13, "st"),
        measured("clipped_share", 0.0, "1"),
        measured("asr_confidence", None, "1", reason="not_trusted"),
        measured("speech_s", 28.4, "s"),
    ]
    customer = [
        measured("articulation_char_per_min", 288.0, "char/min"),
        measured("level_dbov", -25.0, "dBov"),
        measured("snr_db", None, "dB", reason="gated"),
    ]
    call = [
        measured("rings", 1.0, "1"),
        measured("greeting_delay_s", None, "s", reason="not_recorded"),
        measured("response_gap_median_s", 0.65, "s"),
        measured("response_gap_max_s", 0.7, "s"),
        measured("silence_s", 13.6, "s"),
        measured("overlap_s", 0.7, "s"),
        measured("agent_speech_share", 0.62, "1"),
    ]
    return Evidence(
        recording=Recording(
            paths=("sample_calls/argue.flac",),
            sha256=("ab" * 32,),
            duration_s=DURATION_S,
            sample_rate_hz=8000,
            channels=2,
            layout="two_legs",
            codec="flac",
            warnings=("ends_mid_speech",),
        ),
        call_record=CallRecord(
            call_id="20261120-000417",
            agent_id="8001",
            agent_name="王芳",
            team="热线一班",
            direction="inbound",
            line="1860",
            started_at=datetime(2026, 11, 20, 10, 32, 5, tzinfo=timezone(timedelta(hours=8))),
        ),
        roles=Roles(0, 0.97, "record", "话单写明客服在左声道"),
        turns=make_turns(),
        events=(
            Event("ringback", 1.0, 2.0, 1),
            Event("silence", 19.8, 33.4),
            Event("overlap", 44.1, 44.8),
            Event("silence", 67.6, 72.0),
            Event("busy", 72.0, 72.35, 0),
            Event("busy", 72.7, 73.05, 0),
            Event("idle", 74.0, 78.4, 1),
        ),
        measurements={
            "agent": {m.name: m for m in agent},
            "customer": {m.name: m for m in customer},
            "call": {m.name: m for m in call},
        },
        segments=tuple(
            SegmentStats(
                t.role, t.channel, t.start_s, t.end_s, -22.0, 1.0, 210.0, 230.0, 250.0, 1.0, len(t.text), 0.0
            )
            for t in make_turns()
        ),
        tracks={"agent": Track(0.1, level, pitch)},
        probes=(Probe("wei", 1, 0, 1, Span(8.9, 9.3), "喂", "", 1.23456789),),
        transcript_source="asr",
        model=ModelFacts("mandarin-demo", "cd" * 32, demonstration=True, carded=True),
        line_confidence=0.9,
        language="zh",
        language_probability=0.98765,
        probed=("wei",),
    )


def make_wav(duration_s: float) -> bytes:
    """Silence at 8 kHz in a WAV file, so that a page has something to play."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(b"\x80\x80" * int(duration_s * 8000))
    return buffer.getvalue()


def make_audit() -> CallAudit:
    """A two-leg call with a critical fail, fails, reviews, passes and clauses that do not apply."""
    return CallAudit(
        call_id="20261120-000417",
        evidence=make_evidence(),
        findings=make_findings(),
        scorecard=Scorecard(
            points=Points(40.0, 58.0),
            best_percent=74.2857,
            worst_percent=57.1,
            judged_share=0.82857,
            critical=("C11d",),
            critical_in_review=(),
            result="fail",
            reason="一票否决项 C11d 不合格。",
            sections={"C": Points(12.0, 18.0), "P": Points(8.0, 16.0), "V": Points(12.0, 16.0)},
        ),
        provenance=Provenance(
            auditor="auditor 0.1.0",
            rulebook="china_mobile 1.0",
            rulebook_sha256="ef" * 32,
            model="mandarin-demo",
            model_sha256="cd" * 32,
            engine="openai-whisper 20250625",
            options={"temperature": "0.0", "language": "zh"},
            measuring_sha256="12" * 32,
        ),
        not_audible=("坐姿站姿", "手势表情", "着装仪容", "递接物品", "话机旁的记录本和笔"),
    )


def make_mono(audit: CallAudit) -> CallAudit:
    """The same call in mono: nobody can tell who is the agent, nothing is scored, two findings."""
    evidence = audit.evidence
    turns = tuple(
        replace(t, channel=0, role="system" if t.role == "system" else "unknown") for t in evidence.turns
    )
    nobody = Measurement("articulation_char_per_min", None, "char/min", reason="no_roles")
    return replace(
        audit,
        evidence=replace(
            evidence,
            recording=replace(
                evidence.recording, channels=1, layout="mono", warnings=("starts_mid_speech", "clipped")
            ),
            call_record=CallRecord(),
            roles=Roles(None, 0.0, "none", "单声道"),
            turns=turns,
            events=tuple(replace(e, channel=None if e.channel is None else 0) for e in evidence.events),
            measurements={"agent": {nobody.name: nobody}, "customer": {}, "call": {}},
            tracks={},
            probes=(),
            model=None,
            transcript_source="human",
            language=None,
            language_probability=None,
        ),
        findings=(
            finding("P3.2a", "首句「您好,中国移动」", "needs_review", "分不清谁是客服。", confidence=0.5),
            finding("V3", "语速要适中", "not_applicable", "分不清谁是客服。"),
        ),
        scorecard=Scorecard(Points(0, 0), None, None, 0.0, (), (), "not_scored", "没有可评的客服话音。", {}),
        provenance=replace(audit.provenance, model=None, model_sha256=None, engine=None),
    )


def make_peaks(audit: CallAudit) -> list[list[float]]:
    """Peaks of both legs as `waveform_peaks` gives them: one value in 0..1 per bin."""
    legs: list[list[float]] = []
    for channel in (0, 1):
        spans = [t.span for t in audit.evidence.turns if t.channel == channel]
        times = [(k + 0.5) * DURATION_S / 1600 for k in range(1600)]
        legs.append(
            [
                0.02 + 0.4 * abs(math.sin(t * 9.1) * math.sin(t * 2.3) + 0.2 * math.sin(t * 31))
                if any(s.start_s <= t < s.end_s for s in spans)
                else 0.008
                for t in times
            ]
        )
    return legs


def make_diarised(audit: CallAudit) -> CallAudit:
    """The same call on one leg whose two voices were told apart: the agent is voice 0."""
    evidence = audit.evidence
    return replace(
        audit,
        evidence=replace(
            evidence,
            recording=replace(evidence.recording, channels=1, layout="mono"),
            roles=Roles(None, 0.99, "voice", "嗓音分开", agent_voice=0),
            turns=tuple(replace(t, channel=0) for t in evidence.turns),
            events=tuple(replace(e, channel=None if e.channel is None else 0) for e in evidence.events),
        ),
    )


def make_masked(audit: CallAudit) -> CallAudit:
    """The same call as the store keeps it after the customer gave his number."""
    evidence = audit.evidence
    said = {
        2: "我的手机号是13988886666,身份证62010219900307451X。",
        4: "查到了,13988886666,尾号6666,每月五十元。",
    }
    turns = [
        turn(t.role, t.channel, t.start_s, t.end_s, said.get(i, t.text)) for i, t in enumerate(evidence.turns)
    ]
    masked = mask_evidence(replace(evidence, turns=tuple(turns), probes=()))
    fast = next(f for f in audit.findings if f.rule == "V3")
    quoting = replace(fast, quote=masked.turns[4].text)
    return replace(
        audit,
        evidence=masked,
        findings=tuple(quoting if f.rule == "V3" else f for f in audit.findings),
    )


def make_review_heavy(audit: CallAudit) -> CallAudit:
    """The same call badly heard: what failed or passed by words is for a human, and nothing is settled."""
    heard = [
        replace(
            f,
            verdict="needs_review",
            reason_code="weak",
            reason=f"{f.reason.rstrip('。')},但这一段识别把握低,请听录音确认",
            confidence=0.5,
        )
        if f.verdict in ("pass", "fail") and f.section in "PCG"
        else f
        for f in audit.findings
    ]
    card = replace(
        audit.scorecard,
        points=Points(12.0, 16.0),
        worst_percent=16.2,
        best_percent=94.6,
        judged_share=0.2162,
        critical=(),
        critical_in_review=("C11d",),
        result="needs_review",
        reason="一票否决项 C11d 待复核",
        sections={"V": Points(12.0, 16.0)},
    )
    return replace(audit, findings=tuple(heard), scorecard=card)


def make_long(audit: CallAudit, *, times: int) -> CallAudit:
    """The same call again and again: what size and speed depend on grows, the findings stay."""
    evidence = audit.evidence
    shifts = [n * DURATION_S for n in range(times)]
    track = evidence.tracks["agent"]
    return replace(
        audit,
        evidence=replace(
            evidence,
            recording=replace(evidence.recording, duration_s=DURATION_S * times),
            turns=tuple(
                turn(t.role, t.channel, t.start_s + s, t.end_s + s, t.text)
                for s in shifts
                for t in evidence.turns
            ),
            events=tuple(
                replace(e, start_s=e.start_s + s, end_s=e.end_s + s) for s in shifts for e in evidence.events
            ),
            tracks={"agent": Track(0.1, track.level_dbov * times, track.f0_hz * times)},
            probes=(),
        ),
    )
