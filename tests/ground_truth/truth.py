"""What is known about a made call: frozen records, JSON-able, and spans worked out from them.

The truth of speech (`Spoken.active`): per word the span from the first to the last 5 ms that lie within
35 dB of the loudest 5 ms of the clean take at the call's rate, before any noise or codec, breaths and clicks
before and after the word left out (`legs.active_span`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from auditor.records import Segment, Span

Leg = Literal["agent", "customer"]
LEGS: tuple[Leg, Leg] = ("agent", "customer")


@dataclass(frozen=True, slots=True)
class Spoken:
    """One phrase: where its first word starts and its last one ends, and every word in between."""

    role: str
    leg: str
    start_s: float
    end_s: float
    text: str
    speaker: str
    level_dbov: float
    active: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Sounded:
    """A sound that is not speech: first burst to last, and every burst in ``active``."""

    kind: str
    leg: str
    start_s: float
    end_s: float
    level_dbov: float
    active: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Idle:
    """A stretch in which a leg carries nothing but a code. ``why``: mute, dtx, gate, released."""

    leg: str
    start_s: float
    end_s: float
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that line or recorder did: the function's name and its parameters."""

    name: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ending:
    """Who released and when; ``leg_end_s``: where each leg goes dead for good (None: live to the end).

    ``busy_on`` is the leg that carries busy or congestion tone: the dead one of whoever released (busy tone
    on the customer's leg is heard by the agent). ``variant``: one of `endings.VARIANTS`.
    """

    released_by: str | None
    released_at_s: float
    leg_end_s: dict[str, float | None]
    busy_on: str | None = None
    survey: bool = False
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Ringing:
    """Bursts of ringback on a leg as recorded, in time order, cut at the file's start or by the answer.

    ``heard`` counts every burst of which at least 0.1 s lies in the file; ``rings`` is the number of rings
    that the phone gave, ``heard`` plus those before the file began. ``answered_s`` is when the bursts stop
    for good. ``kind`` is tone or music (彩铃).
    """

    kind: str
    leg: str
    hz: float
    level_dbov: float
    bursts: tuple[Span, ...]
    heard: int
    rings: int
    answered_s: float
    cut_by_start: bool
    answered_inside_ring: bool


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything that is known about a made call."""

    scene: str
    seed: int
    rate_hz: int
    duration_s: float
    spoken: tuple[Spoken, ...] = ()
    sounded: tuple[Sounded, ...] = ()
    idle: tuple[Idle, ...] = ()
    effects: tuple[Effect, ...] = ()
    ending: Ending | None = None
    ringing: Ringing | None = None

    def said_on(self, leg: str, *, roles: Sequence[str] | None = None) -> tuple[Spoken, ...]:
        """Phrases on a leg, by time; ``roles`` leaves out others, such as ``system``."""
        return tuple(s for s in self.spoken if s.leg == leg and (roles is None or s.role in roles))

    def words(self, leg: str, *, roles: Sequence[str] | None = None) -> tuple[Span, ...]:
        """The span of every word spoken on a leg, by time, idle stretches cut out."""
        spans = sorted(span for said in self.said_on(leg, roles=roles) for span in said.active)
        return tuple(without(spans, [Span(i.start_s, i.end_s) for i in self.idle if i.leg == leg]))

    def segments(
        self, leg: str, *, close_gap_s: float = 0.3, roles: Sequence[str] | None = None
    ) -> tuple[Span, ...]:
        """Speech on a leg with gaps under ``close_gap_s`` closed, whoever speaks there."""
        return tuple(merge(self.words(leg, roles=roles), gap_s=close_gap_s))

    def auditor_segments(self, leg: str, **options: Any) -> tuple[Segment, ...]:
        """`segments` as the `auditor.records.Segment` of the leg's channel."""
        index = LEGS.index(leg)  # type: ignore[arg-type]
        return tuple(Segment(index, s.start_s, s.end_s) for s in self.segments(leg, **options))

    def active(self, leg: str, *, hop_s: float = 0.01, close_gap_s: float = 0.3) -> npt.NDArray[np.bool_]:
        """Per frame whether its middle lies in a segment."""
        return span_frames(self.segments(leg, close_gap_s=close_gap_s), self.duration_s, hop_s=hop_s)

    def events(self, kind: str, *, leg: str | None = None) -> tuple[Sounded, ...]:
        """The sounds of one kind."""
        return tuple(s for s in self.sounded if s.kind == kind and leg in (None, s.leg))

    def to_json(self) -> str:
        """One JSON object."""
        return json.dumps(asdict(self), ensure_ascii=False)

    def moved(self, times: Mapping[str, Any]) -> Truth:
        """The truth with the times of each leg mapped, ``times[leg](t)``; a missing leg stays."""
        return _moved(self, times)


def span_frames(spans: Sequence[Span], duration_s: float, *, hop_s: float = 0.01) -> npt.NDArray[np.bool_]:
    """Per frame of ``hop_s`` whether its middle lies in one of the spans."""
    out = np.zeros(int(duration_s / hop_s + 1e-6), dtype=bool)
    for span in spans:
        out[max(0, round(span.start_s / hop_s)) : max(0, round(span.end_s / hop_s))] = True
    return out


def merge(spans: Iterable[Span], *, gap_s: float = 0.0) -> list[Span]:
    """Spans in order, joined where they overlap or their gap is shorter than ``gap_s``."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and (span.start_s - joined[-1].end_s < gap_s - 1e-9 or span.start_s <= joined[-1].end_s):
            joined[-1] = joined[-1].cover(span)
        else:
            joined.append(span)
    return joined


def without(spans: Iterable[Span], holes: Iterable[Span]) -> list[Span]:
    """What of the spans lies outside the holes."""
    left = list(spans)
    for hole in holes:
        left = [
            piece
            for span in left
            for piece in (
                (Span(span.start_s, min(span.end_s, hole.start_s)) if span.start_s < hole.start_s else None),
                (Span(max(span.start_s, hole.end_s), span.end_s) if span.end_s > hole.end_s else None),
            )
            if piece is not None and piece.duration_s > 0
        ]
    return left


def _moved(truth: Truth, times: Mapping[str, Any]) -> Truth:
    def at(leg: str, time_s: float) -> float:
        moved = float(times[leg](time_s)) if leg in times else time_s
        return min(max(moved, 0.0), truth.duration_s)

    def place(one: Any) -> Any:
        new: dict[str, Any] = {"start_s": at(one.leg, one.start_s), "end_s": at(one.leg, one.end_s)}
        if hasattr(one, "active"):
            new["active"] = tuple(Span(at(one.leg, s.start_s), at(one.leg, s.end_s)) for s in one.active)
        return replace(one, **new)

    ending, ringing = truth.ending, truth.ringing
    if ending:
        ends = {leg: None if t is None else at(leg, t) for leg, t in ending.leg_end_s.items()}
        by = ending.released_by or "agent"
        ending = replace(ending, leg_end_s=ends, released_at_s=at(by, ending.released_at_s))
    if ringing:
        bursts = tuple(Span(at(ringing.leg, s.start_s), at(ringing.leg, s.end_s)) for s in ringing.bursts)
        ringing = replace(ringing, bursts=bursts, answered_s=at(ringing.leg, ringing.answered_s))
    return replace(
        truth,
        spoken=tuple(map(place, truth.spoken)),
        sounded=tuple(map(place, truth.sounded)),
        idle=tuple(map(place, truth.idle)),
        ending=ending,
        ringing=ringing,
    )
