"""How fast a party speaks (V3).

Definitions
    Spoken syllables: one per Chinese character once numbers are read out, one per letter; punctuation
    and spaces never. Digit strings of four and more are left out, and their share of the time with them.
    What carries a suspect span is left out whole, text and time.
    ``articulation_char_per_min``: syllables ÷ summed length of the segments that carry them × 60.
    ``pace_char_per_min``: the same with the pauses inside turns in the time.
    ``nuclei_per_min``: syllable nuclei of the intensity curve ÷ summed length of all segments × 60.

Formulas (a stretch: consecutive clean parts of one turn; ``a`` its syllables, ``s`` those counted)
    ``articulation = 60 * sum(s) / sum(T * s / a)`` with the segment time ``T``; the pace takes the time
    from the stretch's first start to its last end instead. Voice activity loses the faint edges of speech
    in noise, so to each segment belong ``edge`` seconds more, half of them before it: from
    ``pace_edge_s[0]`` at ``pace_edge_snr_db[0]`` linearly to ``pace_edge_s[1]`` at ``pace_edge_snr_db[1]``,
    none where the SNR is not known; gaps that are then under ``pace_gap_s`` are speech. Error (95 %):
    standard errors of the ratio over turns, ``sqrt(sum((s - r t)²) / (n (n - 1))) / mean(t)``, times
    Student's t of ``n - 1``; and, as the root of the sum of squares, ``pace_time_error`` of the rate: what
    the time may still be off by.

Silent when
    too_short: under 60 syllables or 3 turns; not_trusted: nobody speaks that fast (a transcript's times may
    be wrong where its words are right), or the text comes from an engine and nuclei and syllables of the same
    stretches are more than 30 % apart; no_data: no turn with text.

Tolerance: exact for known rates; ±5 % with a true transcript (what voice activity takes off the edges).
Sources: measurements.md, Pace; Pellegrino et al. (2011); de Jong & Wempe (2009) in `nuclei`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import stdtrit

from auditor.measure.figures import PartySound, measured, missing
from auditor.measure.nuclei import count_nuclei
from auditor.measure.settings import DEFAULTS, MeasureSettings
from auditor.records import Measurement, Span, Turn, TurnPart
from auditor.text.numerals import count_syllables, syllables_without_digit_strings

_ARTICULATION = "60 * syllables / seconds of the segments that carry them, digit strings >= 4 left out"
_PACE = "60 * syllables / seconds of the turns that carry them, pauses included"
_NUCLEI = "60 * intensity peaks (de Jong & Wempe 2009) / seconds of speech"
_COUNT = "characters after numbers are read out; digit strings >= 4 and suspect text left out"


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Consecutive clean parts of a turn: all its syllables, those that count, and its spans."""

    turn: int
    syllables: int
    counted: int
    spans: tuple[Span, ...]

    def speech_s(self, *, edge_s: float = 0.0, gap_s: float = 0.0) -> float:
        """Seconds of its segments, their lost edges and gaps shorter than ``gap_s``, for what counts."""
        gaps = (after.start_s - before.end_s - edge_s for before, after in pairwise(self.spans))
        spoken_s = sum(span.duration_s + edge_s for span in self.spans)
        spoken_s += sum(gap for gap in gaps if gap < gap_s)
        return spoken_s * self.counted / self.syllables

    def turn_s(self, *, edge_s: float) -> float:
        """The same with all pauses."""
        return (self.spans[-1].end_s - self.spans[0].start_s + edge_s) * self.counted / self.syllables


def pace_figures(
    sound: PartySound,
    *,
    turns: Sequence[Turn],
    snr_db: float | None = None,
    settings: MeasureSettings = DEFAULTS,
) -> list[Measurement]:
    """articulation_char_per_min, pace_char_per_min, nuclei_per_min, spoken_syllables and pace_turns."""
    stretches = [item for i, turn in enumerate(turns) for item in _stretches(turn, i)]
    counted = [item for item in stretches if item.counted and item.speech_s() > 0]
    edge_s = _edge_s(snr_db, settings=settings)
    syllables = sum(item.counted for item in counted)
    spoken_turns = len({item.turn for item in counted})
    span = (
        Span(min(s.spans[0].start_s for s in counted), max(s.spans[-1].end_s for s in counted))
        if counted
        else None
    )
    reason = None
    if not counted:
        reason = "no_data"
    elif syllables < settings.min_syllables or spoken_turns < settings.min_turns:
        reason = "too_short"
    elif not _is_plausible(sound, stretches, turns=turns, settings=settings):
        reason = "not_trusted"
    rates = []
    speech_s = [item.speech_s(edge_s=edge_s, gap_s=settings.pace_gap_s) for item in counted]
    turn_s = [item.turn_s(edge_s=edge_s) for item in counted]
    for name, seconds, method in (
        ("articulation_char_per_min", speech_s, _ARTICULATION),
        ("pace_char_per_min", turn_s, _PACE),
    ):
        if reason is not None:
            rates.append(missing(name, "char/min", reason, method=method, span=span))
            continue
        rate, error = _rate(counted, seconds, settings=settings)
        rates.append(measured(name, rate, "char/min", error=error, span=span, method=method))
    return [
        *rates,
        _nuclei_per_min(sound, settings=settings),
        measured("spoken_syllables", syllables, "syllables", span=span, method=_COUNT),
        measured("pace_turns", spoken_turns, "turns", span=span, method="turns with counted syllables"),
    ]


def part_text(turn: Turn, part: TurnPart) -> str:
    """The characters that one segment carries."""
    return turn.text[part.text_start : part.text_end]


def _edge_s(snr_db: float | None, *, settings: MeasureSettings) -> float:
    """What voice activity takes off a segment, both ends together."""
    if snr_db is None:
        return 0.0
    return float(np.interp(snr_db, settings.pace_edge_snr_db, settings.pace_edge_s))


def _stretches(turn: Turn, index: int) -> Iterator[_Stretch]:
    """The clean runs of a turn's parts; parts without syllables end no run but give no time."""
    run: list[TurnPart] = []
    for part in (*turn.parts, None):
        if part is not None and not turn.is_suspect(part.text_start, part.text_end):
            run.append(part)
            continue
        spoken = [kept for kept in run if count_syllables(part_text(turn, kept))]
        if spoken:
            text = turn.text[spoken[0].text_start : spoken[-1].text_end]
            yield _Stretch(
                turn=index,
                syllables=count_syllables(text),
                counted=syllables_without_digit_strings(text),
                spans=tuple(Span(kept.start_s, kept.end_s) for kept in spoken),
            )
        run = []


def _rate(
    stretches: Sequence[_Stretch], seconds: Sequence[float], *, settings: MeasureSettings
) -> tuple[float, float]:
    """Syllables per minute and its 95 % half-width, turns being the sample."""
    count: dict[int, float] = {}
    time: dict[int, float] = {}
    for item, own_s in zip(stretches, seconds, strict=True):
        count[item.turn] = count.get(item.turn, 0) + item.counted
        time[item.turn] = time.get(item.turn, 0) + own_s
    s, t = np.array(list(count.values())), np.array(list(time.values()))
    rate = s.sum() / t.sum()
    n = len(s)
    if n == 1:
        return float(60 * rate), float(60 * rate)
    sampling = stdtrit(n - 1, 0.975) * np.sqrt(((s - rate * t) ** 2).sum() / (n * (n - 1))) / t.mean()
    return float(60 * rate), float(60 * np.hypot(sampling, settings.pace_time_error * rate))


def _is_plausible(
    sound: PartySound, stretches: Sequence[_Stretch], *, turns: Sequence[Turn], settings: MeasureSettings
) -> bool:
    """Whether the text can have been spoken in its time and, if an engine's, has as many nuclei."""
    syllables = sum(item.syllables for item in stretches)
    if sum(item.counted for item in stretches) > settings.max_syllables_per_s * sum(
        item.speech_s() for item in stretches
    ):
        return False
    if all(turn.confidence is None and turn.temperature is None for turn in turns):
        return True
    spans = [span for item in stretches for span in item.spans]
    nuclei = count_nuclei(sound.frames.low, f0_hz=sound.f0_hz, spans=spans, settings=settings)
    return abs(nuclei - syllables) <= settings.nuclei_apart * syllables


def _nuclei_per_min(sound: PartySound, *, settings: MeasureSettings) -> Measurement:
    seconds = sum(segment.span.duration_s for segment in sound.segments)
    if seconds <= 0:
        return missing("nuclei_per_min", "nuclei/min", "no_data", method=_NUCLEI)
    found = count_nuclei(
        sound.frames.low,
        f0_hz=sound.f0_hz,
        spans=[segment.span for segment in sound.segments],
        settings=settings,
    )
    rate = 60 * found / seconds
    return measured("nuclei_per_min", rate, "nuclei/min", error=0.27 * rate, span=sound.span, method=_NUCLEI)
