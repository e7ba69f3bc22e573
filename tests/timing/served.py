"""A whole gateway in a process of its own, over HTTP on loopback, with a small population and the cast."""

import asyncio
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from neo4j import AsyncDriver, AsyncGraphDatabase

from gateway.engines import Engines, EngineSet
from gateway.engines.embedded import embedded_set
from gateway.folder import environment_of
from gateway.issuer import DemoIssuer
from gateway.stack import real_engines
from graph.constraints import constrain
from seed.cast import cast_json
from seed.load import load
from seed.population import population
from tests.commands import DIRECTORY, ROOT, answers, environment, free_port
from tests.conftest import empty

CAST = cast_json()
_POLICIES = ROOT / "policies"
_SECONDS = 180.0
_CHILDREN = 150
Allowances = Mapping[str, Mapping[str, Mapping[str, int]]]
UNLIMITED: Allowances = {
    holder: {use: {"most": 10**9, "minutes": 1} for use in uses}
    for holder, uses in {"account": ("records", "searches", "shapes"), "client": ("records",)}.items()
}


@dataclass(frozen=True)
class Served:
    """A gateway that answers.

    Attributes:
        port: where, on loopback.
        pid: its process.
        log: what it wrote.
        engines: what it runs on.
        issuer: whom it trusts.
    """

    port: int
    pid: int
    log: Path
    engines: Engines
    issuer: DemoIssuer

    @property
    def url(self) -> str:
        """The address of its endpoint."""
        return f"http://127.0.0.1:{self.port}/graphql"

    def headers(self, persona: str, purpose: str = "coordinate-services", client: str = "demo") -> dict[str, str]:
        """The headers of somebody of the cast who is signed in and says why."""
        return {
            "authorization": f"Bearer {self.issuer.issue(CAST['accounts'][persona], client=client, seconds=7200)}",
            "content-type": "application/json",
            "x-access-purpose": purpose,
            "x-access-reason": "team around the child meeting",
        }

    def resident(self) -> float:
        """The memory that the process holds, in MiB."""
        said = subprocess.run(["ps", "-o", "rss=", "-p", str(self.pid)], capture_output=True, text=True, check=True)  # noqa: S603, S607 - its own process
        return int(said.stdout) / 1024


def engines_of(kind: str, data: Path) -> AbstractContextManager[EngineSet]:
    """The engines of a kind, "embedded" or "real", for the length of a block."""
    if kind == "real":
        return real_engines(data, _silent, policies=_POLICIES, revision="timed")
    return embedded_set(data)


def _silent(_line: str) -> None:
    """No progress."""


@contextmanager
def served(
    engines: Engines,
    data: Path,
    allowances: Allowances | None = None,
    prepared: Callable[[AsyncDriver], Any] | None = None,
) -> Iterator[Served]:
    """Serve for the length of a block, from a graph that is emptied first.

    Args:
        engines: what to run on.
        data: a folder for keys, the policies and the log.
        allowances: instead of policy's own.
        prepared: what else to do with the graph once it is seeded.
    """
    asyncio.run(seeded(engines, prepared))
    policies = data / "policies"
    shutil.copytree(_POLICIES, policies)
    if allowances is not None:
        (policies / "directory" / "limits" / "data.json").write_text(json.dumps(allowances), encoding="utf-8")
    port, log = free_port(), data / "gateway.log"
    settings = {**environment_of(data, engines), "DIRECTORY_PORT": str(port), "DIRECTORY_POLICIES": str(policies)}
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - the directory's own command
            [sys.executable, DIRECTORY, "serve"], cwd=ROOT, env=environment(settings), stdout=out, stderr=out
        )
        try:
            _await(process, port, log)
            yield Served(port, process.pid, log, engines, DemoIssuer(data))
        finally:
            process.terminate()
            process.wait(30)


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _SECONDS
    while not answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The gateway does not answer:\n{log.read_text(encoding='utf-8')}")
        time.sleep(0.1)


async def seeded(engines: Engines, prepared: Callable[[AsyncDriver], Any] | None = None) -> None:
    """Empty the graph and seed a small population, and do with it what else is to be done."""
    auth = (engines.graph_user, engines.graph_password)
    async with AsyncGraphDatabase.driver(engines.graph_uri, auth=auth, notifications_min_severity="OFF") as driver:
        await constrain(driver)
        await empty(driver)
        await load(driver, population(_CHILDREN, 7, datetime.now(UTC).date()), lambda *_: None)
        if prepared is not None:
            await prepared(driver)
