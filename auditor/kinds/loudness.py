"""Speaking at a fitting volume (V1): no loud bursts against the agent's own median, not too faint.

Needs
    The agent's 10 Hz level track and ``level_dbov``, with at least ``min_speech_s`` of speech. Line gain is
    not the agent's, so the absolute level leads to needs_review at most, and the level against the
    customer's is reported, never judged.

Passes
    No two separate stretches of loud blocks, level within ``level_min_dbov`` … ``level_max_dbov``.

    ::

        客服 (平稳) 请稍等,马上为您查询。

Fails
    At least ``min_stretches`` separate stretches of ``block_s`` blocks lie more than ``burst_db`` over the
    agent's median block, by more than the level's error.

    ::

        客服 (平稳) 您说。(大声) 都说了办不了! …… (大声) 你自己看!

Silent when
    Too little speech, or nobody knows who the agent is (not_applicable). needs_review: the recording is
    clipped (clipped audio proves nothing), a limit lies within the level's error, or the absolute level
    is outside its limits.
"""

from __future__ import annotations

import math

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.measured import median, no_value, with_figures
from auditor.records import Evidence, Measurement, Outcome, Span, Track
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock


class Params(BaseModel):
    """Limits of volume; sources stand in the rulebook."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    block_s: float = Field(gt=0)
    burst_db: float = Field(gt=0)
    min_stretches: int = Field(ge=1)
    separate_s: float = Field(ge=0)
    min_speech_s: float = Field(gt=0)
    level_min_dbov: float
    level_max_dbov: float
    max_clipped_share: float = Field(ge=0, le=1)


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the agent speaks at a fitting volume."""
    level = evidence.measurement("agent", "level_dbov")
    track = evidence.tracks.get("agent")
    if level.value is None:
        return no_value(level)
    blocks = _blocks(track, block_s=params.block_s) if track else []
    if len(blocks) * params.block_s < params.min_speech_s:
        return no_value(Measurement(name="level_dbov", value=None, unit="dBov", reason="too_short"))
    own = median([db for _, db in blocks])
    error = level.error or 0.0
    loud = [span for span, db in blocks if db > own + params.burst_db]
    stretches = _stretches(loud, separate_s=params.separate_s)
    surely, perhaps = (
        _stretches([s for s, db in blocks if db > own + limit], separate_s=params.separate_s)
        for limit in (params.burst_db + error, params.burst_db - error)
    )
    measured = {
        **with_figures(evidence, "level_dbov", "clipped_share"),
        "burst_share": round(len(loud) / len(blocks), 4),
    }
    over = evidence.measurement("call", "level_over_customer_db").value
    if over is not None:
        measured["level_over_customer_db"] = over
    clipped = evidence.measurement("agent", "clipped_share").value or 0.0
    if clipped > params.max_clipped_share:
        reason = f"客服声音削波失真({100 * clipped:.1f}%),音量测不准,请听录音确认"
        return Outcome("needs_review", "clipped", reason, at=stretches, measured=measured, confidence=0.5)
    if len(perhaps) >= params.min_stretches:
        return _bursts(surely, perhaps, measured, params=params, book=book)
    if not params.level_min_dbov + error <= level.value <= params.level_max_dbov - error:
        side = "偏小" if level.value < params.level_min_dbov + error else "偏大"
        reason = f"客服音量 {level.value:.0f} dBov,{side}(也可能是线路增益),请听录音确认"
        return Outcome("needs_review", "level", reason, measured=measured, confidence=0.5)
    reason = "音量平稳适中" if not stretches else f"{clock(stretches[0].start_s)} 有一次突然变大,其余平稳"
    return Outcome("pass", "steady", reason, measured=measured, confidence=book.settings.default_confidence)


def _bursts(
    surely: tuple[Span, ...],
    perhaps: tuple[Span, ...],
    measured: dict[str, float],
    *,
    params: Params,
    book: Rulebook,
) -> Outcome:
    """The verdict on loud stretches: a fail if enough of them are loud beyond the level's error."""
    if len(surely) >= params.min_stretches:
        times = "、".join(clock(span.start_s) for span in surely)
        reason = f"{times} 声音突然比平时高出 {params.burst_db:.0f} dB 以上,共 {len(surely)} 段"
        sure = book.settings.default_confidence
        return Outcome("fail", "bursts", reason, at=surely, measured=measured, confidence=sure)
    times = "、".join(clock(span.start_s) for span in perhaps)
    reason = f"{times} 声音突然变大,接近 {params.burst_db:.0f} dB 的界限,请听录音确认"
    return Outcome("needs_review", "near_limit", reason, at=perhaps, measured=measured, confidence=0.5)


def _blocks(track: Track, *, block_s: float) -> list[tuple[Span, float]]:
    """Mean power of each block that is at least half speech, as (span, dB)."""
    size = max(1, round(block_s / track.step_s))
    blocks = []
    for first in range(0, len(track.level_dbov), size):
        levels = [db for db in track.level_dbov[first : first + size] if db is not None]
        if 2 * len(levels) >= size and levels:
            power = sum(10 ** (db / 10) for db in levels) / len(levels)
            span = Span(first * track.step_s, (first + size) * track.step_s)
            blocks.append((span, 10 * math.log10(power)))
    return blocks


def _stretches(spans: list[Span], *, separate_s: float) -> tuple[Span, ...]:
    """The spans with those less than ``separate_s`` apart joined."""
    joined: list[Span] = []
    for span in spans:
        if joined and joined[-1].gap_s(span) < separate_s:
            joined[-1] = joined[-1].cover(span)
        else:
            joined.append(span)
    return tuple(joined)
