"""What was recorded: the file and the call record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from auditor.records.terms import Direction, Layout, Role


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of time, half open: ``start_s <= t < end_s``."""

    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        if not self.start_s <= self.end_s:
            raise ValueError(f"a span must not end before it starts: {self.start_s} … {self.end_s}")

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s

    def overlap_s(self, other: Span) -> float:
        """Seconds that both spans share; 0 when they do not touch."""
        return max(0.0, min(self.end_s, other.end_s) - max(self.start_s, other.start_s))

    def gap_s(self, other: Span) -> float:
        """Seconds between the two spans; 0 when they touch or overlap."""
        return max(0.0, other.start_s - self.end_s, self.start_s - other.end_s)

    def cover(self, other: Span) -> Span:
        """The shortest span that holds both."""
        return Span(min(self.start_s, other.start_s), max(self.end_s, other.end_s))


@dataclass(frozen=True, slots=True)
class Recording:
    """What the file says about itself, and what decoding noticed.

    ``warnings`` holds codes: truncated, unfinished_header, starts_mid_speech, ends_mid_speech,
    same_audio_on_both_legs, silent_leg, clipped, not_finite, extra_channels, damaged, padded_leg.
    """

    paths: tuple[str, ...]
    sha256: tuple[str, ...]
    duration_s: float
    sample_rate_hz: int
    channels: int
    layout: Layout
    codec: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentSpell:
    """Which agent held the line from when to when (a transferred call has several)."""

    agent_id: str
    from_s: float
    to_s: float | None = None


@dataclass(frozen=True, slots=True)
class CallRecord:
    """The call record (话单) of one call. Every field may be unknown; times carry a zone."""

    call_id: str | None = None
    agent_channel: Literal["left", "right", "mono"] | None = None
    agent_id: str | None = None
    agent_name: str | None = None
    team: str | None = None
    direction: Direction | None = None
    line: str | None = None
    started_at: datetime | None = None
    queued_at: datetime | None = None
    ring_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    release_party: Role | None = None
    survey_offered: bool | None = None
    transferred_to: str | None = None
    agents: tuple[AgentSpell, ...] = ()
    customer_number: str | None = None
