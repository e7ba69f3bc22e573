"""An application served over the network, in the test's own process, on the gateway's own connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import Mock

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from gateway.connection import SERVER, Connection
from tests.commands import free_port


@asynccontextmanager
async def served(app: ASGIApp, **told: Any) -> AsyncIterator[int]:
    """Serve an application; yields the port.

    Args:
        app: the application.
        told: what the server is told besides.
    """
    port = free_port()
    bounded = {"lifespan": "off", "timeout_graceful_shutdown": 10}
    server = uvicorn.Server(uvicorn.Config(app, port=port, **SERVER | bounded | told))
    task = asyncio.create_task(server.serve())
    while not server.started:
        assert not task.done()
        await asyncio.sleep(0)
    try:
        yield port
    finally:
        server.should_exit = True
        await task


def connected(app: ASGIApp) -> tuple[Connection, Mock]:
    """A connection to an application without a network, and its transport."""
    config = uvicorn.Config(app, lifespan="off", **SERVER)
    config.load()
    connection = Connection(config, ServerState(), {})
    transport = Mock(asyncio.Transport, **{"get_extra_info.return_value": None, "is_closing.return_value": False})
    connection.connection_made(transport)
    return connection, transport
