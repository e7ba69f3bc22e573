"""The whole gateway over real engines, with a small population and the cast."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from neo4j import AsyncDriver
from redis.asyncio import Redis
from starlette.types import Receive, Scope, Send

from audit.stream import connect
from gateway.app import create_app
from gateway.counts import PREFIX
from gateway.engines import EngineSet
from gateway.folder import settings_of
from gateway.issuer import DemoIssuer
from gateway.settings import Settings
from seed.cast import cast_json
from seed.load import load
from seed.population import population
from tests.conftest import empty

CAST = cast_json()
PATIENCE = 50.0
"""The gateway's deadline, in seconds, where a test is not about it: a cold Neo4j on a busy machine plans slowly."""


@dataclass(frozen=True)
class Directory:
    """A running gateway, as a client sees it."""

    client: httpx.AsyncClient
    issuer: DemoIssuer
    engines: EngineSet
    driver: AsyncDriver
    settings: Settings
    folder: Path
    stream: Redis

    async def ask(  # noqa: PLR0917 - a request has that many parts
        self,
        persona: str,
        query: str,
        variables: dict[str, Any] | None = None,
        purpose: str = "coordinate-services",
        reason: str = "team around the child meeting",
        headers: dict[str, str] | None = None,
        path: str = "/graphql",
    ) -> httpx.Response:
        """Ask as somebody of the cast, or as any account by its identifier."""
        account = CAST["accounts"].get(persona, persona)
        sent = {
            "authorization": f"Bearer {self.issuer.issue(account)}",
            "x-access-purpose": purpose,
            "x-access-reason": reason,
        }
        return await self.client.post(
            path, json={"query": query, "variables": variables or {}}, headers={**sent, **(headers or {})}
        )

    async def data(self, persona: str, query: str, **variables: Any) -> Any:
        """The data of an answer that must not be refused."""
        response = await self.ask(persona, query, variables)
        assert response.status_code == 200, response.text
        return response.json()["data"]

    async def restart(self, name: Any) -> None:
        """Bring an engine back."""
        await asyncio.to_thread(self.engines.restart, name)


async def _forget_counts(url: str) -> None:
    """Give everybody of the cast their whole allowances, whatever earlier tests used."""
    stream: Any = connect(url, 5)
    for count in [name async for name in stream.scan_iter(f"{PREFIX}*")]:
        await stream.delete(count)
    await stream.aclose()


@pytest.fixture(name="directory", scope="module")
async def _directory(
    request: pytest.FixtureRequest,
    engine_set: EngineSet,
    graph_driver: AsyncDriver,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Directory]:
    await empty(graph_driver)
    await load(graph_driver, population(150, 7, datetime.now(UTC).date()), lambda *_: None)
    deadline = getattr(request.module, "DEADLINE", PATIENCE)
    await _forget_counts(engine_set.engines.stream_url)
    data: Path = tmp_path_factory.mktemp("gateway")
    settings = settings_of(data, engine_set.engines, deadline=deadline, planning_share=1.0, planning_account_share=1.0)
    app = create_app(settings)
    async with app.router.lifespan_context(app) as state:

        async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": state}, receive, send)

        transport = httpx.ASGITransport(with_state)
        async with httpx.AsyncClient(transport=transport, base_url="http://directory.example", timeout=60) as client:
            stream = connect(engine_set.engines.stream_url, 5)
            yield Directory(client, DemoIssuer(data), engine_set, graph_driver, settings, data, stream)
            await stream.aclose()
