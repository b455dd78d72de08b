"""Vectors of windows in two groups: finding them, weighing each window, and how far apart they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from auditor.speech.embedding import Vectors

if TYPE_CHECKING:
    from collections.abc import Iterator

Floats = npt.NDArray[np.float64]


def separation(vectors: Vectors, first: npt.NDArray[np.bool_]) -> float:
    """How far apart two groups of vectors lie on windows that did not choose the direction.

    The windows are cut into eight stretches of time; the discriminant direction (Fisher) comes from the
    even ones and is tried on the odd ones, and the other way round. With the group means ``m`` and
    variances ``v`` of the projections: ``d' = (m1 - m0) / sqrt((v1 + v0) / 2)``.

    Args:
        vectors: shape ``(windows, components)``, in time order.
        first: which windows are the first voice's.

    Returns:
        d', 0 when a group is too small to say.
    """
    count = len(vectors)
    even = (np.arange(count) * 8 // max(count, 1)) % 2 == 0
    projected = np.zeros(count)
    for train in (even, ~even):
        if min((train & first).sum(), (train & ~first).sum()) < 2:
            return 0.0
        ones, zeros = vectors[train & first], vectors[train & ~first]
        weights, middle = _direction(ones, zeros)
        projected[~train] = vectors[~train] @ weights - middle
    one, zero = projected[first], projected[~first]
    spread = np.sqrt((one.var() + zero.var()) / 2)
    return float((one.mean() - zero.mean()) / spread) if spread > 0 else 0.0


def _direction(ones: Vectors, zeros: Vectors) -> tuple[Floats, float]:
    """Unit-variance discriminant direction and its middle; the shared covariance is shrunk by a fifth."""
    difference = ones.mean(axis=0) - zeros.mean(axis=0)
    rest = np.concatenate([ones - ones.mean(axis=0), zeros - zeros.mean(axis=0)])
    shared = _shrunk(rest.T @ rest / len(rest))
    weights = np.linalg.solve(shared, difference)
    weights /= max(float(np.sqrt(weights @ shared @ weights)), 1e-12)
    return weights, float((ones.mean(axis=0) + zeros.mean(axis=0)) @ weights / 2)


def _shrunk(covariance: Floats, share: float = 0.2) -> Floats:
    size = len(covariance)
    even = max(float(np.trace(covariance)) / size, 1e-9)
    return (1 - share) * covariance + share * even * np.eye(size)


def components(vectors: Vectors, *, kept: int) -> Vectors:
    """The first principal components of the vectors."""
    centred = vectors - vectors.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    kept = max(1, min(kept, int((sizes > 1e-6 * max(sizes[0], 1e-9)).sum())))
    return np.asarray(left[:, :kept] * sizes[:kept])


def groupings(vectors: Vectors, *, most: int) -> Iterator[Floats]:
    """Clusterings into two groups: the probability of the first group per window, 0.5 where not asked."""
    from sklearn.cluster import AgglomerativeClustering, KMeans, SpectralClustering  # noqa: PLC0415

    asked = np.unique(np.linspace(0, len(vectors) - 1, min(most, len(vectors))).round().astype(int))
    few = vectors[asked]
    likeness = _likeness(few)
    for labels in (
        KMeans(2, n_init=20, random_state=0).fit_predict(few),
        AgglomerativeClustering(2, linkage="ward").fit_predict(few),
        SpectralClustering(2, affinity="precomputed", assign_labels="cluster_qr", random_state=0).fit_predict(
            likeness
        ),
    ):
        groups = np.full(len(vectors), 0.5)
        groups[asked] = np.where(labels == 1, 0.95, 0.05)
        yield groups


def _likeness(vectors: Vectors) -> Floats:
    """Cosine affinity in 0..1, each row's four fifths of least likeness weakened, made symmetric."""
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    affinity = (1 + np.clip(unit @ unit.T, -1, 1)) / 2
    strong = affinity >= np.quantile(affinity, 0.8, axis=1, keepdims=True)
    weakened = np.where(strong, affinity, 0.01 * affinity)
    return np.asarray(np.maximum(weakened, weakened.T))


def window_odds(vectors: Vectors, groups: Floats) -> Floats:
    """Log-odds of the first voice per window: two Gaussians with one covariance, softly counted."""
    one, zero = groups, 1 - groups
    mean1 = one @ vectors / one.sum()
    mean0 = zero @ vectors / zero.sum()
    rest1, rest0 = np.sqrt(one)[:, None] * (vectors - mean1), np.sqrt(zero)[:, None] * (vectors - mean0)
    shared = _shrunk((rest1.T @ rest1 + rest0.T @ rest0) / len(vectors))
    weights = np.linalg.solve(shared, mean1 - mean0)
    return np.asarray(vectors @ weights - (mean1 + mean0) @ weights / 2)
