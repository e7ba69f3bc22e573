"""The report: ratios first, since they carry over to other machines and absolute figures do not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from bench.figures import CLAIMS, GATEWAY, Spread, cell, ratio, spread
from bench.model import Run, Situation


@dataclass(frozen=True, slots=True)
class Report:
    """One run of the bench.

    Attributes:
        machine: what it ran on.
        children: how many the population has.
        runs: every measured run.
        situations: what else was seen of the gateway.
        profile: the share of each stage in the time of one of its workers.
    """

    machine: Mapping[str, str]
    children: int
    runs: Sequence[Run]
    situations: Sequence[Situation] = ()
    profile: Mapping[str, float] = field(default_factory=dict)

    @property
    def cells(self) -> list[tuple[int, int, str]]:
        """Workers, clients and target of each cell, in the order in which they were measured."""
        return list(dict.fromkeys((run.workers, run.clients, run.target) for run in self.runs))

    def others(self) -> float:
        """How many cores everything else on the machine used, in the median run."""
        return median(run.others for run in self.runs)


def ratios(report: Report) -> Iterator[tuple[str, int, str, Spread, float, bool]]:
    """Each claim at each number of workers: what, workers, against whom, the ratio, its bound and whether it holds."""
    for workers in dict.fromkeys(run.workers for run in report.runs):
        for claim in CLAIMS:
            ours = cell(report.runs, GATEWAY, workers, claim.clients)
            theirs = cell(report.runs, claim.against, workers, claim.clients)
            if ours and theirs:
                found = ratio(claim.measure, ours, theirs)
                yield claim.what, workers, claim.against, found, claim.bound, claim.holds(found.median)


def parts(runs: Sequence[Run]) -> dict[str, tuple[float, float, float]]:
    """Of each part: processor time of an answer in ms, MiB of its largest process, and MiB of all."""
    found = {}
    for at, part in enumerate(runs[0].parts):
        each = [(1000 * run.parts[at].seconds / run.load.requests, run.parts[at]) for run in runs]
        cost = median(cost for cost, _ in each)
        found[part.name] = (cost, max(one.largest for _, one in each), max(one.memory for _, one in each))
    return found


def figures_of(runs: Sequence[Run]) -> tuple[Spread, Spread, Spread]:
    """Answers in a second, median time and slow time of some rounds, times in milliseconds."""
    return (
        spread(run.throughput for run in runs),
        spread(run.load.p50 for run in runs),
        spread(run.load.p99 for run in runs),
    )


def as_json(report: Report) -> dict[str, Any]:
    """The report for programs."""
    return {
        "machine": dict(report.machine),
        "children": report.children,
        "others": round(report.others(), 2),
        "ratios": [
            {"what": what, "workers": workers, "to": against, **_spread(found), "meant": bound, "met": holds}
            for what, workers, against, found, bound, holds in ratios(report)
        ],
        "figures": [_cell(report, *each) for each in report.cells],
        "profile": {name: round(share, 3) for name, share in report.profile.items()},
        "situations": {
            each.name: {name: round(value, 2) for name, value in each.figures.items()} for each in report.situations
        },
    }


def _cell(report: Report, workers: int, clients: int, target: str) -> dict[str, Any]:
    runs = cell(report.runs, target, workers, clients)
    rate, half, most = figures_of(runs)
    return {
        "workers": workers,
        "clients": clients,
        "target": target,
        "perSecond": _spread(rate),
        "p50ms": _spread(half),
        "p99ms": _spread(most),
        "parts": {
            name: {"processorMs": round(cost, 3), "largestMiB": round(largest), "allMiB": round(whole)}
            for name, (cost, largest, whole) in parts(runs).items()
        },
    }


def _spread(found: Spread) -> dict[str, float]:
    return {name: round(value, 3) for name, value in asdict(found).items()}
