"""Cepstra of a leg's speech frame by frame, and what mixtures trained on two voices say of each step."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from auditor.records import Segment
from auditor.signal import Channel
from auditor.speech.embedding import cepstra_of

Floats = npt.NDArray[np.float64]
FRAME_S = 0.0125

# All [O], chosen on the labelled conversation and on made calls.
_MIXTURES = 8
_FRAMES_PER_MIXTURE = 60
_MOST_FRAMES = 20_000
_SURE = 0.6
_NATS_PER_FRAME = 0.1  # neighbouring frames are hardly independent witnesses
_LARGEST_NATS = 5.0
_UNDER_LOUD_DB = 25.0


@dataclass(frozen=True, slots=True, eq=False)
class VoiceFrames:
    """The louder speech frames: standardised cepstra, shape ``(frames, 19)``, and their times in seconds."""

    cepstra: npt.NDArray[np.float32]
    times_s: Floats


def voice_frames(channel: Channel, segments: Sequence[Segment]) -> VoiceFrames:
    """The frames of a leg's speech within 25 dB of its loud ones."""
    found = [
        (
            segment.start_s,
            *cepstra_of(channel.slice(segment.start_s, segment.end_s), rate_hz=channel.sample_rate_hz),
        )
        for segment in segments
    ]
    cepstra = np.concatenate([rows for _, rows, _ in found])
    levels = np.concatenate([row for _, _, row in found])
    times_s = np.concatenate([start_s + np.arange(len(row)) * FRAME_S for start_s, _, row in found])
    loud = levels >= np.quantile(levels, 0.9) - _UNDER_LOUD_DB
    kept = cepstra[loud]
    return VoiceFrames((kept - kept.mean(axis=0)) / np.maximum(kept.std(axis=0), 1e-6), times_s[loud])


def mixture_odds(frames: VoiceFrames, *, starts_s: Floats, posterior: Floats) -> Floats | None:
    """Per step the log-odds of the first voice, by a mixture of Gaussians per voice over its frames.

    Args:
        frames: the leg's frames.
        starts_s: where every step starts, in order.
        posterior: probability of the first voice per step, from which the mixtures are trained.

    Returns:
        Nats, shape ``(steps,)``; None when a voice has too few frames.
    """
    places = np.clip(np.searchsorted(starts_s, frames.times_s + 1e-6, side="right") - 1, 0, len(starts_s) - 1)
    likely = posterior[places]
    ones, zeros = frames.cepstra[likely > _SURE], frames.cepstra[likely < 1 - _SURE]
    count = min(_MIXTURES, min(len(ones), len(zeros)) // _FRAMES_PER_MIXTURE)
    if count < 1:
        return None
    odds = _mixture(ones, count).score_samples(frames.cepstra)
    odds = odds - _mixture(zeros, count).score_samples(frames.cepstra)
    nats = _NATS_PER_FRAME * np.clip(odds, -_LARGEST_NATS, _LARGEST_NATS)
    return np.asarray(np.bincount(places, weights=nats, minlength=len(starts_s)), dtype=np.float64)


def _mixture(frames: npt.NDArray[np.float32], count: int) -> Any:
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415
    from sklearn.mixture import GaussianMixture  # noqa: PLC0415

    step = max(1, -(-len(frames) // _MOST_FRAMES))
    mixture = GaussianMixture(count, covariance_type="diag", reg_covar=0.05, max_iter=30, random_state=0)
    with warnings.catch_warnings():
        # A rough mixture is all that is needed: it is trained again in the next round.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return mixture.fit(frames[::step].astype(np.float64))
