"""Times every kind of answer, and prints what the times tell."""

import statistics
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.timing.asked import KINDS, PAIRS, Kind, timed, with_unclassed
from tests.timing.ranks import compare
from tests.timing.served import UNLIMITED, engines_of, served

_COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
_SCREEN = Console(soft_wrap=True)
_CERTAIN = 0.001
Times = Mapping[Kind, Sequence[float]]


def _spread(times: Times) -> Table:
    table = Table("asked for", "median ms", "p95 ms", "answers", title="Times", title_justify="left")
    for kind, values in times.items():
        p95 = statistics.quantiles(values, n=20)[-1]
        table.add_row(kind.name, f"{statistics.median(values):.2f}", f"{p95:.2f}", f"{len(values):,}")
    return table


def _differences(times: Times) -> Table:
    names = ("what", "median difference ms", "second is later", "p", "answers that tell", "beyond noise")
    table = Table(*names, title="Differences", title_justify="left")
    for first, second, what in PAIRS:
        found = compare(times[first], times[second])
        apart = statistics.median(times[second]) - statistics.median(times[first])
        told = "yes" if found.p < _CERTAIN else "no"
        needed = f"{found.needed():,.0f}" if found.p < _CERTAIN else "-"
        table.add_row(what, f"{apart:+.3f}", f"{found.larger:.1%}", f"{found.p:.2g}", needed, told)
    return table


def main(
    *,
    samples: Annotated[int, typer.Option(min=20, help="Answers of each kind.")] = 2000,
    engine: Annotated[str, typer.Option(help="embedded or real.")] = "embedded",
) -> None:
    """Ask for children who are open, shielded, invisible and absent, in random order, and compare the times."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        with (
            engines_of(engine, data / "engines") as running,
            served(running.engines, data, UNLIMITED, with_unclassed) as gateway,
        ):
            times: dict[Kind, list[float]] = {kind: [] for kind in KINDS}
            with Progress(*_COLUMNS, console=_SCREEN, transient=True) as progress:
                task = progress.add_task("Asking", total=samples * len(KINDS))
                for kind, took in timed(gateway, samples):
                    times[kind].append(took)
                    progress.advance(task)
    _SCREEN.print(_spread(times))
    _SCREEN.print(_differences(times))
    _SCREEN.print(f"{samples * len(KINDS):,} answers timed over HTTP, {engine} engines", highlight=False)


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.command()(main)
app()
