"""Measuring: every target in turn, round by round, so that what the machine does otherwise meets all of them alike."""

import json
import math
from collections.abc import Callable, Sequence

from bench.graph import HOT
from bench.model import BenchError, Json, Run, Target
from bench.processes import busy, spent, used
from seed.cast_shielded import SHIELDED_IDS, SHIELDED_MARKERS

RISING = 1.05
"""A target is warm when its rate has not risen by so much against the best before: Java's compilers take minutes."""
LONGEST = 10
"""How many loads warm a target up at most."""


def check(targets: Sequence[Target], answers: Sequence[Json]) -> None:
    """Make sure that all targets tell the same of each child, and nothing that would place a shielded one's family.

    Raises:
        BenchError: one tells something else.
    """
    for target in targets:
        wanted = answers[:HOT]
        found = target.answers(HOT)
        if len(found) != len(wanted):
            raise BenchError(f"{target.name} gives {len(found)} of {len(wanted)} answers.")
        for own, expected in zip(found, wanted, strict=True):
            if own != expected:
                raise BenchError(f"{target.name} answers {own}, and the graph holds {expected}.")
        for data in target.about_hidden():
            text = json.dumps(data, ensure_ascii=False)
            if told := [marker for marker in (*SHIELDED_MARKERS, *SHIELDED_IDS) if marker in text]:
                raise BenchError(f"{target.name} tells of a shielded child's family: {', '.join(told)}.")


def measure(target: Target, workers: int, clients: int, number: int, seconds: float) -> Run:
    """One run."""
    before, began = used(target.parts), busy()
    load = target.load(clients, seconds)
    parts = spent(before, target.parts)
    others = busy() - began - load.generator - math.fsum(part.seconds for part in parts)
    return Run(target.name, workers, clients, number, load, parts, max(0.0, others / load.seconds))


def warmed(target: Target, clients: int, seconds: float, before: Callable[[], None] = lambda: None) -> None:
    """Load a target until it is warm; `before` is called before each load."""
    best = 0.0
    for _ in range(LONGEST):
        before()
        load = target.load(clients, seconds)
        if load.requests / load.seconds < RISING * best:
            return
        best = load.requests / load.seconds


def measured(
    targets: Sequence[Target],
    *,
    workers: int,
    clients: Sequence[int],
    rounds: int,
    seconds: float,
    warm: float,
    progress: Callable[[str], None],
) -> list[Run]:
    """Warm every target up, then measure each at every number of clients, in so many rounds."""
    for target in targets:
        progress(f"{target.name}, {workers} at work: warming up")
        for _ in range(2 * workers):  # few at once on new connections first: a crowd would have the first of everything
            target.load(2, 3.0)
        warmed(target, max(clients), warm)
    runs = []
    for number in range(rounds):
        for count in clients:
            for target in targets:
                run = measure(target, workers, count, number, seconds)
                runs.append(run)
                cost = ", ".join(f"{each.name} {1000 * each.seconds / run.load.requests:.2f}" for each in run.parts)
                said = f"{run.throughput:,.0f}/s, {run.load.p50:.1f} ms, processor ms {cost}, others {run.others:.2f}"
                progress(f"{target.name}, {workers} at work: round {number + 1}, {count} clients: {said}")
    return runs
