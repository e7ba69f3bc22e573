"""Searches for influence: ``python -m tests.noninterference --cases 10000 --engine embedded|real``.

Ends with a line of figures, and with 1 if anything withheld had an influence.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

from neo4j import AsyncGraphDatabase
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from gateway.engines import Engines, EngineSet
from gateway.engines.embedded import embedded_set
from gateway.stack import real_engines
from graph.constraints import constrain
from tests.conftest import POLICIES
from tests.noninterference.engines import pooled, trials
from tests.noninterference.leaks import LEAKS, aimed, caught_after
from tests.noninterference.releases import LISTED
from tests.noninterference.trials import Case, Effort, Trials

BOUND = 3000


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.noninterference", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000, help="how many cases to try")
    parser.add_argument("--engine", choices=("embedded", "real"), default="embedded", help="which engines")
    parser.add_argument("--seed", type=int, default=0, help="the first world's seed")
    parser.add_argument("--shapes", type=int, default=60, help="how many random operations the pool holds")
    parser.add_argument("--leaks", action="store_true", help="put the deliberate leaks on trial instead")
    return parser.parse_args()


def _engines(kind: str, data: Path) -> AbstractContextManager[EngineSet]:
    if kind == "real":
        return real_engines(data, print, policies=POLICIES, revision="noninterference")
    return embedded_set(data)


def _told(case: Case) -> str:
    return f"seed {case.seed}, {case.mode}: {case.request.kind}\n{case.request.content}\n{case.one}\n{case.other}"


async def _search(tried: Trials, given: argparse.Namespace, console: Console) -> int:
    differing, seed = 0, given.seed
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Looking for influence", total=given.cases)
        while tried.count < given.cases:
            async for case in tried.cases(seed):
                progress.advance(task)
                if case.differs:
                    differing += 1
                    progress.console.print(_told(case), markup=False)
            seed += 1
    for found in tried.releases.unlisted:
        console.print(f"not on the list: {found}", markup=False)
    console.print(f"worlds {seed - given.seed}, cases by grants: {dict(sorted(tried.modes.items()))}", markup=False)
    listed = ", ".join(f"{name} ({tried.releases.used[name]})" for name in sorted(LISTED))
    unlisted = f", not on the list: {len(tried.releases.unlisted)}" if tried.releases.unlisted else ""
    console.print(f"cases {tried.count}, differences {differing}, releases: {listed}{unlisted}", soft_wrap=True)
    return 1 if differing or tried.releases.unlisted else 0


async def _try_leaks(tried: Trials, console: Console) -> int:
    table, missed = Table("Leak", "Caught after"), 0
    for leak in LEAKS:
        tried.effort, tried.readers = aimed(leak), leak.readers
        with leak.change():
            count = await caught_after(tried, BOUND)
        missed += count is None
        table.add_row(leak.name, f"{count} cases" if count else f"[bold red]not within {BOUND}[/]")
    console.print(table)
    return 1 if missed else 0


async def _run(engines: Engines, given: argparse.Namespace, console: Console) -> int:
    auth = (engines.graph_user, engines.graph_password)
    async with AsyncGraphDatabase.driver(engines.graph_uri, auth=auth, notifications_min_severity="OFF") as driver:
        await constrain(driver)
        shapes = pooled(given.shapes, 0.0 if given.engine == "real" else 0.05)
        async with trials(driver, engines, shapes, Effort(variants=4, directed=8, drawn=3, broken=3)) as tried:
            return await (_try_leaks(tried, console) if given.leaks else _search(tried, given, console))


def main() -> int:
    """Search, and say what was found."""
    logging.disable(logging.CRITICAL)  # requests gone wrong are part of it
    given, console = _arguments(), Console()
    with tempfile.TemporaryDirectory() as folder, _engines(given.engine, Path(folder) / "engines") as running:
        return asyncio.run(_run(running.engines, given, console))


if __name__ == "__main__":
    sys.exit(main())
