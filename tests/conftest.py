"""The engines that tests run on: the embedded ones everywhere, the real ones where their tools are."""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import duckdb  # noqa: F401 - here databases are more than decisions: see gateway/policy/rego.py
import pytest
from neo4j import AsyncDriver, AsyncGraphDatabase

from gateway.engines import EngineSet
from gateway.engines.embedded import embedded_set
from gateway.stack import missing_tools, real_engines
from graph.constraints import constrain

POLICIES = Path(__file__).parents[1] / "policies"
REVISION = "under-test"


@pytest.fixture(name="anyio_backend", scope="session")
def _anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(name="embedded", scope="session")
def _embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineSet]:
    """The embedded engines, started when the first test asks for them."""
    with embedded_set(tmp_path_factory.mktemp("embedded")) as running:
        yield running


@pytest.fixture(name="real", scope="session")
def _real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineSet]:
    """Neo4j, Open Policy Agent and Redis; skipped where a tool is missing, which on CI is a failure."""
    if missing := missing_tools():
        said = f"NOT TESTED ON THE REAL ENGINES: {'; '.join(missing)}"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        sys.__stderr__ and sys.__stderr__.write(f"\n{said}\n")
        pytest.skip(said)
    with real_engines(tmp_path_factory.mktemp("real"), print, policies=POLICIES, revision=REVISION) as running:
        yield running


@pytest.fixture(name="engine_set", scope="session", params=["embedded", "real"])
def _engine_set(request: pytest.FixtureRequest) -> EngineSet:
    """Each set of engines in turn."""
    running: EngineSet = request.getfixturevalue(request.param)
    return running


@pytest.fixture(name="graph_driver", scope="session")
async def _graph_driver(engine_set: EngineSet, anyio_backend: str) -> AsyncIterator[AsyncDriver]:  # noqa: ARG001
    """A driver of the graph, with every constraint and index in place."""
    engines = engine_set.engines
    async with AsyncGraphDatabase.driver(
        engines.graph_uri, auth=(engines.graph_user, engines.graph_password), notifications_min_severity="OFF"
    ) as driver:
        await constrain(driver)
        yield driver


async def empty(driver: AsyncDriver) -> None:
    """Delete everything in the graph, in batches that fit a transaction."""
    deleted = 1
    while deleted:
        records, _, _ = await driver.execute_query("MATCH (n) WITH n LIMIT 2000 DETACH DELETE n RETURN count(*) AS n")
        deleted = records[0]["n"]
