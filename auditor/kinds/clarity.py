"""Clear articulation (V5), as far as a recogniser can hint at it: never a fail.

Needs
    Automatic text, the agent's ``asr_confidence`` and the model's own norm (median and spread, from its
    card or from ``auditor calibrate --norms``).

Passes
    The confidence is not lower than the norm's median − ``spreads`` × spread. The spread is that of such
    figures, so it holds their error already: taken off once more, a quarter of the calls that made the
    norm would be below it.

    ::

        客服 (字字清楚) 您的余额是五十元。

Fails
    Never: a dialect, an accent or a quiet voice is no fault.

    ::

        客服 (含糊不清) 您的余额是……   → needs_review, 请听录音确认

Silent when
    The text is a human's, the model has no norm, or the agent hardly spoke (not_applicable). needs_review:
    the confidence is lower than that (noise or clipping that may explain it is named), or the agent spoke
    for ``min_speech_s`` and no turn of it gave a confidence.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.measured import certainty, no_value
from auditor.records import Evidence, Measurement, Outcome
from auditor.rulebook.schema import Rulebook


class Params(BaseModel):
    """How far below the norm is worth listening to, and what excuses it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    spreads: float = Field(gt=0)
    min_snr_db: float
    max_clipped_share: float = Field(ge=0, le=1)
    min_speech_s: float = Field(gt=0)


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the recogniser understood the agent about as well as it understands others."""
    if evidence.transcript_source != "asr":
        return Outcome("not_applicable", "no_data", "文字不是本机识别的,无法据此判断吐字")
    norm = evidence.model.confidence_norm if evidence.model else None
    if norm is None:
        return Outcome("not_applicable", "no_norm", "识别模型没有置信度常模,无法判断吐字")
    found = evidence.measurement("agent", "asr_confidence")
    if found.value is None:
        return _nothing_clear(evidence, found=found, params=params)
    middle, spread = norm
    limit = middle - params.spreads * spread
    measured = {"asr_confidence": found.value, "norm_median": middle, "norm_spread": spread}
    if found.value >= limit:
        sure = certainty(found.value - limit, error=found.error, book=book)
        return Outcome("pass", "clear", "识别置信度在常模之内", measured=measured, confidence=sure)
    snr = evidence.measurement("agent", "snr_db").value
    clipped = evidence.measurement("agent", "clipped_share").value
    if (snr is not None and snr < params.min_snr_db) or (clipped or 0.0) > params.max_clipped_share:
        reason = f"识别置信度 {found.value:.2f} 偏低,可能是线路噪声或失真所致,请听录音确认"
        return Outcome("needs_review", "line_quality", reason, measured=measured, confidence=0.5)
    reason = f"识别置信度 {found.value:.2f} 低于常模下限 {limit:.2f},请听录音确认吐字是否清晰"
    return Outcome("needs_review", "below_norm", reason, measured=measured, confidence=0.5)


def _nothing_clear(evidence: Evidence, *, found: Measurement, params: Params) -> Outcome:
    spoken_s = evidence.measurement("agent", "speech_s").value or 0.0
    if spoken_s < params.min_speech_s:
        return no_value(found)
    reason = f"客服说了 {spoken_s:.0f} 秒话,机器没有一句听得清,请听录音确认吐字是否清晰"
    return Outcome("needs_review", "unintelligible", reason, measured={"speech_s": spoken_s}, confidence=0.5)
