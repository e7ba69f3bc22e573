"""How many connections a worker keeps, on real sockets: whoever opens ever more of them shuts nobody out."""

import asyncio
import contextlib
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from gateway import connection
from tests.serving import served

MOST = 3
LARGE = 8_000_000
"""Words that no system keeps for a client that does not read them."""
GET = b"GET / HTTP/1.1\r\nhost: gateway\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: gateway\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n"
Client = tuple[StreamReader, StreamWriter]


@pytest.fixture(name="port")
async def _port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(connection, "MAX_CONNECTIONS", MOST)

    async def well(request: Request) -> PlainTextResponse:
        await request.body()
        return PlainTextResponse("well")

    async def large(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("well" * LARGE)

    app = Starlette(routes=[Route("/", well, methods=["GET", "POST"]), Route("/large", large)])
    async with asyncio.timeout(20), served(app) as port:
        yield port


async def _send(client: Client, sent: bytes, until: bytes) -> None:
    client[1].write(sent)
    await client[0].readuntil(until)


async def _asking(port: int, sent: bytes = GET, until: bytes = b"well") -> Client:
    """A new client who has sent something, and heard so much."""
    client = await asyncio.open_connection("127.0.0.1", port)
    await _send(client, sent, until)
    return client


async def _is_dropped(client: Client) -> bool:
    try:
        return await client[0].read() == b""
    except ConnectionError:
        return True


def _close(*clients: Client) -> None:
    for _, writer in clients:
        writer.close()


async def test_who_rests_longest_makes_room(port: int) -> None:
    """One connection more than a worker keeps is answered, and the one that has rested longest is gone."""
    clients = [await _asking(port) for _ in range(MOST)]
    await _send(clients[0], GET, b"well")
    clients.append(await _asking(port))
    assert await _is_dropped(clients[1])
    for client in (clients[0], *clients[2:]):
        await _send(client, GET, b"well")
    _close(*clients)


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nx-slow: "])
async def test_who_sends_no_request_keeps_nobody_out(port: int, begun: bytes) -> None:
    """Connections on which nothing was asked yet, or half, make room for those that ask."""
    silent = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(4 * MOST)))
    for _, writer in silent:
        writer.write(begun)
    asking = [await _asking(port) for _ in range(MOST)]
    for client in asking:
        await _send(client, GET, b"well")
    assert all([await _is_dropped(each) for each in silent])
    _close(*silent, *asking)


async def test_who_is_being_answered_stays(port: int) -> None:
    """Where all connections are being answered, none of them makes room: the newest has to come again."""
    busy = [await _asking(port, POST, b"100 Continue\r\n\r\n") for _ in range(MOST)]
    newest = await asyncio.open_connection("127.0.0.1", port)
    assert await _is_dropped(newest)
    for client in busy:
        await _send(client, b"x", b"well")
    _close(*busy, newest)


async def test_who_does_not_read_makes_room_at_once(port: int) -> None:
    """A client that does not read its answer is dropped like one at rest: what it left unread keeps no connection."""
    slow = await _asking(port, GET.replace(b"/", b"/large", 1))
    others = [await _asking(port) for _ in range(MOST)]
    with contextlib.suppress(ConnectionError):
        assert len(await slow[0].read()) < LARGE
    _close(slow, *others)
