"""One finding about a recorder, and when enough calls agree on it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from auditor.batch.doctor_call import CallFacts

SIDES = ("left", "right")
SIDE_NAMES = ("左声道", "右声道")


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """When calls agree. All [O].

    Attributes:
        least_calls: how many calls must show something.
        least_agree: share of them that must agree.
        role_confidence: from which a call shows who is the agent.
        at_start_s: speech that begins so early in recordings without a ring speaks for a start at the answer.
        no_ring_calls: how many recordings without a ring that takes.
        duration_error_s: whole-second stamps and the switch's own delays.
        gated_share: share of two-leg calls with a gated leg from which liveness shows nothing.
        same_lead_s: spread of the time between the legs' ends that is the recorder's own.
        least_leads: how many calls that takes.
        shared_calls: how many calls must begin with the same recording for it to be an announcement.
        pair_error_s: difference in length of a pair's files that is worth a word.
    """

    least_calls: int = 5
    least_agree: float = 0.95
    role_confidence: float = 0.8
    at_start_s: float = 3.0
    no_ring_calls: int = 10
    duration_error_s: float = 2.0
    gated_share: float = 0.1
    same_lead_s: float = 0.15
    least_leads: int = 8
    shared_calls: int = 3
    pair_error_s: float = 0.5


DEFAULTS = CheckSettings()


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. ``agree`` of ``of`` calls; ``key`` and ``value`` where something is to be written.

    ``why_not``: why a key that this check could give is not written; None when it is, or there is none.
    """

    name: str
    said: str
    agree: int
    of: int
    key: str | None = None
    value: str | bool | tuple[str, ...] | None = None
    why_not: str | None = None


def counted(values: Iterable[str]) -> str:
    """Values with how many calls have each, the most frequent first."""
    return "、".join(f"{value} {count} 通" for value, count in Counter(values).most_common())


def rings(call: CallFacts) -> list[int]:
    """The legs of the ringback bursts before anybody speaks."""
    first_s = call.speech[0].start_s if call.speech else call.recording.duration_s
    rings = [tone for tone in call.tones if tone.kind == "ringback" and tone.start_s < first_s + 0.5]
    return [tone.channel for tone in rings if tone.channel is not None]


def busy(call: CallFacts) -> list[int]:
    """The legs of the busy tone after the last words."""
    last_s = max((one.end_s for one in call.speech), default=0.0)
    return sorted(
        {
            t.channel
            for t in call.tones
            if t.kind in ("busy", "congestion") and t.start_s >= last_s - 0.2 and t.channel is not None
        }
    )


def settled(check: Check, *, settings: CheckSettings) -> Check:
    """The check as it is where enough calls agree, else without its value and with the reason."""
    if check.of < settings.least_calls:
        why = f"只有 {check.of} 通可以作证,少于 {settings.least_calls} 通"
    elif check.agree < settings.least_agree * check.of:
        why = f"一致的只有 {check.agree}/{check.of} 通,不到 {settings.least_agree:.0%}"
    else:
        return check
    return replace(check, value=None, why_not=why)
