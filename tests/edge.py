"""The endpoint over a pipeline of fakes, and a client that is signed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from gateway.http import Endpoint, graphql_endpoint
from gateway.identity import Authenticator
from gateway.jwks import KeySource
from tests.fakes import FakeDecider, FakeMeter, FakeReader, FakeRecorder, pipeline
from tests.tokens import AUDIENCE, ISSUER, URL, Publisher, key_set, token

MODERN = "application/graphql-response+json"
LEGACY = "application/json"


@dataclass(frozen=True)
class Edge:
    """The endpoint and what it recorded.

    Attributes:
        recorder: the audit stream.
        client: an HTTP client of the endpoint; it sends no header by itself but httpx's own.
        endpoint: the endpoint.
    """

    recorder: FakeRecorder
    client: httpx.AsyncClient
    endpoint: Endpoint

    async def post(self, content: Any, *, accept: str | None = MODERN, **headers: str) -> httpx.Response:
        """POST a request as JSON, or bytes as they are; an underscore in a header's name stands for a hyphen."""
        sent = {"content-type": LEGACY, **_named(headers), **signed(accept)}
        if isinstance(content, bytes):
            return await self.client.post("/graphql", content=content, headers=sent)
        return await self.client.post("/graphql", json=content, headers=sent)

    async def get(
        self, query: Mapping[str, str] | str, *, accept: str | None = MODERN, **headers: str
    ) -> httpx.Response:
        """GET with parameters, or with a query string as it is."""
        sent = {**_named(headers), **signed(accept)}
        if isinstance(query, str):
            return await self.client.get(f"/graphql?{query}", headers=sent)
        return await self.client.get("/graphql", params=query, headers=sent)


def signed(accept: str | None = MODERN) -> dict[str, str]:
    """The headers of somebody who is signed in."""
    return {"authorization": f"Bearer {token()}", **({"accept": accept} if accept is not None else {})}


def edge(
    *,
    recorder: FakeRecorder | None = None,
    reader: FakeReader | None = None,
    decider: FakeDecider | None = None,
    publisher: Publisher | None = None,
    meter: FakeMeter | None = None,
    **settings: Any,
) -> Edge:
    """The endpoint over fakes."""
    stream = recorder or FakeRecorder()
    keys = KeySource(URL, transport=publisher or Publisher(key_set("ed-1")))
    endpoint = graphql_endpoint(
        pipeline(stream, reader=reader, decider=decider),
        Authenticator(keys, ISSUER, AUDIENCE, 5),
        meter or FakeMeter(),
        **settings,
    )
    client = httpx.AsyncClient(transport=httpx.ASGITransport(endpoint), base_url="http://gateway")
    for name in ("accept", "accept-encoding", "user-agent", "connection"):
        del client.headers[name]
    return Edge(stream, client, endpoint)


def codes(response: httpx.Response) -> list[str]:
    """The code of each error."""
    return [error["extensions"]["code"] for error in response.json()["errors"]]


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
