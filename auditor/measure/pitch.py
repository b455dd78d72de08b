"""Pitch figures of a party (V4): where the voice lies and how much it moves.

Definitions and formulas (``f``: F0 of the voiced frames of the party's segments, hertz)
    ``f0_median_hz = median(f)``.
    ``f0_sd_st = sd(12 log2 f)``: lexical tone dominates it, so it says little alone.
    ``phrase_f0_sd_st = sqrt((var(medians) + var(toplines)) / 2)`` in semitones, over the party's segments
    with at least 0.3 s voiced; a topline is the 95th percentile of a segment. At least 3 such segments.
    ``voiced_s``: voiced frames × 10 ms.
    Under 1 s voiced: too_short.

Errors (95 %): frames of one syllable move together, so ``n = voiced_s / 0.2 s`` independent values:
``f0_sd_st`` ``1.96 sd / sqrt(2 n)`` and the tracker's own 0.3 semitones, in squares; the median
``1.25 * 1.96 sd / sqrt(n)`` semitones; phrases ``1.96 sd / sqrt(2 (n - 1))``.
Tolerance: median within 0.1 semitones on harmonic tones; spread within 0.3 semitones of `librosa.pyin`
on human Mandarin. Sources: measurements.md, Modulation; the tracker's in `auditor.measure.f0`.
"""

from __future__ import annotations

import numpy as np

from auditor.measure.f0 import finite, semitones
from auditor.measure.figures import PartySound, measured, missing
from auditor.measure.frames import span_frames
from auditor.measure.settings import DEFAULTS, MeasureSettings
from auditor.records import Measurement

_SYLLABLE_S = 0.2
_TRACKER_ERROR_ST = 0.3
_REFERENCE_HZ = 100.0
_UNITS = {"f0_median_hz": "Hz", "f0_sd_st": "st", "phrase_f0_sd_st": "st"}
_METHODS = {
    "f0_median_hz": "median F0 of voiced speech frames; compressed autocorrelation, 75-650 Hz, Viterbi",
    "f0_sd_st": "sd(12*log2(F0)) over voiced speech frames, octave jumps removed",
    "phrase_f0_sd_st": "sqrt((var(medians) + var(95th percentiles)) / 2) over segments, semitones",
    "voiced_s": "voiced frames * 10 ms",
}


def pitch_figures(sound: PartySound, *, settings: MeasureSettings = DEFAULTS) -> list[Measurement]:
    """f0_median_hz, f0_sd_st, phrase_f0_sd_st and voiced_s of one party."""
    if not sound.segments:
        return [
            missing(name, _UNITS.get(name, "s"), "no_data", method=method)
            for name, method in _METHODS.items()
        ]
    voiced = sound.f0_hz[sound.voiced]
    seconds = len(voiced) * settings.hop_s
    length = measured("voiced_s", seconds, "s", span=sound.span, method=_METHODS["voiced_s"])
    if seconds < settings.min_voiced_s:
        return [
            *(
                missing(name, unit, "too_short", method=_METHODS[name], span=sound.span)
                for name, unit in _UNITS.items()
            ),
            length,
        ]
    spread = float(semitones(voiced, over_hz=_REFERENCE_HZ).std())
    n = max(1.0, seconds / _SYLLABLE_S)
    median = float(np.median(voiced))
    return [
        measured(
            "f0_median_hz",
            median,
            "Hz",
            error=median * (2 ** (1.25 * 1.96 * spread / np.sqrt(n) / 12) - 1),
            span=sound.span,
            method=_METHODS["f0_median_hz"],
        ),
        measured(
            "f0_sd_st",
            spread,
            "st",
            error=float(np.hypot(_TRACKER_ERROR_ST, 1.96 * spread / np.sqrt(2 * n))),
            span=sound.span,
            method=_METHODS["f0_sd_st"],
        ),
        _phrases(sound, settings=settings),
        length,
    ]


def _phrases(sound: PartySound, *, settings: MeasureSettings) -> Measurement:
    medians, toplines = [], []
    for segment in sound.segments:
        first, last = span_frames(segment.span, len(sound.f0_hz), hop_s=settings.hop_s)
        voiced = finite(sound.f0_hz[first:last])
        if len(voiced) * settings.hop_s >= settings.min_voiced_phrase_s:
            pitch = semitones(voiced, over_hz=_REFERENCE_HZ)
            medians.append(np.median(pitch))
            toplines.append(np.quantile(pitch, 0.95))
    name, method = "phrase_f0_sd_st", _METHODS["phrase_f0_sd_st"]
    if len(medians) < settings.min_phrases:
        return missing(name, "st", "too_short", method=method, span=sound.span)
    spread = float(np.sqrt((np.var(medians, ddof=1) + np.var(toplines, ddof=1)) / 2))
    error = 1.96 * spread / np.sqrt(2 * (len(medians) - 1))
    return measured(name, spread, "st", error=error, span=sound.span, method=method)
