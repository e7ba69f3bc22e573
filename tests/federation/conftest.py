"""The directory on real engines, served over the network with the cast in it, for routers to stand in front of."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from neo4j import AsyncDriver
from redis.asyncio import Redis
from starlette.types import Receive, Scope, Send

from audit.stream import connect
from gateway.app import create_app
from gateway.engines import EngineSet
from gateway.folder import settings_of
from gateway.issuer import DemoIssuer
from seed.load import load
from seed.population import population
from tests.conftest import empty
from tests.federation.node import KIT, program, run
from tests.serving import served

ROUTERS = ("apollo-gateway", "hive-gateway")


@dataclass(frozen=True)
class Served:
    """The directory and the partner's subgraph, composed.

    Attributes:
        url: the directory's endpoint.
        data: its data folder.
        supergraph: the file of the composed supergraph.
        stream: its audit stream.
    """

    url: str
    data: Path
    supergraph: Path
    stream: Redis

    @property
    def issuer(self) -> DemoIssuer:
        """Issues tokens that the directory trusts."""
        return DemoIssuer(self.data)


@pytest.fixture(name="directory", scope="module")
async def _directory(
    engine_set: EngineSet, graph_driver: AsyncDriver, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    await empty(graph_driver)
    await load(graph_driver, population(150, 7, datetime.now(UTC).date()), lambda *_: None)
    data: Path = tmp_path_factory.mktemp("federation")
    patient = {"deadline": 50, "planning_share": 1.0, "planning_account_share": 1.0}  # a cold Neo4j plans slowly
    app = create_app(settings_of(data, engine_set.engines, **patient))
    async with app.router.lifespan_context(app) as state:

        async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": state}, receive, send)

        async with served(with_state) as port, program(KIT, "subgraph/server.mjs", PORT="0") as partner:
            url = f"http://127.0.0.1:{port}/graphql"
            graph = data / "supergraph.graphql"
            schemas = (str(KIT / "../../schema/directory.graphql"), str(KIT / "subgraph/schema.graphql"))
            services = ("directory", url, schemas[0], "partner", partner, schemas[1])
            assert await run(KIT, "compose.mjs", str(graph), *services) == (0, "", "")
            stream = connect(engine_set.engines.stream_url, 5)
            yield Served(url, data, graph, stream)
            await stream.aclose()


@pytest.fixture(name="router", scope="module", params=ROUTERS)
async def _router(request: pytest.FixtureRequest, directory: Served) -> AsyncIterator[str]:
    """The endpoint of each router in turn."""
    words = {"SUPERGRAPH": str(directory.supergraph), "PORT": "0"}
    async with program(KIT, f"routers/{request.param}.mjs", **words) as url:
        yield url
