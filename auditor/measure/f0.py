"""Fundamental frequency: one path per leg, computed on that leg's speech only.

Definition
    ``f0_hz[k]`` is the rate of the glottal pulses around the centre of frame ``k``; NaN where the
    frame is unvoiced or outside speech. Measured on the 8 kHz signal without the band-pass's lower
    edge: the autocorrelation needs no fundamental, so telephone speech is as good as wide-band.

Formula (Boersma 1993, the method of Praat, on a compressed spectrum)
    ``r(lag) = acf(x*w)(lag) / acf(w)(lag)``, both normalised at lag 0, by FFT, at twice the rate,
    where ``acf`` is the inverse transform of ``|X|**(2 * 0.6)``: the compression keeps the first
    formant from posing as the pitch when a trunk has cut the fundamental away.
    The best local maxima with ``75 <= 1/lag <= 650`` Hz (women shout above 500) are candidates of strength
    ``r - octave_cost * log2(75 Hz * lag)``; the unvoiced candidate has strength
    ``voicing + max(0, 2 - (peak / loudest peak) * (1 + voicing) / silence)``. Viterbi picks the path
    of greatest strength less ``|log2(f1/f2)|`` per step and 0.25 per change of voicing.
    A second search knows the leg's register from the first (De Looze & Hirst): a candidate below
    0.75 of the lower quartile or above 1.8 of the upper one loses 0.5 per octave beyond it, and every one
    0.02 per octave from the median: without its fundamental a voice is easily taken an octave off, a
    formant for a pitch, and the voice itself tells which is which. They put the ceiling at 1.5 for
    plain and 2.5 for lively speech; 1.8 leaves a phrase shouted 10 semitones up its pitch.
    Then frames that lie more than 7 semitones off their surroundings (median of 0.5 s) and runs
    shorter than 30 ms count as unvoiced: what is left of octave jumps.

Tolerance
    Harmonic tones and glides: 0.1 semitones. Against `librosa.pyin` on human Mandarin: gross errors
    (> 20 %) in at most 3 % of the frames both call voiced, spread within 0.3 semitones, also where
    a brick wall at 300 Hz and A-law follow (pyin hearing the voice before them: behind them it fails).
    There a third of pyin's voiced frames count as unvoiced; in a wide band, one in eight.

Sources: P. Boersma, "Accurate short-term analysis of the fundamental frequency and the
harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17 (1993); T. Tolonen and M. Karjalainen,
"A computationally efficient multipitch analysis model", IEEE Trans. Speech Audio Proc. 8 (2000), for
the compressed autocorrelation; C. De Looze and D. Hirst, "Detecting changes in key and range for the
automatic modelling and coding of intonation", Speech Prosody (2008); measurements.md, Modulation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from auditor.measure.frames import Floats, frame_count, read_8k, span_frames
from auditor.measure.settings import DEFAULTS, MeasureSettings
from auditor.records import Span
from auditor.signal import Channel, runs_of

_BATCH_FRAMES = 2048  # frames whose spectra are in memory at once


@dataclass(frozen=True, slots=True, eq=False)
class _Candidates:
    """Pitch candidates of a run of frames, all shaped ``(n, f0_candidates)`` but ``peak`` ``(n,)``."""

    log2_hz: Floats
    strength: Floats
    peak: Floats


def track_f0(channel: Channel, spans: Sequence[Span], *, settings: MeasureSettings = DEFAULTS) -> Floats:
    """F0 in hertz per frame of the leg, NaN where unvoiced or outside ``spans``; shape ``(n,)``."""
    count = frame_count(channel.duration_s, settings=settings)
    batches = _batches(_pieces(spans, count, settings=settings))
    found = [[_candidates(channel, *piece, settings=settings) for piece in batch] for batch in batches]
    f0 = _track(found, batches, count, settings=settings)
    voiced = np.log2(finite(f0))
    if len(voiced) * settings.hop_s < settings.f0_register_s:
        return f0
    register = np.quantile(voiced, (0.25, 0.5, 0.75))
    found = [[_in_register(item, register, settings=settings) for item in batch] for batch in found]
    return _track(found, batches, count, settings=settings)


def semitones(f0_hz: Floats, *, over_hz: float) -> npt.NDArray[np.float64]:
    """``12 * log2(f0 / over)``."""
    return 12 * np.log2(np.asarray(f0_hz, dtype=np.float64) / over_hz)


def finite(f0_hz: Floats) -> Floats:
    """The voiced frames only."""
    return f0_hz[np.isfinite(f0_hz)]


def _track(
    found: Sequence[Sequence[_Candidates]],
    batches: Sequence[Sequence[tuple[int, int]]],
    count: int,
    *,
    settings: MeasureSettings,
) -> Floats:
    """The best path through the candidates of all pieces, without octave jumps; shape ``(count,)``."""
    f0 = np.full(count, np.nan, dtype=np.float32)
    for batch, candidates in zip(batches, found, strict=True):
        for (first, last), path in zip(batch, _best_paths(candidates, settings=settings), strict=True):
            f0[first:last] = path
    return _without_jumps(f0, settings=settings)


def _in_register(
    found: _Candidates, quartiles: npt.NDArray[np.float64], *, settings: MeasureSettings
) -> _Candidates:
    """The candidates less what they cost outside the leg's register; quartiles and median in log2 Hz."""
    low, middle, high = (np.float32(value) for value in quartiles)
    low += np.float32(np.log2(settings.f0_register_low))
    high += np.float32(np.log2(settings.f0_register_high))
    beyond = np.maximum(0, np.maximum(low - found.log2_hz, found.log2_hz - high))
    cost = settings.f0_register_cost * beyond + settings.f0_middle_cost * np.abs(found.log2_hz - middle)
    return replace(found, strength=(found.strength - cost).astype(np.float32))


def _pieces(spans: Sequence[Span], count: int, *, settings: MeasureSettings) -> list[tuple[int, int]]:
    """The frames of every span, cut into equal pieces of at most ``f0_piece_s``."""
    longest = round(settings.f0_piece_s / settings.hop_s)
    pieces = []
    for span in spans:
        first, last = span_frames(span, count, hop_s=settings.hop_s)
        parts = -(-(last - first) // longest)
        edges = [first + (last - first) * i // parts for i in range(parts + 1)] if parts else []
        pieces += list(pairwise(edges))
    return pieces


def _batches(pieces: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Pieces of like length together, at most `_BATCH_FRAMES` frames each once padded to equal length."""
    batches: list[list[tuple[int, int]]] = []
    for piece in sorted(pieces, key=lambda piece: piece[0] - piece[1]):
        full = not batches or (len(batches[-1]) + 1) * (batches[-1][0][1] - batches[-1][0][0]) > _BATCH_FRAMES
        if full:
            batches.append([])
        batches[-1].append(piece)
    return batches


def _candidates(channel: Channel, first: int, last: int, *, settings: MeasureSettings) -> _Candidates:
    """The strongest autocorrelation maxima of frames ``first:last``."""
    rate, n = settings.rate_hz, last - first
    hop, window = round(settings.hop_s * rate), round(settings.f0_window_s * rate)
    begin = first * hop + hop // 2 - window // 2
    samples = read_8k(channel, begin, begin + (n - 1) * hop + window, settings=settings)
    frames = np.lib.stride_tricks.sliding_window_view(samples, window)[::hop]
    frames = frames - frames.mean(axis=1, keepdims=True)
    peak = np.abs(frames).max(axis=1)
    taper = np.hanning(window + 2)[1:-1].astype(np.float32)
    shortest = 2 * rate / settings.f0_max_hz
    longest = 2 * rate / settings.f0_min_hz
    first_lag, last_lag = int(shortest) - 1, int(np.ceil(longest)) + 2
    r = _autocorrelation(frames * taper, last_lag, compression=settings.f0_compression)
    r /= _autocorrelation(taper[None, :], last_lag, compression=settings.f0_compression)
    left, middle, right = r[:, first_lag - 1 : -2], r[:, first_lag:-1], r[:, first_lag + 1 :]
    bend = np.minimum(left + right - 2 * middle, np.float32(-1e-6))
    shift = np.clip((left - right) / (2 * bend), -0.5, 0.5)
    height = np.minimum(middle - (left - right) ** 2 / (8 * bend), 1.0)
    lag = np.arange(first_lag, last_lag - 1, dtype=np.float32) + shift
    is_peak = (middle > left) & (middle >= right) & (lag >= shortest) & (lag <= longest)
    octave = settings.f0_octave_cost * np.log2(lag / longest)
    strength = np.where(is_peak, height - octave, np.float32(-1e3)).astype(np.float32)
    best = np.argpartition(strength, -settings.f0_candidates, axis=1)[:, -settings.f0_candidates :]
    return _Candidates(
        log2_hz=np.log2(2 * rate / np.take_along_axis(lag, best, axis=1)).astype(np.float32),
        strength=np.take_along_axis(strength, best, axis=1),
        peak=peak,
    )


def _autocorrelation(frames: Floats, lags: int, *, compression: float) -> Floats:
    """Compressed autocorrelation at 0 … lags - 1 half samples, 1 at lag 0 (all 0 for a silent frame)."""
    size = 512 if frames.shape[1] <= 384 else 1024
    spectrum = np.fft.rfft(frames, n=size, axis=1)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    acf = np.fft.irfft(power**compression, n=2 * size, axis=1)[:, :lags]
    return np.asarray(acf / np.maximum(acf[:, :1], 1e-12), dtype=np.float32)


def _best_paths(found: Sequence[_Candidates], *, settings: MeasureSettings) -> list[Floats]:
    """The Viterbi path through each piece: F0 in hertz, NaN where unvoiced.

    The pieces come longest first and step together: at step ``t`` the first ``alive[t]`` still run.
    """
    lengths = np.array([len(item.peak) for item in found])
    longest, states = int(lengths[0]), settings.f0_candidates + 1
    alive = (lengths[None, :] > np.arange(longest)[:, None]).sum(axis=1)
    pitch = np.full((longest, len(found), states), np.nan, dtype=np.float32)
    score = np.zeros((longest, len(found), states), dtype=np.float32)
    for i, item in enumerate(found):
        pitch[: lengths[i], i, 1:] = item.log2_hz
        score[: lengths[i], i, 1:] = item.strength
        loudest = max(float(np.quantile(item.peak, 0.98)), 1e-9)
        faint = 2 - item.peak / loudest * (1 + settings.f0_voicing) / settings.f0_silence
        score[: lengths[i], i, 0] = settings.f0_voicing + np.maximum(0, faint)
    back = np.zeros((longest, len(found), states), dtype=np.intp)
    total = score[0].copy()
    for t in range(1, longest):
        n = alive[t]
        cost = settings.f0_jump_cost * np.abs(pitch[t - 1, :n, :, None] - pitch[t, :n, None, :])
        cost[:, 0, :] = settings.f0_voicing_cost
        cost[:, :, 0] = settings.f0_voicing_cost
        cost[:, 0, 0] = 0
        arrived = total[:n, :, None] - cost
        back[t, :n] = arrived.argmax(axis=1)
        total[:n] = arrived.max(axis=1) + score[t, :n]
    state = total.argmax(axis=1)
    path = np.full((longest, len(found)), np.nan, dtype=np.float32)
    for t in range(longest - 1, -1, -1):
        rows = np.arange(alive[t])
        path[t, rows] = pitch[t, rows, state[rows]]
        state[rows] = back[t, rows, state[rows]]
    return [np.exp2(path[:length, i]) for i, length in enumerate(lengths)]


def _without_jumps(f0_hz: Floats, *, settings: MeasureSettings) -> Floats:
    """The path without frames far off their surroundings and without runs too short to be voice."""
    voiced = np.flatnonzero(np.isfinite(f0_hz))
    if not len(voiced):
        return f0_hz
    half = max(1, round(settings.f0_outlier_window_s / settings.hop_s / 2))
    path = np.log2(f0_hz[voiced])
    padded = np.pad(path, half, mode="reflect" if len(path) > half else "edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    # Block by block: the medians of a long call would take hundreds of megabytes at once.
    usual = np.concatenate(
        [np.median(around[k : k + _BATCH_FRAMES], axis=1) for k in range(0, len(path), _BATCH_FRAMES)]
    )
    far = 12 * np.abs(path - usual) > settings.f0_outlier_st
    out = f0_hz.copy()
    out[voiced[far]] = np.nan
    is_voiced = np.isfinite(out)
    shortest = round(settings.f0_shortest_run_s / settings.hop_s)
    for first, last in runs_of(is_voiced):
        if last - first < shortest:
            out[first:last] = np.nan
    return out
