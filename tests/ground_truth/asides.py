"""A second voice on the agent's leg while the agent is silent (`aside`): a colleague, or nobody."""

from __future__ import annotations

import numpy as np

from ground_truth import line, speakers
from ground_truth.legs import Call, Leg, Placed, build
from ground_truth.speakers import Speaker, say

ASIDE_S = 8.0


def aside(
    seed: int,
    *,
    below_db: float | None,
    voices: tuple[Speaker, Speaker] | None = None,
    colleague: Speaker | None = None,
) -> Call:
    """A talk with a hold of 8 s or more in which a third voice speaks three phrases, 5 s or so in all.

    Args:
        seed: Everything follows from it.
        below_db: How far the third voice lies below the agent's level; None: nobody speaks meanwhile.
        voices: Agent and customer; drawn when None.
        colleague: The third voice; another human one when None.
    """
    rng = np.random.default_rng([seed, 7])
    agent, customer = voices or speakers.pair(rng)
    others = [voice for voice in speakers.VOICES if voice not in (agent, customer)]
    third = colleague or others[int(rng.integers(len(others)))]
    level: dict[Leg, float] = {
        "agent": float(rng.uniform(-30, -20)),
        "customer": float(rng.uniform(-32, -20)),
    }
    placed: list[Placed] = []
    at = 0.5

    def speak(who: Speaker, leg: Leg, words: int, pause_s: float) -> None:
        nonlocal at
        clip = say(who, words, rng=rng)
        placed.append(Placed(clip, at, level[leg] + float(rng.uniform(-2, 2)), leg, leg))
        at += clip.duration_s + pause_s

    for _ in range(3):
        speak(agent, "agent", int(rng.integers(4, 9)), 0.6)
        speak(customer, "customer", int(rng.integers(3, 7)), 0.5)
    speak(agent, "agent", 4, 1.0)
    back_s = at + ASIDE_S
    if below_db is not None:
        for _ in range(3):
            clip = say(third, int(rng.integers(5, 9)), rng=rng)
            placed.append(Placed(clip, at, level["agent"] - below_db, "agent", "other"))
            at += clip.duration_s + float(rng.uniform(0.5, 1.2))
    at = max(at, back_s) + 1.0
    for _ in range(2):
        speak(agent, "agent", 6, 0.6)
        speak(customer, "customer", 4, 0.6)
    call = build(placed, duration_s=at + 1.0, scene="aside", seed=seed)
    return line.floor_noise(call, level_dbov=-66.0, seed=seed)
