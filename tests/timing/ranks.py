"""Whether one sample tends to be larger than another: the Mann-Whitney U test, by its normal approximation."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True)
class Compared:
    """Two samples compared.

    Attributes:
        larger: the chance that a draw from the second is larger than one from the first; 0.5 says nothing.
        p: the chance of a difference like this, or a greater one, among equal samples, two-sided.
    """

    larger: float
    p: float

    def needed(self) -> float:
        """How many pairs of answers tell the two apart nineteen times in twenty, about; infinite if they are alike."""
        edge = abs(self.larger - 0.5)
        return math.inf if edge == 0 else (1.64 * 0.5 / edge) ** 2


def compare(first: Sequence[float], second: Sequence[float]) -> Compared:
    """Compare two samples of some dozens or more.

    Args:
        first: a sample.
        second: another.
    """
    n, m = len(first), len(second)
    pooled = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    place, ranks, ties = 0, 0.0, 0
    for _, group in groupby(pooled, key=lambda pair: pair[0]):
        members = [which for _, which in group]
        size = len(members)
        ranks += sum(members) * (place + (size + 1) / 2)
        ties += size**3 - size
        place += size
    u = ranks - m * (m + 1) / 2
    total = n + m
    variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)))
    if variance == 0:
        return Compared(0.5, 1.0)
    z = (abs(u - n * m / 2) - 0.5) / math.sqrt(variance)
    return Compared(u / (n * m), min(1.0, math.erfc(z / math.sqrt(2))))
