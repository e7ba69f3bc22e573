"""One population: written, imported, indexed, asked."""

import asyncio
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from bench.figures import GATEWAY, spread
from bench.graph import chosen, driver_of
from bench.growth.files import write
from bench.growth.hits import STRANGER, Operator, counted, touched
from bench.growth.importing import completed, dropped, imported, size
from bench.growth.model import Figures, Size
from bench.growth.questions import drawn, questions
from bench.http import Http, Request
from bench.model import BenchError, Json, Run
from bench.people import Peopled
from bench.rounds import measure, warmed
from bench.stage import Asked, emptied, forgotten
from bench.targets import PURPOSE, REASON, gateway
from gateway.engines.model import Engines, EngineSet
from gateway.folder import settings_of
from gateway.policy.files import read_policies
from gateway.settings import ROOT
from gateway.stack import real_engines
from graph.constraints import constrain
from resolvers.model import Access, Ask
from schema.operations import OPERATIONS
from seed.cast import cast_json

CLIENTS = 32
_ROOM = 4_300
"""How many bytes a child takes at the most, while files and graph are both there and indexes are being sorted."""
_WARM = 3
"""How many measurements' time each load takes that warms the servers up: after a small import Neo4j is cold."""
_SPARE = 1_000_000_000
_INDEXING = 4 * 60 * 60
_DEADLINE = 60.0
"""How long the one question may take whose statement is profiled, in seconds: a cold graph plans slowly."""


@dataclass(frozen=True)
class Measuring:
    """How each population is measured.

    Attributes:
        folder: where files, engines and records are kept; `real` in it holds the live policies.
        rounds: how often each question is measured.
        seconds: how long each time.
        progress: told of each step.
    """

    folder: Path
    rounds: int
    seconds: float
    progress: Callable[[str], None]

    def size(
        self, people: Peopled, advance: Callable[[int], None], check: Callable[[Sequence[Operator]], None]
    ) -> Size:
        """Measure a population, whose files are deleted as soon as they are imported.

        Args:
            people: the population.
            advance: told of so many more children whose records are written.
            check: told how often each operator of the child statement touches the store; what it raises ends it.

        Raises:
            BenchError: there is no room for it, or an answer was not what it should be.
            EngineError: the import failed, or an engine does not start.
        """
        self._room(people.children)
        files, data = self.folder / "files" / f"{people.children}", self.folder / "real"
        written = write(people, files, advance)
        self.progress(f"Written in {written.seconds:,.0f} s: {written.nodes:,} records, {written.links:,} links")
        importing = imported(data, files, self.progress)
        self.progress(f"Imported in {importing:,.0f} s")
        shutil.rmtree(files)
        policies = ROOT / "policies"
        revision = read_policies(policies).revision
        with real_engines(data, self.progress, policies=policies, revision=revision) as engines:
            emptied(engines)
            completing, indexing = asyncio.run(_served(engines.engines))
            store = size(data)
            self.progress(
                f"Completed in {completing:,.0f} s, indexed in {indexing:,.0f} s; the graph takes {store / 1e9:,.2f} GB"
            )
            operators = asyncio.run(_operators(data, engines.engines))
            check(operators)
            runs = self._runs(people, engines)
        dropped(data)
        return Size(
            children=people.children,
            nodes=written.nodes,
            links=written.links,
            writing=written.seconds,
            files=written.size,
            importing=importing,
            completing=completing,
            indexing=indexing,
            store=store,
            operators=operators,
            figures={name: _figures(each) for name, each in runs.items()},
            others=median(run.others for each in runs.values() for run in each),
        )

    def _room(self, children: int) -> None:
        free, wanted = shutil.disk_usage(self.folder).free, children * _ROOM + _SPARE
        if free < wanted:
            raise BenchError(
                f"{children:,} children need {wanted / 1e9:,.0f} GB on the disk of {self.folder}, "
                f"and {free / 1e9:,.0f} are free. Make room, name another folder with --data, or measure fewer."
            )

    def _runs(self, people: Peopled, engines: EngineSet) -> dict[str, list[Run]]:
        children = asyncio.run(chosen(engines.engines, people.today.isoformat()))
        on, any_child = Asked(self.folder, people, children), asyncio.run(drawn(engines.engines))
        with gateway(on, GATEWAY, engines, self.folder / "real", workers=1) as target:
            warmed(target, CLIENTS, _WARM * self.seconds, lambda: forgotten(engines))
            asked = questions(on, any_child)
            return {name: self._question(target, engines, name, *each) for name, each in asked.items()}

    def _question(
        self, target: Http, engines: EngineSet, name: str, requests: Sequence[Request], expected: str
    ) -> list[Run]:
        """Warm up, then ask as one client and as many, in turn."""
        one = replace(target, name=name, requests=requests, expected=expected, file=self.folder / "asked.requests")
        one.write()
        runs = []
        for number in range(-1, self.rounds):
            for clients in (1, CLIENTS):
                forgotten(engines)
                runs.append(measure(one, 1, clients, number, self.seconds))
        runs = [run for run in runs if run.round >= 0]  # the first warms up
        few, many = _figures(runs).p50, _figures(runs).per_second
        self.progress(f"{name}: {few:.2f} ms with one client, {many:,.0f}/s with {CLIENTS}")
        return runs


async def _served(engines: Engines) -> tuple[float, float]:
    """Complete what was imported, make constraints and indexes, wait until all are there; seconds of each."""
    async with driver_of(engines) as driver:
        completing, began = await completed(driver), time.monotonic()
        await constrain(driver)
        await driver.execute_query("CALL db.awaitIndexes($seconds)", seconds=_INDEXING)
        indexing = time.monotonic() - began
        await counted(driver)
        return completing, indexing


async def _operators(data: Path, engines: Engines) -> Sequence[Operator]:
    """Those of the portal's question about the one child who is alike in every population."""
    child: Mapping[str, Json] = {"id": cast_json()["children"]["open-child"]}
    settings = settings_of(data, engines, deadline=_DEADLINE)
    found = await touched(settings, Ask(OPERATIONS["child"], None, child), STRANGER, Access(PURPOSE, REASON))
    return found.operators


def _figures(runs: Sequence[Run]) -> Figures:
    few = [run for run in runs if run.clients == 1]
    return Figures(
        p50=spread(run.load.p50 for run in few).median,
        p99=spread(run.load.p99 for run in few).median,
        per_second=spread(run.throughput for run in runs if run.clients != 1).median,
    )
