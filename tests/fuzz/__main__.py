"""Fuzzes a gateway, prints what came of it, and ends with 1 if anything went wrong."""

import asyncio
import tempfile
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.fuzz.attackers import Statuses
from tests.fuzz.clients import p99
from tests.fuzz.largest import largest
from tests.fuzz.run import ALLOWANCES, GROWTH, Findings, doubled, fuzz
from tests.timing.served import engines_of, served

_SCREEN = Console(soft_wrap=True)


def _answers(found: Findings) -> Table:
    names = ("what", "sent", "2xx", "3xx", "4xx", "503 refusals", "other 5xx", "no answer")
    table = Table(*names, title="Answers", title_justify="left")
    for what, statuses in (("anything", found.fuzzed), ("new shapes alone", found.shaped)):
        table.add_row(what, *_counts(statuses))
    return table


def _counts(statuses: Statuses) -> list[str]:
    refused = ", ".join(f"{count:,} {code}" for code, count in sorted(statuses.refused.items())) or "0"
    by = statuses.by_class
    return [
        f"{statuses.sent:,}",
        f"{by['2xx']:,}",
        f"{by['3xx']:,}",
        f"{by['4xx']:,}",
        refused,
        f"{len(statuses.broken):,}",
        f"{by['none']:,}",
    ]


def _served(found: Findings) -> Table:
    names = ("meanwhile", "answers", "median ms", "p99 ms", "p99 in the pauses", "ratio")
    table = Table(*names, title="Well-behaved clients", title_justify="left")
    for phase in ("fuzz", "shapes"):
        times, pauses = found.times[phase], found.pauses[phase]
        middle = f"{median(times):.1f} ({median(pauses):.1f})"
        table.add_row(
            phase, f"{len(times):,}", middle, f"{p99(times):.1f}", f"{p99(pauses):.1f}", f"{found.ratio(phase):.2f}"
        )
    return table


def main(
    *,
    minutes: Annotated[float, typer.Option(min=0.3, help="How long in all.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Draws what is sent.")] = 1,
    engine: Annotated[str, typer.Option(help="embedded or real.")] = "embedded",
) -> None:
    """Send random and hostile requests while well-behaved clients are timed."""
    with (
        tempfile.TemporaryDirectory() as folder,
        engines_of(engine, Path(folder) / "engines") as running,
        served(running.engines, Path(folder), ALLOWANCES) as gateway,
    ):
        sizes = largest(gateway)
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=_SCREEN, transient=True) as progress:

            def phase(name: str, _seconds: float) -> None:
                progress.add_task(name, total=None)

            found = asyncio.run(fuzz(gateway, minutes * 60, phase, seed))
    size, refused = doubled()
    _SCREEN.print(_answers(found))
    _SCREEN.print(_served(found))
    for name, (first, again) in sizes.items():
        _SCREEN.print(f"{name}: {first}, then {again}", highlight=False)
    _SCREEN.print(f"doubling fragments, {size} bytes: refused in {refused:.1f} ms", highlight=False)
    for broken in [*found.fuzzed.broken, *found.shaped.broken][:10]:
        _SCREEN.print(f"[red]broken:[/] {broken}")
    held = [mebibytes for _, mebibytes in found.memory]
    bad = len(found.fuzzed.broken) + len(found.shaped.broken) + found.tracebacks + (found.growth > GROWTH)
    _SCREEN.print("memory, MiB: " + ", ".join(f"{mebibytes:.0f}" for mebibytes in held), highlight=False)
    _SCREEN.print(
        f"{found.fuzzed.sent + found.shaped.sent:,} requests; "
        f"{len(found.fuzzed.broken) + len(found.shaped.broken)} failures, {found.tracebacks} tracebacks; "
        f"memory {held[0]:,.0f} to {held[-1]:,.0f} MiB, {found.growth:+,.1f} MiB in the second half "
        f"(at most {GROWTH:.0f}); "
        f"p99 {found.ratio('fuzz'):.2f} x that of the pauses under everything, "
        f"{found.ratio('shapes'):.2f} x under new shapes",
        highlight=False,
    )
    raise typer.Exit(1 if bad else 0)


if __name__ == "__main__":  # the attackers' processes import this module too
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
