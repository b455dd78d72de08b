"""Who speaks when on a leg that carries both parties: its speech split at changes of voice.

1. Windows of 1.5 s every 0.5 s of the speech become vectors (`auditor.speech.embedding`).
2. Three clusterings into two groups (k-means, Ward's, spectral) are each made into a picture of the call:
   Gaussians of one shared covariance over the vectors, and a chain of two speakers that take turns
   (`auditor.speech.hidden`). The picture whose groups lie furthest apart is kept, and worked out anew from
   Gaussian mixtures over the cepstra of the frames.
3. The groups are two voices only when they stay apart on halves of the call that were not used to find
   the direction (`separation`); otherwise nobody is told apart: one person's voice is never split.
4. A stretch whose speaker is not clear (overlap, noise, a single short word) stays undecided.

Accuracy: tests/benchmarks/accuracy.py --only mono.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import erf, sqrt
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from auditor.records import Segment
from auditor.signal import Channel, resample
from auditor.speech.embedding import EMBEDDING_RATE_HZ, SHORTEST_WINDOW_S, SpeakerEmbedder, Vectors
from auditor.speech.hidden import smooth
from auditor.speech.voice_frames import VoiceFrames, mixture_odds, voice_frames
from auditor.speech.voice_grid import Grid, windows_of
from auditor.speech.voice_groups import components, groupings, separation, window_odds

if TYPE_CHECKING:
    from collections.abc import Iterator

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DiarizeSettings:
    """What diarisation fixes. All [O], chosen on the labelled conversation and on made calls.

    Attributes:
        window_s: Length of an embedded window.
        hop_s: ... and the step between two of them in a long segment.
        most_windows: So many windows, evenly spread, find the groups (memory and time of long calls).
        fewest_windows: With fewer there is nothing to tell apart.
        components: Principal components of the vectors that are kept.
        stay: Chance that the same voice goes on in the next step.
        stay_over_pause: ... over a pause between two segments.
        window_weight: Nats of a window count this much per step: windows overlap and are no
            independent witnesses.
        rounds: How often groups and picture are worked out from each other.
        mixture_rounds: ... and then mixtures over frames and picture.
        decided: A stretch belongs to a voice from this mean posterior probability on.
        least_share: A voice with less of the speech is not a party.
    """

    window_s: float = 1.5
    hop_s: float = 0.5
    most_windows: int = 1500
    fewest_windows: int = 6
    components: int = 10
    stay: float = 0.96
    stay_over_pause: float = 0.75
    window_weight: float = 0.25
    rounds: int = 5
    mixture_rounds: int = 3
    decided: float = 0.85
    least_share: float = 0.04


DEFAULTS = DiarizeSettings()


@dataclass(frozen=True, slots=True)
class Diarization:
    """The speech of a leg by voice.

    Attributes:
        segments: in time order; ``voice`` is 0 or 1, None where undecided. Not told apart: the segments
            that came in, all without a voice.
        told_apart: whether there are two voices.
        separation: see `separation`.
        probability: that decided speech was given to the right voice: the mean posterior times
            ``Phi(separation / 2)``, the share of two such populations on the right side of the middle; no
            higher than the embedder's ``right_share``.
        embedder: what told them apart.
    """

    segments: tuple[Segment, ...]
    told_apart: bool
    separation: float
    probability: float
    embedder: str


def diarize(
    channel: Channel,
    segments: Sequence[Segment],
    *,
    embedder: SpeakerEmbedder,
    settings: DiarizeSettings = DEFAULTS,
) -> Diarization:
    """Split the speech of a leg into two voices, if there are two.

    Args:
        channel: the leg.
        segments: its speech.
        embedder: what makes voices comparable.
        settings: see `DiarizeSettings`.
    """
    ordered = tuple(sorted(segments, key=lambda s: s.start_s))
    one = Diarization(ordered, False, 0.0, 0.0, embedder.name)
    spans = list(windows_of(ordered, window_s=settings.window_s, hop_s=settings.hop_s))
    if len(spans) < settings.fewest_windows:
        return one
    vectors = components(embedder.embed([_sound(channel, *span) for span in spans]), kept=settings.components)
    grid = Grid(ordered, spans, stay=settings.stay, stay_over_pause=settings.stay_over_pause)
    pictures = [
        _by_windows(groups, vectors=vectors, grid=grid, settings=settings)
        for groups in groupings(vectors, most=settings.most_windows)
    ]
    found = max(pictures, key=lambda one: separation(vectors, grid.over_windows(one) > 0.5))
    best = _by_frames(found, grid=grid, frames=voice_frames(channel, ordered), settings=settings)
    apart = separation(vectors, grid.over_windows(best) > 0.5)
    split = tuple(_split(ordered, posterior=best, grid=grid, settings=settings))
    told = apart >= embedder.least_separation and _shares(split) >= settings.least_share
    if not told:
        return Diarization(ordered, False, apart, 0.0, embedder.name)
    right_side = (1 + erf(apart / 2 / sqrt(2))) / 2
    sure = min(float(np.maximum(best, 1 - best).mean()) * right_side, embedder.right_share)
    return Diarization(split, True, apart, round(sure, 4), embedder.name)


def _sound(channel: Channel, start_s: float, end_s: float) -> npt.NDArray[np.float32]:
    """A window's samples at 16 kHz, widened to the shortest that embedders take."""
    lacking_s = max(0.0, SHORTEST_WINDOW_S + 0.01 - (end_s - start_s)) / 2
    sound = channel.slice(start_s - lacking_s, end_s + lacking_s)
    sound = resample(sound, channel.sample_rate_hz, EMBEDDING_RATE_HZ)
    least = round(SHORTEST_WINDOW_S * EMBEDDING_RATE_HZ)
    return np.pad(sound, (0, max(0, least - len(sound))))


def _by_windows(groups: Floats, *, vectors: Vectors, grid: Grid, settings: DiarizeSettings) -> Floats:
    """Per step the posterior probability of the first voice, worked out from groups of windows."""
    posterior = np.full(len(grid.starts_s), 0.5)
    for _ in range(settings.rounds):
        odds = window_odds(vectors, groups)
        posterior = smooth(settings.window_weight * grid.over_steps(odds), stay=grid.stay)
        groups = np.clip(grid.over_windows(posterior), 0.001, 0.999)
        if min(groups.sum(), (1 - groups).sum()) < 1:
            break
    return posterior


def _by_frames(posterior: Floats, *, grid: Grid, frames: VoiceFrames, settings: DiarizeSettings) -> Floats:
    """The posterior worked out anew from the frames: windows are too long for short answers."""
    for _ in range(settings.mixture_rounds):
        by_frames = mixture_odds(frames, starts_s=grid.starts_s, posterior=posterior)
        if by_frames is None:
            break
        posterior = smooth(by_frames, stay=grid.stay)
    return posterior


def _split(
    segments: Sequence[Segment], *, posterior: Floats, grid: Grid, settings: DiarizeSettings
) -> Iterator[Segment]:
    """Segments cut where the likelier voice changes."""
    for k, segment in enumerate(segments):
        own = posterior[grid.first[k] : grid.first[k + 1]]
        starts_s = grid.starts_s[grid.first[k] : grid.first[k + 1]]
        voices = (own > 0.5).astype(int)
        cuts = [0, *(np.flatnonzero(np.diff(voices)) + 1).tolist(), len(own)]
        for begin, end in pairwise(cuts):
            sure = own[begin:end] if voices[begin] else 1 - own[begin:end]
            yield Segment(
                segment.channel,
                segment.start_s if begin == 0 else round(float(starts_s[begin]), 2),
                segment.end_s if end == len(own) else round(float(starts_s[end]), 2),
                int(voices[begin]) if float(sure.mean()) >= settings.decided else None,
            )


def _shares(segments: Sequence[Segment]) -> float:
    """The smaller voice's share of the decided speech."""
    spoken = [sum(s.end_s - s.start_s for s in segments if s.voice == voice) for voice in (0, 1)]
    return min(spoken) / sum(spoken) if sum(spoken) else 0.0
