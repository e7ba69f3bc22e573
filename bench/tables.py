"""The report as tables, for a terminal and for a page of the documentation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from bench.figures import Spread, cell
from bench.model import Situation
from bench.report import Report, figures_of, parts, ratios


@dataclass(frozen=True, slots=True)
class Shown:
    """A table: for a terminal or for a page."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def tables(report: Report) -> Iterator[Shown]:
    """The tables, in the order in which they are worth reading."""
    yield Shown(
        "Ratios",
        ("ratio", "workers", "to", "median of rounds", "least to most", "meant", ""),
        [
            (what, f"{workers}", against, *_spanned(found), f"{bound:.2f}", "met" if holds else "short")
            for what, workers, against, found, bound, holds in ratios(report)
        ],
    )
    figures: list[Sequence[str]] = []
    memory: list[Sequence[str]] = []
    most = max(run.clients for run in report.runs)
    for workers, clients, target in report.cells:
        runs = cell(report.runs, target, workers, clients)
        costs, (rate, half, slow) = parts(runs), figures_of(runs)
        cost = ", ".join(f"{name} {each[0]:.2f}" for name, each in costs.items())
        numbers = (f"{rate.median:,.0f}", f"{half.median:.1f}", f"{slow.median:.1f}")
        figures.append((f"{workers}", f"{clients}", target, *numbers, cost))
        if clients == most:
            for at, (name, (_, largest, whole)) in enumerate(costs.items()):
                count = f"{runs[0].parts[at].processes}"
                memory.append((f"{workers}", target, name, count, f"{largest:,.0f}", f"{whole:,.0f}"))
    named = ("workers", "clients", "target", "answers/s", "p50 ms", "p99 ms", "processor ms an answer")
    yield Shown("Figures", named, figures)
    yield Shown("Memory", ("workers", "target", "part", "processes", "largest MiB", "all MiB"), memory)
    shares = [(name, f"{100 * share:.0f} %") for name, share in report.profile.items()]
    yield Shown("Where an answer's time goes in the gateway", ("stage", "share of a worker's time"), shares)
    yield from map(situated, report.situations)


def situated(seen: Situation) -> Shown:
    """The figures of one situation."""
    return Shown(seen.name, ("figure", "value"), [(name, f"{value:,.1f}") for name, value in seen.figures.items()])


def show(report: Report, screen: Console) -> None:
    """Print the tables."""
    for each in tables(report):
        screen.print(framed(each))
    screen.print(_others(report))


def framed(shown: Shown) -> Table:
    """A table for a terminal."""
    table = Table(*shown.columns, title=shown.title)
    for row in shown.rows:
        table.add_row(*row)
    return table


def section(shown: Shown) -> list[str]:
    """A table as the lines of a page's section."""
    lines = ["", f"## {shown.title[0].upper()}{shown.title[1:]}", "", f"| {' | '.join(shown.columns)} |"]
    return [*lines, "|" + " --- |" * len(shown.columns), *(f"| {' | '.join(row)} |" for row in shown.rows)]


def page(report: Report) -> str:
    """The tables and the plot as a page of the documentation."""
    on = ", ".join(f"{name} {value}" for name, value in report.machine.items())
    lines = [
        "# The latest figures of the bench",
        "",
        f"{report.children:,} children. {on}. {_others(report)}",
        "What was measured, and how: [the bench](../bench.md).",
        "",
        "![Answers in a second](latest.svg)",
    ]
    for each in tables(report):
        lines += section(each)
    return "\n".join([*lines, ""])


def _others(report: Report) -> str:
    return f"Everything else on the machine used {report.others():.2f} cores meanwhile."


def _spanned(found: Spread) -> tuple[str, str]:
    return f"{found.median:.2f}", f"{found.least:.2f} to {found.most:.2f}"
