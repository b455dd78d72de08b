"""What was measured of the model that heard a call, and what its probes' margins mean."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ProbeThreshold:
    """A model card's decision limits: margin >= present_nats says "said", <= absent_nats "not said"."""

    present_nats: float
    absent_nats: float


@dataclass(frozen=True, slots=True)
class MeasuredShare:
    """A share that was counted: ``share`` of ``samples``, ``upper_95`` the upper end of Wilson's interval."""

    share: float
    upper_95: float
    samples: int

    def __post_init__(self) -> None:
        if not 0 <= self.share <= self.upper_95 <= 1 or self.samples < 1:
            raise ValueError("a measured share is 0 <= share <= upper_95 <= 1 of at least one sample")


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What judging may know about the model that heard the call (from its card).

    Of the recogniser behind a machine's transcript that was brought along: the shares, if it carries them.
    ``confidence_norm`` = (median, spread) of asr_confidence for that model, None without a norm.
    ``probes`` maps probe name to limits; without a card it is empty and probes settle nothing.
    ``missed_phrases``: of mandated phrases said in turns that were well heard, the share that the text
    does not hold. ``false_phrases``: of phrases that the text holds to the letter, the share that nobody
    said. None: never measured, so that neither silence nor words are proof. ``knows_languages``: its
    language token was trained on more than one. ``demonstration`` is a label.
    """

    name: str
    sha256: str
    demonstration: bool = False
    carded: bool = False
    confidence_norm: tuple[float, float] | None = None
    probes: dict[str, ProbeThreshold] = field(default_factory=dict)
    knows_languages: bool = False
    missed_phrases: MeasuredShare | None = None
    false_phrases: MeasuredShare | None = None
