"""Softness (V2): no shouted phrases, measured as level and pitch rising together.

Needs
    At least ``min_phrases`` agent segments of ``min_phrase_s`` or longer with level and F0: a phrase is
    compared with the median of the agent's *other* phrases.

Passes
    No phrase lies ``level_db`` and its upper-quartile F0 ``pitch_st`` semitones over the others.

    ::

        客服 (语气平和) 给您带来不便,请您谅解。

Fails
    At least ``min_shouted`` phrases do, by more than the errors of the agent's level
    and of pitch tracking.

    ::

        客服 (喊) 我跟你说了多少遍了! …… (喊) 你到底听不听!

Silent when
    Too few phrases (not_applicable). needs_review: exactly one shouted phrase; ``min_shouted`` only within
    those errors; the shouted phrases are clipped. A call that is shouted from beginning to end cannot be
    seen: there is nothing to compare it with. Spectral balance (alpha ratio) depends on handset and codec
    and only stands in the finding.
"""

from __future__ import annotations

import math

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.measured import agent_segments, median, no_value
from auditor.records import Evidence, Measurement, Outcome, SegmentStats
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock


class Params(BaseModel):
    """Limits of softness; sources stand in the rulebook."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    min_phrase_s: float = Field(gt=0)
    level_db: float = Field(gt=0)
    pitch_st: float = Field(gt=0)
    pitch_error_st: float = Field(ge=0)
    min_shouted: int = Field(ge=1)
    min_phrases: int = Field(ge=3)
    max_clipped_share: float = Field(ge=0, le=1)


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the agent shouts."""
    level = evidence.measurement("agent", "level_dbov")
    if level.value is None:
        return no_value(level)
    phrases = _phrases(evidence, params=params)
    if len(phrases) < params.min_phrases:
        return no_value(Measurement(name="phrases", value=None, unit="", reason="too_short"))
    rises = [_rise(phrase, phrases) for phrase in phrases]
    shouted = _shouted(phrases, params.level_db, params.pitch_st)
    error_db, error_st = level.error or 0.0, params.pitch_error_st
    perhaps = _shouted(phrases, params.level_db - error_db, params.pitch_st - error_st)
    measured = {
        "level_rise_db": round(max(db for db, _ in rises), 1),
        "pitch_rise_st": round(max(st for _, st in rises), 1),
        "shouted_phrases": float(len(shouted)),
    }
    if not shouted and len(perhaps) < params.min_shouted:
        reason = "没有突然又高又响的语句(全程一样高声时无从比较)"
        sure = book.settings.default_confidence
        return Outcome("pass", "soft", reason, measured=measured, confidence=sure)
    heard = shouted or perhaps
    at = tuple(phrase.span for phrase, _, _ in heard)
    times = "、".join(clock(span.start_s) for span in at)
    _, db, st = max(heard, key=lambda found: found[1])
    shown = f"{times} 语句比平时高 {db:.0f} dB、{st:.0f} 个半音,像在喊"
    clear = [found for found in heard if found[0].clipped_share <= params.max_clipped_share]
    surely = [
        found
        for found in clear
        if found[1] >= params.level_db + error_db and found[2] >= params.pitch_st + error_st
    ]
    if len(surely) >= params.min_shouted:
        sure = book.settings.default_confidence
        return Outcome("fail", "shouted", shown, at=at, measured=measured, confidence=sure)
    code, why = "once", "只有一处"
    if len(clear) < len(heard):
        code, why = "clipped", "但声音削波失真"
    elif max(len(clear), len(perhaps)) >= params.min_shouted:
        code, why = "near_limit", "但接近界限"
    return Outcome(
        "needs_review", code, f"{shown},{why},请听录音确认", at=at, measured=measured, confidence=0.5
    )


def shouted_phrases(evidence: Evidence, *, params: Params) -> list[tuple[SegmentStats, float, float]]:
    """The agent's shouted phrases, their rise in level (dB) and pitch (semitones); [] if too few."""
    phrases = _phrases(evidence, params=params)
    if len(phrases) < params.min_phrases:
        return []
    return _shouted(phrases, params.level_db, params.pitch_st)


def _shouted(
    phrases: list[SegmentStats], level_db: float, pitch_st: float
) -> list[tuple[SegmentStats, float, float]]:
    """The phrases that rise by at least so much in level and pitch, with both rises."""
    rises = [(phrase, *_rise(phrase, phrases)) for phrase in phrases]
    return [found for found in rises if found[1] >= level_db and found[2] >= pitch_st]


def _phrases(evidence: Evidence, *, params: Params) -> list[SegmentStats]:
    return [
        s
        for s in agent_segments(evidence)
        if s.span.duration_s >= params.min_phrase_s and s.level_dbov is not None and s.f0_p75_hz
    ]


def _rise(phrase: SegmentStats, phrases: list[SegmentStats]) -> tuple[float, float]:
    """Level (dB) and upper-quartile pitch (semitones) over the median of the other phrases."""
    others = [other for other in phrases if other is not phrase]
    level = median([other.level_dbov for other in others if other.level_dbov is not None])
    pitch = median([other.f0_p75_hz for other in others if other.f0_p75_hz])
    assert phrase.level_dbov is not None
    assert phrase.f0_p75_hz
    return phrase.level_dbov - level, 12 * math.log2(phrase.f0_p75_hz / pitch)
