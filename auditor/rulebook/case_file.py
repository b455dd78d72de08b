"""How a case is written: small dialogues in YAML, checked key by key.

A case needs only its words; times, levels and everything else have ordinary defaults::

    rule: P3.2a
    cases:
      - name: no greeting at all
        expect: fail
        turns:
          - 客服: 你要办什么?
          - 客户: 我要查话费。

Speakers are 客服, 客户, 系统 and 不明 (nobody can tell). A turn may carry ``at: [start_s, end_s]``, or
``gap`` (seconds after the turn before it), ``conf``, ``temp``, ``suspect: [[i, j]]``, ``level`` (dBov),
``pitch`` (upper-quartile F0, Hz), ``clipped`` (share) and ``syllables``. Silences of 2 s and more, the
agent's level track and segment statistics follow from the turns.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from auditor.records import (
    Direction,
    EventKind,
    Layout,
    Party,
    RecorderProfile,
    Role,
    TranscriptSource,
    Verdict,
)
from auditor.rulebook.part import Part

SPEAKERS: dict[str, Role] = {"客服": "agent", "客户": "customer", "系统": "system", "不明": "unknown"}
Pair = tuple[float, float]


class CaseTurn(Part):
    """One turn as a case writes it; see the module."""

    speaker: str
    text: str
    at: Pair | None = None
    gap: float = 0.6
    conf: float | None = None
    temp: float = 0.0
    suspect: tuple[tuple[int, int], ...] = ()
    level: float = -24.0
    pitch: float = 230.0
    clipped: float = 0.0
    syllables: int | None = None

    @model_validator(mode="before")
    @classmethod
    def _speaker_is_the_key(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            raise ValueError("a turn is a mapping such as 客服: 您好")
        names = [name for name in SPEAKERS if name in raw]
        if len(names) != 1:
            raise ValueError(f"a turn has exactly one speaker of {'、'.join(SPEAKERS)}")
        rest = {key: value for key, value in raw.items() if key != names[0]}
        return {**rest, "speaker": names[0], "text": raw[names[0]]}


class CaseCall(Part):
    """What is known about the call beside its words.

    Attributes:
        line: as the call record names it; null: the record names none, and the script must show it.
        agent_voice: of a call in mono: the agent's voice (0 or 1); the turns then have roles by voice.
        model: what is known of the machine that wrote automatic text; null: "carded", a model that seldom
            errs, behind our own, and "none" behind text that was brought along.
    """

    direction: Direction | None = "inbound"
    line: str | None = "1860"
    layout: Layout = "two_legs"
    source: TranscriptSource = "human"
    model: Literal["carded", "uncarded", "none"] | None = None
    norm: Pair | None = None
    agent_channel: int | None = 0
    agent_voice: int | None = None
    role_confidence: float = 1.0
    duration: float | None = None
    warnings: tuple[str, ...] = ()
    language: str | None = None
    record: dict[str, Any] = Field(default_factory=dict)
    recorder: RecorderProfile = RecorderProfile()


class CaseEvent(Part):
    """A tone, music or a silence."""

    kind: EventKind
    at: Pair
    channel: int | None = None


class CaseProbe(Part):
    """What a probe said about one turn: ``chars`` are the characters in question, ``foil`` its best foil."""

    name: str
    turn: int
    answer: Literal["present", "undecided", "absent"]
    chars: tuple[int, int] = (0, 0)
    foil: str = ""


class RawCase(Part):
    """One case as the file has it."""

    name: str
    expect: Verdict
    code: str | None = None
    at: float | None = None
    also: dict[str, Verdict] = Field(default_factory=dict)
    call: CaseCall = CaseCall()
    turns: tuple[CaseTurn, ...] = ()
    events: tuple[CaseEvent, ...] = ()
    probes: tuple[CaseProbe, ...] = ()
    measurements: dict[Party, dict[str, float | Pair | str]] = Field(default_factory=dict)


class CaseFile(Part):
    """One file: the rule and its cases."""

    rule: str
    cases: tuple[RawCase, ...] = Field(min_length=1)
