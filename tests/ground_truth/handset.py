"""What telephone and room do to a call: noise, hum, band, level, clipping, reverberation.

Offered through `ground_truth.line`, whose conventions hold here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.signal

from ground_truth import sounds
from ground_truth.legs import Call, Samples
from ground_truth.truth import LEGS, Effect, Leg, span_frames


def floor_noise(call: Call, *, level_dbov: float = -66.0, leg: Leg | None = None, seed: int = 0) -> Call:
    """A live line's own noise: white, of that broad-band level."""

    def add(samples: Samples, rng: np.random.Generator) -> Samples:
        return samples + ratio(level_dbov) * rng.standard_normal(len(samples))

    return _each(call, add, leg=leg, seed=seed, name="floor_noise", level_dbov=level_dbov)


def add_noise(
    call: Call,
    *,
    snr_db: float | None = None,
    level_dbov: float | None = None,
    kind: sounds.NoiseKind = "white",
    leg: Leg | None = None,
    seed: int = 0,
) -> Call:
    """Noise at ``snr_db`` under the leg's own speech, or at a level; both within 300–3400 Hz.

    The speech level is the band power over all words that the leg's truth names (-20 dBov without any).
    The level that came out is noted as ``level_dbov`` by leg.
    """
    levels: dict[str, float] = {}
    legs: dict[Leg, Samples] = {}
    for k, one in enumerate(chosen(leg)):
        if snr_db is not None:
            level = speech_level_dbov(call, one) - snr_db
        else:
            assert level_dbov is not None
            level = level_dbov
        rng = np.random.default_rng([seed, LEGS.index(one), 17 + k])
        made = sounds.noise(kind, call.duration_s, rng=rng, rate_hz=call.rate_hz)
        legs[one] = call.legs[one] + ratio(level) * np.resize(made, len(call.legs[one]))
        levels[one] = level
    return call.changed(legs, Effect("add_noise", {"kind": kind, "snr_db": snr_db, "level_dbov": levels}))


def hum(call: Call, *, level_dbov: float = -40.0, mains_hz: float = 50.0, leg: Leg | None = None) -> Call:
    """Mains hum, broad-band level."""

    def add(samples: Samples, _: np.random.Generator) -> Samples:
        wave = sounds.hum(call.duration_s, mains_hz=mains_hz, rate_hz=call.rate_hz)
        return samples + ratio(level_dbov) * np.resize(wave, len(samples))

    return _each(call, add, leg=leg, name="hum", level_dbov=level_dbov, mains_hz=mains_hz)


def dc_offset(call: Call, *, offset: float = 0.01, leg: Leg | None = None) -> Call:
    """A constant, in full scales."""
    return _each(call, lambda samples, _: samples + offset, leg=leg, name="dc_offset", offset=offset)


def gain(call: Call, *, db: float, leg: Leg | None = None) -> Call:
    """Louder or fainter; the levels in the truth move along."""
    changed = _each(call, lambda samples, _: samples * ratio(db), leg=leg, name="gain", db=db)
    return _levelled(changed, db=db, leg=leg)


def clip(call: Call, *, ceiling_dbov: float = -6.0, leg: Leg | None = None) -> Call:
    """Flat tops at that peak (20*log10 of full scale), before any codec."""
    top = ratio(ceiling_dbov)
    cut: Callable[..., Samples] = lambda samples, _: np.clip(samples, -top, top)  # noqa: E731
    return _each(call, cut, leg=leg, name="clip", ceiling_dbov=ceiling_dbov)


def low_pass(call: Call, *, hz: float, leg: Leg | None = None) -> Call:
    """A muffled handset: eighth order, no delay."""
    sections = scipy.signal.butter(4, hz, "lowpass", fs=call.rate_hz, output="sos")
    return _each(
        call, lambda samples, _: scipy.signal.sosfiltfilt(sections, samples), leg=leg, name="low_pass", hz=hz
    )


def telephone_band(call: Call, *, leg: Leg | None = None) -> Call:
    """Keep 300–3400 Hz, without delay."""
    sections = scipy.signal.butter(3, sounds.BAND_HZ, "bandpass", fs=call.rate_hz, output="sos")
    return _each(
        call, lambda samples, _: scipy.signal.sosfiltfilt(sections, samples), leg=leg, name="telephone_band"
    )


def reverberate(
    call: Call,
    *,
    rt60_s: float = 0.4,
    direct_to_reverberant_db: float = 3.0,
    leg: Leg | None = None,
    seed: int = 0,
) -> Call:
    """A room: decaying noise, falling by 60 dB in ``rt60_s``. The truth stays that of the direct sound."""

    def add(samples: Samples, rng: np.random.Generator) -> Samples:
        count = round(rt60_s * call.rate_hz)
        tail = rng.standard_normal(count) * 10 ** (-3 * np.arange(count) / count)
        tail[: round(0.003 * call.rate_hz)] = 0
        tail *= ratio(-direct_to_reverberant_db) / np.sqrt(np.sum(tail**2))
        return samples + scipy.signal.fftconvolve(samples, tail)[: len(samples)]

    return _each(
        call, add, leg=leg, seed=seed, name="reverberate", rt60_s=rt60_s, drr_db=direct_to_reverberant_db
    )


def speech_level_dbov(call: Call, leg: Leg, *, fallback: float = -20.0) -> float:
    """Level of a leg's own words within 300–3400 Hz, from the samples as they stand."""
    band = scipy.signal.butter(6, sounds.BAND_HZ, "bandpass", fs=call.rate_hz, output="sos")
    active = np.repeat(span_frames(call.truth.words(leg), call.duration_s), call.rate_hz // 100)
    filtered = scipy.signal.sosfilt(band, call.legs[leg])[: len(active)][active]
    return float(10 * np.log10(np.mean(filtered**2) + 1e-20)) if filtered.size else fallback


def _each(
    call: Call,
    change: Callable[[Samples, np.random.Generator], Samples],
    *,
    leg: Leg | None,
    name: str,
    seed: int = 0,
    **parameters: Any,
) -> Call:
    legs = {
        one: np.asarray(change(call.legs[one], np.random.default_rng([seed, LEGS.index(one), len(name)])))
        for one in chosen(leg)
    }
    return call.changed(legs, Effect(name, {"leg": leg, **parameters}))


def _levelled(call: Call, *, db: float, leg: Leg | None) -> Call:
    spoken, sounded = (
        tuple(
            replace(one, level_dbov=one.level_dbov + db) if leg in (None, one.leg) else one for one in group
        )
        for group in (call.truth.spoken, call.truth.sounded)
    )
    return Call(call.legs, replace(call.truth, spoken=spoken, sounded=sounded))


def chosen(leg: Leg | None) -> tuple[Leg, ...]:
    """The legs that None or one name means."""
    return LEGS if leg is None else (leg,)


def ratio(value: float) -> float:
    """The factor of a gain in dB."""
    return float(10 ** (value / 20))
