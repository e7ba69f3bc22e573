"""An application served over the network, in the test's own process, on the gateway's own connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from gateway.connection import SERVER
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
