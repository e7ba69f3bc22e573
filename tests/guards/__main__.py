"""Prints the guard proof: ``python -m tests.guards [embedded|real]``; exits with 1 if anything goes unnoticed."""

import asyncio
import logging
import sys
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

from neo4j import AsyncGraphDatabase
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from gateway.engines import Engines, EngineSet
from gateway.engines.embedded import embedded_set
from gateway.stack import real_engines
from tests.guards.proof import Trial
from tests.guards.run import all_trials

_POLICIES = Path(__file__).parents[2] / "policies"


def _engines(kind: str, data: Path) -> AbstractContextManager[EngineSet]:
    if kind == "real":
        return real_engines(data, print, policies=_POLICIES, revision="guards")
    return embedded_set(data)


async def _trials(engines: Engines, console: Console) -> list[Trial]:
    auth = (engines.graph_user, engines.graph_password)
    found = []
    async with AsyncGraphDatabase.driver(engines.graph_uri, auth=auth, notifications_min_severity="OFF") as driver:
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("Taking out guards", total=None)
            async for trial in all_trials(driver):
                found.append(trial)
                progress.update(task, description=trial.taken)
    return found


def main() -> int:
    """Run the trials and print them."""
    logging.disable(logging.CRITICAL)  # a pipeline without a guard may fail loudly; that it fails is the point
    console = Console()
    kind = sys.argv[1] if len(sys.argv) > 1 else "embedded"
    with tempfile.TemporaryDirectory() as folder, _engines(kind, Path(folder) / "engines") as running:
        trials = asyncio.run(_trials(running.engines, console))
    table = Table("Taken out", "Noticed by")
    for trial in trials:
        table.add_row(trial.taken, trial.noticed or "[bold red]nothing[/]")
    console.print(table)
    noticed = sum(trial.noticed is not None for trial in trials)
    console.print(f"{noticed} of {len(trials)} noticed ({100 * noticed / len(trials):.1f}%) on the {kind} engines")
    return 0 if noticed == len(trials) else 1


sys.exit(main())
