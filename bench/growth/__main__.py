"""python -m bench.growth: the same questions asked of ever larger populations."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from bench import wrk
from bench.command import SCREEN, command, prepared, tell, write
from bench.growth.hits import Operator, same
from bench.growth.measuring import CLIENTS, Measuring
from bench.growth.model import Growth, Size
from bench.growth.plot import plot
from bench.growth.report import page, show
from bench.machine import ours
from bench.model import BenchError
from bench.people import peopled
from bench.policy import live_store
from gateway.settings import ROOT

SIZES = (10_000, 100_000, 1_000_000)
_GROWTH = TypeAdapter(Growth)


def main(
    *,
    children: Annotated[
        list[int] | None,
        typer.Option(
            min=5000, help="How many children a population has; once for each. 10000, 100000, 1000000 if none."
        ),
    ] = None,
    more: Annotated[
        bool, typer.Option("--more", help="Keep the sizes of the report that is there, and add these to it.")
    ] = False,
    rounds: Annotated[int, typer.Option(min=1, help="How often each question is measured.")] = 3,
    seconds: Annotated[float, typer.Option(min=1, help="How long each measurement takes.")] = 5,
    out: Annotated[Path, typer.Option(help="Where growth.md, growth.json and growth.svg are written.")] = ROOT
    / "docs"
    / "bench",
    data: Annotated[Path, typer.Option(help="Where files and engines are kept.")] = ROOT / ".data" / "growth",
) -> None:
    """Import each population, measure it, print the tables, and write them as a page, as JSON and as a plot."""
    prepared(wrk.program)
    data.mkdir(parents=True, exist_ok=True)
    machine = ours(data)
    sizes = {size.children: size for size in _known(out, machine).sizes} if more else {}
    live_store(data / "real", tell)
    for number in sorted(set(children or SIZES)):
        sizes[number] = _measured(number, list(sizes.values()), Measuring(data, rounds, seconds, tell))
        growth = Growth(machine, CLIENTS, [sizes[each] for each in sorted(sizes)])
        told, drawn = _GROWTH.dump_json(growth, indent=2).decode() + "\n", plot(growth)
        # each time: a run of hours may yet be broken off
        write(out, {"growth.json": told, "growth.md": page(growth), "growth.svg": drawn})
    show(growth, Console() if sys.stdout.isatty() else Console(width=200))


def _measured(children: int, others: Sequence[Size], measuring: Measuring) -> Size:
    def check(operators: Sequence[Operator]) -> None:
        for other in others[:1]:
            same(f"{children:,} children", operators, f"{other.children:,} children", other.operators)

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=SCREEN) as progress:
        task = progress.add_task(f"Writing {children:,} children", total=children)
        return measuring.size(peopled(children), lambda count: progress.advance(task, count), check)


def _known(out: Path, machine: Mapping[str, str]) -> Growth:
    """The report that is there, if this very program made it."""
    try:
        known = _GROWTH.validate_json((out / "growth.json").read_bytes())
    except FileNotFoundError:
        raise BenchError(
            f"There is no growth.json in {out} to add to: leave out --more, or name its folder with --out."
        ) from None
    if known.machine["commit"] != machine["commit"] or machine["commit"].endswith("+"):
        raise BenchError(
            f"The figures in {out} are of commit {known.machine['commit']}: measure all sizes again, without --more."
        )
    return known


if __name__ == "__main__":
    command(main)
