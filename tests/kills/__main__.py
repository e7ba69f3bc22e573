"""Kills as often as asked, prints the figures, and ends with 1 if anything was lost or is there twice."""

import asyncio
import logging
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gateway.stack.tools import redis_server
from tests.kills.run import rounds
from tests.kills.site import site
from tests.timing.served import engines_of, seeded

_COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
_SCREEN = Console(soft_wrap=True)


def main(
    *,
    count: Annotated[int, typer.Option("--rounds", min=1, help="How often to kill.")] = 200,
    engine: Annotated[str, typer.Option(help="embedded or real: the graph and the policy server.")] = "embedded",
) -> None:
    """Kill the gateway, the real Redis and the archiver at random moments under load."""
    logging.getLogger("neo4j").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, engines_of(engine, Path(folder) / "engines") as running:
        asyncio.run(seeded(running.engines))
        place = Path(folder) / "site"
        place.mkdir()
        own = site(place, running.engines, redis_server())
        with Progress(*_COLUMNS, console=_SCREEN, transient=not _SCREEN.is_terminal) as progress:
            task = progress.add_task("Rounds", total=count)
            try:
                outcome = asyncio.run(rounds(own, count, lambda done: progress.update(task, completed=done)))
            finally:
                own.end()
    for what in (*outcome.faults[:10], *outcome.lost[:10], *outcome.duplicated[:10]):
        _SCREEN.print(what, style="red", markup=False)
    _SCREEN.print(outcome.figures, highlight=False)
    raise typer.Exit(1 if outcome.lost or outcome.duplicated or outcome.faults else 0)


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.command()(main)
app()
