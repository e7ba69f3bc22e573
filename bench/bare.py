"""The bare driver: the same values by one plain statement, in as many processes, with nothing before or behind it.

As a program it measures: it reads a line with how many clients and seconds, and writes one with what it saw.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from random import Random
from typing import Any

import uvloop
from neo4j import AsyncGraphDatabase

from bench.answer import STATEMENT, answer_of
from bench.figures import percentile
from bench.model import BenchError, Json, Load
from gateway.engines.model import Engines
from gateway.settings import ROOT


@dataclass(frozen=True)
class Bare:
    """The bare driver; a `Target`."""

    name: str
    parts: Mapping[str, Sequence[int]]
    processes: Sequence["subprocess.Popen[str]"]

    def answers(self, count: int) -> list[Json]:
        """The answers about the first children."""
        return [answer_of(row) for row in _ask(self.processes[0], {"answers": count})["rows"]]

    def about_hidden(self) -> list[Json]:
        """Nothing: whoever has the driver sees everything."""
        return []

    def load(self, clients: int, seconds: float) -> Load:
        """Share the clients out among the processes, and put together what they saw."""
        count = len(self.processes)
        shares = [clients // count + (at < clients % count) for at in range(count)]
        asked = [each for each in zip(self.processes, shares, strict=True) if each[1]]
        for process, share in asked:
            _tell(process, {"clients": share, "seconds": seconds})
        found = [_told(process) for process, _ in asked]
        times = sorted(each for one in found for each in one["times"])
        longest = max(one["seconds"] for one in found)
        return Load(len(times), longest, percentile(times, 50), percentile(times, 99))


@contextmanager
def bare_driver(
    name: str, engines: Engines, neo4j: int, *, workers: int, ids: Sequence[str], today: str
) -> Iterator[Bare]:
    """Run the processes for the length of a block."""
    graph = {"uri": engines.graph_uri, "user": engines.graph_user, "password": engines.graph_password}
    with ExitStack() as stack:
        processes = [stack.enter_context(_process()) for _ in range(workers)]
        for process in processes:
            _tell(process, {**graph, "ids": list(ids), "today": today})
        yield Bare(name, {"driver": [each.pid for each in processes], "Neo4j": [neo4j]}, processes)


@contextmanager
def _process() -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-m", "bench.bare"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        yield process  # it ends with its input


def _ask(process: "subprocess.Popen[str]", line: Json) -> Any:
    _tell(process, line)
    return _told(process)


def _tell(process: "subprocess.Popen[str]", line: Json) -> None:
    assert process.stdin
    process.stdin.write(json.dumps(line) + "\n")
    process.stdin.flush()


def _told(process: "subprocess.Popen[str]") -> Any:
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        raise BenchError("The bare driver ended: see above what it said.")
    return json.loads(line)


async def _measure() -> None:
    """What the processes do: the parameters first, then one measurement for each line."""
    given = json.loads(sys.stdin.readline())
    auth = (given["user"], given["password"])
    async with AsyncGraphDatabase.driver(given["uri"], auth=auth, notifications_min_severity="OFF") as driver:

        async def read(child: str) -> list[Any]:
            async with driver.session(default_access_mode="READ") as session:
                result = await session.run(STATEMENT, id=child, today=given["today"])
                return [record async for record in result]

        async def client(ids: Iterator[str], until: float, times: list[float]) -> None:
            while (begun := time.perf_counter()) < until:
                await read(next(ids))
                times.append(1000 * (time.perf_counter() - begun))

        while line := await asyncio.to_thread(sys.stdin.readline):
            asked = json.loads(line)
            if "answers" in asked:
                rows = [(await read(child))[0].values() for child in given["ids"][: asked["answers"]]]
                print(json.dumps({"rows": rows}), flush=True)  # noqa: T201 - a program's answer
                continue
            times: list[float] = []
            ids = cycle(Random(os.getpid()).sample(given["ids"], len(given["ids"])))  # noqa: S311 - an order
            begun = time.perf_counter()
            await asyncio.gather(*(client(ids, begun + asked["seconds"], times) for _ in range(asked["clients"])))
            print(json.dumps({"seconds": time.perf_counter() - begun, "times": times}), flush=True)  # noqa: T201


if __name__ == "__main__":
    uvloop.run(_measure())
