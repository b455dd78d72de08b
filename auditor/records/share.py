"""A counted share and how sure it is: 18 of 20 is 90 %, and with 95 % certainty between 70 % and 97 %."""

from __future__ import annotations

import math
from dataclasses import dataclass

_Z = 1.959963984540054  # the normal distribution's 97.5 % point


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` out of ``of``; shares add as their counts do."""

    hits: int
    of: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.of:
            raise ValueError(f"{self.hits} of {self.of} is no share")

    def __add__(self, other: Share) -> Share:
        return Share(self.hits + other.hits, self.of + other.of)

    @property
    def value(self) -> float | None:
        """The share in 0..1; None where nothing was counted."""
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval, in 0..1; None where nothing was counted.

        Formula: (p + z²/2n ± z·sqrt(p(1 − p)/n + z²/4n²)) / (1 + z²/n), p = hits/n, z = 1.96
        (Wilson, JASA 22, 1927). Unlike p ± 1.96 s it stays within 0..1 and holds for few calls.
        """
        return self.bounds(_Z)

    def bounds(self, z: float) -> tuple[float, float] | None:
        """The same interval for ``z`` standard errors."""
        return wilson(self.hits / self.of, self.of, z=z) if self.of else None


def wilson(share: float, of: float, *, z: float = _Z) -> tuple[float, float]:
    """The interval of `Share`, also for a number of samples that is not whole: an effective one."""
    middle = share + z**2 / (2 * of)
    half = z * math.sqrt(share * (1 - share) / of + z**2 / (4 * of**2))
    scale = 1 + z**2 / of
    return 0.0 if share <= 0 else (middle - half) / scale, 1.0 if share >= 1 else (middle + half) / scale
