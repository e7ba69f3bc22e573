"""Races until enough transitions are counted, prints what was seen, and ends with 1 if anything leaked."""

import asyncio
import logging
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer
from neo4j import AsyncGraphDatabase
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gateway.engines import Engines, EngineSet
from gateway.engines.embedded import embedded_set
from gateway.stack import real_engines
from graph.constraints import constrain
from tests.races.families import clear
from tests.races.run import Order, Outcome, race

_POLICIES = Path(__file__).parents[2] / "policies"
_COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
_SCREEN = Console(soft_wrap=True)


def engines(kind: str, data: Path) -> AbstractContextManager[EngineSet]:
    """The engines of a kind, for the length of a block."""
    if kind == "real":
        return real_engines(data, _SCREEN.print, policies=_POLICIES, revision="races")
    return embedded_set(data)


async def _raced(
    found: Engines, order: Order, transitions: int, families: int, readers: int, *, whole: bool
) -> Outcome:
    auth = (found.graph_user, found.graph_password)
    async with AsyncGraphDatabase.driver(found.graph_uri, auth=auth, notifications_min_severity="OFF") as driver:
        await constrain(driver)
        with Progress(*_COLUMNS, console=_SCREEN, transient=not _SCREEN.is_terminal) as progress:
            task = progress.add_task("Transitions", total=transitions)

            def enough(outcome: Outcome) -> bool:
                progress.update(task, completed=outcome.transitions)
                return outcome.transitions >= transitions

            outcome = await race(driver, order, families=families, readers=readers, whole=whole, until=enough)
        await clear(driver)
        return outcome


def _figures(kind: str, outcome: Outcome) -> str:
    tally = outcome.tally
    return (
        f"{outcome.transitions:,} transitions ({outcome.shielded:,} shielded, {outcome.moved:,} moved, "
        f"{outcome.unshielded:,} un-shielded) in {outcome.seconds:,.0f} s, "
        f"{outcome.transitions / outcome.seconds:,.0f}/s; {tally.reads:,} reads of {tally.rows:,} records, "
        f"{tally.open_rows:,} addresses shown; {len(tally.leaks):,} protected values seen, {kind} engines"
    )


def main(
    *,
    transitions: Annotated[int, typer.Option(min=1, help="How many changes of a child's state.")] = 100_000,
    engine: Annotated[str, typer.Option(help="embedded or real.")] = "embedded",
    order: Annotated[Order, typer.Option(help="In which order to write.")] = Order.SHIELD_FIRST,
    families: Annotated[int, typer.Option(min=1, help="Children in one transaction.")] = 500,
    readers: Annotated[int, typer.Option(min=1, help="Readers at once.")] = 2,
    whole: Annotated[bool, typer.Option("--whole", help="Move everything in each cycle.")] = False,
) -> None:
    """Shield, move and un-shield children under readers without clearance."""
    logging.getLogger("neo4j").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, engines(engine, Path(folder) / "engines") as running:
        outcome = asyncio.run(_raced(running.engines, order, transitions, families, readers, whole=whole))
    for leak in outcome.leaks[:10]:
        _SCREEN.print(f"[red]seen by {leak.by}:[/] {leak.seen}")
    _SCREEN.print(f"{order}: {_figures(engine, outcome)}", highlight=False)
    raise typer.Exit(1 if outcome.leaks else 0)


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.command()(main)
app()
