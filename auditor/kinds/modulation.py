"""Modulation (V4): not monotone, in pitch within phrases, between phrases, and in level.

Needs
    At least ``min_voiced_s`` of voiced agent speech and the three spreads ``f0_sd_st``,
    ``phrase_f0_sd_st`` and ``level_sd_db``. Lexical tone dominates the first, so none says much alone.

Passes
    At least one of the three is not low, error included; one or two low ones are noted.

    ::

        客服 (有起有伏) 您好,中国移动,请问有什么可以帮您?

Fails
    All three are low, error included.

    ::

        客服 (像念经) 您 好 中 国 移 动 …

Silent when
    Too little voiced speech or a figure is missing (not_applicable). needs_review: by their errors
    all three may be low, and may not.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.measured import no_value
from auditor.records import Evidence, Measurement, Outcome
from auditor.rulebook.schema import Rulebook

LABELS = {"f0_sd_st": "音高起伏", "phrase_f0_sd_st": "句间音高变化", "level_sd_db": "轻重变化"}


class Params(BaseModel):
    """Lower limits of the three spreads, and how much speech they need."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    min_f0_sd_st: float = Field(gt=0)
    min_phrase_f0_sd_st: float = Field(gt=0)
    min_level_sd_db: float = Field(gt=0)
    min_voiced_s: float = Field(gt=0)


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the agent's voice has any movement."""
    voiced = evidence.measurement("agent", "voiced_s")
    if voiced.value is None:
        return no_value(voiced)
    if voiced.value < params.min_voiced_s:
        return no_value(Measurement(name="voiced_s", value=None, unit="s", reason="too_short"))
    limits = {
        "f0_sd_st": params.min_f0_sd_st,
        "phrase_f0_sd_st": params.min_phrase_f0_sd_st,
        "level_sd_db": params.min_level_sd_db,
    }
    figures = {name: evidence.measurement("agent", name) for name in limits}
    missing = next((figure for figure in figures.values() if figure.value is None), None)
    if missing is not None:
        return no_value(missing)
    measured = {name: figure.value for name, figure in figures.items() if figure.value is not None}
    low = [name for name, value in measured.items() if value < limits[name]]
    sure = book.settings.default_confidence
    if any(measured[name] - (figures[name].error or 0.0) >= limits[name] for name in limits):
        note = "、".join(LABELS[name] for name in low)
        reason = f"语调有起伏({note}偏小)" if low else "语调有起伏"
        return Outcome("pass", "modulated", reason, measured=measured, confidence=sure)
    shown = "、".join(f"{LABELS[name]} {measured[name]:.1f}" for name in limits)
    surely = all(measured[name] + (figures[name].error or 0.0) < limits[name] for name in limits)
    if surely:
        return Outcome("fail", "monotone", f"语调平板:{shown}", measured=measured, confidence=sure)
    reason = f"语调可能平板:{shown},接近界限,请听录音确认"
    return Outcome("needs_review", "near_limit", reason, measured=measured, confidence=0.5)
