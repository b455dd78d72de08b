"""Softness (V2): no shouted phrases, measured as level and pitch rising together.

Needs
    At least ``min_phrases`` agent segments of ``min_phrase_s`` or longer with level and F0: a phrase is
    compared with the median of the agent's *other* phrases.

Passes
    No phrase lies ``level_db`` and its upper-quartile F0 ``pitch_st`` semitones over the others.

    ::

        客服 (语气平和) 给您带来不便,请您谅解。

Fails
    At least ``min_shouted`` phrases do.

    ::

        客服 (喊) 我跟你说了多少遍了! …… (喊) 你到底听不听!

Silent when
    Too few phrases (not_applicable). needs_review: exactly one shouted phrase; the shouted phrases are
    clipped. A call that is shouted from beginning to end cannot be seen: there is nothing to compare it
    with. Spectral balance (alpha ratio) depends on handset and codec and only stands in the finding.
"""

from __future__ import annotations

import math

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.listening import clock
from auditor.kinds.measured import agent_segments, median, no_value
from auditor.records import Evidence, Measurement, Outcome, SegmentStats
from auditor.rulebook.schema import Rulebook


class Params(BaseModel):
    """Limits of softness; sources stand in the rulebook."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    min_phrase_s: float = Field(gt=0)
    level_db: float = Field(gt=0)
    pitch_st: float = Field(gt=0)
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
    shouted = shouted_phrases(evidence, params=params)
    measured = {
        "level_rise_db": round(max(db for db, _ in rises), 1),
        "pitch_rise_st": round(max(st for _, st in rises), 1),
        "shouted_phrases": float(len(shouted)),
    }
    if not shouted:
        reason = "没有突然又高又响的语句(全程一样高声时无从比较)"
        sure = book.settings.default_confidence
        return Outcome("pass", "soft", reason, measured=measured, confidence=sure)
    at = tuple(phrase.span for phrase, _, _ in shouted)
    times = "、".join(clock(span.start_s) for span in at)
    _, db, st = max(shouted, key=lambda found: found[1])
    shown = f"{times} 语句比平时高 {db:.0f} dB、{st:.0f} 个半音,像在喊"
    clear = [phrase for phrase, _, _ in shouted if phrase.clipped_share <= params.max_clipped_share]
    if len(clear) >= params.min_shouted:
        sure = book.settings.default_confidence
        return Outcome("fail", "shouted", shown, at=at, measured=measured, confidence=sure)
    code = "once" if len(clear) == len(shouted) else "clipped"
    why = "只有一处" if code == "once" else "但声音削波失真"
    return Outcome(
        "needs_review", code, f"{shown},{why},请听录音确认", at=at, measured=measured, confidence=0.5
    )


def shouted_phrases(evidence: Evidence, *, params: Params) -> list[tuple[SegmentStats, float, float]]:
    """The agent's shouted phrases, their rise in level (dB) and pitch (semitones); [] if too few."""
    phrases = _phrases(evidence, params=params)
    if len(phrases) < params.min_phrases:
        return []
    rises = [_rise(phrase, phrases) for phrase in phrases]
    return [
        (phrase, db, st)
        for phrase, (db, st) in zip(phrases, rises, strict=True)
        if db >= params.level_db and st >= params.pitch_st
    ]


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
