"""Answered within three rings (P3.1), at the agent's phone: queue and announcements are not ringing.

Needs
    Ring and answer times of the agent's phone in the call record, else ringback in the recording before
    the agent's first words. Rings of the record = (answered_at − ring_at) ÷ ``seconds_per_ring``.

Passes
    Answered before ring ``max_rings`` + 1 begins.

    ::

        (嘟……嘟……) 客服 您好,中国移动。

Fails
    The record says that it took longer, or more than ``max_rings`` bursts of ringback are heard on the
    agent's own leg, where only his side's ringing can be, after the last announcement.

    ::

        (嘟……嘟……嘟……嘟……嘟……) 客服 您好,中国移动。

Silent when
    No ring is recorded and the record has no times, or the settings say that recordings start at the
    answer, so that what rings is another phone; music is played in place of the rings (彩铃); the file
    begins inside a ring and holds no more than ``max_rings`` (not_applicable).
    needs_review: whole-second stamps within ``stamp_s`` of the limit; queue and ringing share one time
    stamp; too many bursts, but not on the agent's leg: it may have been the queue that rang.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from auditor.records import Event, Evidence, Outcome
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock


class Params(BaseModel):
    """How many rings are allowed, how exact whole-second stamps are, where the file cuts a ring."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    max_rings: int = Field(ge=1)
    stamp_s: float = Field(ge=0)
    cut_s: float = Field(ge=0)


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the call was answered in time."""
    record = evidence.call_record
    if record.ring_at and record.answered_at:
        return _by_record(record.ring_at, record.answered_at, evidence=evidence, params=params, book=book)
    return _by_sound(evidence, params=params, book=book)


def _by_record(
    ring_at: datetime, answered_at: datetime, *, evidence: Evidence, params: Params, book: Rulebook
) -> Outcome:
    waited_s = (answered_at - ring_at).total_seconds()
    if waited_s < 0:
        return Outcome("not_applicable", "no_data", "话单的振铃时间晚于接起时间,无法判断")
    per_ring_s = book.settings.seconds_per_ring
    limit_s = params.max_rings * per_ring_s
    # Ring n begins at (n - 1) * seconds_per_ring, so an answer at 0 s has heard one ring.
    rings = int(waited_s // per_ring_s) + 1
    measured = {"ring_time_s": waited_s, "rings": float(rings)}
    shown = f"话单:振铃 {waited_s:.0f} 秒后接起(约 {rings} 声)"
    whole = not (ring_at.microsecond or answered_at.microsecond)
    # Exactly at the limit the fourth ring has not begun.
    if whole and limit_s < waited_s <= limit_s + params.stamp_s:
        reason = f"{shown},时间只精确到秒,正好在界限上,请核对"
        return Outcome("needs_review", "near_limit", reason, measured=measured, confidence=0.5)
    if waited_s <= limit_s:
        return Outcome("pass", "in_time", shown, measured=measured, confidence=0.98)
    if evidence.call_record.queued_at == ring_at:
        reason = f"{shown},但排队与振铃是同一时间,可能包含排队,请核对"
        return Outcome("needs_review", "queue_unknown", reason, measured=measured, confidence=0.5)
    reason = f"{shown},超过三声({limit_s:.0f} 秒)"
    return Outcome("fail", "late", reason, measured=measured, confidence=0.97)


def _by_sound(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    bursts = _bursts_before_answer(evidence)
    music = None if bursts else _music_before_answer(evidence)
    if music:
        reason = f"{clock(music.start_s)} 起播放的是彩铃音乐,数不出响了几声,话单也没有振铃时间"
        return Outcome("not_applicable", "no_data", reason, at=(music.span,))
    if not bursts:
        return Outcome("not_applicable", "no_data", "录音从接起开始,话单也没有振铃时间")
    at = (bursts[0].span.cover(bursts[-1].span),)
    measured = {"rings": float(len(bursts))}
    shown = f"{clock(bursts[0].start_s)} 起听到 {len(bursts)} 声回铃音后接起"
    sure = book.settings.default_confidence
    if bursts[0].start_s <= params.cut_s:
        # Rings before the file began are not in it: the count is a least one.
        shown = f"录音从铃声中间开始,听到 {len(bursts)} 声回铃音后接起,之前响了几声不知道"
        if len(bursts) <= params.max_rings:
            return Outcome("not_applicable", "no_data", shown, at=at, measured=measured)
    if len(bursts) <= params.max_rings:
        return Outcome("pass", "in_time", shown, at=at, measured=measured, confidence=sure)
    roles = evidence.roles
    on_agent_leg = all(burst.channel is not None and burst.channel == roles.agent_channel for burst in bursts)
    if on_agent_leg and roles.confidence >= book.settings.role_confidence:
        return Outcome("fail", "late", f"{shown},超过三声", at=at, measured=measured, confidence=sure)
    reason = f"{shown},但分不清是排队还是客服电话在响,请核对话单"
    return Outcome("needs_review", "queue_unknown", reason, at=at, measured=measured, confidence=0.5)


def _music_before_answer(evidence: Evidence) -> Event | None:
    """Colour ringback: music before anybody speaks."""
    spoken = [turn for turn in evidence.turns if turn.role != "system"]
    if not spoken or evidence.recorder.starts == "at_answer":
        return None
    answered_s = min(turn.start_s for turn in spoken)
    return next((e for e in evidence.events if e.kind == "music" and e.start_s < answered_s), None)


def _bursts_before_answer(evidence: Evidence) -> list[Event]:
    """Ringback after the last announcement and before anybody but a system voice speaks."""
    spoken = [turn for turn in evidence.turns if turn.role != "system"]
    answered_s = min((turn.start_s for turn in spoken), default=evidence.recording.duration_s)
    announced = [turn.end_s for turn in evidence.turns if turn.role == "system" and turn.end_s <= answered_s]
    from_s = max(announced, default=0.0)
    if not spoken or evidence.recorder.starts == "at_answer":
        return []
    return [e for e in evidence.events if e.kind == "ringback" and from_s <= e.start_s < answered_s]
