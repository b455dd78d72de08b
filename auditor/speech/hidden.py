"""Two hidden speakers who take turns: how likely each is at every step, given the evidence.

A chain of two states with a symmetric chance of staying, solved exactly by the forward-backward
recursion on the log-odds of one state (Rabiner 1989): with ``x`` the log-odds before a step and ``s`` the
chance to stay, the change of speaker maps them to ``log((s e^x + 1 - s) / ((1 - s) e^x + s))``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_LARGEST = 50.0


def smooth(log_odds: Floats, *, stay: Sequence[float]) -> Floats:
    """Posterior probability of the first speaker at every step.

    Args:
        log_odds: evidence of every step for the first speaker against the second, in nats, shape ``(n,)``.
        stay: chance that the speaker of step k is that of step k - 1, shape ``(n,)``; the first is not used.

    Returns:
        Shape ``(n,)``, each in 0..1.
    """
    evidence = np.clip(log_odds, -_LARGEST, _LARGEST).tolist()
    count = len(evidence)
    if not count:
        return np.zeros(0)
    ahead = [0.0] * count
    behind = [0.0] * count
    ahead[0] = evidence[0]
    for k in range(1, count):
        ahead[k] = _change(ahead[k - 1], stay[k]) + evidence[k]
    for k in range(count - 2, -1, -1):
        behind[k] = _change(behind[k + 1] + evidence[k + 1], stay[k + 1])
    both = np.clip(np.array(ahead) + np.array(behind), -_LARGEST, _LARGEST)
    return np.asarray(1.0 / (1.0 + np.exp(-both)))


def _change(odds: float, stay: float) -> float:
    """Log-odds after a possible change of speaker."""
    ratio = math.exp(max(-_LARGEST, min(_LARGEST, odds)))
    return math.log((stay * ratio + 1 - stay) / ((1 - stay) * ratio + stay))
