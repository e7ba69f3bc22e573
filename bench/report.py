"""The report: ratios first, since they carry over to other machines and absolute figures do not."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

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


def show(report: Report, screen: Console) -> None:
    """Print the tables."""
    table = Table("ratio", "workers", "to", "median of rounds", "least to most", "meant", "", title="Ratios")
    for what, workers, against, found, bound, holds in ratios(report):
        span = f"{found.least:.2f} to {found.most:.2f}"
        table.add_row(
            what, str(workers), against, f"{found.median:.2f}", span, f"{bound:.2f}", "met" if holds else "short"
        )
    screen.print(table)
    table = Table(
        "workers", "clients", "target", "answers/s", "p50 ms", "p99 ms", "processor ms an answer", title="Figures"
    )
    memory = Table("workers", "target", "part", "processes", "largest MiB", "all MiB", title="Memory, at most clients")
    most = max(run.clients for run in report.runs)
    for workers, clients, target in report.cells:
        runs = cell(report.runs, target, workers, clients)
        costs = parts(runs)
        cost = ", ".join(f"{name} {each[0]:.2f}" for name, each in costs.items())
        rate, half, most_of = _figures(runs)
        table.add_row(
            str(workers),
            str(clients),
            target,
            f"{rate.median:,.0f}",
            f"{half.median:.1f}",
            f"{most_of.median:.1f}",
            cost,
        )
        if clients == most:
            for at, (name, (_, largest, whole)) in enumerate(costs.items()):
                count = runs[0].parts[at].processes
                memory.add_row(str(workers), target, name, str(count), f"{largest:,.0f}", f"{whole:,.0f}")
    screen.print(table)
    screen.print(memory)
    if report.profile:
        stages = Table("stage", "share of a worker's time", title="Where an answer's time goes in the gateway")
        for name, share in report.profile.items():
            stages.add_row(name, f"{100 * share:.0f} %")
        screen.print(stages)
    for situation in report.situations:
        figures = Table("figure", "value", title=situation.name)
        for name, value in situation.figures.items():
            figures.add_row(name, f"{value:,.1f}")
        screen.print(figures)
    screen.print(f"Everything else on the machine used {report.others():.2f} cores meanwhile.")


def _figures(runs: Sequence[Run]) -> tuple[Spread, Spread, Spread]:
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
    rate, half, most = _figures(runs)
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


def write(report: Report, folder: Path) -> None:
    """Write `latest.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "latest.json").write_text(json.dumps(as_json(report), indent=2) + "\n", encoding="utf-8")
