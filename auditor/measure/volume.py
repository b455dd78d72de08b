"""Level of a party's speech, its spread, spectral balance and clipping (V1, V2, V4).

Definitions and formulas (``P``: band power per frame, ``N``: the leg's noise power)
    ``level_dbov = 10 log10(mean(P[speech]) - N) + L``: noise-subtracted RMS over the frames of the party's
    segments, and what the recording's codec takes off speech (``codec_loss_db``; 0 for G.711 and linear).
    Not ITU-T P.56: the segments already are the activity. Where the noise is unknown
    (gated, too short) nothing is subtracted and the error says 1 dB.
    ``level_sd_db``: standard deviation of the noise-subtracted level of 200 ms blocks at least half of
    which is speech. One block is about one syllable. Eight human sentences lie between 4.1 and 8.1 dB; with
    400 ms two of them fell under the 3 dB that measurements.md calls low, though nobody hears them so.
    ``alpha_ratio_db = 10 log10(sum P(1–3.4 kHz) / sum P(0.3–1 kHz))`` over voiced frames. Handset and codec
    set it: only differences within one call mean anything.
    ``clipped_share``: samples of speech in flat tops ÷ samples of speech. A flat top is a run of at
    least 3 samples (at 8 kHz) within 2 % of the greatest or of the least sample of the leg's speech:
    A-law, µ-law and MP3 never reach ±1. Below a ceiling of 0.02 a flat top cannot be told from
    quantisation: not_trusted.

Errors (95 %): level 0.6 dB (what codecs differ by, measured) and what an error of the noise makes of
it, in squares; spread ``1.96 sd / sqrt(2 (n - 1))``; balance 1 dB.
Tolerance: level ±0.5 dB at SNR >= 15 dB. Source: measurements.md, Volume.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from auditor.measure.figures import PartySound, measured, missing
from auditor.measure.frames import Floats, LegFrames, Mask
from auditor.measure.noise import NoiseFloor
from auditor.measure.settings import DEFAULTS, MeasureSettings
from auditor.records import Measurement, Segment
from auditor.signal import Channel, power_to_dbov, runs_of

_LEVEL = "10*log10(mean(P) - noise) + codec loss, 300-3400 Hz, 25/10 ms frames of the party's segments"
_SPREAD = "standard deviation of the level of 200 ms blocks, at least half of each speech"
_ALPHA = "10*log10(sum P(1000-3400 Hz) / sum P(300-1000 Hz)), voiced frames"
_CLIPPED = "samples in flat tops at the leg's own ceiling / samples of speech"
_SNR = "10*log10((mean(P[speech]) - noise) / noise), noise frames >= 100 ms from speech"
_NOISE = "10*log10(mean(P)) of frames >= 100 ms from speech, without idle code, tones and hold"
_FAINTEST = 10.0**-9.5


def level_figures(
    sound: PartySound, *, codec: str = "", settings: MeasureSettings = DEFAULTS
) -> list[Measurement]:
    """level_dbov, level_sd_db, alpha_ratio_db, snr_db and noise_dbov of one party."""
    losses = ((speech, noise) for name, speech, noise in settings.codec_loss_db if name in codec)
    speech_db, noise_db = next(losses, (0.0, 0.0))
    return [
        _level(sound, loss_db=speech_db, settings=settings),
        _spread(sound, settings=settings),
        _alpha(sound),
        _snr(sound, loss_db=speech_db - noise_db, settings=settings),
        _noise(sound, loss_db=noise_db),
    ]


def net_power(power: float, noise: NoiseFloor) -> float | None:
    """Power less noise; None where nothing is left but noise or digital silence."""
    left = power - noise.known_power
    return left if left > max(_FAINTEST, 0.1 * noise.known_power) else None


def block_levels(
    frames: LegFrames, *, speech: Mask, noise: NoiseFloor, per_block: int
) -> npt.NDArray[np.float64]:
    """Noise-subtracted level of each block of frames in dBov; NaN where under half of it is speech."""
    count = len(frames.power)
    blocks = -(-count // per_block)
    padded = blocks * per_block - count
    inside = np.pad(speech, (0, padded)).reshape(blocks, per_block)
    power = np.pad(frames.power, (0, padded)).reshape(blocks, per_block).astype(np.float64)
    n = inside.sum(axis=1)
    mean = (power * inside).sum(axis=1) / np.maximum(n, 1) - noise.known_power
    audible = (2 * n >= per_block) & (mean > max(_FAINTEST, 0.1 * noise.known_power))
    return np.where(audible, power_to_dbov(mean), np.nan)


def alpha_ratio_db(low: Floats, high: Floats) -> float | None:
    """Energy over 1 kHz against energy under it, given the powers of voiced frames; None without any."""
    low_sum, high_sum = float(low.sum(dtype=np.float64)), float(high.sum(dtype=np.float64))
    if low_sum <= 0 or high_sum <= 0:
        return None
    return float(10 * np.log10(high_sum / low_sum))


def clip_shares(
    channel: Channel, segments: Sequence[Segment], *, settings: MeasureSettings = DEFAULTS
) -> tuple[float | None, list[float]]:
    """The clipped share over all the segments of a leg, and of each; None where the ceiling is too low."""
    pieces = [list(_pieces(channel, segment, settings=settings)) for segment in segments]
    top, bottom = 0.0, 0.0
    for first, last in (piece for group in pieces for piece in group):
        samples = _finite(channel, first, last)
        top, bottom = max(top, float(samples.max())), min(bottom, float(samples.min()))
    if max(top, -bottom) < settings.clip_lowest_ceiling:
        return None, [0.0] * len(segments)
    keep = 1 - settings.clip_tolerance
    shortest = round(settings.clip_run_s * channel.sample_rate_hz)
    clipped, total = [], []
    for group in pieces:
        flat, length = 0, 0
        for first, last in group:
            samples = _finite(channel, first, last)
            for side, ceiling in ((samples, top), (-samples, -bottom)):
                if ceiling >= settings.clip_lowest_ceiling:
                    flat += _in_runs(side >= keep * ceiling, shortest)
            length += len(samples)
        clipped.append(flat)
        total.append(length)
    shares = [flat / length if length else 0.0 for flat, length in zip(clipped, total, strict=True)]
    return sum(clipped) / max(1, sum(total)), shares


def clipped_figure(share: float | None, sound: PartySound) -> Measurement:
    """The clipped share of a party as a figure."""
    if not sound.segments:
        return missing("clipped_share", "share", "no_data", method=_CLIPPED)
    if share is None:
        return missing("clipped_share", "share", "not_trusted", method=_CLIPPED, span=sound.span)
    return measured("clipped_share", share, "share", span=sound.span, method=_CLIPPED)


def _speech_power(sound: PartySound) -> float:
    return float(sound.frames.power[sound.speech].mean(dtype=np.float64))


def _level(sound: PartySound, *, loss_db: float, settings: MeasureSettings) -> Measurement:
    if not sound.speech.any():
        return missing("level_dbov", "dBov", "no_data", method=_LEVEL)
    power = net_power(_speech_power(sound), sound.noise)
    if power is None:
        return missing("level_dbov", "dBov", "too_noisy", method=_LEVEL, span=sound.span)
    error = settings.unknown_noise_error_db
    if sound.noise.power is not None:
        doubt = sound.noise.power * (10 ** (sound.noise.error_db / 10) - 1)
        error = float(np.hypot(settings.level_error_db, 10 * np.log10(1 + doubt / power)))
    level = 10 * np.log10(power) + loss_db
    return measured("level_dbov", level, "dBov", error=error, span=sound.span, method=_LEVEL)


def _spread(sound: PartySound, *, settings: MeasureSettings) -> Measurement:
    per_block = round(settings.spread_block_s / settings.hop_s)
    levels = block_levels(sound.frames, speech=sound.speech, noise=sound.noise, per_block=per_block)
    levels = levels[np.isfinite(levels)]
    if len(levels) < settings.min_phrases:
        reason = "too_short" if sound.segments else "no_data"
        return missing("level_sd_db", "dB", reason, method=_SPREAD, span=sound.span)
    spread = float(levels.std(ddof=1))
    error = 1.96 * spread / np.sqrt(2 * (len(levels) - 1))
    return measured("level_sd_db", spread, "dB", error=error, span=sound.span, method=_SPREAD)


def _alpha(sound: PartySound) -> Measurement:
    ratio = alpha_ratio_db(sound.frames.low[sound.voiced], sound.frames.high[sound.voiced])
    if ratio is None:
        reason = "too_short" if sound.segments else "no_data"
        return missing("alpha_ratio_db", "dB", reason, method=_ALPHA, span=sound.span)
    return measured("alpha_ratio_db", ratio, "dB", error=1.0, span=sound.span, method=_ALPHA)


def _snr(sound: PartySound, *, loss_db: float, settings: MeasureSettings) -> Measurement:
    if not sound.speech.any():
        return missing("snr_db", "dB", "no_data", method=_SNR)
    if sound.noise.power is None:
        return missing("snr_db", "dB", sound.noise.reason or "no_data", method=_SNR, span=sound.span)
    left = _speech_power(sound) - sound.noise.power
    if left <= sound.noise.power * 10 ** (settings.lowest_snr_db / 10):
        return missing("snr_db", "dB", "too_noisy", method=_SNR, span=sound.span)
    ratio = 10 * np.log10(left / sound.noise.power) + loss_db
    return measured("snr_db", ratio, "dB", error=sound.noise.error_db, span=sound.span, method=_SNR)


def _noise(sound: PartySound, *, loss_db: float) -> Measurement:
    if sound.noise.power is None:
        return missing("noise_dbov", "dBov", sound.noise.reason or "no_data", method=_NOISE)
    level = float(power_to_dbov(sound.noise.power)) + loss_db
    return measured("noise_dbov", level, "dBov", error=sound.noise.error_db, method=_NOISE)


def _pieces(channel: Channel, segment: Segment, *, settings: MeasureSettings) -> Iterator[tuple[int, int]]:
    """Sample ranges of a segment, none longer than a block."""
    rate, total = channel.sample_rate_hz, len(channel.samples)
    first, last = max(0, round(segment.start_s * rate)), min(total, round(segment.end_s * rate))
    step = round(settings.block_s * rate)
    for begin in range(first, last, step):
        yield begin, min(last, begin + step)


def _finite(channel: Channel, first: int, last: int) -> npt.NDArray[np.float32]:
    samples = np.asarray(channel.samples[first:last], dtype=np.float32)
    return np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)


def _in_runs(hot: Mask, shortest: int) -> int:
    """How many samples lie in runs of at least ``shortest`` marked samples."""
    lengths = np.diff(runs_of(hot))
    return int(lengths[lengths >= shortest].sum())
