"""Confidence norms (V5): how sure a model usually is of a centre's agents.

Definition
    ``median`` and ``spread`` (1.4826 times the median absolute deviation, as on a model's card) of the
    agents' ``asr_confidence`` over the calls of an edition: one figure per call, too short ones left out.
    The interval of the median is that of order statistics (95 %).

What becomes of it
    Written as ``<model>.norm.json`` into a folder of models, it takes the place of the norm on the model's
    card for calls heard from then on (`auditor.asr.checkpoints`).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING

from sqlalchemy import select

from auditor.errors import UsageError
from auditor.store.tables import AuditRow, MeasurementRow, MeasureRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.store import Store
    from auditor.store.editions import Edition

FEWEST_CALLS = 30
_MAD_TO_SD = 1.4826


@dataclass(frozen=True, slots=True)
class Norm:
    """One model's norm; ``sha256`` of its checkpoint."""

    model: str
    sha256: str
    median: float
    spread: float
    calls: int
    median_low: float
    median_high: float

    def as_file(self) -> dict[str, object]:
        """What ``<model>.norm.json`` holds."""
        content = {name: round(v, 4) if isinstance(v, float) else v for name, v in asdict(self).items()}
        return {"measured": "auditor calibrate --norms", **content}


def find_norm(store: Store, *, edition: Edition) -> Norm:
    """The norm of an edition's model.

    Raises:
        UsageError: the edition has no model, or too few calls.
        StoreError: the store cannot be read.
    """
    if edition.model is None or edition.model_sha256 is None:
        raise UsageError("the last run read transcripts only; norms need calls that a model heard.")
    query = (
        select(MeasurementRow.value)
        .join(MeasureRow, MeasureRow.id == MeasurementRow.measure_id)
        .join(AuditRow, AuditRow.evidence_id == MeasurementRow.evidence_id)
        .where(
            MeasureRow.party == "agent",
            MeasureRow.name == "asr_confidence",
            edition.holds(),
            AuditRow.model_id == edition.model_id,
            ~AuditRow.too_short,
        )
    )
    with store.reading() as session:
        values = sorted(session.scalars(query).all())
    if len(values) < FEWEST_CALLS:
        raise UsageError(
            f"{len(values)} calls have a confidence by {edition.model}; a norm needs {FEWEST_CALLS}."
        )
    return norm_of(values, model=edition.model, sha256=edition.model_sha256)


def norm_of(values: Sequence[float], *, model: str, sha256: str) -> Norm:
    """Median, spread and the median's interval of sorted values."""
    middle = median(values)
    half = 1.96 * math.sqrt(len(values)) / 2
    low = max(0, math.floor(len(values) / 2 - half))
    high = min(len(values) - 1, math.ceil(len(values) / 2 + half))
    return Norm(
        model=model,
        sha256=sha256,
        median=middle,
        spread=_MAD_TO_SD * median(abs(value - middle) for value in values),
        calls=len(values),
        median_low=values[low],
        median_high=values[high],
    )
