"""Figures of several rounds: medians, spreads, and ratios of what was measured side by side."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.model import Run

Measure = Callable[[Run], float]


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so many in a hundred do not exceed; the values are sorted."""
    return values[max(0, math.ceil(len(values) * share / 100) - 1)]


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some rounds, the least and the most."""

    median: float
    least: float
    most: float


def spread(values: Iterable[float]) -> Spread:
    """The spread of the rounds' values."""
    known = sorted(values)
    return Spread(median(known), known[0], known[-1])


def cell(runs: Iterable[Run], target: str, workers: int, clients: int) -> list[Run]:
    """The rounds of one target at one number of workers and clients, in order."""
    found = [run for run in runs if (run.target, run.workers, run.clients) == (target, workers, clients)]
    return sorted(found, key=lambda run: run.round)


def ratio(measure: Measure, ours: Sequence[Run], theirs: Sequence[Run]) -> Spread:
    """One target's figure in units of another's: each round by itself, since the machine changes between rounds.

    Raises:
        ValueError: the two were not measured in the same rounds.
    """
    return spread(measure(our) / measure(their) for our, their in zip(ours, theirs, strict=True))


def throughput(run: Run) -> float:
    """Answers in a second."""
    return run.throughput


def p50(run: Run) -> float:
    """Median time, in milliseconds."""
    return run.load.p50


@dataclass(frozen=True, slots=True)
class Claim:
    """A ratio that we mean to hold.

    Attributes:
        what: in words.
        measure: of what.
        against: the other target.
        clients: at how many.
        bound: the ratio.
        at_least: whether it is a lower bound; else an upper one.
    """

    what: str
    measure: Measure
    against: str
    clients: int
    bound: float
    at_least: bool

    def holds(self, value: float) -> bool:
        """Whether a ratio is within the bound."""
        return value >= self.bound if self.at_least else value <= self.bound


GATEWAY, EMBEDDED = "this gateway", "this gateway, embedded engines"
NEO4J, POSTGRAPHILE, BARE = "@neo4j/graphql", "PostGraphile", "bare driver"
CLAIMS = (
    Claim("throughput, 32 clients", throughput, NEO4J, 32, 2.5, at_least=True),
    Claim("throughput, 32 clients", throughput, POSTGRAPHILE, 32, 1.7, at_least=True),
    Claim("throughput, 32 clients", throughput, BARE, 32, 0.65, at_least=True),
    Claim("median time, 1 client", p50, NEO4J, 1, 0.5, at_least=False),
    Claim("median time, 1 client", p50, POSTGRAPHILE, 1, 0.7, at_least=False),
)
"""What the gateway is to reach, with policy and audit on, at equal numbers of workers."""
