"""What a speech recogniser must be able to do here, whatever is inside it.

An engine hears windows of sound that somebody else has cut (`batching`), and answers three questions:
what was said, how likely a given text is on a given window, and how likely each language is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from auditor.records import ModelFacts
    from auditor.signal import Samples

SAMPLE_RATE_HZ = 16_000
WINDOW_S = 30.0


@dataclass(frozen=True, slots=True)
class Packing:
    """How an engine wants its windows cut (from the model's card).

    Attributes:
        packed: segments of one leg share a window, ``separation_s`` of silence between them; otherwise a
            window is a stretch of the recording itself.
        max_window_s: a longer stretch is cut.
        join_gap_s: neighbouring segments with a shorter pause between them stay one stretch.
        separation_s: silence between two stretches in a packed window.
        lead_s: how much of the recording is kept before and after a stretch.
    """

    packed: bool = True
    max_window_s: float = 28.0
    join_gap_s: float = 0.0
    separation_s: float = 0.8
    lead_s: float = 0.2


@dataclass(frozen=True, slots=True)
class Piece:
    """The shortest run of tokens that is whole characters, and where attention places it.

    ``start_s``/``end_s`` count from the start of the window; ``log_probability`` is the sum over its
    ``tokens`` tokens, in nats.
    """

    text: str
    start_s: float
    end_s: float
    log_probability: float
    tokens: int


@dataclass(frozen=True, slots=True)
class Heard:
    """What an engine heard in one window.

    ``pieces`` join to ``text``. ``mean_log_probability`` is per token, the end token included.
    """

    text: str
    pieces: tuple[Piece, ...]
    mean_log_probability: float
    temperature: float
    no_speech_probability: float


class Engine(Protocol):
    """A speech recogniser. ``options`` are whatever shapes its output, for the provenance."""

    @property
    def facts(self) -> ModelFacts:
        """What judging may know about the model."""

    @property
    def name(self) -> str:
        """The engine and its version, e.g. ``openai-whisper 20250625``."""

    @property
    def options(self) -> dict[str, str]:
        """Everything that shapes the output besides the model itself."""

    @property
    def packing(self) -> Packing:
        """How windows have to be cut for it."""

    @property
    def least_support_nats(self) -> Mapping[str, float]:
        """By probe: nats per syllable of its own text under which it is not asked (from the card)."""

    def transcribe(self, windows: Sequence[Samples]) -> list[Heard]:
        """What was said in each window: float32 at 16 kHz, shape ``(n,)``, at most 30 s."""

    def log_likelihoods(self, samples_16k: Samples, texts: Sequence[str]) -> list[float]:
        """Log P(text, end | window) of every text in nats, summed over its tokens, forced."""

    def language_probabilities(self, samples_16k: Samples) -> dict[str, float]:
        """How likely each language that the model knows (ISO 639-1) is in one window; the sum is 1."""
