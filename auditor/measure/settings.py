"""What measuring itself must fix: frames, bands, pitch range and the least data a figure needs.

None of these numbers judges anybody; verdict thresholds stand in the rulebook. They are hashed into
the provenance (`measuring_sha256`), because stored evidence is comparable only between equal ones.

Sources: measurements.md where a line says so; Boersma (1993) for pitch (costs near Praat's defaults,
tuned for telephone bands on human clips against `librosa.pyin`); de Jong & Wempe (2009) for the syllable
nuclei; De Looze & Hirst (2008) for a voice's register; the rest are our own defaults.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

METHOD_VERSION = 5
"""Raised whenever a formula changes, so that old evidence says "needs audio"."""


@dataclass(frozen=True, slots=True)
class MeasureSettings:
    """Frozen parameters of the measuring stage (units in the names)."""

    # Frames and band (measurements.md, Band).
    rate_hz: int = 8000
    frame_s: float = 0.025
    hop_s: float = 0.010
    fft_size: int = 256
    band_low_hz: float = 300.0
    band_split_hz: float = 1000.0
    band_high_hz: float = 3400.0
    block_s: float = 60.0
    track_step_s: float = 0.1
    spread_block_s: float = 0.2
    # Pitch: range for men, women and shouting; window of almost four periods at the lowest pitch.
    f0_min_hz: float = 75.0
    f0_max_hz: float = 650.0
    f0_window_s: float = 0.050
    f0_candidates: int = 6
    f0_compression: float = 0.6
    f0_voicing: float = 0.40
    f0_silence: float = 0.03
    f0_octave_cost: float = 0.01
    f0_jump_cost: float = 1.0
    f0_voicing_cost: float = 0.25
    f0_register_s: float = 0.5
    f0_register_low: float = 0.75
    f0_register_high: float = 1.8
    f0_register_cost: float = 0.5
    f0_middle_cost: float = 0.02
    f0_outlier_st: float = 7.0
    f0_outlier_window_s: float = 0.5
    f0_shortest_run_s: float = 0.03
    f0_piece_s: float = 8.0
    min_voiced_segment_s: float = 0.1
    min_voiced_s: float = 1.0
    min_voiced_phrase_s: float = 0.3
    min_phrases: int = 3
    # Pace (measurements.md, Pace).
    min_syllables: int = 60
    min_turns: int = 3
    # [D] What voice activity takes off a segment in noise, and what that leaves (accuracy_pace.py).
    pace_edge_snr_db: tuple[float, float] = (15.0, 40.0)
    pace_edge_s: tuple[float, float] = (0.10, 0.01)
    pace_gap_s: float = 0.3
    pace_time_error: float = 0.03
    nuclei_apart: float = 0.30
    max_syllables_per_s: float = 10.0  # [D] 311/min is ordinary, 8-9/s the fastest: more says wrong times
    nuclei_smooth_s: float = 0.09
    nuclei_dip_db: float = 2.3
    nuclei_below_top_db: float = 25.0
    # Volume and noise (measurements.md, Noise).
    noise_guard_s: float = 0.1
    min_noise_s: float = 0.5
    idle_dbov: float = -90.0
    gated_share: float = 0.2
    noise_block_s: float = 0.25
    noise_outlier_db: float = 10.0
    lowest_snr_db: float = -10.0
    # [D] What a codec at its usual rate takes off speech and off steady noise, by a part of its name, and
    # what that leaves (tests/benchmarks/accuracy_level.py: GSM 13, AMR 12.2, Opus 24, MP3 16 kbit/s).
    codec_loss_db: tuple[tuple[str, float, float], ...] = (
        *(("gsm", 0.52, 0.80), ("amr", 0.35, 2.0)),
        *(("opus", 0.33, 0.33), ("mp3", 0.33, 0.70)),
    )
    level_error_db: float = 0.6
    snr_error_db: float = 2.0  # [D] A-law and µ-law add noise of their own to a faint leg (the same)
    unknown_noise_error_db: float = 1.0
    # Clipping: a flat top is a run this long within this share of the leg's own ceiling.
    clip_run_s: float = 0.000375
    clip_tolerance: float = 0.02
    clip_lowest_ceiling: float = 0.02
    # Timing (measurements.md: silences and overlaps worth an event; error of a VAD boundary).
    silence_s: float = 2.0
    overlap_s: float = 0.2
    boundary_error_s: float = 0.2
    ring_pause_s: float = 4.0
    ring_burst_s: float = 1.0
    # Release (measurements.md, Who hung up).
    idle_join_s: float = 0.03
    idle_at_edge_s: float = 0.1
    live_pause_s: float = 2.0
    put_down_window_s: float = 1.0
    put_down_frame_s: float = 0.005


DEFAULTS = MeasureSettings()


def measuring_sha256(settings: MeasureSettings = DEFAULTS) -> str:
    """SHA-256 (hex) of the settings and the version of the formulas."""
    text = json.dumps({"version": METHOD_VERSION, **asdict(settings)}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
