"""How many connections a worker keeps, on real sockets: whoever opens ever more of them shuts nobody out."""

import asyncio
import contextlib
import resource
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from gateway import connection
from tests.serving import connected, served

MOST = 3
LARGE = b"well" * 8_000_000
"""More than any system keeps for a client that does not read it."""
GET = b"GET / HTTP/1.1\r\nhost: gateway\r\n\r\n"
HELD = GET.replace(b"/", b"/held", 1)
UNREAD = GET.replace(b"/", b"/large", 1)
WITHOUT_ITS_BODY = b"POST / HTTP/1.1\r\nhost: gateway\r\ncontent-length: 1\r\n\r\n"
Client = tuple[StreamReader, StreamWriter]


@pytest.fixture(name="anyio_backend", params=[False, True], ids=["asyncio", "uvloop"])
def _anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """The demonstration runs on asyncio's own loop, `directory serve` on uvloop."""
    return "asyncio", {"use_uvloop": request.param}


@dataclass
class Server:
    """A server that keeps few connections.

    Attributes:
        port: where.
        asked: counts the requests that are held.
        answers: lets them be answered.
    """

    port: int = 0
    asked: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    async def connected(self) -> Client:
        """A new client."""
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def asking(self, sent: bytes = GET) -> Client:
        """A new client who has asked, and heard the first word of the answer."""
        client = await self.connected()
        await ask(client, sent)
        return client


async def ask(client: Client, sent: bytes = GET) -> None:
    """Ask, and hear the first word of the answer."""
    client[1].write(sent)
    await client[0].readuntil(b"well")


@pytest.fixture(name="server")
async def _server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    monkeypatch.setattr(connection, "most_connections", lambda: MOST)
    server = Server()

    async def well(request: Request) -> PlainTextResponse:
        await request.body()
        return PlainTextResponse("well")

    async def held(_request: Request) -> PlainTextResponse:
        server.asked.release()
        await server.answers.wait()
        return PlainTextResponse("well")

    async def large(_request: Request) -> PlainTextResponse:
        return PlainTextResponse(LARGE)

    app = Starlette(routes=[Route("/", well, methods=["GET", "POST"]), Route("/held", held), Route("/large", large)])
    async with asyncio.timeout(20), served(app) as server.port:
        yield server


async def _is_dropped(client: Client) -> bool:
    try:
        return await client[0].read() == b""
    except ConnectionError:
        return True


def _close(*clients: Client) -> None:
    for _, writer in clients:
        writer.transport.abort()


async def test_who_rests_longest_makes_room(server: Server) -> None:
    """One connection more than a worker keeps is answered, and that whose last request is longest ago is gone."""
    clients = [await server.asking() for _ in range(MOST)]
    await ask(clients[0])
    clients.append(await server.asking())
    assert await _is_dropped(clients[1])
    for client in (clients[0], *clients[2:]):
        await ask(client)
    _close(*clients)


async def test_who_has_left_counts_no_more(server: Server) -> None:
    """Only connections that there are count: where others have gone, nobody has to make room."""
    clients = [await server.asking()]
    gone = [await server.asking(GET.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")) for _ in range(2 * MOST)]
    assert all([await _is_dropped(each) for each in gone])
    clients += [await server.asking() for _ in range(MOST - 1)]
    for client in clients:
        await ask(client)
    _close(*gone, *clients)


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nx-slow: ", WITHOUT_ITS_BODY])
async def test_who_sends_no_request_keeps_nobody_out(server: Server, begun: bytes) -> None:
    """Connections on which nothing was asked yet, or half, make room for those that ask."""
    silent = await asyncio.gather(*(server.connected() for _ in range(4 * MOST)))
    for _, writer in silent:
        writer.write(begun)
    asking = [await server.asking() for _ in range(MOST)]
    for client in asking:
        await ask(client)
    assert all([await _is_dropped(each) for each in silent])
    _close(*silent, *asking)


async def test_who_is_being_answered_stays(server: Server) -> None:
    """Where all connections are being answered, none of them makes room: the newest has to come again."""
    busy = [await server.connected() for _ in range(MOST)]
    for _, writer in busy:
        writer.write(HELD)
        await server.asked.acquire()
    newest = await server.connected()
    assert await _is_dropped(newest)
    server.answers.set()
    for reader, _ in busy:
        await reader.readuntil(b"well")
    _close(*busy, newest)


@pytest.mark.parametrize("again", [b"", GET, GET + GET])
async def test_who_does_not_read_keeps_nobody_out(server: Server, again: bytes) -> None:
    """Clients that do not read their answers are dropped at once, whatever else they ask meanwhile."""
    slow = [await server.asking(UNREAD) for _ in range(MOST)]
    for _, writer in slow:
        writer.write(again)
    asking = [await server.asking() for _ in range(MOST)]
    for client in asking:
        await ask(client)
    for reader, _ in slow:
        with contextlib.suppress(ConnectionError):
            assert len(await reader.read()) < len(LARGE) / 2
    _close(*slow, *asking)


async def test_a_connection_that_is_closing_is_not_spared() -> None:
    """What waits to be closed until its client reads makes room, although its request was never answered."""
    kept, transport = connected(PlainTextResponse("well"))
    kept.data_received(GET)
    assert kept.is_spared()
    transport.is_closing.return_value = True
    assert not kept.is_spared()
    async with asyncio.timeout(20):
        await asyncio.gather(*kept.tasks)
    kept.connection_lost(None)


@pytest.mark.parametrize(
    ("soft", "hard", "raised", "kept"),
    [
        (1024, 1_048_576, 4096, 2048),
        (1024, resource.RLIM_INFINITY, 4096, 2048),
        (1024, 1500, 1500, 750),
        (1024, 1024, 1024, 512),
        (20_000, 20_000, None, 2048),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, None, 2048),
    ],
)
def test_a_worker_keeps_fewer_than_it_may_open_files(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, raised: int | None, kept: int
) -> None:
    """A worker has itself allowed the files that it needs, as far as it may, and gives connections half of them."""
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: asked.append(limits))
    assert connection.most_connections.__wrapped__() == kept
    assert asked == ([] if raised is None else [(raised, hard)])
