"""The demonstration's console: its own files alone, and tokens for this machine alone."""

import base64
import hashlib
import re

import httpx
import pytest
from graphql import build_client_schema, print_schema
from starlette.applications import Starlette

from gateway import console
from gateway.console import ConsoleError, Persona, Subject, console_routes
from schema.executable import SCHEMA

PERSONAS = [
    Persona("social-worker", "A social worker.", "token-1"),
    Persona("data-manager", "Keeps records right.", "token-2"),
    Persona("newcomer", "Somebody else.", "token-3"),
]


@pytest.fixture(name="client")
def _client() -> httpx.AsyncClient:
    app = Starlette(routes=console_routes(PERSONAS, [Subject("open-child", "A child.", "child-1")]))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080")


async def test_the_page_brings_all_that_it_needs(client: httpx.AsyncClient) -> None:
    """Every script and style of the page is served from here, and is what the page says it is."""
    page = (await client.get("/")).text
    linked = re.findall(r'(?:src|href)="(/[^"]+)"(?:\s+integrity="sha384-([^"]+)")?', page)
    assert len(linked) == 6
    assert re.findall(r'(?:src|href)="(?!/|data:)', page) == []
    for path, digest in linked:
        response = await client.get(path)
        assert response.status_code == 200, path
        if digest:
            assert digest == base64.b64encode(hashlib.sha384(response.content).digest()).decode(), path


async def test_the_page_runs_nothing_else(client: httpx.AsyncClient) -> None:
    """No script or style may be inline or come from elsewhere, and no other site may show the page."""
    for path in ("/", "/console/console.js", "/console/personas", "/console/none"):
        policy = (await client.get(path)).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy


async def test_the_page_starts_with_the_cast(client: httpx.AsyncClient) -> None:
    """The page gets the personas with their tokens, the children, the purposes and an operation to begin with."""
    start = (await client.get("/console/personas")).json()
    assert [(each["name"], each["token"]) for each in start["personas"]] == [(p.name, p.token) for p in PERSONAS]
    assert start["subjects"] == [{"name": "open-child", "story": "A child.", "id": "child-1"}]
    assert {"coordinate-services", "safeguarding"} <= {each["name"] for each in start["purposes"]}
    assert start["query"].startswith("# Who else is working with this child?")


async def test_the_page_brings_the_schema(client: httpx.AsyncClient) -> None:
    """GraphiQL gets the whole schema with the page, so that it knows it whoever is asking."""
    start = (await client.get("/console/personas")).json()
    assert print_schema(build_client_schema(start["schema"])) == print_schema(SCHEMA)
    assert "schema: start.schema" in (await client.get("/console/console.js")).text


async def test_a_persona_starts_with_a_purpose_of_its_own(client: httpx.AsyncClient) -> None:
    """Whoever may not coordinate services starts with a purpose that the role has."""
    start = (await client.get("/console/personas")).json()
    expected = {
        "social-worker": "coordinate-services",
        "data-manager": "data-quality",
        "newcomer": "coordinate-services",
    }
    assert {each["name"]: each["purpose"] for each in start["personas"]} == expected


@pytest.mark.parametrize("host", ["elsewhere.example", "127.0.0.1.example", "10.0.0.7", ""])
async def test_tokens_stay_on_this_machine(client: httpx.AsyncClient, host: str) -> None:
    """A page that reaches the console under another name, as by DNS rebinding, gets no token."""
    response = await client.get("/console/personas", headers={"host": host})
    assert response.status_code == 400
    assert "token-1" not in response.text


async def test_nothing_else_is_served(client: httpx.AsyncClient) -> None:
    """Only the console's own files can be had, whatever the path tries."""
    for path in ("/console/none", "/console/..%2f__init__.py", "/console/%2e%2e/__init__.py", "/console/"):
        assert (await client.get(path)).status_code == 404


async def test_the_cast_is_the_default() -> None:
    """Without a list of children the console offers the cast's."""
    app = Starlette(routes=console_routes(PERSONAS))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        start = (await client.get("/console/personas")).json()
    assert "shielded-child" in {each["name"] for each in start["subjects"]}


def test_a_missing_bundle_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """If GraphiQL's files are not installed, the message says what to do."""
    monkeypatch.setattr(console, "BUNDLE", "no_such_package")
    with pytest.raises(ConsoleError, match="make setup"):
        console_routes(PERSONAS)
