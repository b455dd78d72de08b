"""The receiver is put down gently (P3.6b): no bang on the agent's leg as it ends.

Needs
    A leg of the agent's own whose end is not the customer's release, and ``put_down_rise_db``: the loudest
    5 ms outside speech in that leg's last second, over the agent's speech level.

Passes
    The rise stays below ``max_rise_db``.

    ::

        客服 再见。(轻轻放下)

Fails
    A bang on the agent's leg alone, at least ``switch_s`` before the leg ends: the click with which an
    exchange ends a leg comes with the end.

    ::

        客服 再见。(「砰」)

Silent when
    Mono, no figure, or both legs end within ``together_s``: the file then ends with somebody's release,
    maybe the customer's (not_applicable). needs_review: a click that may be the exchange's, or one that
    both legs carry.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from auditor.kinds.listening import has_separate_legs
from auditor.kinds.measured import no_value
from auditor.records import Evidence, Outcome, Span
from auditor.rulebook.schema import Rulebook
from auditor.text.clock import clock


class Params(BaseModel):
    """How loud a bang is, and how close to the end a click is the exchange's."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    max_rise_db: float = Field(gt=0)
    switch_s: float = Field(ge=0)
    both_s: float = Field(ge=0)
    together_s: float = Field(ge=0)


def judge(evidence: Evidence, *, params: Params, book: Rulebook) -> Outcome:
    """Whether the receiver was put down gently."""
    found = evidence.measurement("agent", "put_down_rise_db")
    if found.value is None:
        return no_value(found)
    if not has_separate_legs(evidence):
        return Outcome("not_applicable", "no_data", "录音分不出客服声道,听不出谁放下话筒")
    end = evidence.measurement("agent", "live_until_s").value
    other_end = evidence.measurement("customer", "live_until_s").value
    if end is None or other_end is None or abs(end - other_end) <= params.together_s:
        return Outcome("not_applicable", "no_data", "录音随挂机结束,没有录到放下话筒")
    measured = {"put_down_rise_db": found.value}
    sure = book.settings.default_confidence
    if found.value < params.max_rise_db:
        return Outcome("pass", "gentle", "挂机时没有重响", measured=measured, confidence=sure)
    at_s = evidence.measurement("agent", "put_down_at_s").value
    at = () if at_s is None else (Span(at_s, at_s),)
    when = "" if at_s is None else f"{clock(at_s)} "
    shown = f"{when}挂机时有重响,比说话高 {found.value:.0f} dB"
    doubt = _doubt(evidence, at_s=at_s, end_s=end, params=params)
    if doubt:
        code, why = doubt
        reason = f"{shown},{why},请听录音确认"
        return Outcome("needs_review", code, reason, at=at, measured=measured, confidence=0.5)
    return Outcome("fail", "bang", f"{shown},应轻放话筒", at=at, measured=measured, confidence=sure)


def _doubt(evidence: Evidence, *, at_s: float | None, end_s: float, params: Params) -> tuple[str, str] | None:
    if at_s is None or end_s - at_s < params.switch_s:
        return "switch_click", "可能是交换机断线声"
    other = evidence.measurement("customer", "put_down_rise_db").value
    other_at = evidence.measurement("customer", "put_down_at_s").value
    together = other_at is not None and abs(other_at - at_s) <= params.both_s
    if other is not None and other >= params.max_rise_db and together:
        return "both_legs", "双方声道都有"
    return None
