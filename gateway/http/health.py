"""The two probes: is the process alive, and can it answer now?"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

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


def ready(pings: Mapping[str, Ping], warnings: Mapping[str, Ping] = MappingProxyType({})) -> ASGIApp:
    """An application that asks every part, and names those that do not answer and nothing else about them.

    Args:
        pings: the parts by their public names.
        warnings: parts that are named too when they do not answer, although the gateway is ready without them.
    """
    return _Ready(pings, warnings)


class _Ready:
    def __init__(self, pings: Mapping[str, Ping], warnings: Mapping[str, Ping]) -> None:
        self._pings = pings
        self._warnings = warnings
        self._asking: asyncio.Task[Response] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask, or wait with whoever asks already: anybody may come here, and as often as they like."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._asked())
        response = await asyncio.shield(self._asking)
        await response(scope, receive, send)

    async def _asked(self) -> Response:
        down, behind = await asyncio.gather(_silent(self._pings), _silent(self._warnings))
        status = {"status": "not ready", "down": down} if down else {"status": "ready"}
        return _status(503 if down else 200, {**status, **({"warnings": behind} if behind else {})})


async def _silent(pings: Mapping[str, Ping]) -> list[str]:
    """The names of those that do not answer."""
    answers = await asyncio.gather(*(_answers(ping) for ping in pings.values()))
    return [name for name, answer in zip(pings, answers, strict=True) if not answer]


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
