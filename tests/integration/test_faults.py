"""When an engine dies, requests are refused within the deadline and nothing partial is shown; then all recovers."""

import asyncio
import os
import signal
import time
from typing import Any, Literal

import httpx
import pytest

from schema.operations import OPERATIONS
from tests.integration.conftest import CAST, Directory

pytestmark = pytest.mark.anyio

CHILD = OPERATIONS["child"]
CODES = {"graph": "GRAPH_UNAVAILABLE", "stream": "AUDIT_UNAVAILABLE", "policy": "POLICY_UNAVAILABLE"}
DEADLINE = 4.0
"""The gateway's deadline in these tests, in seconds."""
RECOVERY = 90.0
"""How long a cold Neo4j may take to plan what it knew before, in seconds."""
Name = Literal["graph", "stream", "policy"]


def names(directory: Directory) -> list[Name]:
    """The engines that are processes of their own; embedded policy is decided in the gateway itself."""
    return [name for name in ("graph", "stream", "policy") if directory.engines.pid(name) is not None]


async def child(directory: Directory) -> httpx.Response:
    """Ask who else works with the open child."""
    return await directory.ask("social-worker", CHILD, {"id": CAST["children"]["open-child"]})


def kill(directory: Directory, name: Name) -> None:
    """End an engine as a crash would."""
    pid = directory.engines.pid(name)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


async def ready(directory: Directory) -> None:
    """Wait until the gateway says that it is ready."""
    begun = time.monotonic()
    while (await directory.client.get("/readyz")).status_code != 200:
        assert time.monotonic() - begun < RECOVERY, "the gateway did not recover by itself"
        await asyncio.sleep(0.1)


def whole(response: httpx.Response, expected: Any) -> bool:
    """Whether an answer is all there; if not, it must be a refusal that shows nothing."""
    body = response.json()
    if response.status_code == 200:
        assert body["data"] == expected
        return True
    assert response.status_code == 503, body
    assert "data" not in body
    return False


async def test_a_dead_engine_means_refusal_and_then_recovery(directory: Directory) -> None:
    """Without an engine each request is refused with its code within the deadline; when it is back, all is answered."""
    expected = (await child(directory)).json()["data"]
    for name in names(directory):
        kill(directory, name)
        try:
            begun = time.monotonic()
            refusals = await asyncio.gather(*(child(directory) for _ in range(4)))
            refusals.append(await child_after_the_lease(directory, name))
            took = time.monotonic() - begun
        finally:
            await directory.restart(name)
        assert not whole(refusals[-1], expected)
        refused = [response.json() for response in refusals if not whole(response, expected)]
        assert {body["errors"][0]["extensions"]["code"] for body in refused} <= {CODES[name], "DEADLINE"}
        assert took < 2 * DEADLINE + 1
        await ready(directory)
        assert whole(await child(directory), expected)


async def child_after_the_lease(directory: Directory, name: Name) -> httpx.Response:
    """Ask until a cached decision's lease has run out: a dead policy engine is noticed within a second."""
    begun = time.monotonic()
    response = await child(directory)
    while name == "policy" and response.status_code == 200 and time.monotonic() - begun < DEADLINE:
        response = await child(directory)
    return response


async def test_a_crash_in_the_middle_shows_nothing_partial(directory: Directory) -> None:
    """Of the requests under way when an engine crashes, each is answered whole or refused."""
    expected = (await child(directory)).json()["data"]
    for name in names(directory):
        answered = asyncio.Semaphore(0)
        clients = [asyncio.create_task(_client(directory, expected, answered)) for _ in range(4)]
        try:
            for _ in range(8):
                await answered.acquire()
            kill(directory, name)
            outcomes = [outcome for of in await asyncio.gather(*clients) for outcome in of]
        finally:
            await directory.restart(name)
        assert any(outcomes)
        await ready(directory)
        assert whole(await child(directory), expected)


async def _client(directory: Directory, expected: Any, answered: asyncio.Semaphore) -> list[bool]:
    outcomes = []
    for _ in range(15):
        outcomes.append(whole(await child(directory), expected))
        answered.release()
    return outcomes
