"""The two probes: is the process alive, and can it answer now?"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

Ping = Callable[[], Awaitable[object]]
"""Returns if a part answers, and raises if it does not."""

PING_SECONDS = 1.0
"""How long a part may take to answer a ping."""


async def live(_request: Request) -> Response:
    """The process is alive, whatever it depends on."""
    return _status(200, {"status": "alive"})


def ready(pings: Mapping[str, Ping]) -> ASGIApp:
    """An application that asks every part, and names those that do not answer and nothing else about them.

    Args:
        pings: the parts by their public names.
    """
    return _Ready(pings)


class _Ready:
    def __init__(self, pings: Mapping[str, Ping]) -> None:
        self._pings = pings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answers = await asyncio.gather(*(_answers(ping) for ping in self._pings.values()))
        down = [name for name, answer in zip(self._pings, answers, strict=True) if not answer]
        response = _status(503, {"status": "not ready", "down": down}) if down else _status(200, {"status": "ready"})
        await response(scope, receive, send)


async def _answers(ping: Ping) -> bool:
    try:
        async with asyncio.timeout(PING_SECONDS):
            await ping()
    except Exception:  # noqa: BLE001 - whatever a part raises, it does not answer
        return False
    return True


def _status(status: int, content: dict[str, object]) -> Response:
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    return Response(orjson.dumps(content), status, headers, "application/json")
