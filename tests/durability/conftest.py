"""A server of the stream for each program there is, and a client of it that is not patient."""

import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from audit.stream import connect
from gateway.engines.stream import redis_on_path, valkey_in_wheel
from tests.durability.servers import Server

PROGRAMS = {"redis": redis_on_path((7, 0)), "valkey": valkey_in_wheel()}


def needed(what: object, name: str) -> None:
    """Fail on CI, and skip loudly elsewhere, where something is not installed."""
    if not what:
        said = f"NOT TESTED: {name} is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        sys.__stderr__ and sys.__stderr__.write(f"\n{said}\n")
        pytest.skip(said)


@pytest.fixture(name="strace")
def _strace() -> None:
    needed(shutil.which("strace"), "strace")


@pytest.fixture(name="server", params=sorted(PROGRAMS))
def _server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    program = PROGRAMS[request.param]
    needed(program, request.param)
    assert program
    running = Server(program, tmp_path / "files")
    running.start()
    yield running
    running.kill()


@pytest.fixture(name="stream")
async def _stream(server: Server) -> AsyncIterator[Redis]:
    client = connect(server.url, 1.0)
    yield client
    await client.aclose()
