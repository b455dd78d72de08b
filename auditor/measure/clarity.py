"""How sure the engine was of what a party said (V5).

Definition
    ``asr_confidence``: the probability per token that the engine gave its own text, over the party's turns
    that carry text, hold no suspect span and were decoded at temperature 0 (a fallback temperature
    makes other figures). Compared with the model's own norm only, never with a fixed limit.

Formula
    ``exp(sum(n_i log c_i) / sum(n_i))`` with the confidence ``c_i`` and the characters ``n_i`` of turn i:
    the geometric mean, since ``c_i = exp(mean token log-probability)``. Characters stand for tokens.
    Error (95 %): ``1.96`` standard errors of that weighted mean of ``log c``, in confidence; None under
    two turns.

Source: measurements.md, Clarity.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from auditor.measure.figures import measured, missing
from auditor.records import Measurement, Turn

_METHOD = "exp(weighted mean of log(turn confidence)), clean turns decoded at temperature 0"


def clarity_figure(turns: Sequence[Turn]) -> Measurement:
    """asr_confidence over one party's turns."""
    clean = [
        (turn, turn.confidence)
        for turn in turns
        if turn.text and turn.temperature == 0 and not turn.suspect_spans and turn.confidence
    ]
    if not clean:
        return missing("asr_confidence", "probability", "no_data", method=_METHOD)
    logs = np.log([confidence for _, confidence in clean])
    weights = np.array([len(turn.text) for turn, _ in clean], dtype=np.float64)
    weights /= weights.sum()
    mean = float(weights @ logs)
    error = None
    if len(clean) > 1:
        scatter = float(weights**2 @ (logs - mean) ** 2) * len(clean) / (len(clean) - 1)
        error = float(np.exp(mean) * 1.96 * np.sqrt(scatter))
    span = clean[0][0].span.cover(max((turn.span for turn, _ in clean), key=lambda span: span.end_s))
    return measured("asr_confidence", np.exp(mean), "probability", error=error, span=span, method=_METHOD)
